"""Which engine runs where. What is asked for and not there stops the start; nothing falls back."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from processors.engines.base import Engine, GpuOptions, Precision
from processors.errors import ModelError


@dataclass(frozen=True, slots=True)
class Installable:
    """An engine that may be installed.

    Attributes:
        class_path: Module and class; it is called with device, precision and GPU options.
        module: What must be importable for it.
        extra: How it is installed.
        has_gpu: Tells whether it was built for NVIDIA GPUs.
        gpu_rank: Its place in the order in which `auto` prefers engines on a GPU, the lowest first.
        has_tensorrt: Whether it compiles networks with TensorRT on a GPU.
    """

    class_path: str
    module: str
    extra: str
    has_gpu: Callable[[], bool] = lambda: False
    gpu_rank: int = 99
    has_tensorrt: bool = False


def _onnxruntime_has_cuda() -> bool:
    import onnxruntime  # noqa: PLC0415 - may be absent

    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def _paddle_has_cuda() -> bool:
    """By the name of its build: importing it changes the process's signal handlers."""
    try:
        return bool(version("paddlepaddle-gpu"))
    except PackageNotFoundError:
        return False


_KNOWN = {
    "openvino": Installable("processors.engines.openvino:OpenVinoEngine", "openvino", "cpu"),
    "onnxruntime": Installable(
        "processors.engines.onnxruntime:OnnxRuntimeEngine",
        "onnxruntime",
        "gpu or onnxruntime",
        _onnxruntime_has_cuda,
        gpu_rank=2,
        has_tensorrt=True,
    ),
    "paddle": Installable(
        "processors.engines.paddle:PaddleEngine", "paddlex", "paddle", _paddle_has_cuda, gpu_rank=1
    ),
}
"""In the order in which `auto` prefers them on a CPU; on a GPU, `gpu_rank` decides."""

ENGINES = tuple(_KNOWN)


def installed_engines() -> tuple[str, ...]:
    """Those of `ENGINES` that are installed here, in the same order."""
    return tuple(name for name in ENGINES if _is_installed(name))


def open_engine(engine: str, device: str, precision: Precision, gpu: GpuOptions) -> Engine:
    """Open an engine.

    Args:
        engine: `auto`, or one of `ENGINES`.
        device: `cpu`, `gpu:N`, or `auto`: the first NVIDIA GPU if the engine can use it.
        precision: What to compute in.
        gpu: How a GPU is used.

    Raises:
        ModelError: it is not installed, or cannot run on that device, in that precision or with
            TensorRT.
    """
    name, place = choose(engine, device)
    known = _KNOWN[name]
    if gpu.tensorrt and not (known.has_tensorrt and place.startswith("gpu")):
        able = " or ".join(other for other in ENGINES if _KNOWN[other].has_tensorrt)
        raise ModelError(
            f"the engine {name} on {place} does not use TensorRT; set OCRSTREAM_ENGINE={able} and "
            "OCRSTREAM_DEVICE=gpu:0, or OCRSTREAM_TENSORRT=false"
        )
    module, class_name = known.class_path.split(":")
    try:
        engine_class = getattr(import_module(module), class_name)
    except ImportError as err:
        raise ModelError(
            f"the engine {name} is not installed whole ({err}); install ocrstream with the extra "
            f"{known.extra}"
        ) from err
    opened: Engine = engine_class(place, precision, gpu)
    return opened


def choose(engine: str, device: str) -> tuple[str, str]:
    """Name the engine and the device.

    Raises:
        ModelError: it is unknown, or not installed, or does not run there.
    """
    if engine != "auto":
        _require(engine)
    candidates = [name for name in installed_engines() if engine in ("auto", name)]
    if not candidates:
        raise ModelError("no engine is installed; install ocrstream with the extra cpu")
    by_rank = sorted(candidates, key=lambda name: _KNOWN[name].gpu_rank)
    if device == "auto":
        with_gpu = [name for name in by_rank if _sees_gpu(name)]
        return (with_gpu[0], "gpu:0") if with_gpu else (candidates[0], "cpu")
    if device.startswith("gpu"):
        able = [name for name in by_rank if _is_for_gpu(name)]
        return (able or candidates)[0], device
    return candidates[0], device


def _sees_gpu(name: str) -> bool:
    """Whether an engine is built for NVIDIA GPUs and the machine, or container, has one."""
    devices = [*Path("/dev").glob("nvidia[0-9]*"), *Path("/dev").glob("dxg")]
    return bool(devices) and _is_for_gpu(name)


def _is_for_gpu(name: str) -> bool:
    return _KNOWN[name].has_gpu()


def _is_installed(name: str) -> bool:
    return find_spec(_KNOWN[name].module) is not None


def _require(name: str) -> None:
    if name not in _KNOWN:
        raise ModelError(f"there is no engine {name!r}; known are auto, {', '.join(ENGINES)}")
    if not _is_installed(name):
        raise ModelError(
            f"the engine {name} is not installed; install ocrstream with the extra "
            f"{_KNOWN[name].extra}"
        )
