"""Turning pages and what stands on them."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from processors.errors import InvalidRegion
from processors.values import (
    CropArray,
    LineCrop,
    MatrixArray,
    PageArray,
    PolygonArray,
    Rotation,
    Upright,
)

EXIF_ROTATIONS: dict[int, Rotation] = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
"""EXIF orientation to the clockwise turn that makes the picture upright; 2, 4, 5 and 7 mirror."""

ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)
_ORIENTATION_OF: dict[Rotation, int] = {0: 1, 90: 6, 180: 3, 270: 8}

REGION_AREA_MIN_PX2 = 4.0

TALL = 1.5
"""A crop this many times higher than wide is turned to be read (PaddleOCR `get_rotate_crop`)."""

TALL_CHORD = 2.0
"""A curved line is read downwards if its ends are this many times further apart in height."""

_CORNERS = 4


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


def is_curved(polygon: PolygonArray) -> bool:
    """Whether a polygon is that of a curved line."""
    return len(polygon) > _CORNERS


def edges_of(polygon: PolygonArray) -> tuple[PolygonArray, PolygonArray]:
    """The upper and the lower edge of a (2n, 2) polygon, (n, 2) each, both from left to right."""
    half = len(polygon) // 2
    return polygon[:half], polygon[half:][::-1]


def corners_of(polygon: PolygonArray) -> PolygonArray:
    """The (4, 2) corners of a (2n, 2) polygon, those of a curved line where it begins and ends."""
    half = len(polygon) // 2
    return polygon[[0, half - 1, half, -1]]


def stands_upright(begin: npt.ArrayLike, end: npt.ArrayLike) -> bool:
    """Whether a curved line that leads from one (x, y) to another is read as a tall one."""
    x, y = np.abs(np.subtract(end, begin))
    return bool(y > TALL_CHORD * x)


def along_edge(points: npt.ArrayLike, places: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Where shares of the length of an (N, 2) line of straight pieces lie.

    Args:
        points: Of the line.
        places: (M,) 0-1.

    Returns:
        (M, 2) float64.
    """
    line = np.asarray(points, dtype=np.float64)
    behind = np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))
    lengths = np.concatenate([[0.0], behind])
    at = np.asarray(places, dtype=np.float64) * lengths[-1]
    return np.stack([np.interp(at, lengths, line[:, axis]) for axis in (0, 1)], axis=1)


def side_lengths(polygon: PolygonArray) -> tuple[float, float]:
    """Width and height of a polygon in pixels: the longer of each two opposite sides.

    Of a curved line, its length along the middle, and its usual height.
    """
    if is_curved(polygon):
        upper, lower = edges_of(polygon)
        steps = np.diff((upper + lower) / 2, axis=0)
        heights = np.linalg.norm(lower - upper, axis=1)
        return float(np.linalg.norm(steps, axis=1).sum()), float(np.median(heights))
    top, right, bottom, left = np.linalg.norm(np.roll(polygon, -1, axis=0) - polygon, axis=1)
    return float(max(top, bottom)), float(max(left, right))


def usual_height(polygons: Sequence[PolygonArray]) -> float:
    """The median of the shorter sides of some polygons, in pixels; there must be one."""
    heights = sorted(min(side_lengths(polygon)) for polygon in polygons)
    return heights[len(heights) // 2]


def shared_area(first: PolygonArray, second: PolygonArray) -> float:
    """Area of what two (N, 2) polygons share, convex, or those of curved lines; in px^2."""
    return sum(
        float(cv2.intersectConvexConvex(one, other)[0])
        for one in _pieces(first)
        for other in _pieces(second)
    )


def _pieces(polygon: PolygonArray) -> list[npt.NDArray[np.float32]]:
    """The hulls of the pieces that a curved line consists of; of other polygons, their own."""
    pieces = [polygon]
    if is_curved(polygon) and len(polygon) % 2 == 0:
        upper, lower = edges_of(polygon)
        ends = zip(itertools.pairwise(upper), itertools.pairwise(lower), strict=True)
        pieces = [np.stack([a, b, d, c]) for (a, b), (c, d) in ends]
    return [np.asarray(cv2.convexHull(piece), dtype=np.float32) for piece in pieces]


def extent(polygon: npt.NDArray[np.floating]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a line, in pixels.

    A curved line counts as high as its writing, in the middle of the height that it bends over:
    what stands inside of an arc does not stand beside it.
    """
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if is_curved(polygon):
        corners = corners_of(polygon)
        across = 0 if stands_upright(corners[0], corners[1]) else 1
        middle, half = polygon[:, across].mean(), side_lengths(polygon)[1] / 2
        low[across], high[across] = middle - half, middle + half
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    return left, top, right, bottom


def cut_line(page: PageArray, polygon: PolygonArray) -> LineCrop:
    """Cut a line out, its text running from left to right; a tall one is turned.

    Args:
        page: (H, W, 3) uint8, BGR.
        polygon: As a detector gives it, pixels of `page`.

    Raises:
        InvalidRegion: the area is below 4 px^2.
    """
    crop = crop_polygon(page, polygon)
    if is_curved(polygon):
        corners = corners_of(polygon)
        return LineCrop(crop, stands_upright(corners[0], corners[1]))
    turned = crop.shape[0] >= TALL * crop.shape[1]
    return LineCrop(crop.transpose(1, 0, 2)[::-1] if turned else crop, turned)


def crop_polygon(page: PageArray, polygon: PolygonArray) -> CropArray:
    """Rectify one region into a level crop.

    Args:
        page: (H, W, 3) uint8, BGR.
        polygon: (4, 2) float32, pixels of `page`, TL TR BR BL; or that of a curved line.

    Returns:
        (h, w, 3) uint8, BGR; w and h are its `side_lengths`, in pixels.

    Raises:
        InvalidRegion: the area is below 4 px^2.
    """
    width, height = (max(1, round(side)) for side in side_lengths(polygon))
    if cv2.contourArea(polygon) < REGION_AREA_MIN_PX2:
        raise InvalidRegion(f"a region of {width} x {height} px is too small to be cut out")
    if is_curved(polygon):
        return _unrolled(page, polygon, width, height)
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


def _unrolled(page: PageArray, polygon: PolygonArray, width: int, height: int) -> CropArray:
    """Straighten a curved line: equal steps along its edges, straight lines between them."""
    places, down = np.arange(width) / width, np.arange(height)[:, None, None] / height
    upper, lower = (along_edge(edge, places) for edge in edges_of(polygon))
    at = (upper + (lower - upper) * down).astype(np.float32)
    crop = cv2.remap(
        page, at[:, :, 0], at[:, :, 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, dtype=np.uint8)
