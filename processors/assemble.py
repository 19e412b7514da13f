"""From lines to a page: which way is up, which line comes first, what the text is.

Lines are brought into rows from top to bottom, a row's lines from left to right, so that a
receipt's label and amount stand on one line of text. A page of vertical Chinese or Japanese columns
is read from right to left. Newspaper columns are not told apart yet: their rows are joined.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from processors.geometry import rotation_transform, transform_polygon
from processors.values import PolygonArray, Rotation, TextLine, Upright

ROW_OVERLAP_MIN = 0.5
"""Lines share a row if their heights overlap by this share of the smaller one."""

MAJORITY = 0.6
"""Share of the recognised characters that must agree before a page is turned."""

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True, eq=False)
class AssembledPage:
    """Lines in reading order, in the pixels of the page after it was turned upright."""

    width: int
    height: int
    upright: Upright
    lines: tuple[TextLine, ...]
    text: str | None


def assemble(lines: Sequence[TextLine], width: int, height: int, upright: Upright) -> AssembledPage:
    """Turn a page upright, order its lines and join their texts.

    Args:
        lines: In any order, in pixels of the page.
        width: Of the page, in pixels.
        height: Of the page, in pixels.
        upright: How the page had been turned so far.
    """
    rotation = page_rotation(lines)
    turned_upright = upright
    if rotation:
        matrix = rotation_transform(rotation, width, height)
        inverse = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
        lines = [_with_polygon(line, transform_polygon(inverse, line.polygon)) for line in lines]
        total: Rotation = _turn(upright.rotation_degrees, rotation)
        turned_upright = Upright(upright.to_file @ matrix, total)
        if rotation in (90, 270):
            width, height = height, width
    columns = rotation == 0 and _is_vertical_page(lines)
    rows = [[line] for line in _columns_in_order(lines)] if columns else rows_in_order(lines)
    ordered = tuple(_normalized(line) for row in rows for line in row)
    if any(line.reading is None for line in ordered):
        text = None
    else:
        text = "\n".join(" ".join(filter(None, map(_text, row))) for row in rows)
        text = unicodedata.normalize("NFC", text)
    return AssembledPage(width, height, turned_upright, ordered, text)


def page_rotation(lines: Sequence[TextLine]) -> Rotation:
    """Tell the clockwise turn that makes a page upright, by a majority of its characters.

    Tall crops were turned counter-clockwise to be read. Where most text stood in tall crops, the
    page lies on its side, unless that text is Chinese or Japanese: then it is written in columns.
    """
    read = [line for line in lines if line.reading is not None and line.reading.text]
    total = sum(map(_character_count, read))
    if total == 0:
        return 0
    sideways = [line for line in read if line.turned and not _CJK.search(_text(line))]
    for group, upright, flipped in (
        (sideways, 270, 90),
        ([line for line in read if not line.turned], 0, 180),
    ):
        if sum(map(_character_count, group)) <= MAJORITY * total:
            continue
        on_head = sum(_character_count(line) for line in group if line.flipped)
        is_flipped = on_head > MAJORITY * sum(map(_character_count, group))
        return _turn(0, flipped if is_flipped else upright)
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
    edges = np.array([line.polygon[1] - line.polygon[0] for line in lines])
    weights = np.linalg.norm(edges, axis=1)
    wide = [i for i, line in enumerate(lines) if not line.turned and weights[i] > 0]
    skew = float(np.median(np.arctan2(edges[wide, 1], edges[wide, 0]))) if wide else 0.0
    cos, sin = np.cos(-skew), np.sin(-skew)
    level = np.array([(cos, -sin), (sin, cos)], dtype=np.float64)
    turned = [line.polygon @ level.T for line in lines]
    return [(*points.min(axis=0).tolist(), *points.max(axis=0).tolist()) for points in turned]


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


def _turn(by: int, further: int) -> Rotation:
    turns: dict[int, Rotation] = {0: 0, 90: 90, 180: 180, 270: 270}
    return turns[(by + further) % 360]


def _with_polygon(line: TextLine, polygon: PolygonArray) -> TextLine:
    return TextLine(polygon, line.reading, line.turned, line.flipped)


def _normalized(line: TextLine) -> TextLine:
    """Let the polygon begin at the text's own top-left corner."""
    is_column = line.turned and _CJK.search(_text(line)) is not None
    shift = (1 if line.turned and not is_column else 0) + (2 if line.flipped else 0)
    return _with_polygon(line, np.roll(line.polygon, -shift, axis=0))


def _text(line: TextLine) -> str:
    return line.reading.text if line.reading is not None else ""


def _character_count(line: TextLine) -> int:
    return len(_text(line))
