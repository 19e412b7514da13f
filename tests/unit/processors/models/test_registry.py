"""Finding models, and making sure that they are what they claim to be."""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from processors.errors import ModelError, UnsupportedLanguage
from processors.models.registry import Model, Registry

CONTENT = b"weights"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model that an installed package ships."""
    package = tmp_path / "shipped_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "lines.onnx").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shipped_weights", raising=False)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return Model("lines", "detect", "shipped_weights", "lines.onnx", sha256, "Apache-2.0")


def test_registry_finds_and_verifies_shipped_model(model: Model) -> None:
    """A model in an installed package has the catalogue's hash."""
    found = Registry().find(model)
    assert found.path.read_bytes() == CONTENT
    assert found.sha256 == model.sha256


def test_registry_finds_every_model_of_its_catalogue() -> None:
    """All that the catalogue names is installed and unaltered."""
    registry = Registry()
    for model in registry.models.values():
        assert registry.find(model).sha256 == model.sha256


def test_registry_has_default_for_each_stage() -> None:
    """A default fits its stage; only a recogniser reads languages."""
    registry = Registry()
    for stage in ("detect", "classify", "recognize"):
        model = registry.default(stage)
        assert model.stage == stage
        assert bool(model.languages) is (stage == "recognize")


def test_registry_refuses_altered_model(model: Model) -> None:
    """Another file under the model's name would read otherwise and nobody would know."""
    path = Registry().find(model).path
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(ModelError, match="install shipped-weights again") as caught:
        Registry().find(model)
    assert str(path) in str(caught.value)


def test_registry_refuses_missing_file(model: Model) -> None:
    """A package without its file is broken."""
    with pytest.raises(ModelError, match=r"other\.onnx is missing"):
        Registry().find(replace(model, file="other.onnx"))


def test_registry_names_package_that_is_missing(model: Model) -> None:
    """The message says what to install."""
    with pytest.raises(ModelError, match="install the package no-such-weights"):
        Registry().find(replace(model, package="no_such_weights"))


def test_registry_prefers_local_folder(model: Model, tmp_path: Path) -> None:
    """A fine-tuned model lies in the folder under the same name, and has a hash of its own."""
    folder = tmp_path / "models"
    folder.mkdir()
    tuned = folder / "lines.onnx"
    tuned.write_bytes(b"tuned")
    found = Registry(folder).find(model)
    assert found.path == tuned
    assert found.sha256 == hashlib.sha256(b"tuned").hexdigest()


def test_registry_looks_beyond_local_folder(model: Model, tmp_path: Path) -> None:
    """A folder need not hold every model, nor be there."""
    assert Registry(tmp_path / "nowhere").find(model).sha256 == model.sha256


@pytest.mark.parametrize("languages", [(), ("en",), ("zh-Hant", "ja"), ("pt_BR", "EN")])
def test_registry_takes_languages_that_recognizer_reads(languages: tuple[str, ...]) -> None:
    """Script and region make no difference."""
    Registry().check_languages(languages)


def test_registry_refuses_language_that_recognizer_does_not_read() -> None:
    """One wrong language is enough; the message names it, and those that can be read."""
    with pytest.raises(UnsupportedLanguage, match=r"'ar'.*readable are zh, ja, en"):
        Registry().check_languages(("en", "ar"))
