"""From lines to text."""

import numpy as np
import pytest

from processors.assemble import assemble
from processors.reading_order import skew_radians
from tests.unit.processors.lines import bent, bent_line, line, receipt, tilted


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


def test_assemble_tells_paragraphs() -> None:
    """Each names its lines by their places in the page's order."""
    lines = [
        line("Dear Sir or Madam, we have received your", 10, 10, 400, 30),
        line("letter of May.", 10, 34, 150, 54),
        line("It was passed on.", 10, 90, 180, 110),
    ]
    paragraphs = assemble(lines[::-1]).paragraphs
    assert [(one.text, one.first, one.end) for one in paragraphs] == [
        ("Dear Sir or Madam, we have received your letter of May.", 0, 2),
        ("It was passed on.", 2, 3),
    ]


def test_stamp_is_read_from_its_arc_inwards() -> None:
    """What an arc encloses comes after it, what hangs below comes last."""
    above = bent_line("CITY OF NORTHFIELD", bent((200, 200), 150, 30, 170))
    hanging = bent((200, 200), 150, 30, 120, 90)
    below = bent_line("HARBOUR", np.roll(hanging, -9, axis=0))
    middle = line("1892", 150, 180, 250, 220)
    assembled = assemble([middle, below, above])
    assert assembled.text == "CITY OF NORTHFIELD\n1892\nHARBOUR"


def test_polygon_of_flipped_curved_line_begins_at_the_text() -> None:
    """It stands on its head: its upper edge is what was the lower one, from right to left."""
    arc = bent((200, 200), 150, 30, 120)
    (upright,) = assemble([bent_line("abc", arc)]).lines
    (flipped,) = assemble([bent_line("abc", arc, flipped=True)]).lines
    np.testing.assert_array_equal(upright.polygon, arc)
    np.testing.assert_array_equal(flipped.polygon, np.roll(arc, -9, axis=0))


def test_bent_page_has_paragraphs_and_skew() -> None:
    """Gently bent lines count as high as their writing, and with the direction of their ends."""
    lines = [
        bent_line(f"a full line of a bent page, number {number}", bent((500, top), 1500, 24, 30))
        for number, top in enumerate((1600, 1640, 1680))
    ]
    assembled = assemble([*lines, line("and a last straight one", 110, 225, 850, 249)])
    assert abs(np.degrees(skew_radians(assembled.lines))) < 0.5
    assert [paragraph.end for paragraph in assembled.paragraphs] == [4]
