"""OpenVINO: the engine for CPUs."""

import os
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openvino as ov

from processors.cores import available_cores, computes_in_int8
from processors.engines.base import (
    CPU_BATCH_PIXELS,
    GpuOptions,
    PictureBatch,
    Precision,
    batch_error,
    channel,
    require_classes,
)
from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization
from processors.engines.openvino_graph import (
    give_best_class,
    take_pictures,
    unfold_transposed_convolutions,
)
from processors.errors import ModelError
from processors.models.catalog import Format, Kind, Weights

_PRIMITIVES_MAX = {"detect": 200, "classify": 2_000, "recognize": 20_000}
"""What each stream of OpenVINO keeps of the shapes that it has seen; by default 5,000.

A shape takes some 70 primitives of a recogniser, and all shapes must fit: beyond, every batch makes
its layers again, which doubles its time. Of a detector it takes 180, and there are hundreds of page
sizes: the latest is kept here, and the kernels of some twenty below.
"""

_KERNELS_MAX = 4_000
"""What oneDNN below keeps for all streams and networks of the process; by default 1,024.

A recogniser with every shape has 3,000. What is not kept is compiled by each stream for itself,
which takes twice the memory. The environment is read at the first inference.
"""
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(_KERNELS_MAX))

_ONNX = (Format.ONNX, Weights.FLOAT)
_INT8 = (Format.OPENVINO, Weights.INT8)
_KINDS: dict[Precision, tuple[Kind, ...]] = {
    Precision.AUTO: (_INT8, _ONNX),
    Precision.INT8: (_INT8,),
    Precision.BF16: (_ONNX,),
    Precision.FP32: (_ONNX,),
}
_PRECISION_HINTS = {Precision.FP32: "f32", Precision.BF16: "bf16"}


class OpenVinoEngine:
    """Compiles ONNX or OpenVINO models for the CPU.

    Args:
        device: `cpu`.
        precision: `auto` takes INT8 weights that lose nothing, and floats in BF16 where the
            processor computes in it, else in FP32.
        gpu: Of no meaning here.

    Raises:
        ModelError: it is asked for another device, or a precision that the processor lacks.
    """

    name = "openvino"
    device = "cpu"

    def __init__(
        self,
        device: str = "cpu",
        precision: Precision = Precision.AUTO,
        gpu: GpuOptions = GpuOptions(),  # noqa: B008 - frozen
    ) -> None:
        if device != self.device:
            raise ModelError(
                "the engine openvino runs on the CPU only; set OCRSTREAM_ENGINE=onnxruntime "
                "for an NVIDIA GPU, or OCRSTREAM_DEVICE=cpu"
            )
        self._core = ov.Core()
        self._threads = available_cores()
        abilities = self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if precision is Precision.BF16 and "BF16" not in abilities:
            raise ModelError(
                "this processor does not compute in bf16; set OCRSTREAM_PRECISION to auto or fp32"
            )
        self.kinds = _KINDS[precision]
        if precision is Precision.AUTO and not computes_in_int8():
            self.kinds = (_ONNX,)
        if precision in (Precision.AUTO, Precision.INT8):
            precision = Precision.BF16 if "BF16" in abilities else Precision.FP32
        self.precision = precision

    def detector(self, model: Path) -> "OpenVinoDetector":
        """Open a detection model: one page at a time on all cores."""
        network = self._read(model, DETECTION)
        unfold_transposed_convolutions(network)
        compiled = self._compile(network, 1, _PRIMITIVES_MAX["detect"])
        return OpenVinoDetector(compiled, 1, CPU_BATCH_PIXELS["detect"])

    def classifier(self, model: Path) -> "OpenVinoClassifier":
        """Open an orientation model: too small to be shared by cores."""
        network = self._read(model, TEXT_LINE)
        compiled = self._compile(network, self._threads, _PRIMITIVES_MAX["classify"])
        return OpenVinoClassifier(compiled, 1, CPU_BATCH_PIXELS["classify"])

    def recognizer(self, model: Path, characters: tuple[str, ...]) -> "OpenVinoRecognizer":
        """Open a recognition model: one batch per core, for batches scale badly over cores."""
        network = self._read(model, TEXT_LINE)
        rank = network.output(0).partial_shape.rank
        if rank.is_dynamic or rank.get_length() != 3:
            raise ModelError(f"{model} is no recognition model: it gives no classes per time step")
        class_count = network.output(0).partial_shape[-1]
        known = class_count.get_length() if class_count.is_static else None
        require_classes(model, known, characters)
        network = give_best_class(network)
        compiled = self._compile(network, self._threads, _PRIMITIVES_MAX["recognize"])
        pixels_max = CPU_BATCH_PIXELS["recognize"]
        return OpenVinoRecognizer(compiled, self._threads, pixels_max, characters)

    def _read(self, model: Path, normalization: Normalization) -> ov.Model:
        """Read a model that takes (N, H, W, 3) uint8 BGR."""
        try:
            return take_pictures(self._core.read_model(model), normalization)
        except RuntimeError as err:
            raise ModelError(f"{model} is no model that OpenVINO can read: {err}") from err

    def _compile(self, network: ov.Model, streams: int, primitives_max: int) -> ov.CompiledModel:
        config: dict[str, str | int] = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": self._threads,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": primitives_max,
            "INFERENCE_PRECISION_HINT": _PRECISION_HINTS[self.precision],
        }
        return self._core.compile_model(network, "CPU", config)


class _Runner:
    """Calls a compiled model from any thread; each thread has an inference request of its own."""

    def __init__(self, compiled: ov.CompiledModel, concurrency: int, batch_pixels_max: int) -> None:
        self.concurrency = concurrency
        self.batch_pixels_max = batch_pixels_max
        self._compiled = compiled
        self._of_thread = threading.local()

    def _infer(self, pictures: PictureBatch) -> list[npt.NDArray[np.generic]]:
        request = getattr(self._of_thread, "request", None)
        if request is None:
            request = self._of_thread.request = self._compiled.create_infer_request()
        try:
            request.infer([pictures], share_inputs=True)
        except (RuntimeError, MemoryError) as err:
            raise batch_error("OpenVINO", pictures, err) from err
        return [np.array(tensor.data) for tensor in request.output_tensors]


class OpenVinoDetector(_Runner):
    """A `DetectorRunner`."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        return channel(self._infer(pages)[0], 0)


class OpenVinoClassifier(_Runner):
    """A `ClassifierRunner`."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return channel(self._infer(crops)[0], 1)


class OpenVinoRecognizer(_Runner):
    """A `RecognizerRunner`."""

    def __init__(
        self,
        compiled: ov.CompiledModel,
        concurrency: int,
        batch_pixels_max: int,
        characters: tuple[str, ...],
    ) -> None:
        super().__init__(compiled, concurrency, batch_pixels_max)
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
