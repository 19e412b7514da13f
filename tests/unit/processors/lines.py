"""Lines that were read, without a picture."""

import numpy as np

from processors.values import PolygonArray, TextLine
from tests.fakes.reader import reading

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
    read = None if text is None else reading(text)
    return TextLine(np.array(corners, dtype=np.float32), read, turned, flipped)


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


def bent(
    center: tuple[float, float],
    radius: float,
    height: float,
    arc_degrees: float = 120,
    facing_degrees: float = -90,
) -> PolygonArray:
    """(18, 2) float32: a line on an arc, clockwise along the outer edge, then back on the inner."""
    half = arc_degrees / 2
    angles = np.radians(np.linspace(facing_degrees - half, facing_degrees + half, 9))
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    edges = rays * (radius + height / 2), rays[::-1] * (radius - height / 2)
    return (np.concatenate(edges) + center).astype(np.float32)


def bent_line(text: str, polygon: PolygonArray, *, flipped: bool = False) -> TextLine:
    """A curved line that was read."""
    return TextLine(polygon, reading(text), flipped=flipped)
