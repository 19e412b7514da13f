"""Which engine runs where."""

import pytest

from processors.engines.base import Precision
from processors.engines.choose import ENGINES, open_engine
from processors.engines.normalize import ctc_characters
from processors.errors import ModelError


@pytest.mark.parametrize("name", ENGINES)
def test_open_engine_opens_what_is_asked_for(name: str) -> None:
    """An engine says what it is and where it runs."""
    engine = open_engine(name, "cpu", Precision.FP32)
    assert (engine.name, engine.device, engine.precision) == (name, "cpu", Precision.FP32)


def test_open_engine_takes_openvino_for_the_cpu() -> None:
    """It is the fastest one there."""
    assert open_engine("auto", "cpu", Precision.AUTO).name == "openvino"


def test_open_engine_refuses_unknown_engine() -> None:
    """The message names those that are known."""
    with pytest.raises(ModelError, match="'tensorflow'; known are auto, openvino, onnxruntime"):
        open_engine("tensorflow", "cpu", Precision.AUTO)


def test_open_engine_says_that_paddle_is_not_there() -> None:
    """Paddle is no unknown name; the message says what to set."""
    with pytest.raises(ModelError, match="OCRSTREAM_ENGINE"):
        open_engine("paddle", "auto", Precision.AUTO)


@pytest.mark.parametrize("device", ["gpu:0", "gpu:3", "npu"])
def test_open_engine_does_not_fall_back_to_the_cpu(device: str) -> None:
    """OpenVINO runs on the CPU; whoever asks for anything else is told so."""
    with pytest.raises(ModelError, match="openvino runs on the CPU only"):
        open_engine("openvino", device, Precision.AUTO)


@pytest.mark.parametrize("engine", ["auto", "onnxruntime"])
def test_open_engine_refuses_gpu_without_cuda(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU that ONNX Runtime was not built for stops the start."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(ModelError, match="no CUDA provider"):
        open_engine(engine, "gpu:0", Precision.AUTO)


@pytest.mark.parametrize(
    ("engine", "precision"),
    [
        ("openvino", Precision.INT8),
        ("onnxruntime", Precision.INT8),
        ("onnxruntime", Precision.BF16),
    ],
)
def test_open_engine_refuses_precision_that_it_lacks(engine: str, precision: Precision) -> None:
    """Another precision is not quietly put in its place."""
    with pytest.raises(ModelError, match="OCRSTREAM_PRECISION"):
        open_engine(engine, "cpu", precision)


def test_open_engine_names_extra_of_missing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed can be installed."""
    monkeypatch.setattr("processors.engines.choose.find_spec", lambda _name: None)
    with pytest.raises(ModelError, match="with the extra cpu"):
        open_engine("openvino", "cpu", Precision.AUTO)


def test_open_engine_takes_onnxruntime_where_openvino_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`auto` takes what is installed."""
    monkeypatch.setattr(
        "processors.engines.choose.find_spec", lambda name: None if name == "openvino" else object()
    )
    assert open_engine("auto", "cpu", Precision.AUTO).name == "onnxruntime"


def test_ctc_characters_stand_between_blank_and_space() -> None:
    """Class 0 is CTC's blank, the last one is the space that dictionaries leave out."""
    assert ctc_characters("a\nb\nß") == ("", "a", "b", "ß", " ")
