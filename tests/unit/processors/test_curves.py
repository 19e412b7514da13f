"""Kernels that bend, and those that only look so."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.curves import Bend, KernelArray, find_bend, is_hollow, outline_of
from processors.geometry import edges_of
from processors.values import PolygonArray

SIDE_PX = 600
CENTER = (300, 300)


def outline(mask: np.ndarray) -> KernelArray:
    """The outline of the one thing on a mask."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    (contour,) = contours
    return np.asarray(contour, dtype=np.int32)


def arc(radius: int, thickness: int, degrees: float, facing_degrees: float = -90) -> KernelArray:
    """An arc around `CENTER`; it stands like a bridge where it faces upwards (-90)."""
    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
    begin, end = facing_degrees - degrees / 2, facing_degrees + degrees / 2
    angles = np.radians(np.linspace(begin, end, 200))[:, None]
    rays = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    inner, outer = radius - thickness / 2, radius + thickness / 2
    points = np.concatenate([rays * outer, rays[::-1] * inner]) + CENTER
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1)
    return outline(mask)


def stroke(points: list[tuple[float, float]], thickness: int) -> KernelArray:
    """A line through points."""
    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
    cv2.polylines(mask, [np.rint(points).astype(np.int32)], False, 1, thickness)
    return outline(mask)


def doubled_area(polygon: PolygonArray) -> float:
    """Positive where the points go round clockwise, as y grows downwards."""
    x, y = polygon.T.astype(np.float64)
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


@given(st.integers(120, 250), st.integers(14, 22), st.integers(90, 180), st.integers(-180, 180))
@settings(deadline=None, max_examples=40)
def test_arc_is_followed(radius: int, thickness: int, degrees: int, facing: int) -> None:
    """However it lies: its middle, its thickness and its ends, to a pixel or two."""
    bend = find_bend(arc(radius, thickness, degrees, facing))
    assert bend is not None
    np.testing.assert_allclose(np.hypot(*(bend.middle - CENTER).T), radius, atol=2)
    assert bend.thickness == pytest.approx(thickness, abs=2)
    assert bend.length == pytest.approx(radius * math.radians(degrees), rel=0.05)


@given(st.integers(50, 180), st.integers(-180, 180), st.floats(0, 12))
@settings(deadline=None, max_examples=40)
def test_outline_goes_round_clockwise(degrees: int, facing: int, distance: float) -> None:
    """An even number of points that enclose the strip: its length times its thickness."""
    bend = find_bend(arc(200, 18, degrees, facing))
    assert bend is not None
    polygon = outline_of(bend, distance)
    assert polygon is not None
    assert len(polygon) > 4
    assert len(polygon) % 2 == 0
    expected = (bend.length + 2 * distance) * (bend.thickness + 2 * distance)
    assert doubled_area(polygon) / 2 == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(
    ("facing", "first", "last"),
    [(-90, "left", "right"), (90, "left", "right"), (0, "top", "bottom"), (180, "top", "bottom")],
    ids=["bridge", "hanging", "to the right", "to the left"],
)
def test_bend_is_read_from_left_or_from_top(facing: int, first: str, last: str) -> None:
    """Its upper edge is the one above, or, of a tall one, the one at the right."""
    bend = find_bend(arc(200, 18, 100, facing))
    assert bend is not None
    axis = 0 if first == "left" else 1
    assert bend.middle[0, axis] < bend.middle[-1, axis]
    polygon = outline_of(bend)
    assert polygon is not None
    upper, lower = edges_of(polygon)
    if last == "right":
        assert (upper[:, 1] < lower[:, 1]).all()
    else:
        assert (upper[:, 0] > lower[:, 0]).all()


def test_arc_that_was_filled_up_is_followed_at_its_outer_edge() -> None:
    """Networks fill up the hollow side between the ends."""
    whole = arc(200, 20, 120)
    mask = np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
    cv2.drawContours(mask, [whole], -1, 1, cv2.FILLED)
    cv2.fillPoly(mask, [arc(185, 25, 60)], 1)
    bend = find_bend(outline(mask))
    assert bend is not None
    np.testing.assert_allclose(np.hypot(*(bend.middle - CENTER).T), 200, atol=4)
    assert bend.thickness == pytest.approx(20, abs=4)


@pytest.mark.parametrize("angle_degrees", [0, 20, -35, 90])
def test_wave_is_followed(angle_degrees: float) -> None:
    """What swings to both sides is no arc."""
    along = np.linspace(-240, 240, 100)
    across = 26 * np.sin(along / 480 * 2 * np.pi)
    angle = np.radians(angle_degrees)
    x = 300 + along * np.cos(angle) - across * np.sin(angle)
    y = 300 + along * np.sin(angle) + across * np.cos(angle)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    bend = find_bend(stroke(points, 16))
    assert bend is not None
    true = np.array(points)
    misses = np.linalg.norm(bend.middle[4:-4, None] - true[None], axis=2).min(axis=1)
    assert misses.max() < 4


@pytest.mark.parametrize(
    "kernel",
    [
        np.array([[[5, 5]]], dtype=np.int32),
        np.array([[[5, 5]], [[60, 5]]], dtype=np.int32),
        stroke([(50, 50), (550, 50)], 20),
        stroke([(50, 50), (550, 400)], 20),
        arc(200, 20, 358),
        arc(60, 60, 180),
        stroke([(300, 300), (300, 300)], 120),
        stroke([(100, 100), (400, 100), (400, 400)], 20),
        stroke([(100, 100), (500, 100), (100, 300), (500, 300)], 20),
        stroke([(100, 100), (500, 100), (500, 300), (100, 300), (100, 500), (500, 500)], 20),
        stroke([(100, 300), (500, 300), (300, 300), (300, 500)], 20),
        arc(30, 4, 120),
    ],
    ids=[
        *("pixel", "segment", "level", "tilted", "ring", "half-disc"),
        *("blob", "corner", "Z", "S", "T", "small"),
    ],
)
def test_other_kernels_are_straight(kernel: KernelArray) -> None:
    """Rings, blobs, lines that ran together and what is too small are neither arc nor wave."""
    assert find_bend(kernel) is None


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_any_outline_is_taken(seed: int) -> None:
    """Whatever is followed along a bend has an outline within reach of its kernel."""
    noise = np.random.default_rng(seed).random((90, 240), dtype=np.float32)
    blobs = cv2.GaussianBlur(noise, (0, 0), sigmaX=9, sigmaY=3)
    mask = (blobs > float(np.median(blobs))).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        bend = find_bend(np.asarray(contour, dtype=np.int32))
        if bend is not None:
            polygon = outline_of(bend)
            assert polygon is not None
            assert np.isfinite(polygon).all()
            assert (polygon > -60).all()
            assert (polygon < (300, 150)).all()


def test_outline_that_would_cross_itself_is_none() -> None:
    """An arc cannot grow inwards beyond its centre."""
    angles = np.linspace(0, np.pi, 65)
    middle = 30 * np.stack([-np.cos(angles), -np.sin(angles)], axis=1)
    bend = Bend(middle, 10.0)
    assert outline_of(bend, 10.0) is not None
    assert outline_of(bend, 40.0) is None


@pytest.mark.parametrize(
    ("kernel", "hollow"),
    [
        (arc(200, 20, 120), True),
        (stroke([(50, 50), (550, 400)], 20), False),
        (arc(60, 6, 60), False),
    ],
    ids=["arc", "straight", "small"],
)
def test_hollow_kernels_are_told(kernel: KernelArray, hollow: bool) -> None:
    """Those that fill little of a rectangle that is wide enough to tell."""
    assert is_hollow(kernel) is hollow
