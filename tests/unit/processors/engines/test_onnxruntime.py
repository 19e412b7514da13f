"""What is put into ONNX graphs, and what their errors become."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from processors import classify, detect, recognize
from processors.engines.base import (
    GPU_BATCH_PIXELS,
    GpuOptions,
    PictureBatch,
    Precision,
    batch_error,
    channel,
)
from processors.engines.normalize import DETECTION
from processors.engines.onnxruntime import (
    SHAPES,
    OnnxDetector,
    OnnxRuntimeEngine,
    Provider,
    cuda_provider,
    give_best_class,
    take_pictures,
    tensorrt_provider,
)
from processors.errors import EngineError, ModelError, OutOfMemory
from processors.models.registry import DEFAULTS, Registry


def identity(opset: int, shape: list[str | int | None]) -> onnx.ModelProto:
    """A network that gives what it gets."""
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [given], [result])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def run(
    model: onnx.ModelProto, name: str, values: npt.NDArray[np.generic]
) -> list[npt.NDArray[np.float64]]:
    """What ONNX Runtime computes."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(output, dtype=np.float64) for output in session.run(None, {name: values})]


def test_graph_takes_pictures() -> None:
    """Bytes in, normalised channels to the network."""
    model = identity(13, ["n", 3, "h", "w"])
    take_pictures(model, DETECTION)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 4, 6, 3), dtype=np.uint8)
    (found,) = run(model, "pictures", pictures)
    expected = (pictures - np.array(DETECTION.mean)) / np.array(DETECTION.scale)
    np.testing.assert_allclose(found, expected.transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("opset", [11, 13, 18])
def test_graph_gives_best_class(opset: int) -> None:
    """Whatever the version says about where axes are named."""
    model = identity(opset, ["n", "t", 9])
    give_best_class(model)
    values = np.random.default_rng(0).random((2, 5, 9), dtype=np.float32)
    classes, probabilities = run(model, "x", values)
    np.testing.assert_array_equal(classes, values.argmax(axis=2))
    np.testing.assert_array_equal(probabilities, values.max(axis=2))


class FailingSession:
    """A session that has one answer to everything."""

    def __init__(self, message: str) -> None:
        self._message = message

    def run(self, _outputs: None, _inputs: dict[str, PictureBatch]) -> list[npt.ArrayLike]:
        """Fail."""
        raise RuntimeError(self._message)


class TensorrtDidNotStart:
    """A session that came up without TensorRT."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def get_providers(self) -> list[str]:
        """What it runs on."""
        return ["CUDAExecutionProvider"]


@pytest.fixture
def tensorrt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OnnxRuntimeEngine:
    """An engine that takes this machine for one with TensorRT."""
    built = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: built)
    options = GpuOptions(2**30, tensorrt=True, cache_folder=tmp_path)
    return OnnxRuntimeEngine("gpu:1", Precision.AUTO, options)


def test_cuda_has_a_ceiling_of_memory() -> None:
    """Each network has its own."""
    name, options = cuda_provider("1", GpuOptions(memory_bytes_max=2**30))
    assert name == "CUDAExecutionProvider"
    assert options["gpu_mem_limit"] == str(2**30)
    assert options["device_id"] == "1"


def test_tensorrt_keeps_what_it_compiled(tmp_path: Path) -> None:
    """Networks of the same layers and other weights do not share it."""
    gpu = GpuOptions(2**30, tensorrt=True, cache_folder=tmp_path)
    (name, first), (_, second) = (
        tensorrt_provider("1", gpu, network, "recognize", is_fp16=True) for network in (b"a", b"b")
    )
    assert name == "TensorrtExecutionProvider"
    assert first["device_id"] == "1"
    assert first["trt_max_workspace_size"] == str(2**30)
    assert (first["trt_engine_cache_enable"], first["trt_engine_cache_path"]) == (
        "1",
        str(tmp_path),
    )
    assert first["trt_engine_cache_prefix"] != second["trt_engine_cache_prefix"]
    _, uncached = tensorrt_provider("1", GpuOptions(tensorrt=True), b"a", "detect", is_fp16=False)
    assert uncached["trt_engine_cache_enable"] == "0"


def test_tensorrt_is_told_the_shapes_of_its_stage() -> None:
    """It compiles once, not for every shape that comes."""
    _, options = tensorrt_provider("0", GpuOptions(tensorrt=True), b"", "recognize", is_fp16=True)
    assert options["trt_profile_min_shapes"] == "pictures:1x48x32x3"
    assert options["trt_profile_opt_shapes"] == "pictures:64x48x320x3"
    assert options["trt_profile_max_shapes"] == "pictures:64x48x3200x3"


def test_shapes_are_those_that_stages_use() -> None:
    """A batch outside would be compiled for, which takes minutes; the usual one is a full one."""
    side = detect.SIDE_MAX_PX
    lines = (recognize.HEIGHT_PX, recognize.WIDTHS_PX, recognize.BATCH_SIZES)
    crop, sizes = (classify.HEIGHT_PX, classify.WIDTH_PX), classify._BATCH_SIZES
    step, pages = detect.SIDE_STEP_PX, detect._BATCH_PAGES_MAX
    ends = {
        "detect": ((1, step, step), (pages, side, side)),
        "classify": ((min(sizes), *crop), (max(sizes), *crop)),
        "recognize": tuple((end(lines[2]), lines[0], end(lines[1])) for end in (min, max)),
    }
    for stage, (least, usual, largest) in SHAPES.items():
        assert (least, largest) == ends[stage]
        assert math.prod(usual) == GPU_BATCH_PIXELS[stage]
        assert all(a <= b <= c for a, b, c in zip(least, usual, largest, strict=True))


def test_tensorrt_computes_in_fp16_but_for_detectors(
    tensorrt: OnnxRuntimeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FP16 destroys some of them."""
    opened: list[list[Provider]] = []

    class Session(FailingSession):
        def __init__(self, _: bytes, __: object, providers: list[Provider]) -> None:
            super().__init__("")
            opened.append(providers)

        def get_providers(self) -> list[str]:
            return [name for name, _ in opened[-1]]

        def disable_fallback(self) -> None:
            pass

    monkeypatch.setattr("onnxruntime.InferenceSession", Session)
    registry = Registry()
    for stage in ("detect", "classify"):
        model = registry.find(registry.model(DEFAULTS[stage], stage), tensorrt.kinds)
        (tensorrt.detector if stage == "detect" else tensorrt.classifier)(model.path)
    recognizer = registry.find(registry.model(DEFAULTS["recognize"], "recognize"), tensorrt.kinds)
    tensorrt.recognizer(recognizer.path, recognizer.characters)
    assert tensorrt.precision is Precision.FP16
    assert [providers[0][1]["trt_fp16_enable"] for providers in opened] == ["0", "1", "1"]
    for providers in opened:
        names = [name for name, _ in providers]
        assert names == ["TensorrtExecutionProvider", "CUDAExecutionProvider"]


def test_engine_names_package_that_tensorrt_lacks(
    tensorrt: OnnxRuntimeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime goes on without it and says so in its log only."""
    monkeypatch.setattr("onnxruntime.InferenceSession", TensorrtDidNotStart)
    registry = Registry()
    model = registry.find(registry.model(DEFAULTS["detect"], "detect"), tensorrt.kinds)
    with pytest.raises(ModelError, match=r"pip install .tensorrt-cu12"):
        tensorrt.detector(model.path)


@pytest.mark.parametrize("shape", [(2, 1, 4, 6), (2, 1), (2,)])
def test_channel_that_is_not_there_is_an_error_of_the_engine(shape: tuple[int, ...]) -> None:
    """A model of another stage fails as an engine does."""
    values = np.zeros(shape, dtype=np.float32)
    with pytest.raises(EngineError, match="channel 1"):
        channel(values, 1)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("bfc_arena.cc:376 Failed to allocate memory for requested buffer", OutOfMemory),
        ("CUDA failure 2: out of memory", OutOfMemory),
        ("CUDNN_STATUS_ALLOC_FAILED", OutOfMemory),
        ("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED", OutOfMemory),
        ("std::bad_alloc", OutOfMemory),
        (
            "AllocateRawInternal Available memory of 5 is smaller than requested bytes of 9",
            OutOfMemory,
        ),
        ("Out of memory error on GPU 0. Cannot allocate 1.0GB memory on GPU 0", OutOfMemory),
        ("Error Code 2: OutOfMemory (Requested size was 9 bytes.)", OutOfMemory),
        ("the output was not allocated", EngineError),
        ("Allocator of type Cuda is unknown", EngineError),
        ("CUDA failure 700: an illegal memory access", EngineError),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(message: str, error: type[Exception]) -> None:
    """It halves the batch, where others fail documents."""
    runner = OnnxDetector(FailingSession(message), 1000)
    with pytest.raises(EngineError) as caught:
        runner.probability_maps(np.zeros((1, 32, 32, 3), dtype=np.uint8))
    assert type(caught.value) is error


def test_lack_of_memory_is_told_by_its_type() -> None:
    """OpenVINO's bindings turn the allocator's exception into Python's."""
    error = batch_error("OpenVINO", np.zeros((1, 32, 32, 3), dtype=np.uint8), MemoryError())
    assert isinstance(error, OutOfMemory)
