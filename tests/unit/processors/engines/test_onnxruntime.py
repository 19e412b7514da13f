"""What is put into ONNX graphs, and what their errors become."""

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from processors.engines.base import PictureBatch
from processors.engines.normalize import DETECTION
from processors.engines.onnxruntime import OnnxDetector, give_best_class, take_pictures
from processors.errors import EngineError, OutOfMemory


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


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("bfc_arena.cc:376 Failed to allocate memory for requested buffer", OutOfMemory),
        ("CUDA failure 2: out of memory", OutOfMemory),
        ("CUDNN_STATUS_ALLOC_FAILED", OutOfMemory),
        ("CUDA failure 700: an illegal memory access", EngineError),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(message: str, error: type[Exception]) -> None:
    """It halves the batch, where others fail documents."""
    runner = OnnxDetector(FailingSession(message), 1000)
    with pytest.raises(EngineError) as caught:
        runner.probability_maps(np.zeros((1, 32, 32, 3), dtype=np.uint8))
    assert type(caught.value) is error
