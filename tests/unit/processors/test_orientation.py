"""Which way is up."""

import pytest

from processors.orientation import page_rotation
from tests.unit.processors.lines import TALL_TEXT, line, receipt, sides


def test_page_rotation_leaves_upright_page() -> None:
    """Level lines that stand on their feet are upright."""
    assert page_rotation(receipt()) == 0


def test_page_rotation_turns_page_that_stands_on_its_head() -> None:
    """Most characters decide."""
    lines = [line("some text", 0, 30 * i, 200, 30 * i + 20, flipped=True) for i in range(4)]
    assert page_rotation([*lines, line("odd", 0, 200, 90, 220)]) == 180


def test_page_rotation_turns_page_that_lies_on_its_right_side() -> None:
    """Lines that read downwards were turned clockwise, and are turned back."""
    assert page_rotation(sides(TALL_TEXT, 4)) == 270


def test_page_rotation_turns_page_that_lies_on_its_left_side() -> None:
    """Lines that read upwards are turned clockwise."""
    assert page_rotation(sides(TALL_TEXT, 4, flipped=True)) == 90


@pytest.mark.parametrize("count", [1, 2])
def test_page_rotation_does_not_trust_few_lines(count: int) -> None:
    """In a photograph, single words may stand in any direction."""
    assert page_rotation(sides(TALL_TEXT, count, flipped=True)) == 0


def test_page_rotation_needs_majority() -> None:
    """A margin that runs sideways does not turn the page."""
    assert page_rotation([*sides(TALL_TEXT, 4), *receipt(), *receipt()]) == 0


def test_page_rotation_leaves_vertical_writing() -> None:
    """Chinese and Japanese are written in columns."""
    assert page_rotation(sides("縦書きの文章", 5)) == 0


def test_page_rotation_leaves_page_that_was_not_read() -> None:
    """Without text there is no majority."""
    assert page_rotation([]) == 0
    assert page_rotation([line(None, 0, 0, 20, 200, turned=True)] * 4) == 0
