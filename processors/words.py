"""Words within a line, with their places.

A recogniser tells for each character at which of its time steps it saw it, eight pixels of a crop
48 pixels high; a word's borders lie half-way between its characters and the blank beside them.
"""

import math

import numpy as np

from processors.geometry import along_edge, edges_of, is_curved, side_lengths
from processors.reading_order import is_column
from processors.values import PolygonArray, TextLine, Word

_CHARACTER_HEIGHTS = 0.3
"""Half of a character's width, as a share of its height, where no neighbour tells."""


def words_of(line: TextLine) -> tuple[Word, ...]:
    """Cut a line at its blanks.

    Args:
        line: As `assemble` gives it: its polygon begins at the text's own top-left corner.

    Returns:
        The words in logical order, each with the least sure of its characters' scores.
    """
    reading = line.reading
    if reading is None:
        return ()
    along, across = _sides(line)
    half = _CHARACTER_HEIGHTS * across / max(1.0, along)
    words = []
    for first, end in _runs(reading.text):
        centers = reading.centers[first:end]
        low, high = min(centers), max(centers)
        outside = [c for i, c in enumerate(reading.centers) if not first <= i < end]
        left = max((c for c in outside if c <= low), default=None)
        right = min((c for c in outside if c >= high), default=None)
        start = max(0.0, low - half) if left is None else (left + low) / 2
        stop = min(1.0, high + half) if right is None else (right + high) / 2
        polygon = _part(line, start, stop)
        words.append(Word(reading.text[first:end], min(reading.scores[first:end]), polygon))
    return tuple(words)


def _sides(line: TextLine) -> tuple[float, float]:
    """Length of a line along its writing, and across it, in pixels."""
    if is_curved(line.polygon):
        return side_lengths(line.polygon)
    along = float(np.linalg.norm(line.polygon[1] - line.polygon[0]))
    across = float(np.linalg.norm(line.polygon[3] - line.polygon[0]))
    return (across, along) if is_column(line) else (along, across)


def _runs(text: str) -> list[tuple[int, int]]:
    """Where words begin and end."""
    runs, first = [], None
    for index, character in enumerate(text + " "):
        if character.isspace():
            if first is not None:
                runs.append((first, index))
            first = None
        elif first is None:
            first = index
    return runs


def _part(line: TextLine, start: float, stop: float) -> PolygonArray:
    """The part of a line from one share of its length to another."""
    if is_curved(line.polygon):
        return _curved_part(line.polygon, start, stop)
    top_left, top_right, bottom_right, bottom_left = line.polygon
    if is_column(line):
        edges = ((top_left, bottom_left), (top_right, bottom_right))
        (a, b), (c, d) = (_between(*edge, start, stop) for edge in edges)
        return np.stack([a, c, d, b])
    (a, b), (d, c) = (
        _between(*edge, start, stop)
        for edge in ((top_left, top_right), (bottom_left, bottom_right))
    )
    return np.stack([a, b, c, d])


def _curved_part(polygon: PolygonArray, start: float, stop: float) -> PolygonArray:
    """The same of a curved line: the part bends with it."""
    count = max(2, math.ceil((stop - start) * len(polygon) / 2) + 1)
    places = np.linspace(start, stop, count)
    upper, lower = (along_edge(edge, places) for edge in edges_of(polygon))
    return np.concatenate([upper, lower[::-1]]).astype(np.float32)


def _between(
    begin: PolygonArray, end: PolygonArray, start: float, stop: float
) -> tuple[PolygonArray, PolygonArray]:
    return begin + (end - begin) * start, begin + (end - begin) * stop
