"""Sharpening and contrast, where the page's measured quality asks for them."""

import cv2
import numpy as np
import numpy.typing as npt

from processors.quality import byte_percentiles, ink_range
from processors.values import Enhancement, PageArray, Quality
from schemas.options import EnhanceMode

SHARPEN_BELOW = 0.2
"""Sharpness below which `auto` sharpens; see docs/enhancement.md for the measurement."""

CONTRAST_BELOW = 0.3
"""Contrast below which `auto` raises it; see docs/enhancement.md for the measurement."""

_UNSHARP_SIGMA_PX = 1.5
_UNSHARP_AMOUNT = 1.0
_CLAHE_CLIP = 2.0
_CLAHE_GRID = (8, 8)


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
    """Stretch the luma to its full range, then even it out by CLAHE; colours are kept."""
    luma, red, blue = cv2.split(cv2.cvtColor(page, cv2.COLOR_BGR2YCrCb))
    low, high = _stretched_range(np.asarray(luma, dtype=np.uint8))
    steps = (np.arange(256, dtype=np.float32) - low) * (255 / (high - low))
    stretched = cv2.LUT(luma, np.clip(steps, 0, 255).astype(np.uint8))
    even = cv2.createCLAHE(clipLimit=_CLAHE_CLIP, tileGridSize=_CLAHE_GRID).apply(stretched)
    merged = cv2.cvtColor(cv2.merge((even, red, blue)), cv2.COLOR_YCrCb2BGR)
    return np.asarray(merged, dtype=np.uint8)


def _stretched_range(luma: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """What becomes black and what white; on a page of little ink, most pixels are but paper."""
    ink = ink_range(luma)
    if ink is None:
        return 0, 255
    low, high = byte_percentiles(luma, (0.5, 99.5))
    return min(low, ink[0]), max(high, ink[1])
