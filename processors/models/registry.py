"""Finds models and checks that they are unaltered.

A model is looked for in the local folder first (`local.py` says what may lie there), then in the
installed package that ships it, where its files must have the catalogue's hashes. Local files win
and have hashes of their own.
"""

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
from processors.models.checksum import combined_sha256, file_sha256
from processors.models.dictionary import onnx_metadata, read_characters
from processors.models.languages import parse_tag
from processors.models.local import INT8, ONNX, local_files, origin_sha256, stray_names

DEFAULTS: dict[Stage, str] = {
    "detect": "PP-OCRv6_small_det",
    "classify": "ch_ppocr_mobile_v2_cls",
    "recognize": "PP-OCRv6_small_rec",
}


@dataclass(frozen=True)
class InstalledModel:
    """A build of a model, found and verified.

    Attributes:
        model: What it is.
        kind: Format and weights.
        files: All that it is read with; the first is the one that engines open.
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

    def check(self) -> None:
        """Read what can be read without an engine: an ONNX file's fields, the dictionary.

        Raises:
            ModelError: it cannot be read.
        """
        if self.kind == ONNX:
            onnx_metadata(self.path)
        if self.model.stage == "recognize":
            read_characters(list(self.files))


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
            ModelError: it is nowhere, or not what the catalogue says, or an INT8 build of other
                weights than those that are here.
        """
        found = self._select(model, kinds)
        if isinstance(found, Build):
            return _verified(model, found)
        if found is None:
            wanted = " or ".join(spell(kind) for kind in kinds)
            raise ModelError(f"{model.name} is not here as {wanted}; {_how_to_get(model, kinds)}")
        if found.kind == INT8:
            self._require_origin(found)
        return found

    def _require_origin(self, int8: InstalledModel) -> None:
        """A local INT8 build that says what it was made from must be of the weights here."""
        origin = origin_sha256(int8.path)
        source = self._select(int8.model, [ONNX])
        if origin and source and origin != source.sha256:
            raise ModelError(
                f"{int8.path} was made from other weights than {int8.model.name} has now (sha256 "
                f"{origin}, not {source.sha256}); quantise them again: ocrstream models quantize "
                f"--model {int8.model.name} PICTURE..."
            )

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

    def strays(self) -> list[str]:
        """Names of local folders and ONNX files that no model has, so that nothing uses them."""
        return stray_names(self._folder, self.models) if self._folder else []

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
        known = {build.sha256 for build in model.builds}
        found = {}
        for kind, paths in local_files(self._folder, model).items():
            sha256 = _sha256(paths)
            found[kind] = InstalledModel(model, kind, paths, sha256, sha256 in known)
        return found


def choose_recognizers(recognizers: Sequence[Model], languages: tuple[str, ...]) -> list[Model]:
    """The first recogniser that reads all of the languages, or the few that do so together.

    Args:
        recognizers: The default one first.
        languages: BCP 47 tags; a script counts (`sr-Latn`), a region or private use does not.

    Raises:
        UnsupportedLanguage: one of them is read by none; never silently another one.
    """
    for model in recognizers:
        if all(_reads(model, language) for language in languages):
            return [model]
    readable = dict.fromkeys(language for model in recognizers for language in model.languages)
    for language in languages:
        if not any(_reads(model, language) for model in recognizers):
            raise UnsupportedLanguage(
                f"no installed model reads the language {language!r}; "
                f"readable are {', '.join(readable)}"
            )
    missing, chosen = list(languages), []
    while missing:
        chosen.append(max(recognizers, key=lambda one: sum(_reads(one, each) for each in missing)))
        missing = [language for language in missing if not _reads(chosen[-1], language)]
    return chosen


def candidate_recognizers(recognizers: Sequence[Model]) -> list[Model]:
    """Those to try where nobody knows the language: each reads one that none before it does."""
    chosen: list[Model] = []
    for model in recognizers:
        if not all(any(_reads(one, each) for one in chosen) for each in model.languages):
            chosen.append(model)
    return chosen


def _reads(model: Model, language: str) -> bool:
    code, script = parse_tag(language)
    if f"{code}-{script}" in model.languages:
        return True
    return code in model.languages and (script is None or script in model.scripts)


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
    return combined_sha256([file_sha256(path) for path in paths])
