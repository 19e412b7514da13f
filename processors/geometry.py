"""Turning pages and what stands on them."""

from collections.abc import Sequence

import cv2
import numpy as np

from processors.errors import InvalidRegion
from processors.values import CropArray, MatrixArray, PageArray, PolygonArray, Rotation, Upright

EXIF_ROTATIONS: dict[int, Rotation] = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
"""EXIF orientation to the clockwise turn that makes the picture upright; 2, 4, 5 and 7 mirror."""

ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)
_ORIENTATION_OF: dict[Rotation, int] = {0: 1, 90: 6, 180: 3, 270: 8}

REGION_AREA_MIN_PX2 = 4.0


def orientation_transform(orientation: int, width: int, height: int) -> MatrixArray:
    """Matrix from an upright picture's pixels to the pixels it was made from.

    Args:
        orientation: EXIF tag 0x0112; anything but 2 to 8 means that nothing was turned.
        width: Before turning, in pixels.
        height: Before turning, in pixels.

    Returns:
        (3, 3) float64; the centre of the top-left pixel is (0, 0).
    """
    right, bottom = width - 1, height - 1
    rows = {
        2: ((-1, 0, right), (0, 1, 0)),
        3: ((-1, 0, right), (0, -1, bottom)),
        4: ((1, 0, 0), (0, -1, bottom)),
        5: ((0, 1, 0), (1, 0, 0)),
        6: ((0, 1, 0), (-1, 0, bottom)),
        7: ((0, -1, right), (-1, 0, bottom)),
        8: ((0, -1, right), (1, 0, 0)),
    }.get(orientation, ((1, 0, 0), (0, 1, 0)))
    return np.array((*rows, (0, 0, 1)), dtype=np.float64)


def turn_page(page: PageArray, degrees: Rotation) -> PageArray:
    """Turn a page clockwise by quarter turns."""
    return np.ascontiguousarray(np.rot90(page, -degrees // 90))


def turn_further(upright: Upright, degrees: Rotation, width: int, height: int) -> Upright:
    """Say how a page lies in its file after `turn_page`.

    Args:
        upright: How it lay before.
        degrees: As given to `turn_page`.
        width: Of the page before, in pixels.
        height: Of the page before, in pixels.
    """
    matrix = orientation_transform(_ORIENTATION_OF[degrees], width, height)
    quarter_turns = (upright.rotation_degrees + degrees) // 90 % 4
    return Upright(upright.to_file @ matrix, ROTATIONS[quarter_turns])


def order_corners(points: PolygonArray) -> PolygonArray:
    """Bring the (4, 2) corners of a rectangle into the order TL, TR, BR, BL."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    left, right = (half[np.argsort(half[:, 1], kind="stable")] for half in (by_x[:2], by_x[2:]))
    return np.asarray([left[0], right[0], right[1], left[1]], dtype=np.float32)


def side_lengths(polygon: PolygonArray) -> tuple[float, float]:
    """Width and height of a (4, 2) polygon in pixels: the longer of each two opposite sides."""
    top, right, bottom, left = np.linalg.norm(np.roll(polygon, -1, axis=0) - polygon, axis=1)
    return float(max(top, bottom)), float(max(left, right))


def usual_height(polygons: Sequence[PolygonArray]) -> float:
    """The median of the shorter sides of some (4, 2) polygons, in pixels; there must be one."""
    heights = sorted(min(side_lengths(polygon)) for polygon in polygons)
    return heights[len(heights) // 2]


def crop_polygon(page: PageArray, polygon: PolygonArray) -> CropArray:
    """Rectify one region into a level crop.

    Args:
        page: (H, W, 3) uint8, BGR.
        polygon: (4, 2) float32, pixels of `page`, TL TR BR BL.

    Returns:
        (h, w, 3) uint8, BGR; w and h are the longer ones of opposite sides, in pixels.

    Raises:
        InvalidRegion: the area is below 4 px^2.
    """
    width, height = (max(1, round(side)) for side in side_lengths(polygon))
    if cv2.contourArea(polygon) < REGION_AREA_MIN_PX2:
        raise InvalidRegion(f"a region of {width} x {height} px is too small to be cut out")
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    left, top = (int(value) for value in polygon[0])
    if np.array_equal(polygon, corners + polygon[0]) and min(left, top) >= 0:
        level = page[top : top + height, left : left + width]
        if level.shape[:2] == (height, width):
            return level  # what warping gives, without the work
    matrix = cv2.getPerspectiveTransform(polygon, corners)
    crop = cv2.warpPerspective(
        page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, dtype=np.uint8)
