"""What paper, light and a lens do to a clean page.

Arrays are (H, W, 3) uint8, RGB, 0-255, top-left origin, unless a docstring says otherwise.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sheet import Page

SEED = 20250601


def clip(values: NDArray[np.floating]) -> Page:
    """Round to the nearest level and keep within 0-255."""
    levels: Page = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def speckle(page: Page, sigma: float) -> Page:
    """Blur a little and add grey sensor noise of `sigma` levels."""
    noise = np.random.default_rng(SEED).normal(0, sigma, page.shape[:2])
    return clip(cv2.GaussianBlur(page, (0, 0), 0.7).astype(np.float64) + noise[..., None])


def light(page: Page, corners: tuple[float, float, float, float]) -> Page:
    """Multiply by a smooth field given at the corners TL, TR, BL, BR (1.0 leaves as is)."""
    height, width = page.shape[:2]
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    top = corners[0] + (corners[1] - corners[0]) * across
    bottom = corners[2] + (corners[3] - corners[2]) * across
    return clip(page * (top + (bottom - top) * down)[..., None])


def fade(page: Page, strength: NDArray[np.float64]) -> Page:
    """Pull the ink towards the paper, which is the colour of the top left pixel.

    Args:
        page: the clean page.
        strength: (W, 1) float64, 0-1; how much of the ink is left in each pixel column.
    """
    paper = page[0, 0].astype(np.float64)
    return clip(paper + (page - paper) * strength)


def turn(page: Page, angle_degrees: float) -> Page:
    """Turn about the centre, anticlockwise, keeping the size and repeating the edge."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_degrees, 1)
    turned = cv2.warpAffine(
        page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return turned.astype(np.uint8)


def grain(height: int, width: int, sigma: float) -> NDArray[np.float64]:
    """Make (height, width) float64 offsets of `sigma` levels, drawn out sideways as in wood."""
    noise = np.random.default_rng(SEED).normal(0, 1, (height, width))
    smooth = cv2.GaussianBlur(noise, (0, 0), sigmaX=60, sigmaY=1.5)
    return np.asarray(smooth / smooth.std() * sigma, np.float64)
