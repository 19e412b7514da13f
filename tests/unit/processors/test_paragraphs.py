"""Which lines belong together."""

import pytest

from processors.paragraphs import joined, paragraphs_of
from processors.reading_order import Block, text_of
from processors.values import TextLine
from tests.unit.processors.lines import line


def grouped(lines: list[TextLine]) -> list[list[str]]:
    """The texts of a block's paragraphs, a line in each row."""
    return [[text_of(one) for one in group] for group in paragraphs_of(Block([[x] for x in lines]))]


def test_paragraph_ends_with_a_short_line() -> None:
    """What follows begins a new one."""
    lines = [
        line("a0", 10, 10, 400, 30),
        line("a1", 10, 34, 390, 54),
        line("a2", 10, 58, 150, 78),
        line("b0", 10, 82, 400, 102),
        line("b1", 10, 106, 300, 126),
    ]
    assert grouped(lines) == [["a0", "a1", "a2"], ["b0", "b1"]]


@pytest.mark.parametrize(
    "second",
    [
        line("b", 10, 80, 400, 100),
        line("b", 10, 34, 400, 74),
        line("b", 200, 34, 400, 54),
    ],
    ids=["far below", "much larger", "begins elsewhere"],
)
def test_paragraph_does_not_go_on(second: TextLine) -> None:
    """In what is set apart."""
    assert grouped([line("a", 10, 10, 400, 30), second]) == [["a"], ["b"]]


def test_row_of_cells_is_a_paragraph_of_its_own() -> None:
    """A table's row is not continued by the next one."""
    rows = [[line("a", 10, y, 200, y + 20), line("b", 220, y, 400, y + 20)] for y in (10, 34)]
    assert [[text_of(one) for one in group] for group in paragraphs_of(Block(rows))] == [
        ["a", "b"],
        ["a", "b"],
    ]


def test_vertical_columns_go_on_to_the_left() -> None:
    """They are lines that run downwards."""
    columns = [line(f"第{i}行", 300 - 30 * i, 10, 320 - 30 * i, 400, turned=True) for i in range(3)]
    groups = paragraphs_of(Block([[one] for one in columns], is_vertical=True))
    assert [joined(group) for group in groups] == ["第0行第1行第2行"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("one", "two"), "one two"),
        (("exam-", "ple"), "exam-ple"),
        (("日本語の", "文章"), "日本語の文章"),
        (("文章。", "次"), "文章。次"),
        (("한국어", "문장"), "한국어 문장"),
        (("第一", "abc"), "第一 abc"),
    ],
)
def test_joined_lines(texts: tuple[str, ...], expected: str) -> None:
    """Hyphens stay as they were read."""
    assert joined([line(text, 0, 0, 9, 9) for text in texts]) == expected
