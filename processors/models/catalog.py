"""What a model is: its stage, languages and licence, and the builds that hold its weights."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from processors.errors import ModelError
from processors.models.checksum import combined_sha256
from processors.models.languages import normalize_language, normalize_script

Stage = Literal["detect", "classify", "recognize"]


class Format(StrEnum):
    """What a file is written in."""

    ONNX = "onnx"
    OPENVINO = "openvino"
    PADDLE = "paddle"


class Weights(StrEnum):
    """Numbers that the weights are kept in; an engine may compute in others."""

    FLOAT = "float"
    INT8 = "int8"


Kind = tuple[Format, Weights]
"""What an engine can open."""


@dataclass(frozen=True, slots=True)
class Build:
    """A model in one format.

    Attributes:
        format: What its files are written in.
        files: Name to sha256; the first is the one that engines open.
        weights: What its numbers are kept in.
        package: The installed package that ships it, in `folder`.
        folder: Where in the package.
        hub: Address of the folder that its files can be fetched from.
        lossless: Quantised weights that were measured to read as well as the original ones.
    """

    format: Format
    files: Mapping[str, str]
    weights: Weights = Weights.FLOAT
    package: str | None = None
    folder: str = "."
    hub: str | None = None
    lossless: bool = False

    @property
    def main_file(self) -> str:
        """The one that engines open."""
        return next(iter(self.files))

    @property
    def sha256(self) -> str:
        """Of all its files."""
        return combined_sha256(list(self.files.values()))


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue.

    Attributes:
        name: As PaddleOCR has it.
        stage: What it does.
        licence: SPDX identifier.
        languages: ISO 639 codes, empty for what reads no text; with a script (`sr-Latn`) where
            the language is read in no other one.
        builds: Where its weights are.
        scripts: ISO 15924 codes of what it reads, for languages that are written in several.
        squeeze: How wide a recogniser takes long lines, of their own proportions, above 0 to 1.
    """

    name: str
    stage: Stage
    licence: str
    languages: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    scripts: tuple[str, ...] = ("Latn",)
    squeeze: float = 1.0


def read_catalog() -> dict[str, Model]:
    """The models that come with ocrstream."""
    text = files("processors.models").joinpath("catalog.toml").read_text(encoding="utf-8")
    return {name: _parse(name, entry) for name, entry in tomllib.loads(text).items()}


def read_manifest(path: Path) -> Model:
    """Describe a local model by its `model.toml`, which has the catalogue's keys.

    Where its files come from is no business of such a file: builds in it are ignored.

    Raises:
        ModelError: it is no such description.
    """
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        return _parse(path.parent.name, {**entry, "builds": ()})
    except (OSError, ValueError, TypeError, RecursionError) as err:
        raise ModelError(
            f'{path} does not describe a model: {err}; it needs stage = "detect", "classify" or '
            '"recognize", licence = "..." and, for a recogniser, languages = ["..."]; it may have '
            'scripts = ["..."] and squeeze = ...'
        ) from err


_KEYS = frozenset({"stage", "licence", "languages", "scripts", "squeeze", "builds"})


def _parse(name: str, entry: dict[str, Any]) -> Model:
    if unknown := sorted(entry.keys() - _KEYS):
        raise ValueError(f"there is no key {', '.join(unknown)}")
    stage, licence, squeeze = entry.get("stage"), entry.get("licence"), entry.get("squeeze", 1.0)
    if stage not in ("detect", "classify", "recognize"):
        raise ValueError(f"there is no stage {stage!r}")
    if not isinstance(licence, str) or not licence:
        raise TypeError(f"licence is an SPDX identifier, not {licence!r}")
    languages = [normalize_language(tag) for tag in _strings(entry, "languages", ())]
    if bool(languages) != (stage == "recognize"):
        raise ValueError("a recogniser names its languages, and nothing else does")
    if type(squeeze) not in (int, float) or not 0 < squeeze <= 1:
        raise ValueError(f"squeeze is a number above 0 and at most 1, not {squeeze!r}")
    return Model(
        name=name,
        stage=stage,
        licence=licence,
        languages=tuple(dict.fromkeys(languages)),
        builds=tuple(_parse_build(build) for build in entry.get("builds", ())),
        scripts=tuple(map(normalize_script, _strings(entry, "scripts", ("Latn",)))),
        squeeze=float(squeeze),
    )


def _strings(entry: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    values = entry.get(key, default)
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        raise TypeError(f"{key} is a list of texts, not {values!r}")
    return tuple(values)


def _parse_build(entry: dict[str, Any]) -> Build:
    typed = {"format": Format(entry["format"]), "weights": Weights(entry.get("weights", "float"))}
    return Build(**{**entry, **typed})
