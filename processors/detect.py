"""Finding lines of text: Differentiable Binarization (DB, arXiv:1911.08947; DB++, 2202.10304).

The network tells for each pixel how probably it belongs to the shrunken kernel of a line. Kernels
are outlined by rectangles, weak ones dropped, and the rest grown back to the size of the writing.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import cv2
import numpy as np
import numpy.typing as npt

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.engines.base import DetectorRunner, require_finite
from processors.geometry import order_corners
from processors.values import PageArray, PolygonArray, ProbabilityMap, ReadOptions, TextRegion

SIDE_MAX_PX = 960
"""Pages are reduced to this length of their longer side; 1280 reads no better: docs/accuracy.md."""

SIDE_STEP_PX = 32
"""The network's sides are multiples of this (PaddleX `DetResizeForTest`)."""

CANDIDATES_MAX = 5_000
"""Outlines looked at per page. Dense pages have more than PaddleX's 1,000 (`max_candidates`)."""

KERNEL_SIDE_MIN_PX = 3
"""Narrower kernels are noise (PaddleX `min_size`); grown ones must exceed it by 2."""

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
        """Run the network on a page from `resize_for_detection`."""
        return await self._batcher.submit(resized)


def resize_for_detection(page: PageArray) -> PageArray:
    """Reduce a page to at most `SIDE_MAX_PX` a side and to sides that the network takes.

    Args:
        page: (H, W, 3) uint8, BGR.

    Returns:
        (h, w, 3) uint8, BGR; h and w are multiples of 32, the proportions are kept but for that.
    """
    height, width = page.shape[:2]
    scale = min(1.0, SIDE_MAX_PX / max(height, width))
    sides = (
        max(SIDE_STEP_PX, round(side * scale / SIDE_STEP_PX) * SIDE_STEP_PX)
        for side in (width, height)
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
            that a rectangle needs, `det_db_unclip_ratio` how far it grows: by
            area x ratio / perimeter to each side.

    Returns:
        The regions in no particular order, within the page.
    """
    bitmap = (probabilities > options.det_db_thresh).astype(np.uint8)
    contours, _ = cv2.findContours(bitmap, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    map_height, map_width = probabilities.shape
    to_page = np.array([page_width / map_width, page_height / map_height], dtype=np.float32)
    limits = np.array([page_width, page_height], dtype=np.float32)
    regions = []
    for contour in contours[:CANDIDATES_MAX]:
        rectangle = cv2.minAreaRect(contour)
        width, height = rectangle[1]
        if min(width, height) < KERNEL_SIDE_MIN_PX:
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
    """Mean over the pixels inside a (4, 2) rectangle, as far as it lies on the map."""
    points = np.asarray(kernel, dtype=np.float32)
    height, width = probabilities.shape
    left, top = np.clip(np.floor(points.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(points.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), dtype=np.uint8)
    cv2.fillPoly(mask, [(points - (left, top)).astype(np.int32)], 1)
    window = probabilities[top : bottom + 1, left : right + 1]
    return float(cv2.mean(window, mask)[0])
