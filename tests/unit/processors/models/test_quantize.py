"""Making INT8 builds."""

import sys
from pathlib import Path

import openvino as ov
import pytest

from processors.classify import fit_for_classifier
from processors.engines.base import GpuOptions, Precision
from processors.engines.choose import open_engine
from processors.errors import ModelError
from processors.models.catalog import Format, Stage, Weights
from processors.models.quantize import quantize, sensitive_nodes
from processors.models.registry import DEFAULTS, InstalledModel, Registry
from processors.values import CropArray
from tests.contracts.test_runners import render_line, turned

ONNX = (Format.ONNX, Weights.FLOAT)
INT8 = (Format.OPENVINO, Weights.INT8)


def default(stage: Stage) -> InstalledModel:
    """The ONNX file of a stage."""
    registry = Registry()
    return registry.find(registry.model(DEFAULTS[stage], stage), [ONNX])


def lines() -> list[CropArray]:
    """Some lines, upright and on their heads."""
    texts = ("Invoice 2026", "TOTAL: 120.00", "Thank you", "Street 5, Town")
    upright = [fit_for_classifier(render_line(text)) for text in texts]
    return [*upright, *(turned(line) for line in upright)]


def test_quantized_model_works_and_is_the_same_each_time(tmp_path: Path) -> None:
    """It tells lines on their heads, in a quarter of the bytes; equal samples, equal weights."""
    source = default("classify")
    made = quantize(source, lines(), tmp_path / "first" / source.model.name)
    again = quantize(source, lines(), tmp_path / "again" / source.model.name)
    assert made.sample_count == len(lines())
    for name in ("int8.bin", "provenance.json"):
        assert (made.folder / name).read_bytes() == (again.folder / name).read_bytes()
    assert (made.folder / "int8.bin").stat().st_size < source.path.stat().st_size / 3

    found = Registry(tmp_path / "first").find(source.model, [INT8])
    engine = open_engine("openvino", "cpu", Precision.INT8, GpuOptions())
    assert engine.kinds == (INT8,)
    runner = engine.classifier(found.path)
    line = fit_for_classifier(render_line("Invoice 2026"))
    assert runner.upside_down(line[None])[0] < 0.3
    assert runner.upside_down(turned(line)[None])[0] > 0.7


def test_recognizer_keeps_stem_and_neck_in_floats() -> None:
    """But for the product that tells the classes apart."""
    network = ov.Core().read_model(default("recognize").path)
    kept = set(sensitive_nodes(network))
    products = [n for n in network.get_ordered_ops() if n.get_type_name() == "MatMul"]
    convolutions = [n for n in network.get_ordered_ops() if n.get_type_name() == "Convolution"]
    assert {node.get_friendly_name() for node in products[:-1]} <= kept
    assert products[-1].get_friendly_name() not in kept
    is_kept = [node.get_friendly_name() in kept for node in convolutions]
    assert all(is_kept[:4])
    assert not any(is_kept[4:20])


@pytest.mark.parametrize("module", ["nncf", "openvino"])
def test_quantizing_needs_nncf_and_openvino(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError, match="with the extras cpu and quantize"):
        quantize(default("classify"), lines(), tmp_path)


def test_quantizing_needs_samples(tmp_path: Path) -> None:
    """The message says of what."""
    with pytest.raises(ModelError, match="no samples for ch_ppocr_mobile_v2_cls"):
        quantize(default("classify"), [], tmp_path)


def test_quantizing_needs_a_folder_to_write_to(tmp_path: Path) -> None:
    """A file in its place, for example."""
    (tmp_path / "models").touch()
    with pytest.raises(ModelError, match="cannot be written to"):
        quantize(default("classify"), lines()[:1], tmp_path / "models" / "x")
