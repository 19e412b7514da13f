"""Turning pages and cutting regions out of them."""

import math
from itertools import permutations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.errors import InvalidRegion
from processors.geometry import (
    along_edge,
    corners_of,
    crop_polygon,
    cut_line,
    edges_of,
    extent,
    is_curved,
    order_corners,
    orientation_transform,
    shared_area,
    side_lengths,
    turn_further,
    turn_page,
)
from processors.values import PageArray, PolygonArray, Rotation, Upright
from tests.unit.processors.lines import bent

ROTATIONS = st.sampled_from((0, 90, 180, 270))
SIDES = st.integers(2, 40)


def numbered_page(width: int, height: int) -> PageArray:
    """(height, width, 3) uint8: every pixel tells its own x and y."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x, y, np.zeros_like(x)], axis=2).astype(np.uint8)


def rectangle(
    center: tuple[float, float], width: float, height: float, angle_degrees: float
) -> PolygonArray:
    """(4, 2) float32: the corners TL TR BR BL of a level rectangle, turned clockwise."""
    angle = math.radians(angle_degrees)
    along = np.array([math.cos(angle), math.sin(angle)]) * width / 2
    down = np.array([-math.sin(angle), math.cos(angle)]) * height / 2
    corners = [-along - down, along - down, along + down, -along + down]
    return np.array([corner + center for corner in corners], dtype=np.float32)


@given(st.floats(5, 50), st.floats(1.05, 20), st.floats(-44, 44), st.permutations(range(4)))
def test_order_corners_begins_top_left_whatever_the_order(
    height: float, proportion: float, angle_degrees: float, order: list[int]
) -> None:
    """The corners of a line of text that is tilted by less than 45 degrees are told apart."""
    expected = rectangle((600, 600), height * proportion, height, angle_degrees)
    np.testing.assert_array_equal(order_corners(expected[order]), expected)


@given(
    st.floats(10, 200),
    st.floats(10, 200),
    st.floats(-180, 180),
)
def test_order_corners_goes_round_clockwise(
    width: float, height: float, angle_degrees: float
) -> None:
    """However a rectangle lies, the order neither crosses itself nor mirrors the text."""
    corners = rectangle((300, 300), width, height, angle_degrees)
    ordered = order_corners(corners)
    assert {tuple(point) for point in ordered} == {tuple(point) for point in corners}
    x, y = ordered.T.astype(np.float64)
    doubled_area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    assert doubled_area == pytest.approx(2 * width * height, rel=1e-3)
    assert ordered[1, 0] >= ordered[0, 0]


def test_order_corners_takes_level_rectangle_in_any_order() -> None:
    """A level rectangle has one right order, though its corners share coordinates."""
    corners = np.array([(10, 20), (50, 20), (50, 30), (10, 30)], dtype=np.float32)
    for order in permutations(range(4)):
        np.testing.assert_array_equal(order_corners(corners[list(order)]), corners)


def test_side_lengths_are_those_of_the_longer_sides() -> None:
    """A trapezium is as wide as its base."""
    corners = np.array([(10, 0), (20, 0), (40, 30), (0, 30)], dtype=np.float32)
    width, height = side_lengths(corners)
    assert width == pytest.approx(40)
    assert height == pytest.approx(math.hypot(20, 30))


@given(st.integers(0, 90), st.integers(0, 60), st.integers(4, 40), st.integers(4, 40))
@settings(deadline=None)
def test_crop_polygon_copies_level_region(left: int, top: int, width: int, height: int) -> None:
    """A level region is cut out pixel by pixel."""
    page = numbered_page(140, 110)
    crop = crop_polygon(page, rectangle((left + width / 2, top + height / 2), width, height, 0))
    assert crop.shape == (height, width, 3)
    np.testing.assert_array_equal(crop, page[top : top + height, left : left + width])


@given(st.floats(20, 80), st.floats(8, 40), st.floats(-40, 40))
@settings(deadline=None)
def test_crop_polygon_is_as_large_as_its_region(
    width: float, height: float, angle_degrees: float
) -> None:
    """The crop of a tilted region has the region's sides, rounded."""
    page = numbered_page(200, 200)
    crop = crop_polygon(page, rectangle((100, 100), width, height, angle_degrees))
    assert abs(crop.shape[1] - width) <= 0.51
    assert abs(crop.shape[0] - height) <= 0.51


@pytest.mark.parametrize("angle_degrees", [-30, -5, 10, 40])
def test_crop_polygon_levels_tilted_region(angle_degrees: float) -> None:
    """What lay at the region's left end is at the crop's left end."""
    page = np.full((200, 200, 3), 255, dtype=np.uint8)
    region = rectangle((100, 100), 80, 20, angle_degrees)
    left_end = (region[0] + region[3]) / 2 * 0.8 + (region[1] + region[2]) / 2 * 0.2
    cv2.circle(page, (round(float(left_end[0])), round(float(left_end[1]))), 4, (0, 0, 0), -1)
    crop = crop_polygon(page, region)
    dark_y, dark_x = np.nonzero(crop[:, :, 0] < 128)
    assert dark_x.mean() == pytest.approx(16, abs=1.5)
    assert dark_y.mean() == pytest.approx(10, abs=1.5)


def test_crop_polygon_repeats_border_beyond_page() -> None:
    """A region that leaves the page shows the page's border, not black."""
    page = np.full((40, 40, 3), 200, dtype=np.uint8)
    crop = crop_polygon(page, rectangle((40, 20), 20, 10, 0))
    assert crop.min() == 200


def test_crop_polygon_refuses_region_without_area() -> None:
    """Three pixels hold no text."""
    with pytest.raises(InvalidRegion, match="too small"):
        crop_polygon(numbered_page(40, 40), rectangle((20, 20), 3, 1, 0))


@given(SIDES, SIDES, st.lists(ROTATIONS, max_size=4))
@settings(deadline=None)
def test_turn_further_leads_back_to_the_file(
    width: int, height: int, turns: list[Rotation]
) -> None:
    """After any turns, each pixel of the page is found in the file."""
    file_pixels = page = numbered_page(width, height)
    upright = Upright(np.eye(3), 0)
    for degrees in turns:
        upright = turn_further(upright, degrees, page.shape[1], page.shape[0])
        page = turn_page(page, degrees)
    assert upright.rotation_degrees == sum(turns) % 360
    for x, y in ((0, 0), (page.shape[1] - 1, 0), (page.shape[1] // 2, page.shape[0] - 1)):
        file_x, file_y, _ = (upright.to_file @ (x, y, 1)).astype(int)
        np.testing.assert_array_equal(page[y, x], file_pixels[file_y, file_x])


def test_turn_page_turns_clockwise() -> None:
    """After a quarter turn the top-left corner is at the top right."""
    page = numbered_page(5, 3)
    turned = turn_page(page, 90)
    assert turned.shape == (5, 3, 3)
    np.testing.assert_array_equal(turned[0, -1], page[0, 0])


@pytest.mark.parametrize("orientation", [0, 1, 9, -1])
def test_orientation_transform_leaves_unknown_orientations_alone(orientation: int) -> None:
    """EXIF knows 1 to 8, and 1 turns nothing."""
    np.testing.assert_array_equal(orientation_transform(orientation, 30, 20), np.eye(3))


def with_points(corners: PolygonArray, count: int) -> PolygonArray:
    """The same quadrangle with so many points on its upper and its lower edge."""
    places = np.linspace(0, 1, count)
    upper, lower = (along_edge(edge, places) for edge in edges_of(corners))
    return np.concatenate([upper, lower[::-1]]).astype(np.float32)


@given(st.floats(30, 80), st.floats(8, 20), st.floats(-40, 40), st.integers(3, 12))
@settings(deadline=None)
def test_straight_line_with_more_points_is_cut_alike(
    width: float, height: float, angle_degrees: float, count: int
) -> None:
    """Points along straight edges change nothing: sides, corners, extent and pixels."""
    corners = rectangle((100, 100), width, height, angle_degrees)
    polygon = with_points(corners, count)
    assert is_curved(polygon)
    np.testing.assert_allclose(corners_of(polygon), corners, atol=1e-3)
    np.testing.assert_allclose(side_lengths(polygon), side_lengths(corners), rtol=1e-3)
    page = numbered_page(200, 200)
    crops = [crop_polygon(page, one).astype(int) for one in (corners, polygon)]
    rows, columns = np.minimum(crops[0].shape[:2], crops[1].shape[:2])
    assert np.abs(crops[0][:rows, :columns] - crops[1][:rows, :columns]).max() <= 3


@given(st.floats(0.05, 0.95), st.floats(0.2, 0.8), st.integers(-180, 180), st.integers(40, 120))
@settings(deadline=None, max_examples=50)
def test_point_of_a_curved_line_is_found_in_its_crop(
    share: float, depth: float, facing: int, arc_degrees: int
) -> None:
    """There and back: a spot at a share of the arc and of its height is at the same in the crop."""
    angle = math.radians(facing + (share - 0.5) * arc_degrees)
    radius = 150 + (0.5 - depth) * 60
    x, y = 250 + radius * math.cos(angle), 250 + radius * math.sin(angle)
    page = np.full((500, 500, 3), 255, dtype=np.uint8)
    cv2.circle(page, (round(x * 16), round(y * 16)), 5 * 16, (0, 0, 0), -1, cv2.LINE_AA, 4)
    crop = crop_polygon(page, bent((250, 250), 150, 60, arc_degrees, facing))
    rows, columns = np.nonzero(crop[:, :, 0] < 128)
    assert columns.mean() == pytest.approx(share * crop.shape[1], abs=3)
    assert rows.mean() == pytest.approx(depth * crop.shape[0], abs=3)


@pytest.mark.parametrize(
    ("facing", "turned"), [(-90, False), (90, False), (0, True), (180, True), (-60, False)]
)
def test_curved_line_is_turned_where_its_ends_stand_above_each_other(
    facing: int, turned: bool
) -> None:
    """Its crop is level all the same."""
    line = cut_line(numbered_page(250, 250), bent((125, 125), 80, 20, 120, facing))
    assert line.turned is turned
    assert line.pixels.shape[1] > 7 * line.pixels.shape[0]


def test_extent_of_a_curved_line_is_as_high_as_its_writing() -> None:
    """What stands inside of an arc is below it, not beside it."""
    bridge = bent((200, 200), 100, 20, 180)
    left, top, right, bottom = extent(bridge)
    assert (left, right) == pytest.approx((90, 310), abs=1)
    assert bottom - top == pytest.approx(20, abs=1)
    assert bottom < 160
    level = rectangle((50, 50), 40, 10, 0)
    assert extent(level) == pytest.approx((30, 45, 70, 55))


def test_shared_area_of_a_curved_line_leaves_out_what_it_encloses() -> None:
    """A box inside of an arc shares nothing with it, one on it does."""
    bridge = bent((200, 200), 100, 20, 180)
    inside, on = rectangle((200, 180), 40, 20, 0), rectangle((200, 100), 20, 10, 0)
    assert shared_area(bridge, inside) == 0
    assert shared_area(bridge, on) == pytest.approx(200, rel=0.05)
    area = float(cv2.contourArea(bridge))
    assert shared_area(bridge, bridge) == pytest.approx(area, rel=0.01)
