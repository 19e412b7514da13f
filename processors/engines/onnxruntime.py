"""ONNX Runtime: the engine for NVIDIA GPUs (CUDA), and a second one for CPUs."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from processors.engines.base import PictureBatch, Precision
from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization, ctc_characters
from processors.errors import EngineError, ModelError, OutOfMemory

_CUDA_OPTIONS = {
    # EXHAUSTIVE, the default, searches again for every new shape: 11.3 s against 1.3 s (L4).
    "cudnn_conv_algo_search": "DEFAULT",
    # The default doubles the arena at every growth, which widths in buckets make a waste.
    "arena_extend_strategy": "kSameAsRequested",
}


class OnnxRuntimeEngine:
    """Opens ONNX models on the CPU or one CUDA device, in FP32.

    Args:
        device: `cpu` or `gpu:N`.
        precision: `auto` or `fp32`.

    Raises:
        ModelError: the device is not there, or the precision is not supported.
    """

    name = "onnxruntime"

    def __init__(self, device: str = "cpu", precision: Precision = Precision.AUTO) -> None:
        if precision not in (Precision.AUTO, Precision.FP32):
            raise ModelError(
                f"the engine onnxruntime does not compute in {precision.value}; "
                "set OCRSTREAM_PRECISION to auto or fp32"
            )
        self.device = device
        self.precision = precision
        self._provider: tuple[str, dict[str, str]] = ("CPUExecutionProvider", {})
        if device != "cpu":
            index = device.removeprefix("gpu:")
            self._provider = ("CUDAExecutionProvider", {"device_id": index, **_CUDA_OPTIONS})
            _require_cuda()

    def detector(self, model: Path) -> "OnnxDetector":
        """Open a detection model."""
        return OnnxDetector(self._open(model), DETECTION)

    def classifier(self, model: Path) -> "OnnxClassifier":
        """Open an orientation model."""
        return OnnxClassifier(self._open(model), TEXT_LINE)

    def recognizer(self, model: Path) -> "OnnxRecognizer":
        """Open a recognition model."""
        session = self._open(model)
        dictionary = session.get_modelmeta().custom_metadata_map.get("character")
        if dictionary is None:
            raise ModelError(f"{model} carries no dictionary (metadata key `character`)")
        characters = ctc_characters(dictionary)
        class_count = session.get_outputs()[0].shape[-1]  # a name where it is not fixed
        if isinstance(class_count, int) and class_count != len(characters):
            raise ModelError(
                f"{model}: the model tells {class_count} classes apart, "
                f"its dictionary names {len(characters)}"
            )
        return OnnxRecognizer(session, TEXT_LINE, characters)

    def _open(self, model: Path) -> ort.InferenceSession:
        name, options = self._provider
        try:
            session = ort.InferenceSession(model, providers=[(name, options)])
        except Exception as err:  # its errors share no root but Exception
            raise ModelError(f"{model} is no model that ONNX Runtime can read: {err}") from err
        if session.get_providers()[0] != name:
            raise ModelError(f"ONNX Runtime cannot run on {self.device}: {name} did not start")
        return session


def _require_cuda() -> None:
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        raise ModelError(
            "this ONNX Runtime has no CUDA provider; install ocrstream[gpu] in an environment "
            "of its own, or set OCRSTREAM_DEVICE=cpu"
        )
    ort.preload_dlls()  # CUDA and cuDNN from their wheels


class _Runner:
    """Calls a session, which is thread-safe by itself."""

    concurrency = 1

    def __init__(self, session: ort.InferenceSession, normalization: Normalization) -> None:
        self._session = session
        self._input_name = session.get_inputs()[0].name
        self._mean = np.array(normalization.mean, dtype=np.float32)
        self._scale = np.array(normalization.scale, dtype=np.float32)

    def _infer(self, pictures: PictureBatch) -> npt.NDArray[np.float32]:
        normalized = (pictures.astype(np.float32) - self._mean) / self._scale
        channels_first = np.ascontiguousarray(normalized.transpose(0, 3, 1, 2))
        try:
            output = self._session.run(None, {self._input_name: channels_first})[0]
        except Exception as err:  # its errors share no root but Exception
            kind = OutOfMemory if "alloc" in str(err).lower() else EngineError
            raise kind(f"ONNX Runtime failed on a batch of {pictures.shape}: {err}") from err
        return np.asarray(output, dtype=np.float32)


class OnnxDetector(_Runner):
    """A `DetectorRunner`."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        return self._infer(pages)[:, 0]


class OnnxClassifier(_Runner):
    """A `ClassifierRunner`."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return self._infer(crops)[:, 1]


class OnnxRecognizer(_Runner):
    """A `RecognizerRunner`."""

    def __init__(
        self,
        session: ort.InferenceSession,
        normalization: Normalization,
        characters: tuple[str, ...],
    ) -> None:
        super().__init__(session, normalization)
        self.characters = characters

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        probabilities = self._infer(crops)
        classes = probabilities.argmax(axis=2).astype(np.int32)
        return classes, probabilities.max(axis=2)
