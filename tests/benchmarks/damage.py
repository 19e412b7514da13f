"""A ladder of damage: what happens to pictures on their way, in five strengths each.

Lengths are shares of the picture's longer side: a blur of 1/800 of it takes as much of the text
from a large scan as from a small one.
"""

from collections.abc import Callable

import cv2
import numpy as np

from processors.values import PageArray

Damage = Callable[[PageArray, float], PageArray]


def blur(page: PageArray, sigma: float) -> PageArray:
    """Gaussian blur; sigma in 1/1600 of the longer side."""
    sigma_px = sigma * max(page.shape[:2]) / 1600
    return np.asarray(cv2.GaussianBlur(page, (0, 0), sigma_px), dtype=np.uint8)


def contrast(page: PageArray, share: float) -> PageArray:
    """Keep a share of the contrast, around a light grey."""
    pale = 200 + (page.astype(np.float32) - 200) * share
    return np.asarray(np.rint(pale), dtype=np.uint8)


def dark(page: PageArray, share: float) -> PageArray:
    """Keep a share of the light."""
    return np.asarray(np.rint(page.astype(np.float32) * share), dtype=np.uint8)


def noise(page: PageArray, sigma: float) -> PageArray:
    """Gaussian noise in each pixel and channel; the same for the same page."""
    rng = np.random.default_rng(page.size)
    return np.clip(page + rng.normal(0, sigma, page.shape), 0, 255).astype(np.uint8)


def jpeg(page: PageArray, quality: float) -> PageArray:
    """Compress with losses, and restore."""
    _, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def reduction(page: PageArray, side_px: float) -> PageArray:
    """Reduce to a length of the longer side, in pixels."""
    scale = min(1.0, side_px / max(page.shape[:2]))
    reduced = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, dtype=np.uint8)


LADDER: dict[str, tuple[Damage, tuple[float, ...]]] = {
    "blur": (blur, (1, 2, 3, 4, 5)),
    "contrast": (contrast, (0.2, 0.1, 0.05, 0.03, 0.02)),
    "dark": (dark, (0.3, 0.15, 0.08, 0.04, 0.02)),
    "noise": (noise, (15, 30, 50, 70, 100)),
    "jpeg": (jpeg, (20, 12, 8, 5, 3)),
    "reduction": (reduction, (960, 720, 560, 430, 320)),
}
