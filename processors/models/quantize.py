"""Makes INT8 builds of models: weights and activations in bytes, by NNCF's post-training method.

The ranges of activations are taken from real crops and pages. They come from the pictures that are
given, read by the unquantised models; equal pictures give equal weights, and from one run of the
command to the next equal files (names of nodes are numbered through a process). What happens:

- the ONNX file is converted and saved first, which folds constants and fuses operations: quantised
  straight from ONNX, GELU stays in pieces that each get a quantiser, and recognition breaks;
- activations are taken at the widths at which the crops are read;
- a recogniser's first convolutions and its attention stay floats: they cost little, and without
  them two lines of a hundred more are read otherwise than in floats.
"""

import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from processors.engines.normalize import DETECTION, TEXT_LINE, Normalization
from processors.errors import ModelError
from processors.models.catalog import Stage
from processors.models.local import INT8_DICTIONARY, PROVENANCE
from processors.models.registry import InstalledModel
from processors.values import CropArray

if TYPE_CHECKING:
    import openvino as ov


@dataclass(frozen=True, slots=True)
class Quantized:
    """What was made: the folder with its files, and how many samples it was made from."""

    folder: Path
    sample_count: int


def require_quantizer() -> None:
    """Make sure that quantising can begin at all.

    Raises:
        ModelError: NNCF or OpenVINO is not installed.
    """
    for module in ("openvino", "nncf"):
        try:
            import_module(module)
        except ImportError as err:
            raise ModelError(
                f"quantising needs OpenVINO and NNCF ({err}); install ocrstream with the extras "
                "cpu and quantize"
            ) from err


def quantize(source: InstalledModel, samples: Sequence[CropArray], folder: Path) -> Quantized:
    """Make an INT8 build.

    Args:
        source: The model, in ONNX.
        samples: What it is given when it works: (H, W, 3) uint8, BGR, in its own sizes.
        folder: Gets `int8.xml`, `int8.bin`, `provenance.json` and a recogniser's dictionary.

    Raises:
        ModelError: NNCF is not installed, there are no samples, or the folder cannot be written to.
    """
    require_quantizer()
    import nncf  # noqa: PLC0415 - an extra

    if not samples:
        raise ModelError(f"no samples for {source.model.name}: the pictures hold no lines of text")
    normalization = _NORMALIZATIONS[source.model.stage]
    inputs = nncf.Dataset(samples, lambda sample: normalization.apply(sample[None]))
    logging.getLogger("nncf").setLevel(logging.ERROR)
    network = _folded(source.path)
    kept = sensitive_nodes(network) if source.model.stage == "recognize" else []
    quantized = nncf.quantize(
        network,
        inputs,
        subset_size=len(samples),
        ignored_scope=nncf.IgnoredScope(names=kept, validate=False),
    )
    try:
        _save(quantized, source, len(samples), folder)
    except (OSError, RuntimeError) as err:
        raise ModelError(f"the INT8 build cannot be written to {folder}: {err}") from err
    return Quantized(folder, len(samples))


def _save(network: "ov.Model", source: InstalledModel, sample_count: int, folder: Path) -> None:
    import openvino as ov  # noqa: PLC0415 - an extra

    folder.mkdir(parents=True, exist_ok=True)
    ov.save_model(network, folder / "int8.xml", compress_to_fp16=False)
    if source.model.stage == "recognize":
        dictionary = "\n".join(source.characters[1:-1]) + "\n"
        (folder / INT8_DICTIONARY).write_text(dictionary, encoding="utf-8")
    provenance = {
        "model": source.model.name,
        "licence": source.model.licence,
        "sha256": source.sha256,
        "samples": sample_count,
        "nncf": version("nncf"),
        "openvino": version("openvino"),
    }
    (folder / PROVENANCE).write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")


_STEM_CONVOLUTIONS = 4


def sensitive_nodes(network: "ov.Model") -> list[str]:
    """Names of what stays floats in a recogniser: its stem, and its neck but for the classes.

    The stem are the first convolutions, on three and few more channels; the neck is all behind the
    last pooling: attention over the time steps. The last product tells the classes apart and is a
    tenth of all the work, so it is quantised.
    """
    nodes = network.get_ordered_ops()
    kinds = [node.get_type_name() for node in nodes]
    stem = [node for node, kind in zip(nodes, kinds, strict=True) if kind == "Convolution"]
    pooling = [index for index, kind in enumerate(kinds) if kind in ("AvgPool", "MaxPool")]
    neck = nodes[max(pooling, default=len(nodes)) :]
    products = [node for node in neck if node.get_type_name() == "MatMul"]
    kept = [*stem[:_STEM_CONVOLUTIONS], *neck]
    return [node.get_friendly_name() for node in kept if node not in products[-1:]]


_NORMALIZATIONS: dict[Stage, Normalization] = {
    "detect": DETECTION,
    "classify": TEXT_LINE,
    "recognize": TEXT_LINE,
}


def _folded(path: Path) -> "ov.Model":
    """Convert, save and read again: this folds constants and fuses GELU."""
    import openvino as ov  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "folded.xml"
        ov.save_model(ov.convert_model(path), file, compress_to_fp16=False)
        return ov.Core().read_model(file)
