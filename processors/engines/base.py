"""The seams between pictures and inference engines.

Runners may be called from several threads at once, up to their `concurrency`.
"""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from processors.errors import EngineError

PictureBatch = npt.NDArray[np.uint8]
"""(N, H, W, 3) uint8, BGR, 0-255."""


class Precision(StrEnum):
    """Number format of the arithmetic. `auto` leaves it to the engine and the processor."""

    AUTO = "auto"
    FP32 = "fp32"
    BF16 = "bf16"
    INT8 = "int8"


def require_finite(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Let probabilities pass: NaN would read as an empty page, or as a line read with certainty.

    Raises:
        EngineError: one of them is not a number; arithmetic overflowed, or the model is damaged.
    """
    if not np.isfinite(values).all():
        raise EngineError(
            "the engine computed values that are no numbers; try OCRSTREAM_PRECISION=fp32"
        )
    return values


class DetectorRunner(Protocol):
    """Text detection (DB)."""

    @property
    def concurrency(self) -> int:
        """Calls that make sense at the same time."""
        ...

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """Tell for each pixel how probably it belongs to the kernel of a line of text.

        Args:
            pages: H and W are multiples of 32.

        Returns:
            (N, H, W) float32, 0-1.

        Raises:
            EngineError: the engine failed; OutOfMemory where the batch was too large.
        """
        ...


class ClassifierRunner(Protocol):
    """Text-line orientation."""

    @property
    def concurrency(self) -> int:
        """Calls that make sense at the same time."""
        ...

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """Tell how probably each crop is turned by 180 degrees.

        Args:
            crops: (N, 48, 192, 3).

        Returns:
            (N,) float32, 0-1.

        Raises:
            EngineError: the engine failed; OutOfMemory where the batch was too large.
        """
        ...


class RecognizerRunner(Protocol):
    """Text recognition with CTC: CRNN, SVTR and their successors."""

    @property
    def concurrency(self) -> int:
        """Calls that make sense at the same time."""
        ...

    @property
    def characters(self) -> tuple[str, ...]:
        """Class index to text; index 0 is CTC's blank."""
        ...

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Tell the best class of each time step and its probability.

        Args:
            crops: (N, 48, W, 3).

        Returns:
            Two arrays (N, T): class indices, int32, and probabilities, float32, 0-1.

        Raises:
            EngineError: the engine failed; OutOfMemory where the batch was too large.
        """
        ...


class Engine(Protocol):
    """Opens model files on one device."""

    @property
    def name(self) -> str:
        """As `ENGINE` names it."""
        ...

    @property
    def device(self) -> str:
        """Where it runs: `cpu` or `gpu:0`."""
        ...

    @property
    def precision(self) -> Precision:
        """What it was asked to compute in."""
        ...

    def detector(self, model: Path) -> DetectorRunner:
        """Open a detection model; raises `ModelError` where it does not fit."""
        ...

    def classifier(self, model: Path) -> ClassifierRunner:
        """Open an orientation model; raises `ModelError` where it does not fit."""
        ...

    def recognizer(self, model: Path) -> RecognizerRunner:
        """Open a recognition model; raises `ModelError` where it does not fit."""
        ...
