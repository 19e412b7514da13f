"""Rewrites that make networks cheaper and change nothing that they compute."""

import numpy as np
import numpy.typing as npt
import openvino as ov
import pytest
from openvino import opset13 as ops

from processors.engines.openvino_graph import give_best_class, unfold_transposed_convolutions

Floats = npt.NDArray[np.float32]


def run(network: ov.Model, values: Floats) -> list[Floats]:
    """What a network gives, in FP32."""
    compiled = ov.Core().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    outputs = compiled([values])
    return [np.array(outputs[index]) for index in range(len(compiled.outputs))]


def kinds(network: ov.Model) -> list[str]:
    """The operations of a network."""
    return [node.get_type_name() for node in network.get_ordered_ops()]


@pytest.mark.parametrize("class_count", [6, 41, 100, 2 * 5 * 187, 6625])
def test_best_class_is_that_of_the_maximum(class_count: int) -> None:
    """Whether the classes can be cut into equal blocks or not."""
    parameter = ops.parameter([-1, -1, class_count], np.float32)
    network = give_best_class(ov.Model([ops.softmax(parameter, -1)], [parameter], "softmax"))
    values = np.random.default_rng(0).normal(0, 3, (3, 7, class_count)).astype(np.float32)
    probability, index = run(network, values)
    assert index.shape == (3, 7, 1)
    np.testing.assert_array_equal(index[..., 0], values.argmax(axis=2))
    powers = np.exp(values - values.max(axis=2, keepdims=True))
    np.testing.assert_allclose(probability[..., 0], 1 / powers.sum(axis=2), rtol=1e-4)


def transposed(stride: int, activation: bool, bias: bool) -> ov.Model:
    """A transposed convolution, 2 x 2, from 3 channels to 5."""
    weights = np.random.default_rng(1).normal(0, 1, (3, 5, 2, 2)).astype(np.float32)
    parameter = ops.parameter([-1, 3, -1, -1], np.float32)
    node: ov.Node = ops.convolution_backprop_data(
        parameter, ops.constant(weights), strides=[stride, stride]
    )
    if bias:
        node = ops.add(node, ops.constant(np.arange(5, dtype=np.float32).reshape(1, 5, 1, 1)))
    if activation:
        node = ops.relu(node)
    return ov.Model([node], [parameter], "transposed")


@pytest.mark.parametrize("activation", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_transposed_convolution_is_unfolded(activation: bool, bias: bool) -> None:
    """Where windows do not overlap; bias and activation go along."""
    values = np.random.default_rng(2).normal(0, 1, (2, 3, 4, 6)).astype(np.float32)
    (expected,) = run(transposed(2, activation, bias), values)
    network = transposed(2, activation, bias)
    unfold_transposed_convolutions(network)
    assert "ConvolutionBackpropData" not in kinds(network)
    (found,) = run(network, values)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_transposed_convolution_with_overlapping_windows_is_left_alone() -> None:
    """Its pixels are sums of several windows."""
    network = transposed(1, activation=True, bias=True)
    unfold_transposed_convolutions(network)
    assert "ConvolutionBackpropData" in kinds(network)
