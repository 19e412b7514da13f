"""Which line comes first: rows, columns of prose, vertical columns, right-to-left pages.

Lines are brought into rows from top to bottom, so that a receipt's label and amount stand on one
line of text. Where a stretch of the page has a gutter with prose on both of its sides, or with a
sidebar whose lines do not continue the other side's, each side is read for itself (a recursive
X-Y cut, Nagy and Seth 1984, that asks what it cuts).
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import truediv
from statistics import fmean, median

import numpy as np

from processors.geometry import corners_of, extent
from processors.values import TextLine

ROW_OVERLAP_MIN = 0.5
"""Lines share a row if their heights overlap by this share of the smaller one."""

VERTICAL_SHARE = 0.6
"""A page is written in vertical columns if more of its characters stand in tall lines."""

GUTTER_MIN = 0.25
"""Columns are apart by this share of a line's height: regions are grown beyond the writing."""

COLUMN_LINES_MIN = 3
"""Fewer lines are no column."""

PROSE_FILL_MIN = 0.78
"""Lines of prose have, in the mean, this share of their neighbours' width; cells vary more."""

PROSE_CHARACTERS_MIN = 12
"""The usual line of a column of prose has so many, an ideograph counting for two."""

LETTERS_MIN = 0.6
"""Of the characters of prose."""

PROSE_PITCH_MAX = 1.9
"""Prose goes from line to line by less than so many heights of a line; forms by more."""

FORM_ALIGNED_MIN = 0.8
"""Of a form's entries, more than this share stand beside a label."""

ALIGNED_WITHIN = 0.25
"""Lines stand on one row of a table if their middles differ by less than this of their height."""

ALIGNED_MAX = 0.6
"""A sidebar's lines are aligned with those beside it less often than this; a table's more."""

CUT_LINES_MAX = 1_000
"""Pages with more lines are read by rows: looking for gutters would take more than a second."""

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

Row = list[TextLine]

_Gap = tuple[float, float]
"""From where to where, across the page."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together: a column, or what stands between columns.

    Attributes:
        rows: From top to bottom, each line after line.
        is_vertical: Each row is a line that is written from top to bottom.
    """

    rows: list[Row]
    is_vertical: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line, and where it stands once the page's skew is taken out."""

    line: TextLine
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


def blocks_in_order(lines: Sequence[TextLine]) -> list[Block]:
    """Bring the lines of an upright page into the order in which a person reads them.

    Args:
        lines: In any order, in pixels of the page.
    """
    if not lines:
        return []
    if is_vertical_page(lines):
        return [Block([[line] for line in _columns_from_right(lines)], is_vertical=True)]
    placed = _level(lines)
    from_right = is_right_to_left("".join(map(text_of, lines)))
    blocks = [_rows(placed)] if len(lines) > CUT_LINES_MAX else _cut(placed, from_right)
    return [
        Block([[one.line for one in (row[::-1] if from_right else row)] for row in block])
        for block in blocks
    ]


def text_of(line: TextLine) -> str:
    """What was read, empty where nothing was."""
    return line.reading.text if line.reading is not None else ""


def is_column(line: TextLine) -> bool:
    """Whether a tall line is written from top to bottom, and does not lie on its side."""
    return line.turned and is_ideographic(text_of(line))


def is_ideographic(text: str) -> bool:
    """Whether ideographs or kana are in it: it may be written in a row or in a column."""
    return _CJK.search(text) is not None


def is_vertical_page(lines: Sequence[TextLine]) -> bool:
    """Whether most of a page's text stands in tall lines."""
    in_columns = sum(len(text_of(line)) for line in lines if line.turned)
    return in_columns > VERTICAL_SHARE * sum(len(text_of(line)) for line in lines)


def is_right_to_left(text: str) -> bool:
    """Whether most of the letters are Arabic, Hebrew, or of another script from right to left."""
    directions = [unicodedata.bidirectional(character) for character in text]
    return sum(d in ("R", "AL") for d in directions) > directions.count("L")


def _cut(lines: list[_Placed], from_right: bool) -> list[list[list[_Placed]]]:
    """Cut lines into blocks of rows, in order."""
    rows = _rows(lines)
    width_px = GUTTER_MIN * median(one.height for one in lines)
    blocks: list[list[list[_Placed]]] = []
    between: list[list[_Placed]] = []
    first = 0
    while first < len(rows):
        found = _columns_from(rows, first, width_px)
        if found is None:
            between.append(rows[first])
            first += 1
            continue
        sides, first = found
        if between:
            blocks.append(between)
            between = []
        for side in sides[::-1] if from_right else sides:
            blocks += _cut(side, from_right)
    return [*blocks, between] if between else blocks


def _columns_from(
    rows: list[list[_Placed]], first: int, width_px: float
) -> tuple[tuple[list[_Placed], list[_Placed]], int] | None:
    """Find the longest stretch of rows from one on that a gutter divides into columns.

    Args:
        rows: Of the page.
        first: Where the stretch begins.
        width_px: Of the narrowest gutter.

    Returns:
        Its left side and its right one, and the first row behind it.
    """
    ended: list[tuple[_Gap, int]] = []
    gaps: list[_Gap] = [(-np.inf, np.inf)]
    left, right = np.inf, -np.inf

    def gutters(parts: list[_Gap]) -> list[_Gap]:
        return [
            part
            for part in parts
            if left < part[0] and part[1] < right and part[1] - part[0] >= width_px
        ]

    for number in range(first, len(rows)):
        row, before = rows[number], gutters(gaps)
        left = min(left, row[0].left)
        right = max(right, *(one.right for one in row))
        remaining = []
        for gap in gaps:
            parts = [part for part in _without(gap, row) if part[1] - part[0] >= width_px]
            remaining += parts
            if gap in before and not gutters(parts):
                ended.append((gap, number))
        gaps = remaining
        if number > first and not gutters(gaps):
            break
    else:
        ended += [(gap, len(rows)) for gap in gutters(gaps)]
    for (start, stop), end in reversed(ended):
        lines = [one for row in rows[first:end] for one in row]
        middle = (start + stop) / 2
        sides = (
            [one for one in lines if one.right <= middle],
            [one for one in lines if one.left >= middle],
        )
        if _are_columns(*sides):
            return sides, end
    return None


def _without(gap: _Gap, row: list[_Placed]) -> list[_Gap]:
    """What lines leave of a gap."""
    parts = [gap]
    for one in row:
        parts = [
            part
            for start, stop in parts
            for part in ((start, min(stop, one.left)), (max(start, one.right), stop))
            if part[1] > part[0]
        ]
    return parts


def _are_columns(left: list[_Placed], right: list[_Placed]) -> bool:
    """Whether both sides of a gutter are to be read one after the other, and not row by row."""
    if min(len(left), len(right)) < COLUMN_LINES_MIN:
        return False
    prose = _is_prose(left), _is_prose(right)
    if not any(prose):
        return False
    fewer, more = sorted((left, right), key=len)
    if all(prose):  # or a form, whose rows stand further apart
        is_loose = max(_pitch(left), _pitch(right)) > PROSE_PITCH_MAX
        return not (is_loose and _aligned(fewer, more, ROW_OVERLAP_MIN) > FORM_ALIGNED_MIN)
    other = right if prose[0] else left
    return _is_of_words(other) and _aligned(fewer, more, ALIGNED_WITHIN) < ALIGNED_MAX


def _aligned(fewer: list[_Placed], more: list[_Placed], within: float) -> float:
    """The share of some lines whose middles are as high as that of one beside them."""
    middles = sorted(one.middle for one in more)
    count = 0
    for one in fewer:
        index = bisect_left(middles, one.middle - within * one.height)
        count += index < len(middles) and middles[index] <= one.middle + within * one.height
    return count / len(fewer)


def _pitch(lines: list[_Placed]) -> float:
    """From one line to the next, in heights of lines."""
    middles = sorted(one.middle for one in lines)
    height = median(one.height for one in lines)
    return median(after - before for before, after in pairwise(middles)) / max(1.0, height)


def _is_prose(lines: list[_Placed]) -> bool:
    """Whether lines are about as long as their neighbours, and made of words."""
    widths = [one.right - one.left for one in sorted(lines, key=lambda one: one.middle)]
    widest = [max(widths[max(0, i - 1) : i + 2]) for i in range(len(widths))]
    if fmean(map(truediv, widths, widest)) < PROSE_FILL_MIN:
        return False
    texts = [text_of(one.line) for one in lines]
    if median(len(text) + len(_CJK.findall(text)) for text in texts) < PROSE_CHARACTERS_MIN:
        return False
    return _is_of_words(lines)


def _is_of_words(lines: list[_Placed]) -> bool:
    """Whether lines hold letters rather than amounts."""
    text = "".join("".join(text_of(one.line).split()) for one in lines)
    return sum(map(str.isalpha, text)) >= LETTERS_MIN * len(text)


def _rows(lines: list[_Placed]) -> list[list[_Placed]]:
    """Group lines into rows from top to bottom, each from left to right."""
    rows: list[list[_Placed]] = []
    for one in sorted(lines, key=lambda one: (one.middle, one.left)):
        row = next((row for row in rows[-3:] if _continues(row, one)), None)
        if row is None:
            rows.append([one])
        else:
            row.append(one)
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _continues(row: list[_Placed], one: _Placed) -> bool:
    """Whether a line overlaps all lines of a row in height, and none of them in width."""
    for other in row:
        shared = min(one.bottom, other.bottom) - max(one.top, other.top)
        smaller = max(1.0, min(one.height, other.height))
        beside = min(one.right, other.right) - max(one.left, other.left)
        narrower = max(1.0, min(one.right - one.left, other.right - other.left))
        if shared < ROW_OVERLAP_MIN * smaller or beside > ROW_OVERLAP_MIN * narrower:
            return False
    return True


def _level(lines: Sequence[TextLine]) -> list[_Placed]:
    """Take the page's skew out."""
    skew = skew_radians(lines)
    cos, sin = np.cos(-skew), np.sin(-skew)
    level = np.array([(cos, -sin), (sin, cos)], dtype=np.float64)
    placed = []
    for line in lines:
        points = line.polygon @ level.T
        placed.append(_Placed(line, *extent(points)))
    return placed


def skew_radians(lines: Sequence[TextLine]) -> float:
    """Median angle of the lines' longer sides to the nearest axis, weighted by their lengths."""
    polygons = np.array([corners_of(line.polygon) for line in lines], dtype=np.float64)
    sides = polygons[:, (1, 2)] - polygons[:, (0, 1)]
    lengths = np.linalg.norm(sides, axis=2)
    longer = lengths.argmax(axis=1)
    picked = np.arange(len(lines))
    vectors = sides[picked, longer]
    angles = np.arctan2(vectors[:, 1], vectors[:, 0])
    folded = (angles + np.pi / 4) % (np.pi / 2) - np.pi / 4
    order = np.argsort(folded)
    cumulated = np.cumsum(lengths[picked, longer][order])
    return float(folded[order][np.searchsorted(cumulated, cumulated[-1] / 2)])


def _columns_from_right(lines: Sequence[TextLine]) -> list[TextLine]:
    """Columns from right to left, from top to bottom where two stand above each other."""
    places = {id(line): extent(line.polygon) for line in lines}
    boxes = {key: (place[:2], place[2:]) for key, place in places.items()}
    ordered: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: -float(boxes[id(line)][1][0])):
        low, high = boxes[id(line)]
        last = ordered[-1][-1] if ordered else None
        if last is not None:
            shared = min(high[0], boxes[id(last)][1][0]) - max(low[0], boxes[id(last)][0][0])
            if shared > ROW_OVERLAP_MIN * (high[0] - low[0]):
                ordered[-1].append(line)
                continue
        ordered.append([line])
    return [
        line
        for column in ordered
        for line in sorted(column, key=lambda line: float(boxes[id(line)][0][1]))
    ]
