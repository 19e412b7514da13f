"""Which way a page is up, told by how its lines were read."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from processors.geometry import cut_line
from processors.reading_order import is_column, text_of
from processors.values import CropArray, PageArray, Rotation, TextLine

MAJORITY = 0.6
"""Share of the recognised characters that must agree before a page is turned."""

STANDING_MIN = 0.5
"""Share of a column's characters that must be read as they stand there, each alone."""

GLYPH_COLUMNS_MAX, GLYPHS_PER_COLUMN = 6, 3
"""Characters that are read alone to tell a column from a line that lies on its side."""

READ_MIN = 0.8
"""Score below which a line says nothing: nonsense may read better on its head."""

TURN_LINES_MIN = 3
"""Fewer lines do not turn a page: in a photograph, single words may stand in any direction."""


def page_rotation(lines: Sequence[TextLine], columns_lie: bool = False) -> Rotation:
    """Tell the clockwise turn that makes a page upright, by a majority of its characters.

    Tall crops were turned counter-clockwise to be read. Where most text stood in tall crops, the
    page lies on its side, unless that text is Chinese or Japanese: then it is written in columns.

    Args:
        lines: As they were read.
        columns_lie: What looks like columns are lines that lie on their sides.
    """
    read = [line for line in lines if line.reading is not None and line.reading.score >= READ_MIN]
    total = sum(map(_length, read))
    if total == 0:
        return 0
    level = [line for line in read if not line.turned]
    sideways = [line for line in read if line.turned and (columns_lie or not is_column(line))]
    columns = [line for line in read if line.turned and is_column(line) and not columns_lie]
    groups: tuple[tuple[list[TextLine], Rotation, Rotation], ...] = (
        (level, 0, 180),
        (columns, 0, 180),
        (sideways, 270, 90),
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
    """A character of a column, to be read alone.

    Attributes:
        character: As it was read among others.
        standing: As it stands in its column, (h, w, 3) uint8, BGR.
    """

    character: str
    standing: CropArray


def sample_glyphs(page: PageArray, lines: Sequence[TextLine]) -> list[Glyph]:
    """Cut characters out of the columns of a page, the surest of each column.

    Args:
        page: (H, W, 3) uint8, BGR.
        lines: As they were read on it.
    """
    columns = sorted((line for line in lines if is_column(line)), key=_length, reverse=True)
    glyphs: list[Glyph] = []
    for line in columns[:GLYPH_COLUMNS_MAX]:
        assert line.reading is not None
        pixels = cut_line(page, line.polygon).pixels
        if line.flipped:
            pixels = pixels[::-1, ::-1]
        height, width = pixels.shape[:2]
        places = zip(line.reading.scores, line.reading.text, line.reading.centers, strict=True)
        surest = heapq.nlargest(GLYPHS_PER_COLUMN, (one for one in places if one[1].isalpha()))
        for _, character, center in surest:
            left = round(center * width - height / 2)
            piece = pixels[:, max(0, left) : left + height]
            if piece.shape[1] >= height // 2:
                standing = np.ascontiguousarray(piece.transpose(1, 0, 2)[:, ::-1])
                glyphs.append(Glyph(character, standing))
    return glyphs


def _length(line: TextLine) -> int:
    return len(text_of(line))
