"""Finds models and checks that they are unaltered.

A model is looked for in a local folder first (`<folder>/<name>.onnx`, whose hash is then its own),
then in the installed package that ships it, where its hash must be the catalogue's.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from processors.errors import ModelError, UnsupportedLanguage

Stage = Literal["detect", "classify", "recognize"]

_DEFAULTS: dict[Stage, str] = {
    "detect": "PP-OCRv6_small_det",
    "classify": "ch_ppocr_mobile_v2_cls",
    "recognize": "PP-OCRv6_small_rec",
}


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue; `languages` are ISO 639 codes, empty for what reads no text."""

    name: str
    stage: Stage
    package: str
    file: str
    sha256: str
    licence: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model with its file, found and verified."""

    model: Model
    path: Path
    sha256: str


class Registry:
    """The catalogue, and where its files are.

    Args:
        folder: Local models, which win over installed packages; may be absent.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.models = _read_catalog()

    def default(self, stage: Stage) -> Model:
        """The model of a stage that is used if nothing else is asked for."""
        return self.models[_DEFAULTS[stage]]

    def check_languages(self, languages: tuple[str, ...]) -> None:
        """Make sure that the default recogniser reads all of the languages.

        Raises:
            UnsupportedLanguage: it does not read one of them.
        """
        readable = self.default("recognize").languages
        for language in languages:
            if language.replace("_", "-").split("-")[0].lower() not in readable:
                raise UnsupportedLanguage(
                    f"no installed model reads the language {language!r}; "
                    f"readable are {', '.join(readable)}"
                )

    def find(self, model: Model) -> InstalledModel:
        """Find a model's file and check it.

        Raises:
            ModelError: it is nowhere, or not what the catalogue says.
        """
        local = self._folder / f"{model.name}.onnx" if self._folder else None
        if local is not None and local.is_file():
            return InstalledModel(model, local, _sha256(local))
        path = _packaged_file(model)
        found = _sha256(path)
        if found != model.sha256:
            raise ModelError(
                f"{path} is not {model.name}: its sha256 is {found}, the catalogue says "
                f"{model.sha256}; install {model.package.replace('_', '-')} again"
            )
        return InstalledModel(model, path, found)


def _packaged_file(model: Model) -> Path:
    package = model.package.replace("_", "-")
    if find_spec(model.package) is None:
        raise ModelError(f"{model.name} is not installed; install the package {package}")
    path = Path(str(files(model.package))) / model.file
    if not path.is_file():
        raise ModelError(f"{path} is missing; install the package {package} again")
    return path


def _read_catalog() -> dict[str, Model]:
    text = files("processors.models").joinpath("catalog.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    return {
        name: Model(name=name, **{**entry, "languages": tuple(entry.get("languages", ()))})
        for name, entry in entries.items()
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
