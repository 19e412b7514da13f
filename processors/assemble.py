"""From lines to a page's text: which way is up, which line comes first.

Lines are brought into rows from top to bottom, a row's lines from left to right, so that a
receipt's label and amount stand on one line of text. A page of vertical Chinese or Japanese columns
is read from right to left. Newspaper columns are not told apart yet: their rows are joined.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from processors.values import Rotation, TextLine

ROW_OVERLAP_MIN = 0.5
"""Lines share a row if their heights overlap by this share of the smaller one."""

MAJORITY = 0.6
"""Share of the recognised characters that must agree before a page is turned."""

TURN_LINES_MIN = 3
"""Fewer lines do not turn a page: in a photograph, single words may stand in any direction."""

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class AssembledLines:
    """Lines in reading order, and their text with one row per line."""

    lines: tuple[TextLine, ...]
    text: str | None


def assemble(lines: Sequence[TextLine]) -> AssembledLines:
    """Order the lines of an upright page and join their texts.

    Args:
        lines: In any order, in pixels of the page.

    Returns:
        The lines, their polygons beginning at the text's own top-left corner. The text is None
        where the lines were not read.
    """
    if _is_vertical_page(lines):
        rows = [[line] for line in _columns_in_order(lines)]
    else:
        rows = rows_in_order(lines)
    ordered = tuple(_from_top_left(line) for row in rows for line in row)
    if any(line.reading is None for line in ordered):
        return AssembledLines(ordered, None)
    text = "\n".join(" ".join(_text(line) for line in row) for row in rows)
    return AssembledLines(ordered, unicodedata.normalize("NFC", text))


def page_rotation(lines: Sequence[TextLine]) -> Rotation:
    """Tell the clockwise turn that makes a page upright, by a majority of its characters.

    Tall crops were turned counter-clockwise to be read. Where most text stood in tall crops, the
    page lies on its side, unless that text is Chinese or Japanese: then it is written in columns.
    """
    read = [line for line in lines if line.reading is not None and line.reading.text]
    total = sum(map(_character_count, read))
    if total == 0:
        return 0
    level = [line for line in read if not line.turned]
    sideways = [line for line in read if line.turned and not _CJK.search(_text(line))]
    groups: tuple[tuple[list[TextLine], Rotation, Rotation], ...] = (
        (level, 0, 180),
        (sideways, 270, 90),
    )
    for group, upright, flipped in groups:
        characters = sum(map(_character_count, group))
        if len(group) < TURN_LINES_MIN or characters <= MAJORITY * total:
            continue
        on_head = sum(_character_count(line) for line in group if line.flipped)
        return flipped if on_head > MAJORITY * characters else upright
    return 0


def rows_in_order(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Group lines into rows from top to bottom, each from left to right.

    The page's skew, the median angle of its lines, is taken out first.
    """
    if not lines:
        return []
    boxes = _level_boxes(lines)
    rows: list[list[int]] = []
    for index in sorted(range(len(lines)), key=lambda i: (boxes[i][1] + boxes[i][3], boxes[i][0])):
        row = next((row for row in rows[-3:] if _continues(boxes, row, index)), None)
        if row is None:
            rows.append([index])
        else:
            row.append(index)
    return [[lines[i] for i in sorted(row, key=lambda i: boxes[i][0])] for row in rows]


def _continues(boxes: Sequence[tuple[float, ...]], row: Sequence[int], index: int) -> bool:
    """Whether a line overlaps all lines of a row in height, and none of them in width."""
    left, top, right, bottom = boxes[index]
    for other in row:
        other_left, other_top, other_right, other_bottom = boxes[other]
        shared = min(bottom, other_bottom) - max(top, other_top)
        smaller = max(1.0, min(bottom - top, other_bottom - other_top))
        beside = min(right, other_right) - max(left, other_left)
        narrower = max(1.0, min(right - left, other_right - other_left))
        if shared < ROW_OVERLAP_MIN * smaller or beside > ROW_OVERLAP_MIN * narrower:
            return False
    return True


def _level_boxes(lines: Sequence[TextLine]) -> list[tuple[float, ...]]:
    """(left, top, right, bottom) of each line after the page's skew was taken out."""
    skew = _skew_radians(lines)
    cos, sin = np.cos(-skew), np.sin(-skew)
    level = np.array([(cos, -sin), (sin, cos)], dtype=np.float64)
    turned = [line.polygon @ level.T for line in lines]
    return [(*points.min(axis=0).tolist(), *points.max(axis=0).tolist()) for points in turned]


def _skew_radians(lines: Sequence[TextLine]) -> float:
    """Median angle of the lines' longer sides to the nearest axis, weighted by their lengths."""
    polygons = np.array([line.polygon for line in lines], dtype=np.float64)
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


def _is_vertical_page(lines: Sequence[TextLine]) -> bool:
    columns = sum(_character_count(line) for line in lines if line.turned)
    return columns > MAJORITY * sum(map(_character_count, lines))


def _columns_in_order(lines: Sequence[TextLine]) -> list[TextLine]:
    """Columns from right to left, from top to bottom where two stand above each other."""
    boxes = {id(line): (line.polygon.min(axis=0), line.polygon.max(axis=0)) for line in lines}
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


def _from_top_left(line: TextLine) -> TextLine:
    """Let the polygon begin at the text's own top-left corner."""
    is_column = line.turned and _CJK.search(_text(line)) is not None
    shift = (1 if line.turned and not is_column else 0) + (2 if line.flipped else 0)
    return replace(line, polygon=np.roll(line.polygon, -shift, axis=0))


def _text(line: TextLine) -> str:
    return line.reading.text if line.reading is not None else ""


def _character_count(line: TextLine) -> int:
    return len(_text(line))
