"""Which way is up."""

from dataclasses import replace

import numpy as np
import pytest

from processors.orientation import page_rotation, sample_glyphs
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
    assert page_rotation(lines, columns_lie=True) == rotation


@pytest.mark.parametrize("flipped", [False, True])
def test_sampled_characters_stand_as_in_their_column(flipped: bool) -> None:
    """Each is cut out where the recogniser saw it, the surest first, its top at the top."""
    page = np.zeros((500, 300, 3), dtype=np.uint8)
    for index in range(6):  # each character's upper half has its own brightness
        page[60 + 60 * index : 90 + 60 * index, 100:160] = 40 * (index + 1)
    column = line("縦書き文章", 100, 60, 160, 360, turned=True)
    assert column.reading is not None
    scores = (0.1, 0.9, 0.2, 0.99, 0.3)
    column = replace(column, reading=replace(column.reading, scores=scores))
    if flipped:
        page = np.ascontiguousarray(page[::-1, ::-1])
        column = replace(
            column,
            polygon=column.polygon + np.float32(40) * np.array([1, 2], np.float32),
            flipped=True,
        )
    first, second, _ = sample_glyphs(page, [column])
    assert (first.character, second.character) == ("文", "書")
    for glyph, brightness in ((first, 160), (second, 80)):
        assert glyph.standing.shape == (60, 60, 3)
        upper, lower = glyph.standing[:28].mean(), glyph.standing[32:].mean()
        assert upper == pytest.approx(brightness, abs=8)
        assert lower < 8
