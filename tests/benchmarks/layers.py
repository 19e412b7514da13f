"""Where the time of a network goes, and how much of the processor's peak it sustains.

    python -m tests.benchmarks.layers recognize --shape 4 48 256
    python -m tests.benchmarks.layers detect --shape 1 960 544 --precision fp32
    python -m tests.benchmarks.layers recognize --shape 4 48 256 --precision int8 --models /tmp/int8

Runs the network as the engine compiles it, on one core, and prints the time of each kind of
operation. The peak is what a chain of large matrix products reaches in the same precision, in the
same run: the bare multiply-add loop.
"""

import argparse
import statistics
import time
from collections import Counter
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from processors.engines.base import GpuOptions, Precision
from processors.engines.normalize import DETECTION, TEXT_LINE
from processors.engines.openvino import OpenVinoEngine
from processors.engines.openvino_graph import (
    give_best_class,
    take_pictures,
    unfold_transposed_convolutions,
)
from processors.models.registry import DEFAULTS, Registry

RUNS = 15
HINTS = {Precision.BF16: "bf16", Precision.FP32: "f32", Precision.INT8: "bf16"}
"""What floats are computed in; with INT8 they are what was not quantised."""


def compiled(network: ov.Model, precision: Precision) -> ov.CompiledModel:
    """Compile for one core, with counters."""
    config = {
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": 1,
        "PERF_COUNT": True,
        "INFERENCE_PRECISION_HINT": HINTS[precision],
    }
    return ov.Core().compile_model(network, "CPU", config)


def seconds(model: ov.CompiledModel, values: np.ndarray) -> tuple[float, ov.InferRequest]:
    """Median of some runs, and the request with the counters of the last."""
    request = model.create_infer_request()
    times = []
    for _ in range(RUNS + 3):
        started_at = time.perf_counter()
        request.infer([values], share_inputs=True)
        times.append(time.perf_counter() - started_at)
    return statistics.median(times[3:]), request


def peak_per_s(precision: Precision) -> float:
    """Multiply-adds per second of a chain of products of 2,048 x 1,024 x 1,024."""
    rows, side, count = 2048, 1024, 4
    parameter = ops.parameter([rows, side], np.float32)
    weights = ops.constant(np.full((side, side), 1e-3, dtype=np.float32))
    node: ov.Node = parameter
    for _ in range(count):
        if precision is Precision.INT8:
            node = ops.matmul(_quantized(node, 256), _quantized(weights, 255), False, False)
        else:
            node = ops.matmul(node, weights, False, False)
    model = compiled(ov.Model([node], [parameter], "peak"), precision)
    took_s, _ = seconds(model, np.full((rows, side), 0.5, dtype=np.float32))
    return count * rows * side * side / took_s


def _quantized(node: ov.Node, levels: int) -> ov.Node:
    """A node whose values are rounded to so many; OpenVINO computes with them in bytes."""
    limits = [np.float32(-1), np.float32(1)]
    return ops.fake_quantize(node, *limits, *limits, levels=levels)


def multiply_adds(network: ov.Model) -> float:
    """Of all convolutions and products of a network with fixed shapes."""
    total = 0.0
    for node in network.get_ordered_ops():
        kind = node.get_type_name()
        if kind not in ("Convolution", "GroupConvolution", "MatMul"):
            continue
        weights = list(node.input(1).get_shape())
        depth = {
            "Convolution": np.prod(weights[1:]),
            "GroupConvolution": np.prod(weights[2:]),
            "MatMul": node.input(0).get_shape()[-1],
        }[kind]
        total += float(np.prod(node.output(0).get_shape()) * depth)
    return total


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=("detect", "recognize"))
    parser.add_argument("--shape", type=int, nargs=3, required=True, metavar=("N", "H", "W"))
    parser.add_argument("--precision", type=Precision, default=Precision.BF16, choices=HINTS)
    parser.add_argument("--models", type=Path, help="a folder of local models")
    arguments = parser.parse_args()
    engine = OpenVinoEngine("cpu", arguments.precision, GpuOptions())
    registry = Registry(arguments.models)
    model = registry.find(registry.model(DEFAULTS[arguments.stage], arguments.stage), engine.kinds)
    detects = arguments.stage == "detect"
    network = ov.Core().read_model(model.path)
    network = take_pictures(network, DETECTION if detects else TEXT_LINE)
    if detects:
        unfold_transposed_convolutions(network)
    else:
        network = give_best_class(network)
    shape = (*arguments.shape, 3)
    network.reshape(list(shape))
    pictures = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    took_s, request = seconds(compiled(network, arguments.precision), pictures)
    peak = peak_per_s(arguments.precision)
    rate = multiply_adds(network) / took_s
    print(
        f"{model.model.name}, {arguments.precision.value}, {shape}, one core: {took_s * 1e3:.1f} ms"
    )
    print(
        f"{rate / 1e9:.0f} of {peak / 1e9:.0f} billion multiply-adds a second: {rate / peak:.0%}\n"
    )
    spent: Counter[str] = Counter()
    for entry in request.profiling_info:
        spent[f"{entry.node_type} ({entry.exec_type})"] += entry.real_time.total_seconds()
    total_s = sum(spent.values())
    print("| operation | ms | share |\n| --- | --- | --- |")
    for name, spent_s in spent.most_common(10):
        print(f"| {name} | {spent_s * 1e3:.2f} | {spent_s / total_s:.0%} |")


if __name__ == "__main__":
    main()
