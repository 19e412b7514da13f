"""What is wrong with a picture."""

from dataclasses import replace

import numpy as np
import pytest

from processors.values import Fault, Quality, TextLine
from processors.verdict import judge
from tests.unit.processors.lines import line, tilted

GOOD = Quality(sharpness=0.8, contrast=0.8, brightness=0.8, blur_px=0.5)
PAGE = np.full((1400, 1000, 3), 255, dtype=np.uint8)


def page_of_lines(height: float = 30, left: float = 100, right: float = 600) -> list[TextLine]:
    """Ten level lines."""
    return [line("text", left, 100 + 60 * i, right, 100 + 60 * i + height) for i in range(10)]


def faults(quality: Quality, lines: list[TextLine], is_incomplete: bool = False) -> list[Fault]:
    """Their names."""
    return list(judge(quality, lines, PAGE, is_incomplete).faults)


def test_good_page_has_no_faults() -> None:
    """Its measures are told all the same."""
    verdict = judge(GOOD, page_of_lines(), PAGE, is_incomplete=False)
    assert verdict.faults == ()
    assert verdict.text_height_px == 30
    assert verdict.skew_degrees == pytest.approx(0)


@pytest.mark.parametrize(
    ("quality", "fault"),
    [
        (replace(GOOD, sharpness=0.1, blur_px=4.0), "blurred"),
        (replace(GOOD, brightness=0.05, contrast=0.1), "too_dark"),
        (replace(GOOD, contrast=0.1), "low_contrast"),
        (replace(GOOD, noise=0.1), "noisy"),
    ],
)
def test_fault_of_the_picture_is_named(quality: Quality, fault: Fault) -> None:
    """Whatever else it has."""
    assert fault in faults(quality, page_of_lines())


def test_blur_matters_in_relation_to_the_text() -> None:
    """Large letters stand it."""
    blurred = replace(GOOD, sharpness=0.2, blur_px=4.0)
    assert faults(blurred, page_of_lines(height=30)) == ["blurred"]
    assert faults(blurred, page_of_lines(height=55)) == []


def test_white_writing_on_black_is_not_too_dark() -> None:
    """A dark page with contrast is well lit."""
    assert faults(replace(GOOD, brightness=0.1), page_of_lines()) == []


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (page_of_lines(height=9), "too_small"),
        (tilted(page_of_lines(), 9), "skewed"),
    ],
    ids=["small", "skewed"],
)
def test_fault_of_the_text_is_named(lines: list[TextLine], fault: Fault) -> None:
    """Found by its lines."""
    assert faults(GOOD, lines) == [fault]


@pytest.mark.parametrize(
    ("lines", "border"),
    [(page_of_lines(left=0), np.s_[:, :2]), (page_of_lines(right=1000), np.s_[:, -2:])],
    ids=["left", "right"],
)
def test_page_is_cut_off_where_ink_runs_out_of_it(lines: list[TextLine], border: object) -> None:
    """A region that only reaches the border may hold a whole line."""
    assert faults(GOOD, lines) == []
    page = PAGE.copy()
    page[border][::7] = 20  # type: ignore[call-overload]
    assert judge(GOOD, lines, page, is_incomplete=False).faults == ("cut_off",)


def test_page_that_is_blurred_beyond_recognition_is_blurred() -> None:
    """However large the few lines are that were found."""
    headings = page_of_lines(height=80)[:3]
    assert faults(replace(GOOD, sharpness=0.1, blur_px=5.6), headings) == ["blurred"]


def test_part_of_a_file_is_cut_off() -> None:
    """Whatever its lines look like."""
    assert faults(GOOD, page_of_lines(), is_incomplete=True) == ["cut_off"]


def test_blank_page_has_no_faults() -> None:
    """Nothing is wrong with it; that it is blank, a warning says."""
    assert faults(Quality(1.0, 0.0, 1.0), []) == []
