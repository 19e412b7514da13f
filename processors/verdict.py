"""What is wrong with a page's picture, in words that its sender understands.

Most faults matter in relation to the text, so that they are told after it was found.
"""

import math
from collections.abc import Sequence

from processors.geometry import side_lengths
from processors.reading_order import skew_radians
from processors.values import Fault, Quality, TextLine, Verdict

BLURRED_SHARE = 0.08
"""A page is blurred if its blur's sigma exceeds this share of its usual line's height."""

BLURRED_SHARPNESS = 0.3
"""And its edges are no steeper than this: a sharp page may be measured so on fine print."""

DARK_BELOW, DARK_CONTRAST = 0.2, 0.35
"""Mean luma and contrast below which a page is too dark; white writing on black is not."""

LOW_CONTRAST_BELOW = 0.15

NOISY_ABOVE = 0.06
"""Median difference of neighbouring pixels: noise with a sigma of some 30 levels."""

SMALL_BELOW_PX = 14.0
"""Height of the usual line, in pixels of the page, below which characters run together."""

SKEWED_ABOVE_DEGREES = 5.0

CUT_LINES_MIN, CUT_SHARE = 3, 0.05
"""So many lines, and so great a share of them, that end at the page's border seem cut off."""

_BORDER_PX = 1.0
_LINES_MIN = 3


def judge(
    quality: Quality, lines: Sequence[TextLine], width: int, height: int, is_incomplete: bool
) -> Verdict:
    """Name a page's faults.

    Args:
        quality: Of the page as it came.
        lines: What was found on the upright page.
        width: Of the upright page, in pixels.
        height: The same.
        is_incomplete: Part of the page's file is missing.
    """
    heights = sorted(min(side_lengths(line.polygon)) for line in lines)
    usual_px = heights[len(heights) // 2] if heights else None
    skew = math.degrees(skew_radians(lines)) if len(lines) >= _LINES_MIN else None
    at_border = sum(_ends_at_border(line, width, height) for line in lines)
    share = quality.blur_px / usual_px if usual_px else math.inf
    tests: dict[Fault, bool] = {
        "blurred": share > BLURRED_SHARE and quality.sharpness < BLURRED_SHARPNESS,
        "too_dark": quality.brightness < DARK_BELOW and quality.contrast < DARK_CONTRAST,
        "low_contrast": 0 < quality.contrast < LOW_CONTRAST_BELOW,
        "noisy": quality.noise > NOISY_ABOVE,
        "too_small": usual_px is not None and usual_px < SMALL_BELOW_PX,
        "cut_off": is_incomplete or at_border >= max(CUT_LINES_MIN, CUT_SHARE * len(lines)),
        "skewed": skew is not None and abs(skew) > SKEWED_ABOVE_DEGREES,
    }
    return Verdict(tuple(fault for fault, applies in tests.items() if applies), usual_px, skew)


def _ends_at_border(line: TextLine, width: int, height: int) -> bool:
    """Whether a line runs into the page's left or right border, or a column into the others."""
    low, high = line.polygon.min(axis=0), line.polygon.max(axis=0)
    along, length = (1, height) if line.turned else (0, width)
    return bool(low[along] < _BORDER_PX or high[along] > length - 1 - _BORDER_PX)
