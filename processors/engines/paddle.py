"""Paddle Inference, managed by PaddleX as PaddleOCR does: the engine of the published weights."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
os.environ.setdefault("PADDLE_PDX_DISABLE_DEVICE_FALLBACK", "True")
_HANDLERS = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

import paddle  # noqa: E402 - its handlers are not to replace ours
from paddlex.inference.models.runners import PaddleStaticRunner  # noqa: E402

from processors.cores import available_cores  # noqa: E402
from processors.engines.base import (  # noqa: E402
    CPU_BATCH_PIXELS,
    GPU_BATCH_PIXELS,
    GpuOptions,
    PictureBatch,
    Precision,
    batch_error,
    channel,
    float_precision,
    require_classes,
)
from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization  # noqa: E402
from processors.errors import EngineError, ModelError  # noqa: E402
from processors.models.catalog import Format, Kind, Weights  # noqa: E402

# Paddle's handlers, and taking them away, replace the worker's: SIGTERM would kill, not drain.
paddle.disable_signal_handler()
if threading.current_thread() is threading.main_thread():
    for _number, _handler in _HANDLERS.items():
        signal.signal(_number, _handler)


class PaddleEngine:
    """Opens models in Paddle's own format on the CPU (oneDNN) or one NVIDIA GPU.

    Args:
        device: `cpu` or `gpu:N`.
        precision: `fp32`.
        gpu: How a GPU is used, without TensorRT: PaddleX wants to be told all shapes for it.

    Raises:
        ModelError: the device is not there, or the precision is not supported.
    """

    name = "paddle"
    kinds: tuple[Kind, ...] = ((Format.PADDLE, Weights.FLOAT),)

    def __init__(
        self,
        device: str = "cpu",
        precision: Precision = Precision.AUTO,
        gpu: GpuOptions = GpuOptions(),  # noqa: B008 - frozen
    ) -> None:
        self.device = device
        self.precision = float_precision(self.name, precision)
        self._batch_pixels = CPU_BATCH_PIXELS if device == "cpu" else GPU_BATCH_PIXELS
        self._config: dict[str, str | int] = {
            "device_type": "cpu",
            "run_mode": "mkldnn",
            "cpu_threads": available_cores(),
        }
        if device != "cpu":
            self._config = _gpu_config(int(device.removeprefix("gpu:")), gpu)

    def detector(self, model: Path) -> "PaddleDetector":
        """Open a detection model."""
        return PaddleDetector(self._open(model), DETECTION, self._batch_pixels["detect"])

    def classifier(self, model: Path) -> "PaddleClassifier":
        """Open an orientation model."""
        return PaddleClassifier(self._open(model), TEXT_LINE, self._batch_pixels["classify"])

    def recognizer(self, model: Path, characters: tuple[str, ...]) -> "PaddleRecognizer":
        """Open a recognition model; how many classes it has, it tells with its first answer."""
        pixels_max = self._batch_pixels["recognize"]
        runner = PaddleRecognizer(self._open(model), TEXT_LINE, pixels_max, characters)
        require_classes(model, runner.class_count(), characters)
        return runner

    def _open(self, model: Path) -> PaddleStaticRunner:
        weights = model.with_suffix(".pdiparams")
        if model.stem != "inference" or not weights.is_file():
            raise ModelError(f"{model} is no model in Paddle's format, with {weights.name} beside")
        try:
            return PaddleStaticRunner("", model.parent, "inference", dict(self._config))
        except Exception as err:  # its errors share no root but Exception
            raise ModelError(f"{model} is no model that Paddle can read: {err}") from err


def _gpu_config(index: int, gpu: GpuOptions) -> dict[str, str | int]:
    if not paddle.is_compiled_with_cuda() or paddle.device.cuda.device_count() <= index:
        raise ModelError(
            f"Paddle cannot run on gpu:{index}: this build or machine has no such GPU; install "
            "paddlepaddle-gpu from Paddle's own index, or set OCRSTREAM_DEVICE=cpu"
        )
    paddle.set_flags({"FLAGS_gpu_memory_limit_mb": gpu.memory_bytes_max // 2**20})
    return {"device_type": "gpu", "device_id": index, "run_mode": "paddle"}


class _Runner:
    """Calls a predictor, one call at a time: it is not thread-safe and would mix answers up."""

    concurrency = 1

    def __init__(
        self, runner: PaddleStaticRunner, normalization: Normalization, batch_pixels_max: int
    ) -> None:
        self.batch_pixels_max = batch_pixels_max
        self._runner = runner
        self._normalization = normalization
        self._lock = threading.Lock()

    def _infer(self, pictures: PictureBatch) -> paddle.Tensor:
        """Run the network; what it gives stays on the device."""
        normalized = self._normalization.apply(pictures)
        try:
            return self._runner.predictor.run([paddle.to_tensor(normalized)])[0]
        except Exception as err:  # its errors share no root but Exception
            raise batch_error("Paddle", pictures, err) from err


class PaddleDetector(_Runner):
    """A `DetectorRunner`."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        with self._lock:
            return np.array(channel(self._infer(pages).numpy(), 0))


class PaddleClassifier(_Runner):
    """A `ClassifierRunner`."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        with self._lock:
            return np.array(channel(self._infer(crops).numpy(), 1))


class PaddleRecognizer(_Runner):
    """A `RecognizerRunner`; the best class is found where the network ran."""

    def __init__(
        self,
        runner: PaddleStaticRunner,
        normalization: Normalization,
        batch_pixels_max: int,
        characters: tuple[str, ...],
    ) -> None:
        super().__init__(runner, normalization, batch_pixels_max)
        self.characters = characters

    def class_count(self) -> int:
        """How many classes the network tells apart.

        Raises:
            ModelError: it is no recogniser.
        """
        fault = "the model is no recognition model: it gives no classes per time step"
        try:
            shape = self._infer(np.zeros((1, 48, 64, 3), dtype=np.uint8)).shape
        except EngineError as err:
            raise ModelError(fault) from err
        if len(shape) != 3:
            raise ModelError(fault)
        return int(shape[2])

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        with self._lock:
            probabilities = self._infer(crops)
            classes = paddle.argmax(probabilities, axis=2).numpy().astype(np.int32)
            return classes, np.array(paddle.max(probabilities, axis=2).numpy(), dtype=np.float32)
