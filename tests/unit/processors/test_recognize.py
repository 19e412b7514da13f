"""From crops to text."""

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.engines.base import PictureBatch, RecognizerRunner
from processors.errors import EngineError
from processors.recognize import (
    HEIGHT_PX,
    PADDING,
    SQUEEZED_FROM_PX,
    WIDTH_MAX_PX,
    WIDTHS_PX,
    Recognizer,
    collapse_ctc,
    fit_line,
)
from processors.values import CropArray, Reading
from tests.fakes.runners import SURE, FakeRecognizer
from tests.unit.processors.pictures import LETTER_HEIGHT_PX, draw_word, white_page

SQUEEZE = 0.85
CHARACTERS = ("", "a", "b", "c")


def collapse(classes: list[int], probabilities: list[float] | None = None) -> Reading:
    """Collapse time steps, sure ones where nothing else is said."""
    return collapse_ctc(
        np.array(classes, dtype=np.int32),
        np.array(probabilities or [1.0] * len(classes), dtype=np.float32),
        CHARACTERS,
    )


def word_crop(word: str) -> CropArray:
    """A word that the fakes read, with a narrow margin."""
    crop = white_page(32 * len(word) + 8, LETTER_HEIGHT_PX)
    draw_word(crop, word, 8, 0)
    return crop


async def read(runner: RecognizerRunner, crop: CropArray) -> Reading:
    """Read one crop with a recogniser of its own."""
    with ThreadPoolExecutor(1) as executor:
        return await Recognizer(runner, executor, lambda _: None).read(crop)


@pytest.mark.parametrize(
    ("width", "height", "fitted"),
    [
        (100, 48, 128),
        (128, 48, 128),
        (129, 48, 160),
        (100, 24, 224),
        (1, 100, 32),
        (513, 48, 544),
        (1025, 48, 1088),
        (9000, 48, 3200),
    ],
)
def test_fit_line_takes_next_width_of_ladder(width: int, height: int, fitted: int) -> None:
    """Crops are scaled to the network's height and never to a common large width."""
    assert fit_line(white_page(width, height)).shape == (HEIGHT_PX, fitted, 3)


@pytest.mark.parametrize(
    ("width", "height", "fitted"),
    [
        (100, 48, 128),
        (128, 48, 128),
        (129, 48, 160),
        (160, 48, 160),
        (161, 48, 160),
        (200, 48, 192),
        (100, 24, 192),
        (1, 100, 32),
        (600, 48, 512),
        (603, 48, 544),
        (1206, 48, 1088),
        (9000, 48, 3200),
    ],
)
def test_fit_line_squeezes_long_lines(width: int, height: int, fitted: int) -> None:
    """Those of up to 160 px keep their proportions; the others are not squeezed below that."""
    assert fit_line(white_page(width, height), SQUEEZE).shape == (HEIGHT_PX, fitted, 3)


def test_fit_line_fills_up_with_grey_at_the_right() -> None:
    """The padding is what normalises to zero."""
    fitted = fit_line(white_page(100, 48))
    assert fitted[:, :100].min() == 255
    assert (fitted[:, 100:] == PADDING).all()


@given(st.integers(1, 4000), st.integers(1, 400), st.floats(0.1, 1))
@settings(deadline=None, max_examples=50)
def test_fit_line_pads_to_next_width(width: int, height: int, squeeze: float) -> None:
    """The width follows from the crop alone."""
    fitted = fit_line(white_page(width, height), squeeze)
    scaled = math.ceil(width * HEIGHT_PX / height)
    if scaled > SQUEEZED_FROM_PX:
        scaled = max(SQUEEZED_FROM_PX, math.ceil(scaled * squeeze))
    scaled = min(WIDTH_MAX_PX, scaled)
    assert fitted.shape[0] == HEIGHT_PX
    assert fitted.shape[1] == min(step for step in WIDTHS_PX if step >= scaled)


def test_fit_line_squeezes_long_lines_as_a_whole() -> None:
    """All of a long line is there, in its order, only narrower; a short one keeps its width."""
    crop = white_page(400, HEIGHT_PX)
    crop[:, 200:] = 0
    fitted = fit_line(crop, SQUEEZE)
    assert (fitted[:, :165] == 255).all()
    assert (fitted[:, 175:340] == 0).all()
    assert (fitted[:, 340:] == PADDING).all()
    assert (fit_line(crop[:, 150:250], SQUEEZE)[:, 55:100] == 0).all()


def test_ladder_pads_long_lines_by_little() -> None:
    """Steps grow with the width, from 32 px to a sixth, and every width is four time steps."""
    assert (WIDTHS_PX[0], WIDTHS_PX[-1]) == (32, WIDTH_MAX_PX)
    assert all(width % 32 == 0 for width in WIDTHS_PX)
    for narrower, wider in pairwise(WIDTHS_PX):
        assert 32 <= wider - narrower <= max(32, wider / 5)


@pytest.mark.parametrize(
    ("classes", "text"),
    [
        ([], ""),
        ([0, 0, 0], ""),
        ([1, 2, 3], "abc"),
        ([1, 1, 1], "a"),
        ([1, 0, 1], "aa"),
        ([0, 1, 1, 0, 0, 2, 0, 2, 2], "abb"),
        ([3, 3, 0, 3, 1, 1], "cca"),
    ],
)
def test_collapse_ctc_counts_repeats_once_and_drops_blanks(classes: list[int], text: str) -> None:
    """A character that is written twice has a blank between."""
    assert collapse(classes).text == text


def test_collapse_ctc_takes_mean_of_steps_that_gave_a_character() -> None:
    """Neither blanks nor repeats count."""
    reading = collapse([0, 1, 1, 0, 2], [0.1, 0.8, 0.2, 0.1, 0.6])
    assert reading.score == pytest.approx(0.7)


def test_collapse_ctc_scores_nothing_with_zero() -> None:
    """A line without a character was not read at all."""
    assert collapse([0, 0], [0.99, 0.99]) == Reading("", 0.0, (), ())


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=30))
def test_collapse_ctc_reads_runs(steps: list[tuple[int, float]]) -> None:
    """The text has one character per run of equal classes that are no blanks."""
    classes = [step[0] for step in steps]
    runs = [
        step
        for index, step in enumerate(steps)
        if step[0] != 0 and (index == 0 or classes[index - 1] != step[0])
    ]
    reading = collapse(classes, [step[1] for step in steps])
    assert reading.text == "".join(CHARACTERS[step[0]] for step in runs)
    expected = sum(step[1] for step in runs) / len(runs) if runs else 0.0
    assert reading.score == pytest.approx(expected, abs=1e-6)


@given(st.text("abc", max_size=10), st.integers(1, 3), st.integers(1, 3))
def test_collapse_ctc_undoes_spelling(text: str, repeats: int, blanks: int) -> None:
    """However slowly a text is spelled, it is read."""
    classes = [0]
    for character in text:
        classes += [CHARACTERS.index(character)] * repeats + [0] * blanks
    assert collapse(classes).text == text


async def test_recognizer_reads_line() -> None:
    """A crop becomes its text."""
    reading = await read(FakeRecognizer(), word_crop("rgb"))
    assert reading.text == "rgb"
    assert reading.score == pytest.approx(SURE)


class OverflowingRecognizer(FakeRecognizer):
    """A network whose arithmetic overflows."""

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes, probabilities = super().best_classes(crops)
        return classes, np.full_like(probabilities, np.nan)


async def test_recognizer_refuses_scores_that_are_no_numbers() -> None:
    """NaN would otherwise pass for certainty."""
    with pytest.raises(EngineError, match="no numbers"):
        await read(OverflowingRecognizer(), word_crop("rgb"))
