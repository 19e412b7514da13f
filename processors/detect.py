"""Finding lines of text: Differentiable Binarization (DB, arXiv:1911.08947; DB++, 2202.10304).

The network tells for each pixel how probably it belongs to the shrunken kernel of a line. Kernels
are outlined by rectangles, or as strips where they bend, weak ones dropped, and the rest grown back
to the size of the writing.
"""

import asyncio
import itertools
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.curves import KernelArray, find_bend, is_hollow, outline_of
from processors.engines.base import DetectorRunner, require_finite
from processors.geometry import (
    is_curved,
    order_corners,
    shared_area,
    side_lengths,
    usual_height,
)
from processors.values import PageArray, PolygonArray, ProbabilityMap, ReadOptions, TextRegion

SIDE_MAX_PX = 960
"""Pages are reduced to this length of their longer side; 1280 reads no better: docs/accuracy.md.

Pages whose text is small are looked at again, by tiles of this size.
"""

SMALL_TEXT_PX = 14.5
"""A page whose usual line is lower at detection is looked at again, larger; docs/accuracy.md."""

LEGIBLE_TEXT_PX = 18.0
"""How high its usual line is then."""

SECOND_SIDE_MAX_PX = 1920
"""Longest side at which a page is looked at again."""

ENLARGED_MAX = 2.0
"""How much larger than it is a page is looked at."""

SMALL_LINES_MIN = 8
"""Fewer lines say little about a page: in photographs, most of what is small is none."""

TILE_OVERLAP_PX = 128
"""Tiles share so much, and each gives up half of it: a network sees badly at its edges."""

SIDE_STEP_PX = 32
"""The network's sides are multiples of this (PaddleX `DetResizeForTest`)."""

CANDIDATES_MAX = 5_000
"""Outlines looked at per page. Dense pages have more than PaddleX's 1,000 (`max_candidates`)."""

KERNEL_SIDE_MIN_PX = 3
"""Narrower kernels are noise (PaddleX `min_size`); grown ones must exceed it by 2."""

BENT_GAIN_MIN = 0.2
"""By so much the mean probability of a strip must exceed that of the rectangle of its kernel.

Two signs in the photographs of icdar2015 that gain 0.01 and 0.17 are read worse as bent; lines of
`tests.benchmarks.curved` that are read better gain 0.2 and more (2026-11).
"""

SAME_PLACE_SHARE = 0.5
"""Two regions share a place if so much of the smaller one lies in the other."""

_BATCH_PAGES_MAX = 16


class Detector:
    """Finds text regions; pages of equal size share a batch.

    Args:
        runner: The network.
        executor: Its inference thread.
        report: Called after every batch.
    """

    def __init__(
        self, runner: DetectorRunner, executor: Executor, report: Callable[[BatchReport], None]
    ) -> None:
        def run(pages: Sequence[PageArray]) -> list[ProbabilityMap]:
            return list(require_finite(runner.probability_maps(np.stack(pages))))

        self._batcher = MicroBatcher[PageArray, ProbabilityMap](
            run,
            BatchLimits(
                _BATCH_PAGES_MAX,
                runner.batch_pixels_max,
                wait_s=0.0,
                concurrency=runner.concurrency,
            ),
            bucket=lambda page: page.shape,
            weight=lambda page: page.shape[0] * page.shape[1],
            executor=executor,
            report=report,
        )

    @property
    def busy_s(self) -> float:
        """For how long its oldest batch has been worked on."""
        return self._batcher.busy_s

    async def probability_map(self, resized: PageArray) -> ProbabilityMap:
        """Run the network on a page from `resize_for_detection`, on a large one by tiles."""
        height, width = resized.shape[:2]
        if max(height, width) <= SIDE_MAX_PX:
            return await self._batcher.submit(resized)
        tiles = tiles_of(height, width)
        pieces = [np.ascontiguousarray(resized[tile.rows, tile.columns]) for tile in tiles]
        maps = await asyncio.gather(*map(self._batcher.submit, pieces))
        probabilities = np.empty((height, width), dtype=np.float32)
        for tile, piece in zip(tiles, maps, strict=True):
            rows = slice(
                tile.kept_rows.start - tile.rows.start, tile.kept_rows.stop - tile.rows.start
            )
            columns = slice(
                tile.kept_columns.start - tile.columns.start,
                tile.kept_columns.stop - tile.columns.start,
            )
            probabilities[tile.kept_rows, tile.kept_columns] = piece[rows, columns]
        return probabilities


def side_for_small_text(regions: Sequence[TextRegion], width: int, height: int) -> int | None:
    """Length of the longer side at which a page has to be looked at again, if it has to.

    Args:
        regions: What was found at `SIDE_MAX_PX`.
        width: Of the page, in pixels.
        height: Of the page, in pixels.

    Returns:
        None where the page's usual line is high enough. A small page is enlarged, at most to twice
        its size.
    """
    longer = max(width, height)
    seen = min(longer, SIDE_MAX_PX)
    if len(regions) < SMALL_LINES_MIN:
        return None
    usual_px = usual_height([region.polygon for region in regions]) * seen / longer
    if usual_px >= SMALL_TEXT_PX:
        return None
    wanted = seen * LEGIBLE_TEXT_PX / max(1.0, usual_px)
    side = round(min(wanted, longer * ENLARGED_MAX, SECOND_SIDE_MAX_PX))
    return side if side > seen else None


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a resized page.

    Attributes:
        rows: Where it lies.
        columns: Where it lies.
        kept_rows: What its map tells of the page; the rest is told by its neighbours.
        kept_columns: The same.
    """

    rows: slice
    columns: slice
    kept_rows: slice
    kept_columns: slice


def tiles_of(height: int, width: int) -> list[Tile]:
    """Cut a resized page into tiles of at most `SIDE_MAX_PX` a side; what they keep covers it once.

    Args:
        height: A multiple of 32.
        width: A multiple of 32.
    """
    return [
        Tile(rows, columns, kept_rows, kept_columns)
        for rows, kept_rows in _spans(height)
        for columns, kept_columns in _spans(width)
    ]


def _spans(length: int) -> list[tuple[slice, slice]]:
    """Equal pieces of a length that overlap, and what each of them keeps."""
    if length <= SIDE_MAX_PX:
        return [(slice(0, length), slice(0, length))]
    step = SIDE_MAX_PX - TILE_OVERLAP_PX
    count = math.ceil((length - TILE_OVERLAP_PX) / step)
    size = math.ceil((length + (count - 1) * TILE_OVERLAP_PX) / count / SIDE_STEP_PX) * SIDE_STEP_PX
    starts = [round(number * (length - size) / (count - 1)) for number in range(count)]
    seams = [0, *((a + size + b) // 2 for a, b in itertools.pairwise(starts)), length]
    return [
        (slice(start, start + size), slice(first, last))
        for start, (first, last) in zip(starts, itertools.pairwise(seams), strict=True)
    ]


def resize_for_detection(page: PageArray, side: int | None = None) -> PageArray:
    """Scale a page to a length of its longer side and to sides that the network takes.

    Args:
        page: (H, W, 3) uint8, BGR.
        side: Longer side, in pixels; None: `SIDE_MAX_PX`, or the page's own if it is shorter.

    Returns:
        (h, w, 3) uint8, BGR; h and w are multiples of 32, the proportions are kept but for that.
    """
    height, width = page.shape[:2]
    longer = max(height, width)
    scale = (side or min(SIDE_MAX_PX, longer)) / longer
    sides = (
        max(SIDE_STEP_PX, round(length * scale / SIDE_STEP_PX) * SIDE_STEP_PX)
        for length in (width, height)
    )
    return np.asarray(cv2.resize(page, tuple(sides)), dtype=np.uint8)


def find_regions(
    probabilities: ProbabilityMap, page_width: int, page_height: int, options: ReadOptions
) -> list[TextRegion]:
    """Outline the text in a probability map.

    Args:
        probabilities: (h, w) float32, 0-1.
        page_width: Width of the page that the polygons shall refer to, in pixels.
        page_height: Its height.
        options: `det_db_thresh` makes a pixel text, `det_db_box_thresh` is the mean probability
            that a rectangle or a strip needs, `det_db_unclip_ratio` how far it grows: by
            area x ratio / perimeter to each side.

    Returns:
        The regions in no particular order, within the page.
    """
    map_height, map_width = probabilities.shape
    to_page = np.array([page_width / map_width, page_height / map_height], dtype=np.float32)
    limits = np.array([page_width, page_height], dtype=np.float32)
    regions = []
    for outline in _kernels(probabilities, options):
        rectangle = cv2.minAreaRect(outline)
        width, height = rectangle[1]
        if min(width, height) < KERNEL_SIDE_MIN_PX:
            continue
        curved = _curved_region(outline, probabilities, options)
        if curved is not None:
            regions.append(TextRegion(np.clip(curved.polygon * to_page, 0, limits), curved.score))
            continue
        kernel = cv2.boxPoints(rectangle)
        score = _mean_probability(probabilities, kernel)
        if score < options.det_db_box_thresh:
            continue
        distance = width * height * options.det_db_unclip_ratio / (2 * (width + height))
        center, sides, angle = cv2.minAreaRect(_grown(kernel, distance))
        if min(sides) < KERNEL_SIDE_MIN_PX + 2:
            continue
        grown = cv2.boxPoints((center, sides, angle))
        corners = order_corners(np.asarray(grown, dtype=np.float32))
        regions.append(TextRegion(np.clip(np.rint(corners * to_page), 0, limits), score))
    return regions


def bends(probabilities: ProbabilityMap, options: ReadOptions) -> bool:
    """Whether something on a page seems to bend so much that it has to be looked at again.

    A network fills an arc up from the side that it hangs to, and it does so less to one that hangs
    than to one that stands: upside down, what stood like a bridge is seen better.
    """
    return any(map(is_hollow, _kernels(probabilities, options)))


def with_curved(regions: list[TextRegion], others: list[TextRegion]) -> list[TextRegion]:
    """What was found on a page, and what bends and was found on the page upside down.

    Args:
        regions: As the page stands.
        others: As it stood on its head, in the same pixels.

    Returns:
        The curved lines of both, the longer one where two share a place, and the straight ones of
        `regions` that share their place with none of these.
    """
    curved = [region for region in (*regions, *others) if is_curved(region.polygon)]
    kept: list[TextRegion] = []
    for region in sorted(curved, key=lambda one: -one.score * side_lengths(one.polygon)[0]):
        if not any(_share_place(region, other) for other in kept):
            kept.append(region)
    straight = [region for region in regions if not is_curved(region.polygon)]
    return [one for one in straight if not any(_share_place(one, other) for other in kept)] + kept


def _share_place(first: TextRegion, second: TextRegion) -> bool:
    """Whether half of the smaller of two regions lies in the other."""
    areas = (float(cv2.contourArea(region.polygon)) for region in (first, second))
    return shared_area(first.polygon, second.polygon) > SAME_PLACE_SHARE * min(areas)


def _kernels(probabilities: ProbabilityMap, options: ReadOptions) -> list[KernelArray]:
    """The outlines of what is text in a probability map."""
    bitmap = (probabilities > options.det_db_thresh).astype(np.uint8)
    contours, _ = cv2.findContours(bitmap, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(contour, dtype=np.int32) for contour in contours[:CANDIDATES_MAX]]


def _curved_region(
    kernel: KernelArray, probabilities: ProbabilityMap, options: ReadOptions
) -> TextRegion | None:
    """The region of a kernel that bends, in pixels of the map; None where it is straight."""
    bend = find_bend(kernel)
    outline = None if bend is None else outline_of(bend)
    if bend is None or outline is None:
        return None
    score = _mean_probability(probabilities, outline)
    as_straight = _mean_probability(probabilities, cv2.boxPoints(cv2.minAreaRect(kernel)))
    if score < max(options.det_db_box_thresh, as_straight + BENT_GAIN_MIN):
        return None
    length, thickness = bend.length, bend.thickness
    distance = length * thickness * options.det_db_unclip_ratio / (2 * (length + thickness))
    grown = outline_of(bend, distance)
    return None if grown is None else TextRegion(grown, score)


def _grown(kernel: npt.ArrayLike, distance: float) -> PolygonArray:
    """Move the edges of a rectangle outwards.

    PaddleOCR does so on a grid of whole pixels: corners are cut off to it before and rounded to it
    afterwards. Half a pixel of the map is several of the page, and a tenth of a small word, so the
    same is done here.

    Args:
        kernel: (4, 2), in pixels of the map.
        distance: In pixels of the map.

    Returns:
        (N, 2) float32: both ends of each edge, moved outwards (and inwards, which is no matter).
    """
    corners = cv2.convexHull(np.trunc(np.asarray(kernel, dtype=np.float32))).reshape(-1, 2)
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
    normals *= distance / np.maximum(np.linalg.norm(edges, axis=1, keepdims=True), 1e-6)
    ends = np.concatenate([corners, np.roll(corners, -1, axis=0)])
    moved = np.concatenate([normals, normals])
    return np.asarray(np.rint(np.concatenate([ends + moved, ends - moved])), dtype=np.float32)


def whole_page(width: int, height: int) -> TextRegion:
    """The one region of a page on which nothing is to be detected."""
    corners: PolygonArray = np.array(
        [(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32
    )
    return TextRegion(corners, 1.0)


def _mean_probability(probabilities: ProbabilityMap, kernel: npt.ArrayLike) -> float:
    """Mean over the pixels inside an (N, 2) polygon, as far as it lies on the map."""
    points = np.asarray(kernel, dtype=np.float32)
    height, width = probabilities.shape
    left, top = np.clip(np.floor(points.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(points.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), dtype=np.uint8)
    cv2.fillPoly(mask, [(points - (left, top)).astype(np.int32)], 1)
    window = probabilities[top : bottom + 1, left : right + 1]
    return float(cv2.mean(window, mask)[0])
