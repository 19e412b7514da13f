"""Which way a page is up, told by how its lines were read."""

from collections.abc import Sequence

from processors.reading_order import is_column, text_of
from processors.values import Rotation, TextLine

MAJORITY = 0.6
"""Share of the recognised characters that must agree before a page is turned."""

TURN_LINES_MIN = 3
"""Fewer lines do not turn a page: in a photograph, single words may stand in any direction."""


def page_rotation(lines: Sequence[TextLine]) -> Rotation:
    """Tell the clockwise turn that makes a page upright, by a majority of its characters.

    Tall crops were turned counter-clockwise to be read. Where most text stood in tall crops, the
    page lies on its side, unless that text is Chinese or Japanese: then it is written in columns.
    """
    read = [line for line in lines if line.reading is not None and line.reading.text]
    total = sum(map(_length, read))
    if total == 0:
        return 0
    level = [line for line in read if not line.turned]
    sideways = [line for line in read if line.turned and not is_column(line)]
    groups: tuple[tuple[list[TextLine], Rotation, Rotation], ...] = (
        (level, 0, 180),
        (sideways, 270, 90),
    )
    for group, upright, flipped in groups:
        characters = sum(map(_length, group))
        if len(group) < TURN_LINES_MIN or characters <= MAJORITY * total:
            continue
        on_head = sum(_length(line) for line in group if line.flipped)
        return flipped if on_head > MAJORITY * characters else upright
    return 0


def _length(line: TextLine) -> int:
    return len(text_of(line))
