"""Sharpening and contrast, where the page's measured quality asks for them."""

import cv2
import numpy as np

from processors.quality import ink_range
from processors.values import Enhancement, PageArray, Quality
from schemas.options import EnhanceMode

SHARPEN_BELOW = 0.15
"""Sharpness below which `auto` sharpens: above, sharpening costs words (docs/accuracy.md)."""

CONTRAST_BELOW = 0.1
"""Contrast below which `auto` raises it: above, the models need no help (docs/accuracy.md)."""

CONTRAST_RAISED_TO = 0.4
"""What a contrast is stretched to: readable, and well below what would make noise look like ink."""

GAIN_MAX = 16.0
"""Most that differences of luma are multiplied by."""

PAPER = 235
"""Luma that the bright end of the ink's range gets."""

_UNSHARP_SIGMA_PX = 1.5
_UNSHARP_AMOUNT = 1.0


def choose_enhancements(mode: EnhanceMode, quality: Quality) -> tuple[Enhancement, ...]:
    """Decide what to do to a page, in the order in which it is to be done."""
    if mode is EnhanceMode.OFF:
        return ()
    if mode is EnhanceMode.ALWAYS:
        return ("contrast", "sharpen")
    chosen: list[Enhancement] = []
    if 0 < quality.contrast < CONTRAST_BELOW:
        chosen.append("contrast")
    if quality.sharpness < SHARPEN_BELOW:
        chosen.append("sharpen")
    return tuple(chosen)


def enhance(page: PageArray, enhancements: tuple[Enhancement, ...]) -> PageArray:
    """Apply the enhancements in order.

    Args:
        page: (H, W, 3) uint8, BGR; not changed.
        enhancements: As `choose_enhancements` gave them.

    Returns:
        (H, W, 3) uint8, BGR; `page` itself where there is nothing to do.
    """
    steps = {"sharpen": _sharpen, "contrast": _raise_contrast}
    for name in enhancements:
        page = steps[name](page)
    return page


def _sharpen(page: PageArray) -> PageArray:
    """Unsharp masking: add what a Gaussian blur takes away."""
    blurred = cv2.GaussianBlur(page, (0, 0), _UNSHARP_SIGMA_PX)
    sharp = cv2.addWeighted(page, 1 + _UNSHARP_AMOUNT, blurred, -_UNSHARP_AMOUNT, 0)
    return np.asarray(sharp, dtype=np.uint8)


def _raise_contrast(page: PageArray) -> PageArray:
    """Stretch the range between ink and paper linearly, all channels alike; never compress it."""
    luma = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    ink = ink_range(luma)
    if ink is None:
        return page
    darkest, brightest = ink
    gain = min(GAIN_MAX, CONTRAST_RAISED_TO * 255 / (brightest - darkest))
    if gain <= 1:
        return page
    values = (np.arange(256, dtype=np.float32) - brightest) * gain + PAPER
    stretched = cv2.LUT(page, np.clip(values, 0, 255).astype(np.uint8))
    return np.asarray(stretched, dtype=np.uint8)
