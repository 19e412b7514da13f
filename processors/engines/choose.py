"""Which engine runs where. What is asked for and not there stops the start; nothing falls back."""

from importlib.util import find_spec
from pathlib import Path

from processors.engines.base import Engine, Precision
from processors.errors import ModelError

ENGINES = ("openvino", "onnxruntime")


def open_engine(engine: str, device: str, precision: Precision) -> Engine:
    """Open an engine.

    Args:
        engine: `auto`, or one of `ENGINES`.
        device: `cpu`, `gpu:N`, or `auto`: the first NVIDIA GPU if ONNX Runtime can use it.
        precision: What to compute in.

    Raises:
        ModelError: it is not installed, or cannot run on that device or in that precision.
    """
    if device == "auto":
        device = "gpu:0" if engine in ("auto", "onnxruntime") and _cuda_is_here() else "cpu"
    name = _choose(engine, device)
    _require(name)
    if name == "openvino":
        if device != "cpu":
            raise ModelError(
                "the engine openvino runs on the CPU only; set OCRSTREAM_ENGINE=onnxruntime "
                "for an NVIDIA GPU, or OCRSTREAM_DEVICE=cpu"
            )
        from processors.engines.openvino import OpenVinoEngine  # noqa: PLC0415 - may be absent

        return OpenVinoEngine(precision)
    from processors.engines.onnxruntime import OnnxRuntimeEngine  # noqa: PLC0415 - may be absent

    return OnnxRuntimeEngine(device, precision)


def _choose(engine: str, device: str) -> str:
    if engine == "paddle":
        raise ModelError(
            "the engine paddle is not part of this version; "
            "set OCRSTREAM_ENGINE to auto, openvino or onnxruntime"
        )
    if engine != "auto":
        return engine
    if device.startswith("gpu") or find_spec("openvino") is None:
        return "onnxruntime"
    return "openvino"


def _cuda_is_here() -> bool:
    """Whether ONNX Runtime was built for CUDA and the machine has an NVIDIA device."""
    if not Path("/dev/nvidia0").exists() or find_spec("onnxruntime") is None:
        return False
    import onnxruntime  # noqa: PLC0415 - may be absent

    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def _require(name: str) -> None:
    extras = {"openvino": "cpu", "onnxruntime": "gpu or onnxruntime"}
    if name not in extras:
        raise ModelError(f"there is no engine {name!r}; known are auto, {', '.join(ENGINES)}")
    if find_spec(name) is None:
        raise ModelError(
            f"the engine {name} is not installed; install ocrstream with the extra {extras[name]}"
        )
