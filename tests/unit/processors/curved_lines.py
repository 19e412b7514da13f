"""Pictures of curved lines: letters that stand one by one on arcs and waves.

Each letter is rigid, as on a stamp; none is bent, so that straightening a line does not simply undo
how it was drawn.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from processors.values import PageArray
from tests.unit.processors.pictures import white_page

FONT_PX = 36
_MARGIN_PX = 60

Path = Callable[[float], tuple[float, float, float]]
"""From a place along a baseline, in pixels from its middle, to x, y and the slope in radians."""


def line_length(text: str, font_px: int = FONT_PX) -> float:
    """How long a line is, in pixels."""
    return ImageFont.load_default(font_px).getlength(text)


def straight(text: str) -> PageArray:
    """A level line."""
    return _draw(text, lambda along: (along, 0.0, 0.0))


def arched(
    text: str, arc_degrees: float, *, is_hanging: bool = False, turn_degrees: float = 0.0
) -> PageArray:
    """A line along a part of a circle.

    Args:
        text: The line.
        arc_degrees: How far round it goes.
        is_hanging: It hangs, and its letters point inwards; else it stands like a bridge.
        turn_degrees: Clockwise turn of the whole.
    """
    radius = line_length(text) / math.radians(arc_degrees)
    side, by = (-1 if is_hanging else 1), math.radians(turn_degrees)

    def path(along: float) -> tuple[float, float, float]:
        slope = side * along / radius
        x, y = radius * math.sin(along / radius), -side * radius * math.cos(along / radius)
        x, y = x * math.cos(by) - y * math.sin(by), x * math.sin(by) + y * math.cos(by)
        return x, y, slope + by

    return _draw(text, path)


def waved(text: str, height_px: float, period: float = 1.0) -> PageArray:
    """A line that swings to either side.

    Args:
        text: The line.
        height_px: How far, from its middle.
        period: As a share of the line's length.
    """
    rate = 2 * math.pi / (period * line_length(text))
    return _draw(
        text,
        lambda along: (
            along,
            height_px * math.sin(rate * along),
            math.atan(height_px * rate * math.cos(rate * along)),
        ),
    )


def _draw(text: str, path: Path) -> PageArray:
    """Black letters on white paper, as large as they need it."""
    font = ImageFont.load_default(FONT_PX)
    length = line_length(text)
    reach = np.array([path(length * share / 40)[:2] for share in range(-20, 21)])
    low = reach.min(axis=0) - _MARGIN_PX
    width, height = np.ceil(reach.max(axis=0) + _MARGIN_PX - low).astype(int).tolist()
    page = white_page(max(320, width), max(240, height))
    for index, letter in enumerate(text):
        begin, end = (font.getlength(text[:count]) for count in (index, index + 1))
        x, y, slope = path((begin + end - length) / 2)
        _stamp(page, letter, font, (x - low[0], y - low[1], slope))
    return page


def _stamp(
    page: PageArray,
    letter: str,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    place: tuple[float, float, float],
) -> None:
    """Put a letter onto a page, the middle of its baseline at (x, y), turned by an angle."""
    half = 2 * FONT_PX
    tile = Image.new("L", (2 * half, 2 * half))
    ImageDraw.Draw(tile).text((half, half), letter, font=font, fill=255, anchor="ms")
    x, y, angle = place
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([(cos, -sin, x - half * (cos - sin)), (sin, cos, y - half * (sin + cos))])
    ink = cv2.warpAffine(np.asarray(tile), matrix, page.shape[1::-1])
    np.minimum(page, 255 - ink[:, :, None], out=page)
