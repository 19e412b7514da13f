"""Better pictures of bad pages: more contrast, less noise, sharper edges.

What a page was measured to lack makes it a candidate; whether it reads better so is tried on a few
of its lines (`processors.trial`). Figures: docs/accuracy.md.
"""

import itertools
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from processors.quality import ink_range
from processors.values import Enhancement, PageArray, Quality

SHARPEN_BELOW = 0.2
"""Sharpness below which a page may be blurred; undoing less blur gains nothing."""

CONTRAST_BELOW = 0.2
"""Contrast below which a page may be pale."""

DENOISE_ABOVE = 0.05
"""Noise above which a page may gain from smoothing; undamaged receipts have up to 0.047."""

DENOISE_BLURRED_ABOVE = 0.01
"""The same for a blurred page: sharpening makes more of its noise."""

BLOCKINESS_ABOVE = 1.75
"""Steps at the borders of JPEG's blocks above which it may, too."""

ENHANCED_PIXELS_MAX = 12_000_000
"""On larger pages only contrast is raised: each picture that is tried takes memory, and they are
reduced for reading anyway."""

CONTRAST_RAISED_TO = 0.4
"""What a contrast is stretched to: readable, and well below what would make noise look like ink."""

GAIN_MAX = 16.0
"""Most that differences of luma are multiplied by."""

PAPER = 235
"""Luma that the bright end of the ink's range gets."""

_SMOOTHED_SIGMA_PX = 1.0
_BILATERAL_PX = 7
_BILATERAL_SIGMA = 60.0
_BILATERAL_SIGMA_PX = 3.0

_DEBLURRED_SHARE = 0.8
"""Of the blur that is measured. Too little is undone safely, too much makes rings."""

_WIENER_NOISE = 0.003
"""Power of the noise over that of the picture, as the Wiener filter takes it."""

_BLUR_MAX_PX = 12.0
_TILE_PX = 1024


def candidates(quality: Quality, pixel_count: int) -> list[tuple[Enhancement, ...]]:
    """What may help a page: each thing alone, and all of them together, in order."""
    single = _asked_for(quality)
    if pixel_count > ENHANCED_PIXELS_MAX:
        single = [name for name in single if name == "contrast"]
    together = [tuple(single)] if len(single) > 1 else []
    return [*((name,) for name in single), *together]


def _asked_for(quality: Quality) -> list[Enhancement]:
    is_blurred = 0 < quality.sharpness < SHARPEN_BELOW
    noise_max = DENOISE_BLURRED_ABOVE if is_blurred else DENOISE_ABOVE
    asked: dict[Enhancement, bool] = {
        "denoise": quality.noise > noise_max or quality.blockiness > BLOCKINESS_ABOVE,
        "contrast": 0 < quality.contrast < CONTRAST_BELOW,
        "sharpen": is_blurred,
    }
    return [name for name, is_asked in asked.items() if is_asked]


def enhance(page: PageArray, enhancements: tuple[Enhancement, ...], quality: Quality) -> PageArray:
    """Apply enhancements in order.

    Args:
        page: (H, W, 3) uint8, BGR; not changed.
        enhancements: What to do.
        quality: As it was measured on `page`.

    Returns:
        (H, W, 3) uint8, BGR; `page` itself where there is nothing to do.
    """
    steps: dict[Enhancement, Callable[[PageArray], PageArray]] = {
        "denoise": _denoise,
        "contrast": _raise_contrast,
        "sharpen": lambda picture: _deblur(picture, quality.blur_px),
    }
    for name in enhancements:
        page = steps[name](page)
    return page


def _denoise(page: PageArray) -> PageArray:
    """Smooth a little, then what is left, but not across edges (Tomasi and Manduchi 1998)."""
    smooth = cv2.GaussianBlur(page, (0, 0), _SMOOTHED_SIGMA_PX)
    smooth = cv2.bilateralFilter(smooth, _BILATERAL_PX, _BILATERAL_SIGMA, _BILATERAL_SIGMA_PX)
    return np.asarray(smooth, dtype=np.uint8)


def _raise_contrast(page: PageArray) -> PageArray:
    """Stretch the range between ink and paper linearly, all channels alike; never compress it."""
    luma = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    ink = ink_range(luma)
    if ink is None or ink[0] == ink[1]:
        return page
    darkest, brightest = ink
    gain = min(GAIN_MAX, CONTRAST_RAISED_TO * 255 / (brightest - darkest))
    if gain <= 1:
        return page
    values = (np.arange(256, dtype=np.float32) - brightest) * gain + PAPER
    stretched = cv2.LUT(page, np.clip(values, 0, 255).astype(np.uint8))
    return np.asarray(stretched, dtype=np.uint8)


def _deblur(page: PageArray, blur_px: float) -> PageArray:
    """Undo most of a Gaussian blur by a Wiener filter, in luma.

    Args:
        page: (H, W, 3) uint8, BGR.
        blur_px: Sigma of the blur.
    """
    sigma = min(_BLUR_MAX_PX, _DEBLURRED_SHARE * blur_px)
    colours = cv2.cvtColor(page, cv2.COLOR_BGR2YCrCb)
    luma = np.asarray(colours[..., 0])
    height, width = luma.shape
    margin = max(8, round(6 * sigma))
    padded = cv2.copyMakeBorder(
        luma, margin, margin + _TILE_PX, margin, margin + _TILE_PX, cv2.BORDER_REPLICATE
    )
    side = cv2.getOptimalDFTSize(_TILE_PX + 2 * margin)
    spectrum = _wiener(side, sigma)
    for top, left in itertools.product(range(0, height, _TILE_PX), range(0, width, _TILE_PX)):
        tile = padded[top : top + side, left : left + side]
        tile = cv2.copyMakeBorder(
            tile, 0, side - tile.shape[0], 0, side - tile.shape[1], cv2.BORDER_REPLICATE
        )
        waves = cv2.dft(tile.astype(np.float32), flags=cv2.DFT_COMPLEX_OUTPUT)
        sharp = cv2.idft(
            np.asarray(waves, dtype=np.float32) * spectrum,
            flags=cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT,
        )
        rows, columns = min(_TILE_PX, height - top), min(_TILE_PX, width - left)
        inner = sharp[margin : margin + rows, margin : margin + columns]
        luma[top : top + rows, left : left + columns] = np.clip(inner, 0, 255).astype(np.uint8)
    colours[..., 0] = luma
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_YCrCb2BGR), dtype=np.uint8)


def _wiener(side: int, sigma: float) -> npt.NDArray[np.float32]:
    """The filter's gain for each wave of a square of pixels, (side, side, 1); 1 for the mean."""
    passed = np.exp(-2 * (np.pi * sigma * np.fft.fftfreq(side)) ** 2)
    passed = np.outer(passed, passed)
    gain = passed * (1 + _WIENER_NOISE) / (passed**2 + _WIENER_NOISE)
    return gain[..., None].astype(np.float32)
