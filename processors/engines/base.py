"""The seams between pictures and inference engines.

Runners may be called from several threads at once, up to their `concurrency`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from processors.errors import EngineError, ModelError, OutOfMemory
from processors.models.catalog import Kind, Stage

PictureBatch = npt.NDArray[np.uint8]
"""(N, H, W, 3) uint8, BGR, 0-255."""


class Precision(StrEnum):
    """Number format of the arithmetic.

    `auto` is INT8 where that was measured to lose nothing, else what the engine and the processor
    do best.
    """

    AUTO = "auto"
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class GpuOptions:
    """How an NVIDIA GPU is used.

    Attributes:
        memory_bytes_max: What a network (with Paddle, the process) may take of the GPU's memory;
            beyond, batches shrink.
        tensorrt: Compile the networks with TensorRT, which takes minutes the first time; not every
            engine can, see `choose.py`.
        cache_folder: Where TensorRT keeps what it compiled; None: nowhere.
    """

    memory_bytes_max: int = 4 * 2**30
    tensorrt: bool = False
    cache_folder: Path | None = None


CPU_BATCH_PIXELS: dict[Stage, int] = {
    "detect": 960 * 960,
    "classify": 8 * 48 * 192,
    "recognize": 48 * 1024,
}
"""More gains nothing, and what a batch holds falls out of the cache; docs/benchmarks.md."""

GPU_BATCH_PIXELS: dict[Stage, int] = {
    "detect": 8 * 960 * 960,
    "classify": 64 * 48 * 192,
    "recognize": 64 * 48 * 320,
}
"""Batches that keep a GPU busy; not measured yet."""

_MEMORY_ERRORS = (
    "out of memory",
    "outofmemory",  # TensorRT
    "bad_alloc",
    "alloc_failed",  # cuBLAS, cuDNN
    "failed to allocate",
    "cannot allocate",
    "could not allocate",
    "unable to allocate",
    "smaller than requested bytes",  # ONNX Runtime, at its limit
)


def float_precision(
    engine: str, asked: Precision, able: Sequence[Precision] = (Precision.FP32,)
) -> Precision:
    """What an engine computes in.

    Args:
        engine: Its name.
        asked: What it is asked for.
        able: What it can do where it runs, the best first, which `auto` takes.

    Raises:
        ModelError: it is asked for anything else.
    """
    if asked not in (Precision.AUTO, *able):
        raise ModelError(
            f"the engine {engine} does not compute in {asked.value} here; "
            f"set OCRSTREAM_PRECISION to auto or {' or '.join(able)}"
        )
    return able[0] if asked is Precision.AUTO else asked


def batch_error(engine: str, pictures: PictureBatch, err: Exception) -> EngineError:
    """What to raise where a library failed on a batch: lack of memory is told from the rest."""
    is_memory = isinstance(err, MemoryError) or any(
        sign in str(err).lower() for sign in _MEMORY_ERRORS
    )
    kind = OutOfMemory if is_memory else EngineError
    return kind(f"{engine} failed on a batch of {pictures.shape}: {err}")


def channel(output: npt.NDArray[np.generic], index: int) -> npt.NDArray[np.float32]:
    """One channel of what a network gives, without the axis of channels.

    Args:
        output: (N, C, ...) numbers.
        index: Of the channel.

    Returns:
        (N, ...) float32.

    Raises:
        EngineError: there is no such channel; the model is one of another stage.
    """
    if output.ndim < 2 or output.shape[1] <= index:
        raise EngineError(f"a network gave {output.shape}, where channel {index} was expected")
    return output[:, index].astype(np.float32, copy=False)


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

    @property
    def batch_pixels_max(self) -> int:
        """Pixels, padding included, beyond which a larger batch gains nothing."""
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

    @property
    def batch_pixels_max(self) -> int:
        """Pixels, padding included, beyond which a larger batch gains nothing."""
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
    def batch_pixels_max(self) -> int:
        """Pixels, padding included, beyond which a larger batch gains nothing."""
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
    """Opens model files on one device.

    A new engine is one file with an implementation of this, its entry in `choose.py`, its extra in
    pyproject.toml and its name in the chart's values.schema.json. The suite in
    tests/contracts/test_runners.py then runs against it wherever it is installed; where the
    development environment has no room for it, `make test-engines` needs a line for it.
    """

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
        """What it computes in where the weights are floats; never `auto`."""
        ...

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What it can open in the precision that it was asked for, the best one first."""
        ...

    def detector(self, model: Path) -> DetectorRunner:
        """Open a detection model; raises `ModelError` where the file cannot be opened.

        Whether it is one of this stage, `warm_up` tells by its answer; so with the others.
        """
        ...

    def classifier(self, model: Path) -> ClassifierRunner:
        """Open an orientation model; raises `ModelError` where the file cannot be opened."""
        ...

    def recognizer(self, model: Path, characters: tuple[str, ...]) -> RecognizerRunner:
        """Open a recognition model; raises `ModelError` where it or its alphabet does not fit."""
        ...


def require_classes(model: Path, class_count: int | None, characters: tuple[str, ...]) -> None:
    """Make sure that an alphabet is that of its model, as far as the model says.

    Args:
        model: Its file.
        class_count: How many classes it tells apart, None where its file does not say.
        characters: Class index to text.

    Raises:
        ModelError: one entry too few would shift every character behind it.
    """
    if class_count is not None and class_count != len(characters):
        raise ModelError(
            f"{model}: the model tells {class_count} classes apart, "
            f"its dictionary names {len(characters)}"
        )
