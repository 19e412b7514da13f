"""Which way is up."""

from dataclasses import replace

import numpy as np
import pytest

from processors.orientation import page_rotation, sample_glyphs
from processors.values import PolygonArray
from tests.fakes.reader import reading
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


def test_page_rotation_turns_columns_that_stand_on_their_heads() -> None:
    """Columns that read upwards."""
    assert page_rotation(sides("縦書きの文章", 5, flipped=True)) == 180


def test_page_rotation_does_not_trust_nonsense() -> None:
    """A script that the recogniser does not know may read a little better on its head."""
    lines = [line("6m?rq ror", 0, 30 * i, 200, 30 * i + 20, flipped=True) for i in range(9)]
    unsure = [replace(one, reading=reading("6m?rq ror", 0.7)) for one in lines]
    assert page_rotation(lines) == 180
    assert page_rotation(unsure) == 0


@pytest.mark.parametrize(("flipped", "rotation"), [(False, 270), (True, 90)])
def test_page_rotation_turns_what_only_looks_like_columns(flipped: bool, rotation: int) -> None:
    """Once its characters were seen to lie on their sides."""
    lines = sides("横書きの文章", 5, flipped=flipped)
    assert page_rotation(lines, ideographs_lie=True) == rotation


@pytest.mark.parametrize(("flipped", "rotation"), [(False, 90), (True, 270)])
def test_page_rotation_turns_columns_that_look_like_rows(flipped: bool, rotation: int) -> None:
    """Read from left to right, their characters lie on their left sides."""
    lines = [line("縦書きの文章", 50, 40 * i, 400, 40 * i + 30, flipped=flipped) for i in range(5)]
    assert page_rotation(lines) == (180 if flipped else 0)
    assert page_rotation(lines, ideographs_lie=True) == rotation


def test_page_rotation_leaves_other_scripts_whatever_a_few_ideographs_say() -> None:
    """They are no majority."""
    lines = [*receipt(), *receipt(), line("縦書き", 50, 400, 200, 430)]
    assert page_rotation(lines, ideographs_lie=True) == 0


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("is_tall", [False, True])
def test_sampled_characters_are_turned_as_if_they_stood_or_lay(
    is_tall: bool, flipped: bool
) -> None:
    """Each is cut out where the recogniser saw it, the surest first."""
    row = np.zeros((300, 500, 3), dtype=np.uint8)
    for index in range(6):  # the left half of each character has its own brightness
        row[140:200, 60 + 60 * index : 90 + 60 * index] = 40 * (index + 1)
    one = line("縦書き文章", 60, 140, 360, 200, turned=is_tall, flipped=flipped)
    assert one.reading is not None
    scores = (0.1, 0.9, 0.2, 0.99, 0.3)
    one = replace(one, reading=replace(one.reading, scores=scores))
    page = np.rot90(row, 2) if flipped else row
    if flipped:
        one = replace(one, polygon=_box(140, 100, 440, 160))
    if is_tall:
        page = np.rot90(page, -1)
        one = replace(
            one, polygon=_box(*((140, 140, 200, 440) if flipped else (100, 60, 160, 360)))
        )
    first, second = sample_glyphs(np.ascontiguousarray(page), [one])
    assert (first.character, second.character) == ("文", "書")
    for glyph, brightness in ((first, 160), (second, 80)):
        bright_above, bright_below = glyph.if_lies, glyph.if_stands
        if is_tall:
            bright_above, bright_below = bright_below, bright_above
        for crop in (bright_above, bright_below[::-1]):
            assert crop.shape == (60, 60, 3)
            assert crop[:28].mean() == pytest.approx(brightness, abs=8)
            assert crop[32:].mean() < 8


def test_characters_are_sampled_from_where_most_are() -> None:
    """Of tall lines or of wide ones; neither single characters nor other scripts are."""
    page = np.full((500, 500, 3), 255, dtype=np.uint8)
    wide = line("横書", 0, 0, 60, 30)
    assert {glyph.character for glyph in sample_glyphs(page, [wide])} == set("横書")
    assert sample_glyphs(page, [wide, *sides("縦", 9)]) == []
    tall = sides("縦文字", 2)
    found = {glyph.character for glyph in sample_glyphs(page, [wide, *tall])}
    assert found
    assert found <= set("縦文字")
    assert sample_glyphs(page, receipt()) == []


def _box(left: float, top: float, right: float, bottom: float) -> PolygonArray:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.array(corners, dtype=np.float32)
