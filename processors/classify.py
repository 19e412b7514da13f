"""Finding lines that stand on their heads (0 or 180 degrees).

A line that was read with certainty stands the right way up, so only doubtful ones are classified.
The classifier's word is a suspicion; which way a line reads better decides.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import cv2
import numpy as np

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.engines.base import ClassifierRunner, require_finite
from processors.values import CropArray

HEIGHT_PX, WIDTH_PX = 48, 192
"""What the network takes (PaddleOCR `cls_image_shape`)."""

UPSIDE_DOWN_ABOVE = 0.9
"""Probability above which a line is taken for upside down (PaddleOCR `cls_thresh`)."""

DOUBTFUL_BELOW = 0.95
"""Score below which a line is classified; 2026-11, 3,211 lines of SROIE.

One in ten of the upright lines scores less; one in a hundred of the lines on their heads scores
more and would have read better upright, such as a single digit.
"""

_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)


class Classifier:
    """Tells which lines may be upside down; lines of all documents share batches.

    Args:
        runner: The network.
        executor: Its inference threads.
        report: Called after every batch.
    """

    def __init__(
        self, runner: ClassifierRunner, executor: Executor, report: Callable[[BatchReport], None]
    ) -> None:
        def run(crops: Sequence[CropArray]) -> list[float]:
            flags = require_finite(runner.upside_down(np.stack(crops)))
            return [float(value) for value in flags]

        self._batcher = MicroBatcher[CropArray, float](
            run,
            BatchLimits(
                max(_BATCH_SIZES),
                runner.batch_pixels_max,
                wait_s=0.001,
                concurrency=runner.concurrency,
                sizes=_BATCH_SIZES,
            ),
            bucket=lambda _: None,
            weight=lambda _: HEIGHT_PX * WIDTH_PX,
            executor=executor,
            report=report,
        )

    @property
    def busy_s(self) -> float:
        """For how long its oldest batch has been worked on."""
        return self._batcher.busy_s

    async def is_upside_down(self, pixels: CropArray) -> bool:
        """Tell whether a line should be read the other way round as well."""
        return await self._batcher.submit(fit_for_classifier(pixels)) > UPSIDE_DOWN_ABOVE


def fit_for_classifier(pixels: CropArray) -> CropArray:
    """Scale a crop to the network's height; squeeze it or fill it up at the right with mid-grey.

    Args:
        pixels: (h, w, 3) uint8, BGR.

    Returns:
        (48, 192, 3) uint8, BGR.
    """
    height, width = pixels.shape[:2]
    fitted_width = min(WIDTH_PX, max(1, round(width * HEIGHT_PX / height)))
    fitted = np.full((HEIGHT_PX, WIDTH_PX, 3), 128, dtype=np.uint8)
    fitted[:, :fitted_width] = cv2.resize(pixels, (fitted_width, HEIGHT_PX))
    return fitted
