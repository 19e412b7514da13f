"""Which line comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.reading_order import blocks_in_order, is_right_to_left, text_of
from processors.values import TextLine
from tests.unit.processors.lines import line, receipt, tilted

PROSE = "a line of words that fills"


def column(name: str, left: float, top: float, count: int, pitch: float = 24) -> list[TextLine]:
    """Prose, 200 pixels wide; the last line is shorter."""
    return [
        line(
            f"{PROSE} {name}{i}",
            left,
            top + pitch * i,
            left + (200 if i < count - 1 else 120),
            top + pitch * i + 20,
        )
        for i in range(count)
    ]


def order(lines: list[TextLine]) -> list[list[str]]:
    """The last words of each row's lines."""
    return [
        [text_of(one).rsplit(" ", 1)[-1] for one in row]
        for block in blocks_in_order(lines)
        for row in block.rows
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(1, 300), st.integers(1, 99))
    )
)
def test_blocks_keep_every_line_once(boxes: list[tuple[int, int, int, int]]) -> None:
    """However lines overlap, each stands in one row."""
    lines = [line(str(i), x, y, x + w, y + h) for i, (x, y, w, h) in enumerate(boxes)]
    kept = [id(one) for block in blocks_in_order(lines) for row in block.rows for one in row]
    assert sorted(kept) == sorted(map(id, lines))


@given(st.permutations(range(6)), st.floats(-15, 15))
def test_blocks_in_order_do_not_depend_on_order_of_detection(
    places: list[int], angle_degrees: float
) -> None:
    """The detector names regions in no particular order."""
    lines = tilted(receipt(), angle_degrees)
    assert order([lines[i] for i in places]) == [
        ["Tea", "2.50"],
        ["Scone", "3.00"],
        ["TOTAL", "5.50"],
    ]


@pytest.mark.parametrize("angle_degrees", [-3, 0, 12])
def test_columns_of_prose_are_read_one_after_another(angle_degrees: float) -> None:
    """Between a title and a footer that reach across them."""
    lines = [
        line("Title", 10, 0, 450, 30),
        *column("a", 10, 50, 5),
        *column("b", 230, 50, 4),
        line("Footer", 10, 200, 450, 220),
    ]
    read = order(tilted(lines[::-1], angle_degrees))
    assert read == [
        *(["Title"], ["a0"], ["a1"], ["a2"], ["a3"], ["a4"]),
        *(["b0"], ["b1"], ["b2"], ["b3"], ["Footer"]),
    ]


def test_three_columns_are_read_from_left_to_right() -> None:
    """However their lines stand to each other."""
    lines = [*column("c", 460, 57, 4), *column("a", 10, 50, 4), *column("b", 235, 53, 4)]
    assert order(lines) == [[f"{name}{i}"] for name in "abc" for i in range(4)]


def test_sidebar_is_read_for_itself() -> None:
    """Its short lines are not the ends of those beside them."""
    notes = [line(f"note{i}", 230, 60 + 33 * i, 280, 75 + 33 * i) for i in range(4)]
    assert order([*column("a", 10, 50, 7), *notes]) == [
        *([f"a{i}"] for i in range(7)),
        *([f"note{i}"] for i in range(4)),
    ]


def test_table_is_read_row_by_row() -> None:
    """Cells of text beside each other belong together."""
    labels = ("Invoice number", "Date of delivery", "Terms", "Customer reference number")
    cells = ("INV-2026-1189-A", "24 November 2026", "Thirty days net, two percent", "A Smith")
    lines = [
        line(text, left, 50 + 30 * i, left + 9 * len(text), 70 + 30 * i)
        for left, texts in ((10, labels), (300, cells))
        for i, text in enumerate(texts)
    ]
    assert [len(row) for row in order(lines)] == [2, 2, 2, 2]


def test_prices_beside_long_names_stay_on_their_rows() -> None:
    """Prose at the left does not make prices a sidebar: they are aligned with it."""
    prices = [line(f"{i}.00", 300, 50 + 24 * i, 340, 70 + 24 * i) for i in range(5)]
    read = order([*column("a", 10, 50, 5), *prices])
    assert read == [[f"a{i}", f"{i}.00"] for i in range(5)]


def test_page_from_right_to_left() -> None:
    """Rows begin at the right, and so do columns."""
    lines = [line("شاي", 300, 10, 380, 30), line("2.50", 10, 10, 60, 30)]
    assert order(lines) == [["شاي", "2.50"]]
    prose = "سطر من الكلمات يملأ العمود"
    sides = [
        line(f"{prose} {name}{i}", left, 50 + 24 * i, left + 200, 70 + 24 * i)
        for name, left in (("أ", 230), ("ب", 10))
        for i in range(4)
    ]
    assert order(sides[::-1]) == [[f"{name}{i}"] for name in "أب" for i in range(4)]


def test_columns_of_vertical_writing() -> None:
    """Each is a row of its own, from the right."""
    lines = [line(f"縦書き{i}", 400 - 40 * i, 10, 430 - 40 * i, 300, turned=True) for i in range(3)]
    (block,) = blocks_in_order(lines[::-1])
    assert block.is_vertical
    assert [[text_of(one) for one in row] for row in block.rows] == [
        ["縦書き0"],
        ["縦書き1"],
        ["縦書き2"],
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", False), ("123", False), ("שלום abc", True), ("مرحبا", True)]
)
def test_direction_is_that_of_most_letters(text: str, expected: bool) -> None:
    """Numbers have none."""
    assert is_right_to_left(text) is expected


def test_form_is_read_row_by_row() -> None:
    """Its rows stand further apart than those of prose."""
    labels = ("Name of applicant", "Street and number", "Town or village", "Country of birth")
    values = ("Johnathan Smithson", "Canal Street nine", "Northampton town", "United Kingdom")
    lines = [
        line(text, left, 100 + 70 * i, left + 11 * len(text), 128 + 70 * i)
        for left, texts in ((10, labels), (400, values))
        for i, text in enumerate(texts)
    ]
    assert [len(row) for row in order(lines)] == [2, 2, 2, 2]


def test_prices_that_stand_a_little_lower_stay_on_their_rows() -> None:
    """Amounts are no sidebar, however they were printed."""
    prices = [line(f"{i}.00", 300, 57 + 24 * i, 340, 77 + 24 * i) for i in range(5)]
    read = order([*column("a", 10, 50, 5), *prices])
    assert read == [[f"a{i}", f"{i}.00"] for i in range(5)]


@pytest.mark.parametrize(("rows", "columns"), [(500, 2), (100, 10), (2500, 1)])
def test_dense_tables_keep_their_rows(rows: int, columns: int) -> None:
    """Nobody waits for gutters among them: it took minutes once."""
    lines = [
        line("1234.50", 100 * x, 20 * y, 100 * x + 60, 20 * y + 15)
        for y in range(rows)
        for x in range(columns)
    ]
    assert [len(row) for row in order(lines)] == [columns] * rows
