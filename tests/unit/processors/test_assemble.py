"""Which way is up, and which line comes first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.assemble import assemble, page_rotation, rows_in_order
from processors.values import Reading, TextLine

TALL_TEXT = "seven words"


def line(
    text: str | None,
    left: float,
    top: float,
    right: float,
    bottom: float,
    *,
    turned: bool = False,
    flipped: bool = False,
) -> TextLine:
    """A level line in a box."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    reading = None if text is None else Reading(text, 0.9)
    return TextLine(np.array(corners, dtype=np.float32), reading, turned, flipped)


def tilted(lines: list[TextLine], angle_degrees: float) -> list[TextLine]:
    """The lines of a page that was turned clockwise by a few degrees."""
    angle = np.radians(angle_degrees)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    return [
        TextLine((one.polygon @ turn.T).astype(np.float32), one.reading, one.turned, one.flipped)
        for one in lines
    ]


def receipt() -> list[TextLine]:
    """Three rows with a label at the left and an amount far at the right."""
    rows = [("Tea", "2.50"), ("Scone", "3.00"), ("TOTAL", "5.50")]
    lines = []
    for index, (label, amount) in enumerate(rows):
        top = 100 + 30 * index
        lines += [line(amount, 700, top, 780, top + 20), line(label, 20, top + 2, 140, top + 22)]
    return lines


def sides(text: str, count: int, *, flipped: bool = False) -> list[TextLine]:
    """Tall lines beside each other."""
    return [
        line(text, 100 + 40 * i, 50, 120 + 40 * i, 400, turned=True, flipped=flipped)
        for i in range(count)
    ]


@pytest.mark.parametrize("angle_degrees", [-12, -5, 0, 3, 12])
def test_assemble_puts_label_and_amount_on_one_row(angle_degrees: float) -> None:
    """A row goes from left to right, however skewed the page is."""
    assembled = assemble(tilted(receipt(), angle_degrees))
    assert assembled.text == "Tea 2.50\nScone 3.00\nTOTAL 5.50"
    assert len(assembled.lines) == 6


def test_assemble_keeps_lines_above_each_other_apart() -> None:
    """Lines of a paragraph overlap a little in height, and wholly in width."""
    lines = [line(f"{i}", 10, 20 + 18 * i, 400, 42 + 18 * i) for i in range(5)]
    assert assemble(lines[::-1]).text == "0\n1\n2\n3\n4"


def test_assemble_does_not_join_lines_that_cover_each_other() -> None:
    """Where regions of a tight paragraph overlap, each is still a row of its own."""
    lines = [line(f"{i}", 10, 20 + 8 * i, 400, 40 + 8 * i) for i in range(3)]
    assert assemble(lines).text == "0\n1\n2"


def test_assemble_composes_characters() -> None:
    """The text is in Unicode's composed form (NFC)."""
    assert assemble([line("cafe\u0301", 0, 0, 50, 20)]).text == "caf\u00e9"


def test_assemble_gives_no_text_where_lines_were_not_read() -> None:
    """With recognition off, the regions still come in order."""
    assembled = assemble([line(None, 0, 50, 90, 70), line(None, 0, 10, 90, 30)])
    assert assembled.text is None
    assert [float(one.polygon[0, 1]) for one in assembled.lines] == [10, 50]


def test_assemble_gives_empty_text_for_blank_page() -> None:
    """A blank page was read: there is nothing on it."""
    assembled = assemble([])
    assert assembled.lines == ()
    assert assembled.text == ""


def test_assemble_reads_columns_from_right_to_left() -> None:
    """A page of vertical Japanese begins at its top right."""
    columns = [
        line("三列", 20, 10, 50, 300, turned=True),
        line("二列下", 102, 200, 128, 300, turned=True),
        line("二列上", 100, 10, 130, 180, turned=True),
        line("一列", 180, 10, 210, 300, turned=True),
    ]
    assert assemble(columns).text == "一列\n二列上\n二列下\n三列"


def test_assemble_begins_polygon_of_level_line_top_left() -> None:
    """A level line's text begins at the region's own top-left corner."""
    (one,) = assemble([line("abc", 10, 20, 90, 40)]).lines
    assert one.polygon[0].tolist() == [10, 20]


@pytest.mark.parametrize(
    ("text", "turned", "flipped", "corner"),
    [
        ("abc", False, True, (90, 220)),
        ("abc", True, False, (90, 20)),
        ("abc", True, True, (10, 220)),
        ("縦書き", True, False, (10, 20)),
    ],
    ids=["on its head", "reading downwards", "reading upwards", "column"],
)
def test_assemble_begins_polygon_at_top_left_of_text(
    text: str, turned: bool, flipped: bool, corner: tuple[float, float]
) -> None:
    """The first point is where the first character's top left is, the rest follow clockwise."""
    before = line(text, 10, 20, 90, 220, turned=turned, flipped=flipped)
    (one,) = assemble([before]).lines
    assert tuple(one.polygon[0]) == corner
    x, y = one.polygon.T.astype(float)
    assert np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) == 2 * 80 * 200


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(1, 300), st.integers(1, 99))
    )
)
def test_rows_in_order_keep_every_line_once(boxes: list[tuple[int, int, int, int]]) -> None:
    """However lines overlap, each stands in one row."""
    lines = [line(str(i), x, y, x + w, y + h) for i, (x, y, w, h) in enumerate(boxes)]
    kept = [id(one) for row in rows_in_order(lines) for one in row]
    assert sorted(kept) == sorted(map(id, lines))


@given(st.permutations(range(6)), st.floats(-15, 15))
def test_rows_in_order_do_not_depend_on_order_of_detection(
    order: list[int], angle_degrees: float
) -> None:
    """The detector names regions in no particular order."""
    lines = tilted(receipt(), angle_degrees)
    texts = [
        [one.reading.text for one in row if one.reading]
        for row in rows_in_order([lines[i] for i in order])
    ]
    assert texts == [["Tea", "2.50"], ["Scone", "3.00"], ["TOTAL", "5.50"]]


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
