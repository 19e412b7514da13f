"""What lies in the folder of local models.

    <folder>/<name>.onnx                            a fine-tuned ONNX file
    <folder>/<name>/inference.onnx                  the same, with what belongs to it beside it:
    <folder>/<name>/inference.yml, or characters.txt  its dictionary, if the ONNX file carries none
    <folder>/<name>/inference.json, or .pdmodel     Paddle's own format, with inference.pdiparams
    <folder>/<name>/int8.xml                        OpenVINO, by `ocrstream models quantize`
    <folder>/<name>/int8.characters.txt             its dictionary
    <folder>/<name>/provenance.json                 what it was made from
    <folder>/<name>/model.toml                      what it is, where the catalogue has no such name

Builds of several formats may share a folder. To each belong only the files that it is read with, so
that none of them changes when another one is added.
"""

import json
from collections.abc import Container, Iterator
from itertools import islice
from pathlib import Path

from processors.errors import ModelError
from processors.models.catalog import Format, Kind, Model, Weights
from processors.models.dictionary import carries_dictionary

ONNX: Kind = (Format.ONNX, Weights.FLOAT)
PADDLE: Kind = (Format.PADDLE, Weights.FLOAT)
INT8: Kind = (Format.OPENVINO, Weights.INT8)

INT8_DICTIONARY = "int8.characters.txt"
PROVENANCE = "provenance.json"

_MAIN_FILES: dict[str, Kind] = {
    "inference.onnx": ONNX,
    "inference.json": PADDLE,
    "inference.pdmodel": PADDLE,
    "int8.xml": INT8,
}
_PARTS: dict[Kind, tuple[str, ...]] = {
    ONNX: (),
    PADDLE: ("inference.pdiparams", "inference.yml"),
    INT8: ("int8.bin", INT8_DICTIONARY),
}
"""What belongs to a main file of each kind, where it is there."""

_DICTIONARIES = ("characters.txt", "*keys*.txt", "*dict*.txt", "inference.yml")
"""Where a recogniser's dictionary is looked for, if none of its own files carries one."""


def local_files(folder: Path, model: Model) -> dict[Kind, tuple[Path, ...]]:
    """The files of each local build of a model; the first is the one that engines open."""
    found: dict[Kind, tuple[Path, ...]] = {}
    single = folder / f"{model.name}.onnx"
    if single.is_file():
        found[ONNX] = (single,)
    for name, kind in _MAIN_FILES.items():
        main = folder / model.name / name
        if main.is_file():
            parts = [main.parent / part for part in _PARTS[kind]]
            files = [main, *(part for part in parts if part.is_file())]
            if model.stage == "recognize" and not carries_dictionary(files):
                files += islice(_dictionaries(main.parent), 1)
            found[kind] = tuple(files)
    return found


def _dictionaries(folder: Path) -> Iterator[Path]:
    for pattern in _DICTIONARIES:
        yield from (path for path in sorted(folder.glob(pattern)) if path.is_file())


def origin_sha256(int8: Path) -> str | None:
    """The checksum of what an INT8 build was made from; None: it does not say.

    Args:
        int8: Its main file.

    Raises:
        ModelError: what it says cannot be read.
    """
    path = int8.with_name(PROVENANCE)
    if not path.exists():
        return None
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
        raise ModelError(
            f"{path} does not say what {int8.name} was made from ({err!r}); quantise the model "
            "again, or remove the file if the build is your own"
        ) from err


def stray_names(folder: Path, names: Container[str]) -> list[str]:
    """Names of local folders and ONNX files that are no model's.

    Args:
        folder: Of local models; may be absent.
        names: Of all models, those included that describe themselves.

    Raises:
        ModelError: the folder cannot be read.
    """
    try:
        entries = list(folder.iterdir()) if folder.is_dir() else []
    except OSError as err:
        raise ModelError(f"{folder} cannot be read: {err}") from err
    found = {entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")}
    found |= {entry.stem for entry in entries if entry.suffix == ".onnx" and entry.is_file()}
    return sorted(name for name in found if name not in names)
