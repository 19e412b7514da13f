"""Which engine runs where."""

import tomllib

import pytest

from processors.engines.base import GpuOptions, Precision
from processors.engines.choose import _KNOWN, Installable, choose, open_engine
from processors.engines.onnxruntime import OnnxRuntimeEngine
from processors.errors import ModelError
from tests.stream import ROOT

GPU, TENSORRT = GpuOptions(), GpuOptions(tensorrt=True)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Modules that are taken for installed; all are."""
    modules = {"openvino", "onnxruntime", "paddlex"}
    monkeypatch.setattr(
        "processors.engines.choose.find_spec", lambda name: object() if name in modules else None
    )
    return modules


@pytest.fixture
def with_cuda(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Engines that see an NVIDIA GPU; none does."""
    engines: set[str] = set()
    monkeypatch.setattr("processors.engines.choose._sees_gpu", lambda name: name in engines)
    monkeypatch.setattr("processors.engines.choose._is_for_gpu", lambda name: name in engines)
    return engines


@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_open_engine_opens_what_is_asked_for(name: str) -> None:
    """An engine says what it is and where it runs."""
    engine = open_engine(name, "cpu", Precision.FP32, GPU)
    assert (engine.name, engine.device, engine.precision) == (name, "cpu", Precision.FP32)


def test_choose_takes_openvino_for_the_cpu(installed: set[str], with_cuda: set[str]) -> None:
    """It is the fastest one there, then ONNX Runtime."""
    assert choose("auto", "cpu") == ("openvino", "cpu")
    installed.remove("openvino")
    assert choose("auto", "cpu") == ("onnxruntime", "cpu")


def test_choose_takes_paddle_for_the_gpu(installed: set[str], with_cuda: set[str]) -> None:
    """If its build for GPUs is installed, else ONNX Runtime's."""
    with_cuda |= {"paddle", "onnxruntime"}
    assert choose("auto", "auto") == ("paddle", "gpu:0")
    assert choose("auto", "gpu:2") == ("paddle", "gpu:2")
    with_cuda.remove("paddle")
    assert choose("auto", "auto") == ("onnxruntime", "gpu:0")
    assert choose("openvino", "auto") == ("openvino", "cpu")
    with_cuda.clear()
    assert choose("auto", "auto") == ("openvino", "cpu")


def test_choose_refuses_unknown_engine() -> None:
    """The message names those that are known."""
    with pytest.raises(ModelError, match="'tensorflow'; known are auto, openvino, onnxruntime"):
        choose("tensorflow", "cpu")


@pytest.mark.parametrize("device", ["gpu:0", "gpu:3"])
def test_open_engine_does_not_fall_back_to_the_cpu(device: str) -> None:
    """OpenVINO runs on the CPU; whoever asks for anything else is told so."""
    with pytest.raises(ModelError, match="openvino runs on the CPU only"):
        open_engine("openvino", device, Precision.AUTO, GPU)


def test_open_engine_refuses_gpu_without_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU that ONNX Runtime was not built for stops the start."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(ModelError, match="no CUDAExecutionProvider"):
        open_engine("onnxruntime", "gpu:0", Precision.AUTO, GPU)
    with pytest.raises(ModelError, match="no TensorrtExecutionProvider"):
        open_engine("onnxruntime", "gpu:0", Precision.AUTO, TENSORRT)


@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_open_engine_refuses_tensorrt_on_the_cpu(name: str) -> None:
    """It is not quietly left out, and nothing claims to compute in FP16 there."""
    for precision in (Precision.AUTO, Precision.FP16):
        with pytest.raises(ModelError, match=f"{name} on cpu does not use TensorRT"):
            open_engine(name, "cpu", precision, TENSORRT)


def test_open_engine_refuses_tensorrt_with_paddle(installed: set[str]) -> None:
    """PaddleX wants shapes for it; the message names the engine that can."""
    with pytest.raises(ModelError, match="OCRSTREAM_ENGINE=onnxruntime"):
        open_engine("paddle", "gpu:0", Precision.AUTO, TENSORRT)


def test_engine_on_the_cpu_has_no_fp16() -> None:
    """Whatever is asked of the GPU."""
    with pytest.raises(ModelError, match="auto or fp32"):
        OnnxRuntimeEngine("cpu", Precision.FP16, TENSORRT)


@pytest.mark.parametrize("precision", [Precision.INT8, Precision.BF16, Precision.FP16])
def test_open_engine_refuses_precision_that_it_lacks(precision: Precision) -> None:
    """Another precision is not quietly put in its place."""
    with pytest.raises(ModelError, match="OCRSTREAM_PRECISION"):
        open_engine("onnxruntime", "cpu", precision, GPU)


def test_extras_that_messages_name_are_there() -> None:
    """Whoever adds an engine adds how it is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for engine in _KNOWN.values():
        assert set(engine.extra.split(" or ")) <= set(project["optional-dependencies"])


def test_choose_names_extra_of_missing_engine(installed: set[str]) -> None:
    """What is not installed can be installed."""
    installed.clear()
    with pytest.raises(ModelError, match="with the extra cpu"):
        choose("openvino", "cpu")
    with pytest.raises(ModelError, match="with the extra cpu"):
        choose("auto", "cpu")


def test_new_engine_is_not_preferred_on_gpu_by_being_last(
    installed: set[str], with_cuda: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place in the table says nothing about GPUs; its rank does."""
    for rank, expected in ((99, "onnxruntime"), (1, "fourth")):
        fourth = Installable("m:C", "openvino", "fourth", lambda: True, gpu_rank=rank)
        monkeypatch.setitem(_KNOWN, "fourth", fourth)
        monkeypatch.setattr("processors.engines.choose.ENGINES", tuple(_KNOWN))
        with_cuda |= {"onnxruntime", "fourth"}
        assert choose("auto", "gpu:0") == (expected, "gpu:0")
        assert choose("auto", "auto") == (expected, "gpu:0")
