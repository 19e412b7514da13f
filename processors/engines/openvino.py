"""OpenVINO: the engine for CPUs."""

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openvino as ov

from processors.cores import available_cores
from processors.engines.base import PictureBatch, Precision
from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization, ctc_characters
from processors.engines.openvino_graph import (
    give_best_class,
    take_pictures,
    unfold_transposed_convolutions,
)
from processors.errors import EngineError, ModelError, OutOfMemory

_PRIMITIVES_MAX = 20_000
"""What OpenVINO keeps of the shapes that it has seen: some 70 primitives for each shape.

By default 5,000; beyond, every batch compiles its layers again, which doubles its time.
"""

_PRECISION_HINTS = {Precision.FP32: "f32", Precision.BF16: "bf16"}


class OpenVinoEngine:
    """Compiles ONNX or OpenVINO models for the CPU.

    Args:
        precision: `auto` lets OpenVINO choose: BF16 where the CPU computes in it, else FP32.
    """

    name = "openvino"
    device = "cpu"

    def __init__(self, precision: Precision = Precision.AUTO) -> None:
        if precision is Precision.INT8:
            raise ModelError(
                "there are no INT8 models yet; set OCRSTREAM_PRECISION to auto, fp32 or bf16"
            )
        self.precision = precision
        self._core = ov.Core()
        self._threads = available_cores()

    def detector(self, model: Path) -> "OpenVinoDetector":
        """Open a detection model: one page at a time on all cores."""
        network = self._read(model, DETECTION)
        unfold_transposed_convolutions(network)
        return OpenVinoDetector(self._compile(network, streams=1), concurrency=1)

    def classifier(self, model: Path) -> "OpenVinoClassifier":
        """Open an orientation model: too small to be shared by cores."""
        network = self._read(model, TEXT_LINE)
        return OpenVinoClassifier(self._compile(network, streams=self._threads), concurrency=1)

    def recognizer(self, model: Path) -> "OpenVinoRecognizer":
        """Open a recognition model: one batch per core, for batches scale badly over cores."""
        network = self._read(model, TEXT_LINE)
        characters = ctc_characters(_dictionary(network, model))
        class_count = network.output(0).partial_shape[-1]
        if class_count.is_static and class_count.get_length() != len(characters):
            raise ModelError(
                f"{model}: the model tells {class_count.get_length()} classes apart, "
                f"its dictionary names {len(characters)}"
            )
        compiled = self._compile(give_best_class(network), streams=self._threads)
        return OpenVinoRecognizer(compiled, self._threads, characters)

    def _read(self, model: Path, normalization: Normalization) -> ov.Model:
        """Read a model that takes (N, H, W, 3) uint8 BGR."""
        try:
            return take_pictures(self._core.read_model(model), normalization)
        except RuntimeError as err:
            raise ModelError(f"{model} is no model that OpenVINO can read: {err}") from err

    def _compile(self, network: ov.Model, streams: int) -> ov.CompiledModel:
        config: dict[str, str | int] = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": self._threads,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": _PRIMITIVES_MAX,
        }
        if self.precision in _PRECISION_HINTS:
            config["INFERENCE_PRECISION_HINT"] = _PRECISION_HINTS[self.precision]
        return self._core.compile_model(network, "CPU", config)


def _dictionary(network: ov.Model, model: Path) -> str:
    """The alphabet that PP-OCR's ONNX files carry in their metadata."""
    try:
        return str(network.get_rt_info(["framework", "character"]).astype(str))
    except RuntimeError as err:
        raise ModelError(f"{model} carries no dictionary (metadata key `character`)") from err


class _Runner:
    """Calls a compiled model from any thread; each thread has an inference request of its own."""

    def __init__(self, compiled: ov.CompiledModel, concurrency: int) -> None:
        self.concurrency = concurrency
        self._compiled = compiled
        self._of_thread = threading.local()

    def _infer(self, pictures: PictureBatch) -> list[npt.NDArray[np.generic]]:
        request = getattr(self._of_thread, "request", None)
        if request is None:
            request = self._of_thread.request = self._compiled.create_infer_request()
        try:
            request.infer([pictures], share_inputs=True)
        except RuntimeError as err:
            kind = OutOfMemory if "alloc" in str(err).lower() else EngineError
            raise kind(f"OpenVINO failed on a batch of shape {pictures.shape}: {err}") from err
        return [np.array(tensor.data) for tensor in request.output_tensors]


class OpenVinoDetector(_Runner):
    """A `DetectorRunner`."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        return self._infer(pages)[0][:, 0].astype(np.float32, copy=False)


class OpenVinoClassifier(_Runner):
    """A `ClassifierRunner`."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return self._infer(crops)[0][:, 1].astype(np.float32, copy=False)


class OpenVinoRecognizer(_Runner):
    """A `RecognizerRunner`."""

    def __init__(
        self, compiled: ov.CompiledModel, concurrency: int, characters: tuple[str, ...]
    ) -> None:
        super().__init__(compiled, concurrency)
        self.characters = characters

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        probabilities, classes = self._infer(crops)
        return (
            classes[..., 0].astype(np.int32, copy=False),
            probabilities[..., 0].astype(np.float32, copy=False),
        )
