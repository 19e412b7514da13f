"""What is wrong with a page's picture, in words that its sender understands.

Most faults matter in relation to the text, so that they are told after it was found.
"""

import math
from collections.abc import Sequence

import numpy as np

from processors.geometry import usual_height
from processors.reading_order import skew_radians
from processors.values import Fault, PageArray, Quality, TextLine, Verdict

BLURRED_SHARE = 0.08
"""A page is blurred if its blur's sigma exceeds this share of its usual line's height."""

BLURRED_SHARPNESS, VERY_BLURRED_SHARPNESS = 0.3, 0.13
"""And its edges are no steeper than the first; or than the second, whatever was found: of a page
that is blurred beyond recognition only headings are."""

DARK_BELOW, DARK_CONTRAST = 0.2, 0.35
"""Mean luma and contrast below which a page is too dark; white writing on black is not."""

LOW_CONTRAST_BELOW = 0.15

NOISY_ABOVE = 0.055
"""Median difference of neighbouring pixels: noise with a sigma of some 30 levels."""

SMALL_BELOW_PX = 14.0
"""Height of the usual line, in pixels of the page, below which characters run together."""

SKEWED_ABOVE_DEGREES = 5.0

CUT_LINES_MIN, CUT_SHARE = 3, 0.05
"""So many lines, and so great a share of them, that end at the page's border seem cut off."""

_BORDER_PX = 2
"""How wide the page's border is, in which writing is cut off."""

_INK = 0.6
"""Of the page's contrast that ink at the border has."""

_LINES_MIN = 3


def judge(
    quality: Quality, lines: Sequence[TextLine], page: PageArray, is_incomplete: bool
) -> Verdict:
    """Name a page's faults.

    Args:
        quality: Of the page as it came.
        lines: What was found on the upright page.
        page: The upright page, (H, W, 3) uint8, BGR.
        is_incomplete: Part of the page's file is missing.
    """
    usual_px = usual_height([line.polygon for line in lines]) if lines else None
    skew = math.degrees(skew_radians(lines)) if len(lines) >= _LINES_MIN else None
    at_border = sum(_runs_out(line, page, quality.contrast) for line in lines)
    share = quality.blur_px / usual_px if usual_px else math.inf
    tests: dict[Fault, bool] = {
        "blurred": quality.sharpness < VERY_BLURRED_SHARPNESS
        or (share > BLURRED_SHARE and quality.sharpness < BLURRED_SHARPNESS),
        "too_dark": quality.brightness < DARK_BELOW and quality.contrast < DARK_CONTRAST,
        "low_contrast": 0 < quality.contrast < LOW_CONTRAST_BELOW,
        "noisy": quality.noise > NOISY_ABOVE,
        "too_small": usual_px is not None and usual_px < SMALL_BELOW_PX,
        "cut_off": is_incomplete or at_border >= max(CUT_LINES_MIN, CUT_SHARE * len(lines)),
        "skewed": skew is not None and abs(skew) > SKEWED_ABOVE_DEGREES,
    }
    return Verdict(tuple(fault for fault, applies in tests.items() if applies), usual_px, skew)


def _runs_out(line: TextLine, page: PageArray, contrast: float) -> bool:
    """Whether a line's ink runs into the page's left or right border, a column's into the others.

    Regions are grown beyond the writing, so that one at the border may hold a whole line.
    """
    (left, top), (right, bottom) = line.polygon.min(axis=0), line.polygon.max(axis=0)
    height, width = page.shape[:2]
    rows, columns = slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1)
    if line.turned:
        ends = (
            (top < 1, page[:_BORDER_PX, columns]),
            (bottom > height - 2, page[-_BORDER_PX:, columns]),
        )
    else:
        ends = (left < 1, page[rows, :_BORDER_PX]), (right > width - 2, page[rows, -_BORDER_PX:])
    return any(touches and np.ptp(edge) > _INK * contrast * 255 for touches, edge in ends)
