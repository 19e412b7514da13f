"""Fetching models, whole and unaltered or not at all."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.errors import ModelError
from processors.models.catalog import Build, Format, Model
from streams.model_hub import fetch_model
from tests.fakes.hub import FakeHub, serve_hub

FILES = {"rec_small.onnx": b"weights", "keys.txt": b"a\nb\n", "cut.onnx": b""}


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests say themselves which proxy there is."""
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A hub with a few files, one of which it cuts off."""
    with serve_hub(FILES) as running:
        yield running


def model(hub: str, *names: str, sha256: str | None = None) -> Model:
    """A model with files on the hub, and their hashes where no other is given."""
    files = {name: sha256 or hashlib.sha256(FILES.get(name, b"")).hexdigest() for name in names}
    return Model("reader", "recognize", "MIT", ("en",), (Build(Format.ONNX, files, hub=hub),))


def test_model_is_fetched_into_folder_of_its_name(hub: FakeHub, tmp_path: Path) -> None:
    """The main file gets the name that the registry looks for."""
    wanted = model(hub.address, "rec_small.onnx", "keys.txt")
    fetched = fetch_model(wanted, Format.ONNX, tmp_path / "models")
    assert (fetched.folder, fetched.is_new) == (tmp_path / "models" / "reader", True)
    found = {path.name: path.read_bytes() for path in fetched.folder.iterdir()}
    assert found == {"inference.onnx": b"weights", "keys.txt": b"a\nb\n"}
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["reader"]


def test_model_that_is_there_is_not_fetched_again(hub: FakeHub, tmp_path: Path) -> None:
    """Its files have the catalogue's hashes; the hub is not even asked."""
    wanted = model(hub.address, "rec_small.onnx", "keys.txt")
    fetch_model(wanted, Format.ONNX, tmp_path)
    hub.asked.clear()
    assert not fetch_model(wanted, Format.ONNX, tmp_path).is_new
    assert hub.asked == []
    (tmp_path / "reader" / "keys.txt").unlink()
    assert fetch_model(wanted, Format.ONNX, tmp_path).is_new


@pytest.mark.parametrize("own", ["reader/inference.onnx", "reader/keys.txt", "reader.onnx"])
def test_own_files_are_replaced_only_by_force(own: str, hub: FakeHub, tmp_path: Path) -> None:
    """Neither a fine-tuned model nor its dictionary is lost, or hidden, without a word."""
    (tmp_path / "reader").mkdir()
    (tmp_path / own).write_bytes(b"tuned")
    wanted = model(hub.address, "rec_small.onnx", "keys.txt")
    with pytest.raises(
        ModelError, match=r"is not the catalogue's.* or fetch with --force"
    ) as caught:
        fetch_model(wanted, Format.ONNX, tmp_path)
    assert str(tmp_path / own) in str(caught.value)
    assert hub.asked == []
    assert (tmp_path / own).read_bytes() == b"tuned"
    fetch_model(wanted, Format.ONNX, tmp_path, force=True)
    assert (tmp_path / "reader" / "inference.onnx").read_bytes() == b"weights"
    assert (tmp_path / "reader" / "keys.txt").read_bytes() == b"a\nb\n"


def test_altered_model_is_not_kept(hub: FakeHub, tmp_path: Path) -> None:
    """Neither it nor what came before it; what was there stays."""
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "inference.onnx").write_bytes(b"old")
    altered = model(hub.address, "rec_small.onnx", sha256="0" * 64)
    with pytest.raises(ModelError, match="is not what it should be"):
        fetch_model(altered, Format.ONNX, tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["reader"]
    assert (tmp_path / "reader" / "inference.onnx").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "fault"),
    [("absent.onnx", "answered 404"), ("cut.onnx", r"cannot be fetched: .*\b18 bytes read")],
)
def test_hub_that_fails_leaves_nothing_behind(
    name: str, fault: str, hub: FakeHub, tmp_path: Path
) -> None:
    """The message names the address and what can be done."""
    with pytest.raises(ModelError, match=fault):
        fetch_model(model(hub.address, name), Format.ONNX, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_hub_that_is_away_is_named_with_the_cause(tmp_path: Path) -> None:
    """Where there is no network, files can be put there by hand."""
    away = model("http://127.0.0.1:9", "rec_small.onnx")
    with pytest.raises(ModelError, match=r"Connection refused.*DATA_DIR/models by hand"):
        fetch_model(away, Format.ONNX, tmp_path)


def test_model_without_address_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    """The catalogue knows where it comes from, or it cannot be fetched."""
    with pytest.raises(ModelError, match="knows no address of reader in paddle"):
        fetch_model(model(hub.address, "rec_small.onnx"), Format.PADDLE, tmp_path)


@pytest.mark.parametrize("place", ["models", "models/reader"])
def test_folder_that_cannot_be_written_to_is_named(
    place: str, hub: FakeHub, tmp_path: Path
) -> None:
    """A file in its place, for example."""
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with pytest.raises(ModelError, match="models/reader cannot be written to"):
        fetch_model(model(hub.address, "rec_small.onnx"), Format.ONNX, tmp_path / "models")


def test_model_is_fetched_through_the_proxy(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose address the environment has; the hub's own is never resolved."""
    monkeypatch.setenv("HTTP_PROXY", hub.address.removesuffix("/hub"))
    fetch_model(model("http://hub.invalid/hub", "rec_small.onnx"), Format.ONNX, tmp_path)
    assert hub.asked == ["http://hub.invalid/hub/rec_small.onnx"]


def test_hub_without_proxy_is_asked_directly(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY names it, so that a proxy that is away does no harm."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    fetch_model(model(hub.address, "rec_small.onnx"), Format.ONNX, tmp_path)
    assert hub.asked == ["/hub/rec_small.onnx"]
