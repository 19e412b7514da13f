"""Rewrites of networks that make them cheaper on a CPU and change nothing that they compute."""

import numpy as np
import openvino as ov
from openvino import opset13 as ops
from openvino.preprocess import ColorFormat, PrePostProcessor

from processors.engines.normalize import Normalization

_BLOCK_COUNT_MIN = 5
"""With fewer blocks, searching the best one takes as long as searching all classes."""


def take_pictures(network: ov.Model, normalization: Normalization) -> ov.Model:
    """Let a network take (N, H, W, 3) uint8 BGR and normalise it by itself.

    Raises:
        RuntimeError: its input is no picture.
    """
    steps = PrePostProcessor(network)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(
        ov.Layout("NHWC")
    ).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(ov.Layout("NCHW"))
    convert = steps.input().preprocess().convert_element_type(ov.Type.f32)
    convert.mean(list(normalization.mean)).scale(list(normalization.scale))
    return steps.build()


def give_best_class(network: ov.Model) -> ov.Model:
    """Replace the output (N, T, classes) by the best class and its probability.

    OpenVINO's TopK takes a tenth of a time step's cost, because it goes through all 18,710 classes
    one by one, where ReduceMax hardly takes anything. So the classes are cut into blocks, the best
    block is found by its maximum, and only its classes are gone through.

    Returns:
        Outputs (N, T, 1) float32, the probability, and (N, T, 1) int32, the class.
    """
    probabilities = network.get_results()[0].input_value(0)
    class_count = probabilities.partial_shape[-1]
    block_count = _block_count(class_count.get_length()) if class_count.is_static else 1
    if block_count == 1:
        best, index = _first_maximum(probabilities)
    else:
        blocks = ops.reshape(probabilities, _int64(0, 0, block_count, -1), special_zero=True)
        best, block_index = _first_maximum(ops.reduce_max(blocks, _int64(3)).output(0))
        block = ops.gather_nd(blocks, block_index, batch_dims=2)
        _, index_in_block = _first_maximum(block.output(0))
        block_size = np.int32(class_count.get_length() // block_count)
        index = ops.add(ops.multiply(block_index, block_size), index_in_block).output(0)
    return ov.Model([best, index], network.get_parameters(), "best_class")


def _block_count(class_count: int) -> int:
    """The divisor nearest to the square root, 1 where there is no useful one."""
    divisors = [n for n in range(_BLOCK_COUNT_MIN, class_count // 2 + 1) if class_count % n == 0]
    return min(divisors, key=lambda n: n + class_count // n, default=1)


def _first_maximum(values: ov.Output) -> tuple[ov.Output, ov.Output]:
    found = ops.topk(values, np.int32(1), -1, "max", "none")
    return found.output(0), found.output(1)


def _int64(*values: int) -> ov.Node:
    return ops.constant(np.array(values, dtype=np.int64))


def unfold_transposed_convolutions(network: ov.Model) -> None:
    """Replace transposed convolutions whose windows do not overlap by 1 x 1 convolutions.

    Each pixel of the input makes kernel x kernel pixels of the output on its own, so a 1 x 1
    convolution to kernel x kernel times as many channels, spread out by DepthToSpace, gives the
    same. OpenVINO computes it in BF16, the transposed one in FP32 only, and joins what follows
    (bias, activation) to it: a seventh of the detector's time. Networks are changed in place.
    """
    for node in network.get_ordered_ops():
        if node.get_type_name() == "ConvolutionBackpropData":
            _unfold(node)
    network.validate_nodes_and_infer_types()


def _unfold(transposed: ov.Node) -> None:
    attributes = transposed.get_attributes()
    weights = _float_constant(transposed.input_value(1))
    if weights is None or transposed.get_input_size() > 2:
        return
    channels_in, channels_out, height, width = weights.shape
    window_is_alone = (
        height == width
        and list(attributes["strides"]) == [height, width]
        and not any(attributes["pads_begin"] + attributes["pads_end"])
        and not any(attributes["output_padding"])
        and attributes["auto_pad"] in ("explicit", "valid", "notset")
        and list(attributes["dilations"]) == [1, 1]
    )
    if not window_is_alone:
        return
    kernel = weights.transpose(1, 2, 3, 0).reshape(-1, channels_in, 1, 1)
    spread: ov.Node = ops.convolution(
        transposed.input_value(0),
        ops.constant(np.ascontiguousarray(kernel)),
        strides=[1, 1],
        pads_begin=[0, 0],
        pads_end=[0, 0],
        dilations=[1, 1],
    )
    last = transposed
    while (following := _only_follower(last)) is not None:
        kind = following.get_type_name()
        if kind == "Add" and (bias := _bias_of(following, last, channels_out)) is not None:
            repeated = np.repeat(bias, height * width).reshape(1, -1, 1, 1)
            spread = ops.add(spread, ops.constant(repeated))
        elif kind in _POINTWISE:
            spread = _POINTWISE[kind](spread)
        else:
            break
        last = following
    last.output(0).replace(ops.depth_to_space(spread, "depth_first", height).output(0))


_POINTWISE = {"Identity": lambda value: value, "Relu": ops.relu, "Sigmoid": ops.sigmoid}
"""What works on each value alone, and so may be done before DepthToSpace."""


def _only_follower(node: ov.Node) -> ov.Node | None:
    targets = list(node.output(0).get_target_inputs())
    return targets[0].get_node() if len(targets) == 1 else None


def _bias_of(addition: ov.Node, summand: ov.Node, channels: int) -> np.ndarray | None:
    """The constant that is added to `summand`, where it is one number per channel."""
    for value in addition.input_values():
        if value.get_node() != summand:
            bias = _float_constant(value)
            if bias is not None and bias.size == channels:
                return bias.reshape(-1)
    return None


def _float_constant(value: ov.Output) -> np.ndarray | None:
    node = value.get_node()
    if node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    if node.get_type_name() != "Constant" or node.get_element_type() not in _FLOATS:
        return None
    return np.asarray(node.data, dtype=np.float32)


_FLOATS = (ov.Type.f32, ov.Type.f16)
