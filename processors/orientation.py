"""Which way a page is up, told by how its lines were read.

Rows of Chinese or Japanese on a page that lies on its side look like columns on one that stands,
and columns on a page that lies like rows: they are cut out alike, and read alike. A character alone
tells them apart. Recognisers have learnt from rows, and from columns that were turned
counter-clockwise: they know characters that stand, and such that lie on their left sides. So a
character of a row is still read when it is turned counter-clockwise, and one of a column when it is
turned clockwise, but hardly ever the other way round.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from processors.geometry import cut_line, turn_page
from processors.reading_order import is_ideographic, is_vertical_page, text_of
from processors.values import CropArray, PageArray, Rotation, TextLine

MAJORITY = 0.6
"""Share of the recognised characters that must agree before a page is turned."""

LEAD_MIN = 0.25
"""So many more of the characters read alone must say that a page lies than that it stands.

On made-up pages that stood, none did on balance; on such that lay a third or more, and about a
fifth where all characters look much the same when they are turned: docs/accuracy.md.
"""

GLYPH_LINES_MAX, GLYPHS_PER_LINE = 4, 2
"""Characters that are read alone."""

READ_MIN = 0.8
"""Score below which a line says nothing: nonsense may read better on its head."""

TURN_LINES_MIN = 3
"""Fewer lines do not turn a page: in a photograph, single words may stand in any direction."""

_PITCH_SHARE = 1.15
"""A character is cut out so wide, of the distance to the nearer one beside it."""


def page_rotation(lines: Sequence[TextLine], ideographs_lie: bool = False) -> Rotation:
    """Tell the clockwise turn that makes a page upright, by a majority of its characters.

    Tall crops were turned counter-clockwise to be read. Where most text stood in tall crops, the
    page lies on its side, unless that text is Chinese or Japanese: then it is written in columns.

    Args:
        lines: As they were read.
        ideographs_lie: What looks like columns are rows that lie on their sides, and what looks
            like rows are columns that do.
    """
    read = [line for line in lines if _says_something(line)]
    total = sum(map(_length, read))
    if total == 0:
        return 0
    rows: list[TextLine] = []
    rows_on_side: list[TextLine] = []
    columns: list[TextLine] = []
    columns_on_side: list[TextLine] = []
    for line in read:
        is_column = is_ideographic(text_of(line)) and line.turned != ideographs_lie
        if line.turned:
            (columns if is_column else rows_on_side).append(line)
        else:
            (columns_on_side if is_column else rows).append(line)
    groups: tuple[tuple[list[TextLine], Rotation, Rotation], ...] = (
        (rows, 0, 180),
        (columns, 0, 180),
        (rows_on_side, 270, 90),
        (columns_on_side, 90, 270),
    )
    for group, upright, flipped in groups:
        characters = sum(map(_length, group))
        if len(group) < TURN_LINES_MIN or characters <= MAJORITY * total:
            continue
        on_head = sum(_length(line) for line in group if line.flipped)
        return flipped if on_head > MAJORITY * characters else upright
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A character to be read alone.

    Attributes:
        character: As it was read among others.
        if_stands: Turned so that it is read if its page stands, (h, w, 3) uint8, BGR.
        if_lies: Turned so that it is read if its page lies on its side; the same.
    """

    character: str
    if_stands: CropArray
    if_lies: CropArray


def sample_glyphs(page: PageArray, lines: Sequence[TextLine]) -> list[Glyph]:
    """Cut ideographs and kana out of the tall lines of a page, or the others if they have more.

    Args:
        page: (H, W, 3) uint8, BGR.
        lines: As they were read on it; of each the surest characters are taken.
    """
    are_tall = is_vertical_page(lines)
    fit = [line for line in lines if line.turned == are_tall and _says_something(line)]
    fit = [line for line in fit if is_ideographic(text_of(line)) and _length(line) > 1]
    longest = heapq.nlargest(GLYPH_LINES_MAX, fit, key=_length)
    return [glyph for line in longest for glyph in _glyphs(page, line)]


def _glyphs(page: PageArray, line: TextLine) -> list[Glyph]:
    assert line.reading is not None
    pixels = cut_line(page, line.polygon).pixels
    if line.flipped:
        pixels = pixels[::-1, ::-1]
    height, width = pixels.shape[:2]
    centers = line.reading.centers
    gaps = [1.0, *(after - before for before, after in pairwise(centers)), 1.0]
    places = zip(line.reading.scores, line.reading.text, centers, pairwise(gaps), strict=True)
    fit = (place for place in places if is_ideographic(place[1]))
    glyphs: list[Glyph] = []
    for _, character, center, beside in heapq.nlargest(GLYPHS_PER_LINE, fit):
        side = min(height, max(height / 2, _PITCH_SHARE * min(beside) * width))
        left = round(center * width - side / 2)
        piece = pixels[:, max(0, left) : round(left + side)]
        if piece.shape[1] >= height // 2:
            clockwise, counterclockwise = turn_page(piece, 90), turn_page(piece, 270)
            if line.turned:
                glyphs.append(Glyph(character, if_stands=clockwise, if_lies=counterclockwise))
            else:
                glyphs.append(Glyph(character, if_stands=counterclockwise, if_lies=clockwise))
    return glyphs


def _says_something(line: TextLine) -> bool:
    return line.reading is not None and line.reading.score >= READ_MIN


def _length(line: TextLine) -> int:
    return len(text_of(line))
