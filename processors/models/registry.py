"""Finds models and checks that they are unaltered.

A model is looked for in the local folder first, then in the installed package that ships it, where
its files must have the catalogue's hashes. Local files win and have hashes of their own:

    <folder>/<name>.onnx                            a fine-tuned ONNX file
    <folder>/<name>/inference.onnx                  the same, with what belongs to it beside it:
    <folder>/<name>/inference.yml, or characters.txt  its dictionary, if the ONNX file carries none
    <folder>/<name>/inference.json, or .pdmodel     Paddle's own format, with inference.pdiparams
    <folder>/<name>/int8.xml                        OpenVINO, by `ocrstream models quantize`
    <folder>/<name>/model.toml                      what it is, where the catalogue has no such name
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from processors.errors import ModelError, UnsupportedLanguage
from processors.models.catalog import (
    Build,
    Format,
    Kind,
    Model,
    Stage,
    Weights,
    read_catalog,
    read_manifest,
)
from processors.models.dictionary import read_characters

DEFAULTS: dict[Stage, str] = {
    "detect": "PP-OCRv6_small_det",
    "classify": "ch_ppocr_mobile_v2_cls",
    "recognize": "PP-OCRv6_small_rec",
}

_MAIN_FILES: dict[str, Kind] = {
    "inference.onnx": (Format.ONNX, Weights.FLOAT),
    "inference.json": (Format.PADDLE, Weights.FLOAT),
    "inference.pdmodel": (Format.PADDLE, Weights.FLOAT),
    "int8.xml": (Format.OPENVINO, Weights.INT8),
}
_COMPANIONS: dict[Format, tuple[str, ...]] = {
    Format.ONNX: ("characters.txt", "*keys*.txt", "*dict*.txt", "inference.yml"),
    Format.PADDLE: (
        "inference.pdiparams",
        "inference.yml",
        "characters.txt",
        "*keys*.txt",
        "*dict*.txt",
    ),
    Format.OPENVINO: ("int8.bin", "characters.txt", "*keys*.txt", "*dict*.txt", "inference.yml"),
}


@dataclass(frozen=True)
class InstalledModel:
    """A build of a model, found and verified.

    Attributes:
        model: What it is.
        kind: Format and weights.
        files: The first is the one that engines open.
        sha256: Of its files.
        is_known: They are what the catalogue says; local ones may be others.
    """

    model: Model
    kind: Kind
    files: tuple[Path, ...]
    sha256: str
    is_known: bool = True

    @property
    def path(self) -> Path:
        """The file that engines open."""
        return self.files[0]

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """Class index to text, for recognisers.

        Raises:
            ModelError: it has no dictionary.
        """
        return read_characters(list(self.files))


class Registry:
    """The catalogue, and where its files are.

    Args:
        folder: Local models, which win over installed packages; may be absent.

    Raises:
        ModelError: a local model is described wrongly.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._local: dict[str, dict[Kind, InstalledModel]] = {}
        self.models = read_catalog()
        manifests = sorted(folder.glob("*/model.toml")) if folder else []
        self.models |= {path.parent.name: read_manifest(path) for path in manifests}

    def model(self, name: str, stage: Stage) -> Model:
        """A model by its name.

        Raises:
            ModelError: there is none, or it is one of another stage.
        """
        known = [model.name for model in self.models.values() if model.stage == stage]
        if name not in known:
            raise ModelError(
                f"there is no model {name!r} of the stage {stage}; known are {', '.join(known)}"
            )
        return self.models[name]

    def find(self, model: Model, kinds: Sequence[Kind]) -> InstalledModel:
        """Find a build of a model and check it.

        Quantised weights that were not measured to lose nothing are taken only where the engine
        is to take no others.

        Args:
            model: Which.
            kinds: What the engine can open, the best one first.

        Raises:
            ModelError: it is nowhere, or not what the catalogue says.
        """
        found = self._select(model, kinds)
        if isinstance(found, Build):
            return _verified(model, found)
        if found is None:
            wanted = " or ".join(spell(kind) for kind in kinds)
            raise ModelError(f"{model.name} is not here as {wanted}; {_how_to_get(model, kinds)}")
        return found

    def recognizers(self, first: Model, kinds: Sequence[Kind]) -> list[Model]:
        """The recognisers that are here, `first` in front, then as the catalogue has them."""
        others = [
            model
            for model in self.models.values()
            if model.stage == "recognize" and model != first and self.is_here(model, kinds)
        ]
        return [first, *others]

    def is_here(self, model: Model, kinds: Sequence[Kind]) -> bool:
        """Whether there is a build that `find` would take, altered or not."""
        return self._select(model, kinds) is not None

    def _select(self, model: Model, kinds: Sequence[Kind]) -> InstalledModel | Build | None:
        """The best build: a local one, or, unless local weights take its place, a package's."""
        if model.name not in self._local:
            self._local[model.name] = self._local_builds(model)
        local = self._local[model.name]
        is_tuned = any(kind[1] is Weights.FLOAT and not b.is_known for kind, b in local.items())
        packaged = {
            (build.format, build.weights): build
            for build in reversed(model.builds)
            if not is_tuned and _is_installed(build)
        }
        only_lossless = any(weights is Weights.FLOAT for _, weights in kinds)
        for kind in kinds:
            build = local.get(kind) or packaged.get(kind)
            if build is None:
                continue
            loses = kind[1] is Weights.INT8 and not getattr(build, "lossless", False)
            if not (loses and only_lossless):
                return build
        return None

    def _local_builds(self, model: Model) -> dict[Kind, InstalledModel]:
        if self._folder is None:
            return {}
        known = {_sha256_of_all(list(build.files.values())) for build in model.builds}

        def installed(kind: Kind, paths: Sequence[Path]) -> InstalledModel:
            sha256 = _sha256(paths)
            return InstalledModel(model, kind, tuple(paths), sha256, sha256 in known)

        found = {}
        single = self._folder / f"{model.name}.onnx"
        if single.is_file():
            onnx = (Format.ONNX, Weights.FLOAT)
            found[onnx] = installed(onnx, [single])
        folder = self._folder / model.name
        for name, kind in _MAIN_FILES.items():
            if (folder / name).is_file():
                patterns = _COMPANIONS[kind[0]]
                beside = sorted({path for pattern in patterns for path in folder.glob(pattern)})
                found[kind] = installed(kind, [folder / name, *beside])
        return found


def choose_recognizer(recognizers: Sequence[Model], languages: tuple[str, ...]) -> Model:
    """The first recogniser that reads all of the languages.

    Args:
        recognizers: The default one first.
        languages: BCP 47 tags; a script counts (`sr-Latn`), a region does not.

    Raises:
        UnsupportedLanguage: there is none; never silently another one.
    """
    for model in recognizers:
        if all(_reads(model, language) for language in languages):
            return model
    readable = dict.fromkeys(language for model in recognizers for language in model.languages)
    for language in languages:
        if not any(_reads(model, language) for model in recognizers):
            raise UnsupportedLanguage(
                f"no installed model reads the language {language!r}; "
                f"readable are {', '.join(readable)}"
            )
    raise UnsupportedLanguage(
        f"no installed model reads the languages {', '.join(languages)} together; ask for fewer"
    )


def _reads(model: Model, language: str) -> bool:
    base, *others = language.replace("_", "-").split("-")
    scripts = [part.title() for part in others if len(part) == 4 and part.isalpha()]
    return base.lower() in model.languages and (not scripts or scripts[0] in model.scripts)


def _is_installed(build: Build) -> bool:
    return build.package is not None and find_spec(build.package.split(".")[0]) is not None


def _verified(model: Model, build: Build) -> InstalledModel:
    assert build.package is not None
    folder = Path(str(files(build.package))) / build.folder
    package = build.package.split(".")[0].replace("_", "-")
    paths = [folder / name for name in build.files]
    for path, expected in zip(paths, build.files.values(), strict=True):
        if not path.is_file():
            raise ModelError(f"{path} is missing; install the package {package} again")
        if (found := _sha256([path])) != expected:
            raise ModelError(
                f"{path} is not what {model.name} should be: its sha256 is {found}, the catalogue "
                f"says {expected}; install {package} again"
            )
    kind = (build.format, build.weights)
    return InstalledModel(model, kind, tuple(paths), _sha256(paths))


def _how_to_get(model: Model, kinds: Sequence[Kind]) -> str:
    builds = [build for build in model.builds if (build.format, build.weights) in kinds]
    packages = [build.package.replace("_", "-") for build in builds if build.package]
    ways = [f"install the package {package}" for package in packages]
    for build in builds:
        if build.hub:
            option = "" if build.format is Format.ONNX else f" --format {build.format.value}"
            ways.append(f"fetch it: ocrstream models fetch {model.name}{option}")
    if all(weights is Weights.INT8 for _, weights in kinds):
        ways.append(f"make it: ocrstream models quantize --model {model.name} PICTURE...")
    return ", or ".join(ways) or "no build of it is known"


def spell(kind: Kind) -> str:
    """A kind of build, for people."""
    return f"{kind[0].value} ({kind[1].value})"


def _sha256(paths: Sequence[Path]) -> str:
    digests = []
    for path in paths:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return _sha256_of_all(digests)


def _sha256_of_all(digests: Sequence[str]) -> str:
    """Of one file its own; of several, that of theirs."""
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )
