"""What is wrong with a picture."""

from dataclasses import replace

import pytest

from processors.values import Fault, Quality, TextLine
from processors.verdict import judge
from tests.unit.processors.lines import line, tilted

GOOD = Quality(sharpness=0.8, contrast=0.8, brightness=0.8, blur_px=0.5)
SIZE = (1000, 1400)


def page_of_lines(height: float = 30, left: float = 100, right: float = 600) -> list[TextLine]:
    """Ten level lines."""
    return [line("text", left, 100 + 60 * i, right, 100 + 60 * i + height) for i in range(10)]


def faults(quality: Quality, lines: list[TextLine], is_incomplete: bool = False) -> list[Fault]:
    """Their names."""
    return list(judge(quality, lines, *SIZE, is_incomplete).faults)


def test_good_page_has_no_faults() -> None:
    """Its measures are told all the same."""
    verdict = judge(GOOD, page_of_lines(), *SIZE, is_incomplete=False)
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
    blurred = replace(GOOD, sharpness=0.1, blur_px=4.0)
    assert faults(blurred, page_of_lines(height=55)) == []


def test_white_writing_on_black_is_not_too_dark() -> None:
    """A dark page with contrast is well lit."""
    assert faults(replace(GOOD, brightness=0.1), page_of_lines()) == []


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (page_of_lines(height=9), "too_small"),
        (page_of_lines(right=1000), "cut_off"),
        (page_of_lines(left=0), "cut_off"),
        (tilted(page_of_lines(), 9), "skewed"),
    ],
    ids=["small", "right border", "left border", "skewed"],
)
def test_fault_of_the_text_is_named(lines: list[TextLine], fault: Fault) -> None:
    """Found by its lines."""
    assert faults(GOOD, lines) == [fault]


def test_part_of_a_file_is_cut_off() -> None:
    """Whatever its lines look like."""
    assert faults(GOOD, page_of_lines(), is_incomplete=True) == ["cut_off"]


def test_blank_page_has_no_faults() -> None:
    """Nothing is wrong with it; that it is blank, a warning says."""
    assert faults(Quality(1.0, 0.0, 1.0), []) == []
