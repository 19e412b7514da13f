"""ONNX Runtime: NVIDIA GPUs (CUDA, TensorRT), and a second engine for CPUs.

Normalisation and arg-max are nodes of the graph, so that bytes go to the device and two numbers
per time step come back, instead of floats and 18,710 probabilities.
"""

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
    float_precision,
    require_classes,
)
from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization
from processors.errors import ModelError
from processors.models.catalog import Format, Kind, Weights

_CUDA_OPTIONS = {
    # EXHAUSTIVE, the default, searches again for every new shape: 11.3 s against 1.3 s (L4).
    "cudnn_conv_algo_search": "DEFAULT",
    # The default doubles the arena at every growth, which widths in buckets make a waste.
    "arena_extend_strategy": "kSameAsRequested",
}


class OnnxRuntimeEngine:
    """Opens ONNX models on the CPU or one NVIDIA GPU.

    Args:
        device: `cpu` or `gpu:N`.
        precision: `fp32`, or with TensorRT `fp16`, which `auto` takes there.
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
        self.precision = float_precision(self.name, precision, gpu)
        self._batch_pixels = CPU_BATCH_PIXELS if device == "cpu" else GPU_BATCH_PIXELS
        self._providers: list[tuple[str, dict[str, str]]] = [("CPUExecutionProvider", {})]
        if device != "cpu":
            self._providers = gpu_providers(device.removeprefix("gpu:"), gpu, self.precision)
            _require(self._providers[0][0])

    def detector(self, model: Path) -> "OnnxDetector":
        """Open a detection model."""
        graph = _read(model)
        take_pictures(graph, DETECTION)
        return OnnxDetector(self._open(model, graph), self._batch_pixels["detect"])

    def classifier(self, model: Path) -> "OnnxClassifier":
        """Open an orientation model."""
        graph = _read(model)
        take_pictures(graph, TEXT_LINE)
        return OnnxClassifier(self._open(model, graph), self._batch_pixels["classify"])

    def recognizer(self, model: Path, characters: tuple[str, ...]) -> "OnnxRecognizer":
        """Open a recognition model."""
        graph = _read(model)
        sides = graph.graph.output[0].type.tensor_type.shape.dim
        if len(sides) != 3:
            raise ModelError(f"{model} is no recognition model: it gives no classes per time step")
        require_classes(model, sides[2].dim_value or None, characters)
        take_pictures(graph, TEXT_LINE)
        give_best_class(graph)
        session = self._open(model, graph)
        return OnnxRecognizer(session, self._batch_pixels["recognize"], characters)

    def _open(self, model: Path, graph: onnx.ModelProto) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = available_cores()
        try:
            session = ort.InferenceSession(
                graph.SerializeToString(), options, providers=self._providers
            )
        except Exception as err:  # its errors share no root but Exception
            raise ModelError(f"{model} is no model that ONNX Runtime can read: {err}") from err
        if session.get_providers()[0] != self._providers[0][0]:
            raise ModelError(
                f"ONNX Runtime cannot run on {self.device}: {self._providers[0][0]} did not start"
            )
        session.disable_fallback()
        return session


def gpu_providers(
    index: str, gpu: GpuOptions, precision: Precision
) -> list[tuple[str, dict[str, str]]]:
    """What ONNX Runtime shall run on, the first that can; see its documentation of providers.

    Args:
        index: Of the GPU.
        gpu: How it is used.
        precision: `fp16` counts with TensorRT only.
    """
    limit = str(gpu.memory_bytes_max)
    cuda = {"device_id": index, "gpu_mem_limit": limit, **_CUDA_OPTIONS}
    providers = [("CUDAExecutionProvider", cuda)]
    if gpu.tensorrt:
        tensorrt = {
            "device_id": index,
            "trt_max_workspace_size": limit,
            # Safe for PP-OCRv6; it destroys the server detectors of PP-OCRv4 and v5.
            "trt_fp16_enable": "1" if precision is Precision.FP16 else "0",
            "trt_engine_cache_enable": "1" if gpu.cache_folder else "0",
        }
        if gpu.cache_folder:
            tensorrt["trt_engine_cache_path"] = str(gpu.cache_folder)
            tensorrt["trt_timing_cache_enable"] = "1"
        providers.insert(0, ("TensorrtExecutionProvider", tensorrt))
    return providers


def _require(provider: str) -> None:
    if provider not in ort.get_available_providers():
        raise ModelError(
            f"this ONNX Runtime has no {provider}; install ocrstream[gpu] in an environment "
            "of its own, or set OCRSTREAM_DEVICE=cpu"
        )
    ort.preload_dlls()  # CUDA and cuDNN from their wheels


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
        helper.make_node("Cast", ["pictures"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["floats", "mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "per_scale"], ["normalized"]),
        helper.make_node("Transpose", ["normalized"], [name], perm=[0, 3, 1, 2]),
    ]
    nodes = [*steps, *graph.node]
    del graph.node[:], graph.input[0]
    graph.node.extend(nodes)
    shape: list[str | int | None] = ["batch", "height", "width", 3]
    graph.input.insert(0, helper.make_tensor_value_info("pictures", TensorProto.UINT8, shape))


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
            outputs = self._session.run(None, {"pictures": pictures})
        except Exception as err:  # its errors share no root but Exception
            raise batch_error("ONNX Runtime", pictures, err) from err
        return [np.asarray(output) for output in outputs]


class OnnxDetector(_Runner):
    """A `DetectorRunner`."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        return self._infer(pages)[0][:, 0].astype(np.float32, copy=False)


class OnnxClassifier(_Runner):
    """A `ClassifierRunner`."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return self._infer(crops)[0][:, 1].astype(np.float32, copy=False)


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
