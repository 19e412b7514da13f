"""Which part of a picture must be blackened for a part of a line."""

from collections.abc import Sequence

import cv2
import numpy as np

from processors.masking.page_text import LinePart
from processors.values import PolygonArray
from schemas.geometry import Box, Polygon
from schemas.masking import MaskedSpan
from schemas.results import RecognizedLine, RecognizedWord

MARGIN_PX = 2.0
"""Around what is touched: a word's borders are estimated, and ink is blurred."""


def masked_span(kind: str, line: RecognizedLine, part: LinePart) -> MaskedSpan:
    """Say which part of a line must be blackened.

    Args:
        kind: What it is.
        line: The line, before it is masked.
        part: Of the line's text. Words it touches count whole; without words, the whole line does.
    """
    polygons = [word.polygon for word in _touched(line, part)]
    polygon = _union(polygons, line.polygon) if polygons else _grown(line.polygon)
    xs, ys = zip(*polygon, strict=True)
    box: Box = (min(xs), min(ys), max(xs), max(ys))
    return MaskedSpan(kind=kind, line_index=part.line_index, box=box, polygon=polygon)


def _touched(line: RecognizedLine, part: LinePart) -> list[RecognizedWord]:
    """The words that a part of a line touches; none where words and text do not agree."""
    touched, place = [], 0
    for word in line.words or ():
        start = (line.text or "").find(word.text, place)
        if start < 0:
            return []
        place = start + len(word.text)
        if start < part.end and place > part.start:
            touched.append(word)
    return touched


def _union(polygons: Sequence[Polygon], line: Polygon) -> Polygon:
    """One polygon around words of a line, with a margin.

    Words of four corners stand in a straight row or column: the rectangle around them. Those of
    more follow a curve: their upper edges, then their lower ones.
    """
    if any(len(polygon) > 4 and len(polygon) % 2 == 0 for polygon in polygons):
        halves = [(one[: len(one) // 2], one[len(one) // 2 :]) for one in polygons]
        upper = tuple(point for top, _ in halves for point in top)
        lower = tuple(point for _, bottom in reversed(halves) for point in bottom)
        return _grown((*upper, *lower))
    points = np.array([point for one in polygons for point in one], dtype=np.float32)
    return _rounded(_rectangle(points, line[0]))


def _rectangle(points: PolygonArray, first: tuple[float, float]) -> PolygonArray:
    """The least rectangle around (N, 2) points, a margin wider, from the corner nearest `first`."""
    center, (width, height), angle_degrees = cv2.minAreaRect(points)
    size = (width + 2 * MARGIN_PX, height + 2 * MARGIN_PX)
    corners = np.asarray(cv2.boxPoints((center, size, angle_degrees)), dtype=np.float32)
    distances = np.linalg.norm(corners - np.array(first, dtype=np.float32), axis=1)
    return np.roll(corners, -int(np.argmin(distances)), axis=0)


def _grown(polygon: Polygon) -> Polygon:
    """A polygon whose upper and lower edges are moved apart by a margin each."""
    if len(polygon) == 4:
        points = np.array(polygon, dtype=np.float32)
        return _rounded(_rectangle(points, polygon[0]))
    points = np.array(polygon, dtype=np.float32)
    if len(polygon) % 2:
        low, high = points.min(axis=0) - MARGIN_PX, points.max(axis=0) + MARGIN_PX
        corners = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
        return _rounded(np.array(corners, dtype=np.float32))
    opposite = points[::-1]
    away = points - opposite
    lengths = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    return _rounded((points + MARGIN_PX * away / lengths).astype(np.float32))


def _rounded(points: PolygonArray) -> Polygon:
    """Pixels with one decimal."""
    return tuple([(round(x, 1), round(y, 1)) for x, y in points.tolist()])
