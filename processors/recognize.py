"""Reading lines: a network with CTC output (CRNN, SVTR and their successors).

A crop is scaled to the network's height and filled up to the next multiple of 32 px, never to a
common large width: padding costs time and accuracy. Crops of one width share a batch, whichever
documents they come from; what a crop is padded to depends on the crop alone.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import cv2
import numpy as np
import numpy.typing as npt

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.engines.base import RecognizerRunner, require_finite
from processors.values import CropArray, LineCrop, Reading

HEIGHT_PX = 48
"""Height that the networks take (PaddleX `RecResizeImg`)."""

WIDTH_STEP_PX = 32
"""Widths are multiples of this: four time steps."""

WIDTH_MAX_PX = 3200
"""Longer lines are squeezed (PaddleX `MAX_IMG_W`)."""

PADDING = 128
"""Mid-grey, which normalises to 0, the value that the networks were trained with."""

BATCH_ITEMS_MAX = 4
"""More gains nothing on a CPU; 2026-11, two cores with AVX-512."""

_BATCH_PIXELS_MAX = HEIGHT_PX * WIDTH_MAX_PX


class Recognizer:
    """Reads crops; lines of all documents share batches.

    Args:
        runner: The network.
        executor: Its inference threads.
        report: Called after every batch.
    """

    def __init__(
        self, runner: RecognizerRunner, executor: Executor, report: Callable[[BatchReport], None]
    ) -> None:
        def run(crops: Sequence[CropArray]) -> list[Reading]:
            classes, probabilities = runner.best_classes(np.stack(crops))
            return [
                collapse_ctc(row, scores, runner.characters)
                for row, scores in zip(classes, require_finite(probabilities), strict=True)
            ]

        self._batcher = MicroBatcher[CropArray, Reading](
            run,
            BatchLimits(
                BATCH_ITEMS_MAX, _BATCH_PIXELS_MAX, wait_s=0.002, concurrency=runner.concurrency
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

    async def read(self, crop: LineCrop) -> tuple[Reading, bool]:
        """Read a line; one that may be upside down is read both ways and the surer one is kept.

        Returns:
            What was read, and whether the crop had to be turned by 180 degrees for it.
        """
        if not crop.upside_down:
            return await self._batcher.submit(fit_line(crop.pixels)), False
        as_is, flipped = await asyncio.gather(
            self._batcher.submit(fit_line(crop.pixels)),
            self._batcher.submit(fit_line(np.ascontiguousarray(crop.pixels[::-1, ::-1]))),
        )
        return (flipped, True) if flipped.score > as_is.score else (as_is, False)


def fit_line(pixels: CropArray) -> CropArray:
    """Scale a crop to the network's height and fill it up at the right.

    Args:
        pixels: (h, w, 3) uint8, BGR.

    Returns:
        (48, W, 3) uint8, BGR; W is the smallest multiple of 32 that holds it.
    """
    height, width = pixels.shape[:2]
    scaled_width = min(WIDTH_MAX_PX, max(1, math.ceil(width * HEIGHT_PX / height)))
    padded_width = math.ceil(scaled_width / WIDTH_STEP_PX) * WIDTH_STEP_PX
    fitted = np.full((HEIGHT_PX, padded_width, 3), PADDING, dtype=np.uint8)
    fitted[:, :scaled_width] = cv2.resize(pixels, (scaled_width, HEIGHT_PX))
    return fitted


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
        The text, and the mean probability of the time steps that gave a character; 0 without any.
    """
    kept = classes != 0
    kept[1:] &= classes[1:] != classes[:-1]
    if not kept.any():
        return Reading("", 0.0)
    text = "".join(characters[index] for index in classes[kept])
    return Reading(text, min(1.0, float(probabilities[kept].mean())))
