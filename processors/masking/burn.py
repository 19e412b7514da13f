"""Black bars over a picture's personal data: nothing of what was below is left."""

from collections.abc import Iterable

import cv2
import numpy as np

from processors.values import PageArray
from schemas.masking import MaskedSpan

MARGIN_HEIGHTS = 0.15
"""How far a bar reaches beyond its polygon, as a share of the line's height."""

MARGIN_MIN_PX = 2


def burn(picture: PageArray, spans: Iterable[MaskedSpan]) -> PageArray:
    """Draw solid black polygons over a copy of a page.

    Args:
        picture: (H, W, 3) uint8, BGR, the upright page in the pixels that the spans are given in.
        spans: What to blacken, with a margin; parts outside of the page are cut off.

    Returns:
        (H, W, 3) uint8: black within the polygons, elsewhere as before, with nothing in between.
    """
    out = picture.copy()
    for span in spans:
        points = np.array(span.polygon, dtype=np.float32)
        margin_px = max(MARGIN_MIN_PX, round(MARGIN_HEIGHTS * _height(points)))
        corners = np.rint(points).astype(np.int32)[:, None, :]
        cv2.fillPoly(out, [corners], (0, 0, 0), lineType=cv2.LINE_8)
        cv2.polylines(
            out,
            [corners],
            isClosed=True,
            color=(0, 0, 0),
            thickness=2 * margin_px + 1,
            lineType=cv2.LINE_8,
        )
    return out


def _height(points: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """How high the text is: the mean distance of opposite points, at most the shorter side."""
    opposite = float(np.linalg.norm(points - points[::-1], axis=1).mean())
    low, high = points.min(axis=0), points.max(axis=0)
    return min(opposite, float((high - low).min()) or opposite)
