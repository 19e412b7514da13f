"""Pages of ideographs, in rows and in columns, whichever way they lie: fakes, then real models."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFont

from processors.engines.base import PictureBatch
from processors.geometry import ROTATIONS, turn_page
from processors.reader import Reader, RecognizerModels, Runners, build_reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import PageArray, ReadOptions, Rotation
from schemas.options import EnhanceMode
from tests.benchmarks.ideographs import draw_page, pixels_of
from tests.benchmarks.personal.documents import CJK_FILES
from tests.fakes.reader import INFO
from tests.fakes.runners import (
    SURE,
    UNSURE,
    FakeClassifier,
    FakeDetector,
    FakeRecognizer,
)
from tests.labelled import DATA
from tests.unit.processors.pictures import encode_page, white_page
from tests.unit.processors.test_pipeline import MODELS

LINES, CHARACTERS = 4, 6
SIDE_PX, PITCH_PX, LEADING_PX, MARGIN_PX = 24, 32, 80, 60
RED, BLUE = (0, 0, 255), (255, 0, 0)
STEP_PX, SLIVER_PX = 8, 12

OPTIONS = ReadOptions(enhance=EnhanceMode.OFF)

PRINT = DATA / "multiscript_eye" / "images" / "kreuzberg__jpn_vert.jpeg"
FONTS = [path for path in Path("/usr/share/fonts").rglob("*.ttc") if path.name in CJK_FILES]


class TreeRecognizer(FakeRecognizer):
    """Knows one ideograph, red above blue, where it stands or lies on its left side."""

    characters = ("", "木", "?", "!")

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes = np.zeros((len(crops), crops.shape[2] // STEP_PX), dtype=np.int32)
        for row, crop in zip(classes, crops, strict=True):
            red, blue = (crop[:, :, at].astype(int) - crop[:, :, 2 - at] > 60 for at in (2, 0))
            has_colour = (np.ptp(crop, axis=2) > 60).any(axis=0)
            edges = np.flatnonzero(np.diff(has_colour, prepend=False, append=False))
            for left, right in list(pairwise(edges))[::2]:
                if right - left >= SLIVER_PX:
                    y_red, x_red = (at.mean() for at in np.nonzero(red[:, left:right]))
                    y_blue, x_blue = (at.mean() for at in np.nonzero(blue[:, left:right]))
                    is_known = max(y_blue - y_red, x_blue - x_red) > SLIVER_PX / 2
                    row[(left + right) // 2 // STEP_PX] = 1 if is_known else 2
        scores = np.where((classes == 2).any(axis=1), UNSURE, SURE)[:, None]
        return classes, np.broadcast_to(scores, classes.shape).astype(np.float32)


class DoubtfulClassifier(FakeClassifier):
    """Takes every line that it is asked for to be upside down."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return np.full(len(crops), SURE, dtype=np.float32)


def page_of_trees(*, in_columns: bool) -> PageArray:
    """Four rows, or four columns, of ideographs that stand."""
    along, across = 2 * MARGIN_PX + PITCH_PX * CHARACTERS, 2 * MARGIN_PX + LEADING_PX * LINES
    page = white_page(across, along) if in_columns else white_page(along, across)
    for line in range(LINES):
        for index in range(CHARACTERS):
            x, y = MARGIN_PX + PITCH_PX * index, MARGIN_PX + LEADING_PX * line
            if in_columns:
                x, y = y, x
            page[y : y + SIDE_PX // 2, x : x + SIDE_PX] = RED
            page[y + SIDE_PX // 2 : y + SIDE_PX, x : x + SIDE_PX] = BLUE
    return page


@pytest.mark.parametrize("in_columns", [False, True])
@pytest.mark.parametrize("turn", ROTATIONS)
async def test_pipeline_turns_pages_of_ideographs_upright(in_columns: bool, turn: Rotation) -> None:
    """Rows on their sides look like columns, and columns on theirs like rows."""
    upright = page_of_trees(in_columns=in_columns)
    runners = Runners(FakeDetector(), DoubtfulClassifier(), TreeRecognizer())
    models = RecognizerModels(MODELS, lambda _: TreeRecognizer())
    stored = turn_page(upright, turn)
    with build_reader(runners, models, INFO, ReaderOptions()) as reader:
        (page,) = (await reader.read(encode_page(stored), OPTIONS)).pages
    assert page.upright.rotation_degrees == -turn % 360
    assert (page.height, page.width) == upright.shape[:2]
    assert [line.turned for line in page.lines] == [in_columns] * LINES
    assert page.text == "\n".join(["木" * CHARACTERS] * LINES)
    x, y, _ = (page.upright.to_file @ (MARGIN_PX + 2, MARGIN_PX + 2, 1)).round().astype(int)
    assert stored[y, x].tolist() == list(RED)


@pytest.fixture(scope="module")
def real_reader() -> Iterator[Reader]:
    """A reader on the models that are installed."""
    with open_reader(ReaderOptions()) as opened:
        yield opened


@pytest.mark.skipif(not PRINT.is_file(), reason=f"no {PRINT}: columns of a real page NOT tested")
@pytest.mark.parametrize("turn", ROTATIONS)
async def test_printed_columns_are_turned_upright(real_reader: Reader, turn: Rotation) -> None:
    """Five columns of Japanese, right to left."""
    with Image.open(PRINT) as image:
        stored = turn_page(pixels_of(image), turn)
    (page,) = (await real_reader.read(encode_page(stored), OPTIONS)).pages
    assert page.upright.rotation_degrees == -turn % 360
    assert [line.turned for line in page.lines] == [True] * 5


@pytest.mark.skipif(not FONTS, reason=f"no font of {CJK_FILES}: drawn pages NOT tested")
@pytest.mark.parametrize("in_columns", [False, True])
@pytest.mark.parametrize("turn", ROTATIONS)
async def test_drawn_pages_are_turned_upright(
    real_reader: Reader, in_columns: bool, turn: Rotation
) -> None:
    """Three short lines are enough."""
    font = ImageFont.truetype(FONTS[0], 32)
    image = draw_page("白日依山盡黃河入海流欲窮千里目更上一層樓", font, 3, 6, in_columns=in_columns)
    stored = turn_page(pixels_of(image), turn)
    (page,) = (await real_reader.read(encode_page(stored), OPTIONS)).pages
    assert page.upright.rotation_degrees == -turn % 360
