"""Lines of text that bend: arcs on stamps, logos and bottles, waves on bent pages.

A detector was taught rectangles: where a line bends strongly, its kernel is filled up on the hollow
side, towards a rectangle. Its outer edge stays true, and so do its ends. An arc is therefore found
by a circle through its outer edge and by its thickness where that is least; what bends both ways,
and is filled up less, by the middle of each column.

Whatever is not clearly an arc or a wave is read as a straight line.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from processors.geometry import along_edge, stands_upright
from processors.values import PolygonArray

Points = npt.NDArray[np.float64]
"""(N, 2) float64: (x, y) in pixels."""

KernelArray = npt.NDArray[np.int32]
"""(N, 1, 2) int32: a kernel's outline, as OpenCV gives it."""

FILL_MAX = 0.8
"""A kernel that fills its rectangle better is straight."""

HOLLOW_BELOW, HOLLOW_SIDE_MIN_PX = 0.6, 24.0
"""A kernel that fills less of a rectangle that is no narrower is none of a straight line: of 130
pages of sroie, icdar2015 and tesseract_test, one has such a kernel (2026-11)."""

THICKNESS_MIN_PX = 5.0
"""Thinner kernels are too coarse to tell how they bend."""

LENGTH_MIN = 5.0
"""A curved line is so many times as long as its kernel is thick."""

BEND_MIN = 0.6
"""And its middle strays so far from a straight line, in thicknesses of the kernel."""

BENT_AREA_MIN = 6.0
"""The shorter it is, the more it must stray: both, in thicknesses, make up this product."""

COVERED_MIN = 0.8
"""So much of what a kernel is taken for must belong to it."""

ROUND_WITHIN = 0.2
"""How far an arc's outer edge may be from a circle (root mean square), in thicknesses."""

ARC_MAX_DEGREES = 270.0
"""What goes further round may be a ring, or a hole in a kernel."""

RADIUS_MIN = 2.0
"""Of an arc's outer edge, in thicknesses."""

SLOPE_MAX = 1.0
"""A wave is nowhere steeper against its long axis."""

EVEN_WITHIN = 0.12
"""How far a wave's middle may be from a smooth curve (root mean square), in thicknesses."""

SPILLED_MAX = 0.1
"""Share of a wave's kernel that may lie further from its middle than three quarters of it."""

_WAVE_DEGREE = 5
_THIN_QUANTILE, _END_SHARE = 0.2, 0.05
_EDGE_POINTS_MIN = 16
_MIDDLE_POINTS = 65
_SEGMENTS = (4, 24)


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """A kernel that bends.

    Attributes:
        middle: (N, 2), from where its text is begun to be read to where it ends.
        thickness: In pixels.
    """

    middle: Points
    thickness: float

    @property
    def length(self) -> float:
        """Along the middle, in pixels."""
        return float(np.linalg.norm(np.diff(self.middle, axis=0), axis=1).sum())


def is_hollow(kernel: KernelArray) -> bool:
    """Whether a kernel leaves so much of its rectangle empty that no straight line is that."""
    shorter, longer = cv2.minAreaRect(kernel)[1]
    if min(shorter, longer) < HOLLOW_SIDE_MIN_PX:
        return False
    return bool(cv2.contourArea(kernel) < HOLLOW_BELOW * shorter * longer)


def find_bend(kernel: KernelArray) -> Bend | None:
    """Tell how a kernel bends; None where it is straight, or neither an arc nor a wave."""
    shorter, longer = sorted(cv2.minAreaRect(kernel)[1])
    if shorter < 2 * THICKNESS_MIN_PX or cv2.contourArea(kernel) > FILL_MAX * shorter * longer:
        return None
    left, top, width, height = cv2.boundingRect(kernel)
    corner = np.array([left, top])
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.drawContours(mask, [kernel], -1, 1, cv2.FILLED, offset=(-left, -top))
    outline = kernel.reshape(-1, 2).astype(np.float64) - corner
    pixels = np.argwhere(mask)[:, ::-1].astype(np.float64)
    for bend in (*_arcs(outline, pixels), _wave(outline, pixels)):
        if bend is not None and _is_clear(bend, mask):
            return replace(bend, middle=_as_read(bend.middle) + corner)
    return None


def outline_of(bend: Bend, distance: float = 0.0) -> PolygonArray | None:
    """The polygon of a bent kernel, grown.

    Args:
        bend: The kernel.
        distance: By which it grows to each side, in pixels.

    Returns:
        (2n, 2) float32: its upper edge as it is read, then its lower edge back; None where an edge
        would cross itself.
    """
    begin, end = bend.middle[0] - bend.middle[1], bend.middle[-1] - bend.middle[-2]
    tips = [
        bend.middle[index] + step * distance / max(1e-6, float(np.linalg.norm(step)))
        for index, step in ((0, begin), (-1, end))
    ]
    middle = np.concatenate([tips[:1], bend.middle, tips[1:]])
    count = int(np.clip(round(bend.length / bend.thickness), *_SEGMENTS)) + 1
    points = along_edge(middle, np.linspace(0, 1, count))
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    up = np.stack([along[:, 1], -along[:, 0]], axis=1) * (bend.thickness / 2 + distance)
    edges = points + up, points - up
    steps = np.diff(points, axis=0)
    if any(((np.diff(edge, axis=0) * steps).sum(axis=1) <= 0).any() for edge in edges):
        return None
    return np.concatenate([edges[0], edges[1][::-1]]).astype(np.float32)


def _is_clear(bend: Bend, mask: npt.NDArray[np.uint8]) -> bool:
    """Whether a kernel is long and bent, and where it is said to be."""
    thickness = bend.thickness
    if thickness < THICKNESS_MIN_PX or bend.length < LENGTH_MIN * thickness:
        return False
    chord = bend.middle[-1] - bend.middle[0]
    x, y = (bend.middle - bend.middle[0]).T
    strays = np.ptp(x * chord[1] - y * chord[0]) / max(1e-6, float(np.linalg.norm(chord)))
    if strays < max(BEND_MIN * thickness, BENT_AREA_MIN * thickness**2 / bend.length):
        return False
    polygon = outline_of(bend)
    if polygon is None:
        return False
    taken = np.zeros_like(mask)
    cv2.fillPoly(taken, [np.rint(polygon).astype(np.int32)], 1)
    return bool((taken & mask).sum() >= COVERED_MIN * taken.sum())


def _as_read(middle: Points) -> Points:
    """From left to right, or from top to bottom."""
    across, down = middle[-1] - middle[0]
    is_backwards = down < 0 if stands_upright(middle[0], middle[-1]) else across < 0
    return middle[::-1] if is_backwards else middle


def _arcs(outline: Points, pixels: Points) -> Iterator[Bend | None]:
    """A kernel taken for an arc, by each of what may be its outer edge."""
    hull = cv2.convexHull(outline.astype(np.float32)).reshape(-1, 2).astype(np.float64)
    sides = np.linalg.norm(np.roll(hull, -1, axis=0) - hull, axis=1)
    thickness = 2 * len(pixels) / max(1.0, cv2.arcLength(outline.astype(np.float32), True))
    across_gap = np.roll(hull, -int(sides.argmax()) - 1, axis=0)
    for edge in (across_gap, _beyond_chord(hull)):
        length = float(np.linalg.norm(np.diff(edge, axis=0), axis=1).sum())
        if length > _EDGE_POINTS_MIN + 2 * thickness:
            trim = thickness / length
            yield _arc(along_edge(edge, np.linspace(trim, 1 - trim, round(length))), pixels)


def _beyond_chord(hull: Points) -> Points:
    """Of the two ways round a hull between its furthest points, the one further out."""
    distances = np.linalg.norm(hull[:, None] - hull[None], axis=2)
    first, last = sorted(divmod(int(distances.argmax()), len(hull)))
    ways = hull[first : last + 1], np.concatenate([hull[last:], hull[: first + 1]])
    return max(ways, key=lambda way: cv2.contourArea(way.astype(np.float32)))


def _arc(outer: Points, pixels: Points) -> Bend | None:
    """The arc with an outer edge, if that is round."""
    circle = _circle(outer)
    if circle is None:
        return None
    center, radius = circle
    facing = math.atan2(*(outer.mean(axis=0) - center)[::-1])
    x, y = (pixels - center).T
    radii = np.hypot(x, y)
    angles = (np.arctan2(y, x) - facing + np.pi) % (2 * np.pi) - np.pi
    first, last = np.quantile(angles[radii > 0.8 * radius], (0.0, 1.0))
    if last - first > math.radians(ARC_MAX_DEGREES):
        return None
    bins = max(_EDGE_POINTS_MIN, int(radius * (last - first) / 2))
    numbers = ((angles - first) / (last - first) * bins).astype(np.int64)
    inside = (numbers >= bins * _END_SHARE) & (numbers < bins * (1 - _END_SHARE))
    inner, furthest = np.full(bins, np.inf), np.zeros(bins)
    np.minimum.at(inner, numbers[inside], radii[inside])
    np.maximum.at(furthest, numbers[inside], radii[inside])
    thickness = float(np.quantile((furthest - inner)[furthest > 0], _THIN_QUANTILE))
    misses = float(np.sqrt(np.mean((np.hypot(*(outer - center).T) - radius) ** 2)))
    if misses > ROUND_WITHIN * thickness or radius < RADIUS_MIN * thickness:
        return None
    at = facing + np.linspace(first, last, _MIDDLE_POINTS)
    rays = np.stack([np.cos(at), np.sin(at)], axis=1)
    return Bend(center + (radius - thickness / 2) * rays, thickness)


def _circle(points: Points) -> tuple[Points, float] | None:
    """Centre and radius of a circle through points (Kasa 1976); None where they are in line."""
    middle = points.mean(axis=0)
    x, y = (points - middle).T
    rows = np.stack([2 * x, 2 * y, np.ones_like(x)], axis=1)
    (a, b, rest), _, rank, _ = np.linalg.lstsq(rows, x * x + y * y, rcond=None)
    square = rest + a * a + b * b
    if rank < 3 or square <= 0:
        return None
    return middle + np.array([a, b]), math.sqrt(square)


def _wave(outline: Points, pixels: Points) -> Bend | None:
    """A kernel taken for a wave about the long axis of its rectangle."""
    center, (width, height), degrees = cv2.minAreaRect(outline.astype(np.float32))
    angle = math.radians(degrees if width >= height else degrees + 90)
    axes = np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])
    along, across = axes @ (pixels - center).T
    columns = np.rint(along - along.min()).astype(np.int64)
    counts = np.bincount(columns)
    used = counts > 0
    places = np.flatnonzero(used) + along.min()
    means = np.bincount(columns, across)[used] / counts[used]
    curve = np.polynomial.Polynomial.fit(places, means, _WAVE_DEGREE, w=np.sqrt(counts[used]))
    slopes = curve.deriv()(places)
    thickness = float(np.median(counts[used] / np.hypot(1, slopes))) - 1
    misses = float(np.sqrt(np.mean((curve(places) - means) ** 2)))
    spilled = float(np.mean(np.abs(across - curve(along)) > 0.75 * thickness))
    if np.abs(slopes).max() > SLOPE_MAX or misses > EVEN_WITHIN * thickness:
        return None
    if spilled > SPILLED_MAX:
        return None
    at = np.linspace(places[0], places[-1], _MIDDLE_POINTS)
    return Bend(np.stack([at, curve(at)], axis=1) @ axes + center, thickness)
