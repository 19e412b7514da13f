"""Finding lines that stand on their heads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest

from processors.classify import HEIGHT_PX, WIDTH_PX, Classifier
from processors.engines.base import PictureBatch
from processors.values import CropArray
from tests.fakes.runners import FakeClassifier
from tests.unit.processors.pictures import LETTER_HEIGHT_PX, draw_word, white_page


class KeepingClassifier(FakeClassifier):
    """Answers with one probability, and keeps what it was shown."""

    def __init__(self, probability: float = 0.0) -> None:
        super().__init__()
        self.seen: list[PictureBatch] = []
        self._probability = probability

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        self.seen.append(crops)
        return np.full(len(crops), self._probability, dtype=np.float32)


async def is_upside_down(runner: FakeClassifier, crop: CropArray) -> bool:
    """Classify one crop with a classifier of its own."""
    with ThreadPoolExecutor(1) as executor:
        return await Classifier(runner, executor, lambda _: None).is_upside_down(crop)


@pytest.mark.parametrize(
    ("width", "height", "scaled"), [(96, 48, 96), (40, 20, 96), (4000, 48, 192), (1, 480, 1)]
)
async def test_classifier_fits_crop_into_its_input(width: int, height: int, scaled: int) -> None:
    """A short line is filled up with grey at its right, a long one is squeezed."""
    runner = KeepingClassifier()
    await is_upside_down(runner, white_page(width, height))
    (batch,) = runner.seen
    assert batch.shape == (1, HEIGHT_PX, WIDTH_PX, 3)
    assert batch[0, :, :scaled].min() == 255
    assert (batch[0, :, scaled:] == 128).all()


@pytest.mark.parametrize(("probability", "flagged"), [(0.5, False), (0.89, False), (0.91, True)])
async def test_classifier_flags_only_what_is_probable(probability: float, flagged: bool) -> None:
    """Reading a line twice costs time, so that a mere chance is not enough."""
    crop = white_page(96, 48)
    assert await is_upside_down(KeepingClassifier(probability), crop) is flagged


@pytest.mark.parametrize(("word", "flagged"), [("rgb", False), ("bgr", True)])
async def test_classifier_tells_lines_apart(word: str, flagged: bool) -> None:
    """Each line gets its own answer."""
    crop = white_page(104, LETTER_HEIGHT_PX)
    draw_word(crop, word, 8, 0)
    assert await is_upside_down(FakeClassifier(), crop) is flagged
