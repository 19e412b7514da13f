"""Networks that see in a simple way: letters are blocks of blue, green and red.

A line that is the right way up begins with red. Everything colourless is background to the
recogniser and the classifier; to the detector, everything dark or coloured is text.
"""

import cv2
import numpy as np
import numpy.typing as npt

from processors.engines.base import PictureBatch
from processors.reader import Runners

CHARACTERS = ("", "b", "g", "r")
"""Class index to text; class 0 is CTC's blank, the others stand in the order of the channels."""

RED = CHARACTERS.index("r")

STEP_PX = 8
"""Width of the recogniser's time steps, that of the real networks."""

SURE, UNSURE = 0.97, 0.6
"""Probability of the letters of a line that begins with red, and of any other."""

_REACH_PX = 13
"""Marks nearer than half of this belong to one line."""

_COLOUR_MIN = 60
"""Channels that differ by less are grey, such as the padding."""


class FakeDetector:
    """A `DetectorRunner` that marks dark pixels and what lies between them."""

    batch_pixels_max = 4 * 960 * 960

    def __init__(self, concurrency: int = 1) -> None:
        self.concurrency = concurrency

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        kernel = np.ones((_REACH_PX, _REACH_PX), dtype=np.uint8)
        dark = (pages.min(axis=3) < 128).astype(np.uint8)
        maps = [cv2.morphologyEx(page, cv2.MORPH_CLOSE, kernel) for page in dark]
        return np.stack(maps).astype(np.float32) * np.float32(SURE)


class FakeClassifier:
    """A `ClassifierRunner` that flags lines which end with red and do not begin with it."""

    batch_pixels_max = 8 * 48 * 192

    def __init__(self, concurrency: int = 1) -> None:
        self.concurrency = concurrency

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return np.array([_is_on_its_head(row) for row in _letters(crops)], dtype=np.float32) * SURE


class FakeRecognizer:
    """A `RecognizerRunner` that tells blue, green and red, surer of lines that begin with red."""

    characters = CHARACTERS
    batch_pixels_max = 48 * 1024

    def __init__(self, concurrency: int = 1) -> None:
        self.concurrency = concurrency

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes = _letters(crops)
        sure = [SURE if _first(row) == RED else UNSURE for row in classes]
        scores = np.array(sure, dtype=np.float32).repeat(classes.shape[1])
        return classes, scores.reshape(classes.shape)


def fake_runners(concurrency: int = 1) -> Runners:
    """The three of them."""
    return Runners(
        FakeDetector(concurrency), FakeClassifier(concurrency), FakeRecognizer(concurrency)
    )


def _letters(crops: PictureBatch) -> npt.NDArray[np.int32]:
    """The class of each time step, (N, T), by the mean colour of its middle rows."""
    count, height, width, _ = crops.shape
    step_count = width // STEP_PX
    middle = crops[:, height // 3 : height * 2 // 3, : step_count * STEP_PX].astype(np.float32)
    colors = middle.mean(axis=1).reshape(count, step_count, STEP_PX, 3).mean(axis=2)
    is_letter = np.ptp(colors, axis=2) > _COLOUR_MIN
    return np.where(is_letter, colors.argmax(axis=2) + 1, 0).astype(np.int32)


def _first(classes: npt.NDArray[np.int32]) -> int:
    seen = classes[classes != 0]
    return int(seen[0]) if seen.size else 0


def _is_on_its_head(classes: npt.NDArray[np.int32]) -> bool:
    return _first(classes[::-1]) == RED != _first(classes)
