"""From pages to probability maps to regions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.detect import (
    SIDE_MAX_PX,
    TILE_OVERLAP_PX,
    Detector,
    bends,
    find_regions,
    resize_for_detection,
    side_for_small_text,
    tiles_of,
    whole_page,
    with_curved,
)
from processors.geometry import crop_polygon, is_curved
from processors.values import ProbabilityMap, ReadOptions, TextRegion
from tests.fakes.runners import FakeDetector
from tests.unit.processors.lines import bent
from tests.unit.processors.pictures import white_page

OPTIONS = ReadOptions()


def map_with(*kernels: tuple[int, int, int, int], probability: float = 0.9) -> ProbabilityMap:
    """(160, 320) float32: kernels given as left, top, right, bottom, the last pixel included."""
    probabilities = np.zeros((160, 320), dtype=np.float32)
    for left, top, right, bottom in kernels:
        probabilities[top : bottom + 1, left : right + 1] = probability
    return probabilities


def find(probabilities: ProbabilityMap, options: ReadOptions = OPTIONS) -> list[TextRegion]:
    """Regions in pixels of the map."""
    return find_regions(probabilities, 320, 160, options)


@given(st.integers(8, 3000), st.integers(8, 3000))
@settings(deadline=None, max_examples=50)
def test_resize_for_detection_gives_sides_that_the_network_takes(width: int, height: int) -> None:
    """Multiples of 32, none above the limit, proportions kept to half a step."""
    page = white_page(width, height)
    resized_height, resized_width = resize_for_detection(page).shape[:2]
    scale = min(1.0, SIDE_MAX_PX / max(width, height))
    for side, resized in ((width, resized_width), (height, resized_height)):
        assert resized % 32 == 0
        assert 32 <= resized <= SIDE_MAX_PX
        assert abs(resized - max(32, side * scale)) <= 16


def test_resize_for_detection_does_not_enlarge() -> None:
    """A small page stays as it is."""
    page = white_page(320, 160)
    assert resize_for_detection(page).shape == (160, 320, 3)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.5])
def test_find_regions_grows_kernel_by_unclip_ratio(ratio: float) -> None:
    """Each side moves outwards by area x ratio / perimeter."""
    width, height = 100, 10
    (region,) = find(
        map_with((80, 60, 80 + width, 60 + height)), replace(OPTIONS, det_db_unclip_ratio=ratio)
    )
    by = width * height * ratio / (2 * (width + height))
    left, top, right, bottom = 80 - by, 60 - by, 80 + width + by, 60 + height + by
    expected = [(left, top), (right, top), (right, bottom), (left, bottom)]
    np.testing.assert_allclose(region.polygon, expected, atol=0.51)
    assert region.score == pytest.approx(0.9)
    assert region.polygon.dtype == np.float32


def test_find_regions_speaks_of_the_page() -> None:
    """The map may be smaller than the page, by another factor in each direction."""
    (small,) = find(map_with((80, 60, 180, 70)))
    (large,) = find_regions(map_with((80, 60, 180, 70)), 960, 320, OPTIONS)
    np.testing.assert_allclose(large.polygon, small.polygon * (3, 2), atol=2.1)


def test_find_regions_outlines_tilted_line() -> None:
    """A tilted line has a tilted region."""
    probabilities = np.zeros((160, 320), dtype=np.float32)
    cv2.line(probabilities, (60, 40), (260, 100), 0.9, 9)
    (region,) = find(probabilities)
    along = region.polygon[1] - region.polygon[0]
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(16.7, abs=2)


@pytest.mark.parametrize(("threshold", "count"), [(0.3, 1), (0.69, 1), (0.71, 0)])
def test_find_regions_honours_threshold_of_pixels(threshold: float, count: int) -> None:
    """A pixel above the threshold is text."""
    options = replace(OPTIONS, det_db_thresh=threshold, det_db_box_thresh=0.5)
    assert len(find(map_with((80, 60, 180, 70), probability=0.7), options)) == count


@pytest.mark.parametrize(("threshold", "count"), [(0.5, 1), (0.69, 1), (0.71, 0)])
def test_find_regions_honours_threshold_of_boxes(threshold: float, count: int) -> None:
    """A rectangle needs a mean probability."""
    options = replace(OPTIONS, det_db_box_thresh=threshold)
    assert len(find(map_with((80, 60, 180, 70), probability=0.7), options)) == count


@pytest.mark.parametrize(("height", "count"), [(1, 0), (2, 0), (4, 1)])
def test_find_regions_drops_narrow_kernels(height: int, count: int) -> None:
    """What is thinner than three pixels is noise."""
    assert len(find(map_with((80, 60, 180, 60 + height - 1)))) == count


def test_find_regions_keeps_lines_apart() -> None:
    """Two kernels are two regions."""
    assert len(find(map_with((40, 40, 140, 50), (40, 100, 140, 110)))) == 2


@pytest.mark.parametrize(
    "kernel", [(0, 0, 100, 10), (219, 149, 319, 159), (0, 0, 319, 159), (0, 70, 319, 80)]
)
def test_find_regions_stays_within_page(kernel: tuple[int, int, int, int]) -> None:
    """What grows beyond the page is cut off at its border."""
    (region,) = find_regions(map_with(kernel), 640, 320, OPTIONS)
    assert region.polygon.min() >= 0
    assert region.polygon[:, 0].max() <= 640
    assert region.polygon[:, 1].max() <= 320


def test_find_regions_finds_nothing_on_blank_page() -> None:
    """No text, no regions."""
    assert find(map_with()) == []


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_find_regions_survives_any_map(seed: int) -> None:
    """Scores are probabilities and polygons lie on the page, whatever the network says."""
    noise = np.random.default_rng(seed).random((40, 80), dtype=np.float32)
    blobs = np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), dtype=np.float32)
    spread = (blobs - blobs.min()) / (blobs.max() - blobs.min())
    for region in find_regions(spread, 200, 100, replace(OPTIONS, det_db_box_thresh=0.3)):
        assert 0.3 <= region.score <= 1
        assert np.all((region.polygon >= 0) & (region.polygon <= (200, 100)))


def test_whole_page_is_one_region() -> None:
    """With detection off, the picture is one line."""
    region = whole_page(320, 160)
    np.testing.assert_array_equal(region.polygon, [(0, 0), (320, 0), (320, 160), (0, 160)])
    assert region.score == 1


def test_dense_page_loses_nothing() -> None:
    """A table of small cells has more outlines than PaddleOCR looks at."""
    probabilities = np.zeros((960, 960), dtype=np.float32)
    for top in range(4, 950, 16):
        for left in range(4, 940, 24):
            probabilities[top : top + 6, left : left + 14] = 0.9
    regions = find_regions(probabilities, 960, 960, ReadOptions())
    assert len(regions) == 60 * 39


@given(st.integers(1, 60), st.integers(1, 60))
def test_tiles_cover_page_once(rows: int, columns: int) -> None:
    """Each within the page, none larger than the network's page, in steps that it takes."""
    height, width = rows * 32, columns * 32
    covered = np.zeros((height, width), dtype=np.uint8)
    for tile in tiles_of(height, width):
        for span, kept, length in (
            (tile.rows, tile.kept_rows, height),
            (tile.columns, tile.kept_columns, width),
        ):
            assert 0 <= span.start <= kept.start < kept.stop <= span.stop <= length
            assert span.stop - span.start <= SIDE_MAX_PX
            assert (span.stop - span.start) % 32 == 0
            edge = TILE_OVERLAP_PX // 2 - 16
            assert kept.start == 0 or kept.start - span.start >= edge
            assert kept.stop == length or span.stop - kept.stop >= edge
        covered[tile.kept_rows, tile.kept_columns] += 1
    assert (covered == 1).all()


def lines_of(height_px: float, count: int = 20) -> list[TextRegion]:
    """Level lines of one height."""
    corners = np.array([(0, 0), (200, 0), (200, height_px), (0, height_px)], dtype=np.float32)
    return [TextRegion(corners, 0.9)] * count


@pytest.mark.parametrize(
    ("regions", "size", "side"),
    [
        (lines_of(24), (1654, 2339), 1754),
        (lines_of(40), (1654, 2339), None),
        (lines_of(10), (1654, 2339), 1920),
        (lines_of(10), (700, 1000), 1800),
        (lines_of(10), (300, 400), 720),
        (lines_of(10, 7), (1654, 2339), None),
        ([], (1654, 2339), None),
    ],
    ids=["small", "legible", "tiny", "enlarged", "small page", "few lines", "nothing"],
)
def test_small_text_is_looked_at_again(
    regions: list[TextRegion], size: tuple[int, int], side: int | None
) -> None:
    """As large as it needs to be, a small one enlarged."""
    assert side_for_small_text(regions, *size) == side


async def test_line_across_tiles_is_one_line() -> None:
    """The maps of the tiles are put together before anything is outlined."""
    page = white_page(1800, 1000)
    page[480:520, 200:1700] = 0
    runner = FakeDetector()
    with ThreadPoolExecutor(1) as executor:
        detector = Detector(runner, executor, lambda _: None)
        resized = resize_for_detection(page, 1800)
        probabilities = await detector.probability_map(resized)
    (region,) = find_regions(probabilities, 1800, 1000, ReadOptions())
    left, right = region.polygon[:, 0].min(), region.polygon[:, 0].max()
    assert left < 230
    assert right > 1670


def arc_map(probability: float = 0.9) -> ProbabilityMap:
    """(320, 320) float32: a kernel 12 px thick that stands like a bridge."""
    probabilities = np.zeros((320, 320), dtype=np.float32)
    kernel = bent((160, 200), 120, 12, 130)
    cv2.fillPoly(probabilities, [np.rint(kernel).astype(np.int32)], probability)
    return probabilities


@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_find_regions_follows_arc(ratio: float) -> None:
    """It grows as a rectangle of its length and thickness does, in pixels of the page."""
    options = replace(OPTIONS, det_db_unclip_ratio=ratio)
    (region,) = find_regions(arc_map(), 640, 640, options)
    assert is_curved(region.polygon)
    length = 120 * np.radians(130)
    by = length * 12 * ratio / (2 * (length + 12))
    height, width = crop_polygon(white_page(640, 640), region.polygon).shape[:2]
    assert height == pytest.approx(2 * (12 + 2 * by), abs=4)
    assert width == pytest.approx(2 * (length + 2 * by), rel=0.05)
    assert region.score > 0.8


def test_find_regions_drops_weak_arc() -> None:
    """A strip needs the same mean probability as a rectangle."""
    assert find_regions(arc_map(0.5), 640, 640, OPTIONS) == []


def test_arc_at_the_border_stays_within_page() -> None:
    """What grows beyond the page is cut off at its border."""
    shifted = np.roll(arc_map(), -70, axis=0)
    (region,) = find_regions(shifted, 320, 320, OPTIONS)
    assert is_curved(region.polygon)
    assert region.polygon.min() >= 0


def test_pages_are_looked_at_again_for_arcs_only() -> None:
    """A page of straight lines is not."""
    assert bends(arc_map(), OPTIONS)
    assert not bends(map_with((40, 40, 140, 50), (40, 100, 300, 130)), OPTIONS)


def test_curved_line_takes_the_place_of_straight_ones() -> None:
    """Pieces of an arc that were found as the page stands yield to the whole of it."""
    whole = TextRegion(bent((160, 200), 120, 30, 130), 0.8)
    part = TextRegion(bent((160, 200), 120, 30, 60), 0.9)
    piece = TextRegion(np.array([(140, 70), (180, 70), (180, 90), (140, 90)], np.float32), 0.9)
    inside = TextRegion(np.array([(120, 180), (200, 180), (200, 220), (120, 220)], np.float32), 0.9)
    assert with_curved([part, piece, inside], [whole, piece]) == [inside, whole]
    assert with_curved([inside, piece], [piece]) == [inside, piece]
