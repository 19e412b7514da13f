"""ONNX Runtime: NVIDIA GPUs (CUDA, TensorRT), and a second engine for CPUs.

Normalisation and arg-max are nodes of the graph, so that bytes go to the device and two numbers
per time step come back, instead of floats and 18,710 probabilities.
"""

import hashlib
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from processors.cores import available_cores
from processors.engines.base import (
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
from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization
from processors.errors import ModelError
from processors.models.catalog import Format, Kind, Stage, Weights

_CUDA_OPTIONS = {
    # EXHAUSTIVE, the default, searches again for every new shape: 11.3 s against 1.3 s (L4).
    "cudnn_conv_algo_search": "DEFAULT",
    # The default doubles the arena at every growth, which widths in buckets make a waste.
    "arena_extend_strategy": "kSameAsRequested",
}

INPUT = "pictures"
"""Name of the input that every graph has once it takes pictures."""

_Shape = tuple[int, int, int]

SHAPES: dict[Stage, tuple[_Shape, _Shape, _Shape]] = {
    "detect": ((1, 32, 32), (8, 960, 960), (16, 960, 960)),
    "classify": ((1, 48, 192), (64, 48, 192), (64, 48, 192)),
    "recognize": ((1, 48, 32), (64, 48, 320), (64, 48, 3200)),
}
"""N, H and W of the least, the usual (`GPU_BATCH_PIXELS`) and the largest batch of a stage.

TensorRT compiles a network once for what it is told, and again whenever a shape lies outside.
"""

Provider = tuple[str, dict[str, str]]
"""Name and options of what ONNX Runtime runs networks on."""

_NEEDS = {
    "TensorrtExecutionProvider": "it needs TensorRT 10, which ocrstream[gpu] does not install: "
    'pip install "tensorrt-cu12>=10,<11", or set OCRSTREAM_TENSORRT=false',
    "CUDAExecutionProvider": "it needs NVIDIA's driver, and CUDA and cuDNN from ocrstream[gpu]",
}


class OnnxRuntimeEngine:
    """Opens ONNX models on the CPU or one NVIDIA GPU.

    Args:
        device: `cpu` or `gpu:N`.
        precision: `fp32`, or with TensorRT `fp16`, which `auto` takes there. Detectors stay in
            FP32, as FP16 destroys those of PP-OCRv4 and v5 for servers.
        gpu: How a GPU is used.

    Raises:
        ModelError: the device is not there, or the precision is not supported.
    """

    name = "onnxruntime"
    kinds: tuple[Kind, ...] = ((Format.ONNX, Weights.FLOAT),)

    def __init__(
        self,
        device: str = "cpu",
        precision: Precision = Precision.AUTO,
        gpu: GpuOptions = GpuOptions(),  # noqa: B008 - frozen
    ) -> None:
        self.device = device
        has_fp16 = gpu.tensorrt and device != "cpu"
        able = (Precision.FP16, Precision.FP32) if has_fp16 else (Precision.FP32,)
        self.precision = float_precision(self.name, precision, able)
        self._gpu = gpu
        self._batch_pixels = CPU_BATCH_PIXELS if device == "cpu" else GPU_BATCH_PIXELS
        if device != "cpu":
            _require("TensorrtExecutionProvider" if gpu.tensorrt else "CUDAExecutionProvider")

    def detector(self, model: Path) -> "OnnxDetector":
        """Open a detection model."""
        graph = _read(model)
        take_pictures(graph, DETECTION)
        session = self._open(model, graph, "detect")
        return OnnxDetector(session, self._batch_pixels["detect"])

    def classifier(self, model: Path) -> "OnnxClassifier":
        """Open an orientation model."""
        graph = _read(model)
        take_pictures(graph, TEXT_LINE)
        session = self._open(model, graph, "classify")
        return OnnxClassifier(session, self._batch_pixels["classify"])

    def recognizer(self, model: Path, characters: tuple[str, ...]) -> "OnnxRecognizer":
        """Open a recognition model."""
        graph = _read(model)
        sides = graph.graph.output[0].type.tensor_type.shape.dim
        if len(sides) != 3:
            raise ModelError(f"{model} is no recognition model: it gives no classes per time step")
        require_classes(model, sides[2].dim_value or None, characters)
        take_pictures(graph, TEXT_LINE)
        give_best_class(graph)
        session = self._open(model, graph, "recognize")
        return OnnxRecognizer(session, self._batch_pixels["recognize"], characters)

    def _open(self, model: Path, graph: onnx.ModelProto, stage: Stage) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = available_cores()
        network = graph.SerializeToString()
        providers = self._providers(network, stage)
        try:
            session = ort.InferenceSession(network, options, providers=providers)
        except Exception as err:  # its errors share no root but Exception
            raise ModelError(f"{model} is no model that ONNX Runtime can read: {err}") from err
        wanted = providers[0][0]
        if session.get_providers()[0] != wanted:
            needs = _NEEDS.get(wanted, "see what it logged")
            raise ModelError(
                f"ONNX Runtime cannot run on {self.device}: {wanted} did not start; {needs}"
            )
        session.disable_fallback()
        return session

    def _providers(self, network: bytes, stage: Stage) -> list[Provider]:
        """What ONNX Runtime shall run on, the best first."""
        if self.device == "cpu":
            return [("CPUExecutionProvider", {})]
        index = self.device.removeprefix("gpu:")
        providers = [cuda_provider(index, self._gpu)]
        if self._gpu.tensorrt:
            is_fp16 = self.precision is Precision.FP16 and stage != "detect"
            compiled = tensorrt_provider(index, self._gpu, network, stage, is_fp16)
            providers.insert(0, compiled)
        return providers


def cuda_provider(index: str, gpu: GpuOptions) -> Provider:
    """The GPU of an index by CUDA, with a ceiling of memory."""
    limit = str(gpu.memory_bytes_max)
    return (
        "CUDAExecutionProvider",
        {"device_id": index, "gpu_mem_limit": limit, **_CUDA_OPTIONS},
    )


def tensorrt_provider(
    index: str, gpu: GpuOptions, network: bytes, stage: Stage, is_fp16: bool
) -> Provider:
    """The GPU of an index by TensorRT, which compiles the network once for all shapes of its stage.

    Args:
        index: Of the GPU.
        gpu: How it is used.
        network: What is compiled; ONNX Runtime tells cached ones apart by the names of their
            layers, which networks with other weights share.
        stage: What it is used for.
        is_fp16: Whether it computes in FP16, else in FP32.
    """
    options = {
        "device_id": index,
        "trt_max_workspace_size": str(gpu.memory_bytes_max),
        "trt_fp16_enable": str(int(is_fp16)),
        "trt_engine_cache_enable": str(int(gpu.cache_folder is not None)),
    }
    for name, shape in zip(("min", "opt", "max"), SHAPES[stage], strict=True):
        options[f"trt_profile_{name}_shapes"] = f"{INPUT}:{'x'.join(map(str, shape))}x3"
    if gpu.cache_folder:
        options["trt_engine_cache_path"] = str(gpu.cache_folder)
        options["trt_engine_cache_prefix"] = hashlib.sha256(network).hexdigest()[:16]
        options["trt_timing_cache_enable"] = "1"
    return "TensorrtExecutionProvider", options


def _require(provider: str) -> None:
    if provider not in ort.get_available_providers():
        raise ModelError(
            f"this ONNX Runtime has no {provider}; install ocrstream[gpu] in an environment "
            "of its own, or set OCRSTREAM_DEVICE=cpu"
        )
    ort.preload_dlls()  # CUDA and cuDNN from their wheels
    if provider == "TensorrtExecutionProvider":
        with suppress(ImportError):  # the system may have its libraries
            import_module("tensorrt")  # loads them from its wheel


def _read(model: Path) -> onnx.ModelProto:
    try:
        graph = onnx.load(model)
        if not graph.graph.input:
            raise ValueError("it takes nothing")
    except Exception as err:  # protobuf's errors share no root but Exception
        raise ModelError(f"{model} is no model that ONNX Runtime can read: {err}") from err
    return graph


def take_pictures(model: onnx.ModelProto, normalization: Normalization) -> None:
    """Let a network take (N, H, W, 3) uint8 BGR and normalise it by itself; changed in place."""
    graph = model.graph
    name = graph.input[0].name
    mean = np.array(normalization.mean, dtype=np.float32)
    scale = np.array(normalization.scale, dtype=np.float32)
    graph.initializer.extend(
        [numpy_helper.from_array(mean, "mean"), numpy_helper.from_array(1 / scale, "per_scale")]
    )
    steps = [
        helper.make_node("Cast", [INPUT], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["floats", "mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "per_scale"], ["normalized"]),
        helper.make_node("Transpose", ["normalized"], [name], perm=[0, 3, 1, 2]),
    ]
    nodes = [*steps, *graph.node]
    del graph.node[:], graph.input[0]
    graph.node.extend(nodes)
    shape: list[str | int | None] = ["batch", "height", "width", 3]
    graph.input.insert(0, helper.make_tensor_value_info(INPUT, TensorProto.UINT8, shape))


def give_best_class(model: onnx.ModelProto) -> None:
    """Replace the output (N, T, classes) by the best class and its probability; in place."""
    graph = model.graph
    name = graph.output[0].name
    version = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    graph.node.append(helper.make_node("ArgMax", [name], ["classes"], axis=2, keepdims=0))
    if version >= 18:  # the axes became an input
        graph.initializer.append(numpy_helper.from_array(np.array([2], dtype=np.int64), "axis"))
        best = helper.make_node("ReduceMax", [name, "axis"], ["probabilities"], keepdims=0)
    else:
        best = helper.make_node("ReduceMax", [name], ["probabilities"], axes=[2], keepdims=0)
    graph.node.append(best)
    del graph.output[:]
    graph.output.extend(
        [
            helper.make_tensor_value_info("classes", TensorProto.INT64, ["batch", "steps"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", "steps"]),
        ]
    )


class _Runner:
    """Calls a session, which is thread-safe by itself."""

    concurrency = 1

    def __init__(self, session: ort.InferenceSession, batch_pixels_max: int) -> None:
        self.batch_pixels_max = batch_pixels_max
        self._session = session

    def _infer(self, pictures: PictureBatch) -> list[npt.NDArray[np.generic]]:
        try:
            outputs = self._session.run(None, {INPUT: pictures})
        except Exception as err:  # its errors share no root but Exception
            raise batch_error("ONNX Runtime", pictures, err) from err
        return [np.asarray(output) for output in outputs]


class OnnxDetector(_Runner):
    """A `DetectorRunner`."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        return channel(self._infer(pages)[0], 0)


class OnnxClassifier(_Runner):
    """A `ClassifierRunner`."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return channel(self._infer(crops)[0], 1)


class OnnxRecognizer(_Runner):
    """A `RecognizerRunner`."""

    def __init__(
        self, session: ort.InferenceSession, batch_pixels_max: int, characters: tuple[str, ...]
    ) -> None:
        super().__init__(session, batch_pixels_max)
        self.characters = characters

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes, probabilities = self._infer(crops)
        return classes.astype(np.int32), probabilities.astype(np.float32, copy=False)
