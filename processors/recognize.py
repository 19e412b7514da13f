"""Reading lines: a network with CTC output (CRNN, SVTR and their successors).

A crop is scaled to the network's height, a long one squeezed a little, and filled up to the next of
a ladder of widths, never to a common large one: padding costs time and accuracy. Crops of one width
share a batch, whichever documents they come from; what a crop becomes depends on the crop alone.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.engines.base import RecognizerRunner, require_finite
from processors.logical_order import in_logical_order
from processors.values import CropArray, Reading

HEIGHT_PX = 48
"""Height that the networks take (PaddleX `RecResizeImg`)."""

WIDTH_MAX_PX = 3200
"""Longer lines are squeezed to this (PaddleX `MAX_IMG_W`)."""

SQUEEZED_FROM_PX = 160
"""Shorter lines keep their proportions: few characters say little about each other.

Time goes with the width, and some networks have steps to spare (`Model.squeeze`).
"""

_LADDER = ((1024, 32), (2048, 64), (WIDTH_MAX_PX, 128))
"""Up to which width, in which steps: about 6 % of what is read is padding.

Engines prepare themselves for every shape they meet, in time and memory, so there are only 57.
"""

WIDTHS_PX = tuple(
    width
    for start, (end, step) in zip((0, 1024, 2048), _LADDER, strict=True)
    for width in range(start + step, end + 1, step)
)
"""What lines are filled up to; each is a multiple of 32, four time steps."""

_NARROW_PX = 128
"""Batches hold as many lines of this width as an engine's batch has pixels, or wider ones."""

PADDING = 128
"""Mid-grey, which normalises to 0, the value that the networks were trained with."""

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
"""Few sizes mean few shapes; a batch is closed at the largest that what waits can fill."""


class Recognizer:
    """Reads crops; lines of all documents share batches.

    Args:
        runner: The network.
        executor: Its inference threads.
        report: Called after every batch.
        squeeze: How wide long lines are read, of their own proportions.
    """

    def __init__(
        self,
        runner: RecognizerRunner,
        executor: Executor,
        report: Callable[[BatchReport], None],
        squeeze: float = 1.0,
    ) -> None:
        self._squeeze = squeeze

        def run(crops: Sequence[CropArray]) -> list[Reading]:
            classes, probabilities = runner.best_classes(np.stack(crops))
            return [
                collapse_ctc(row, scores, runner.characters)
                for row, scores in zip(classes, require_finite(probabilities), strict=True)
            ]

        self._batcher = MicroBatcher[CropArray, Reading](
            run,
            BatchLimits(
                max(1, min(max(BATCH_SIZES), runner.batch_pixels_max // (HEIGHT_PX * _NARROW_PX))),
                runner.batch_pixels_max,
                wait_s=0.002,
                concurrency=runner.concurrency,
                sizes=BATCH_SIZES,
            ),
            bucket=lambda crop: crop.shape[1],
            weight=lambda crop: crop.shape[0] * crop.shape[1],
            executor=executor,
            report=report,
        )

    @property
    def busy_s(self) -> float:
        """For how long its oldest batch has been worked on."""
        return self._batcher.busy_s

    async def read(self, pixels: CropArray) -> Reading:
        """Read a line as it stands.

        Args:
            pixels: (h, w, 3) uint8, BGR, the text running from left to right.
        """
        fitted = fit_line(pixels, self._squeeze)
        reading = await self._batcher.submit(fitted)
        part = fitted.shape[1] / scaled_width(pixels, self._squeeze)
        centers = tuple(min(1.0, center * part) for center in reading.centers)
        return in_logical_order(replace(reading, centers=centers))


def fit_line(pixels: CropArray, squeeze: float = 1.0) -> CropArray:
    """Scale a crop to the network's height, squeeze it if long, and fill it up at the right.

    Args:
        pixels: (h, w, 3) uint8, BGR.
        squeeze: How wide a line of more than `SQUEEZED_FROM_PX` becomes, of its own proportions.

    Returns:
        (48, W, 3) uint8, BGR; W is the smallest of `WIDTHS_PX` that holds it.
    """
    width = scaled_width(pixels, squeeze)
    padded_width = WIDTHS_PX[bisect_left(WIDTHS_PX, width)]
    fitted = np.full((HEIGHT_PX, padded_width, 3), PADDING, dtype=np.uint8)
    fitted[:, :width] = cv2.resize(pixels, (width, HEIGHT_PX))
    return fitted


def scaled_width(pixels: CropArray, squeeze: float = 1.0) -> int:
    """How wide `fit_line` makes a crop, in pixels, before it is filled up."""
    height, width = pixels.shape[:2]
    scaled: int = math.ceil(width * HEIGHT_PX / height)
    if scaled > SQUEEZED_FROM_PX:
        scaled = max(SQUEEZED_FROM_PX, math.ceil(scaled * squeeze))
    return min(WIDTH_MAX_PX, scaled)


def collapse_ctc(
    classes: npt.NDArray[np.int32],
    probabilities: npt.NDArray[np.float32],
    characters: Sequence[str],
) -> Reading:
    """Greedy CTC: repeated classes count once, then blanks (class 0) are dropped.

    Args:
        classes: (T,) best class of each time step.
        probabilities: (T,) its probability, 0-1.
        characters: Class index to text.

    Returns:
        The text, the mean probability of the time steps that gave a character, 0 without any, and
        for each character its probability, and its place of the width that was read, 0-1.
    """
    kept = classes != 0
    kept[1:] &= classes[1:] != classes[:-1]
    if not kept.any():
        return Reading("", 0.0, (), ())
    pieces = [characters[index] for index in classes[kept]]
    scores = np.minimum(probabilities[kept], 1.0)
    centers = (np.flatnonzero(kept) + 0.5) / len(classes)
    each = [
        (s, c) for p, s, c in zip(pieces, scores.tolist(), centers.tolist(), strict=True) for _ in p
    ]
    return Reading(
        "".join(pieces),
        float(scores.mean()),
        tuple(score for score, _ in each),
        tuple(center for _, center in each),
    )
