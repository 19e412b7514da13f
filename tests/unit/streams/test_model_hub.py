"""Fetching models, whole and unaltered or not at all."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from processors.errors import ModelError
from processors.models.catalog import Build, Format, Model
from streams.model_hub import fetch_model

FILES = {"/hub/rec_small.onnx": b"weights", "/hub/keys.txt": b"a\nb\n"}


class Hub(BaseHTTPRequestHandler):
    """A hub with a few files, one of which it cuts off."""

    def do_GET(self) -> None:
        """Send a file."""
        content = FILES.get(self.path)
        if content is None and self.path != "/hub/cut.onnx":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content or b"") or 1000))
        self.end_headers()
        self.wfile.write(content or b"only the beginning")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """The address of the hub's folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hub"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def model(hub: str, *names: str, **sha256: str) -> Model:
    """A model with these files on the hub, with their true hashes where no other is given."""
    files = {
        name: sha256.get("sha256") or hashlib.sha256(FILES.get(f"/hub/{name}", b"")).hexdigest()
        for name in names
    }
    return Model("reader", "recognize", "MIT", ("en",), (Build(Format.ONNX, files, hub=hub),))


def test_model_is_fetched_into_folder_of_its_name(hub: str, tmp_path: Path) -> None:
    """The main file gets the name that the registry looks for."""
    folder = fetch_model(model(hub, "rec_small.onnx", "keys.txt"), Format.ONNX, tmp_path / "models")
    assert folder == tmp_path / "models" / "reader"
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == {"inference.onnx": b"weights", "keys.txt": b"a\nb\n"}


def test_altered_model_is_not_kept(hub: str, tmp_path: Path) -> None:
    """Neither it nor what came before it; what was there stays."""
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "inference.onnx").write_bytes(b"old")
    with pytest.raises(ModelError, match="is not what it should be"):
        fetch_model(model(hub, "rec_small.onnx", sha256="0" * 64), Format.ONNX, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["reader"]
    assert (tmp_path / "reader" / "inference.onnx").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "fault"), [("absent.onnx", "answered 404"), ("cut.onnx", "cannot be fetched")]
)
def test_hub_that_fails_leaves_nothing_behind(
    name: str, fault: str, hub: str, tmp_path: Path
) -> None:
    """The message names the address and what can be done."""
    with pytest.raises(ModelError, match=fault):
        fetch_model(model(hub, name), Format.ONNX, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_hub_that_is_away_is_named(tmp_path: Path) -> None:
    """Where there is no network, files can be put there by hand."""
    with pytest.raises(ModelError, match="DATA_DIR/models by hand"):
        fetch_model(model("http://127.0.0.1:9", "rec_small.onnx"), Format.ONNX, tmp_path)


def test_model_without_address_is_refused(hub: str, tmp_path: Path) -> None:
    """The catalogue knows where it comes from, or it cannot be fetched."""
    with pytest.raises(ModelError, match="knows no address of reader in paddle"):
        fetch_model(model(hub, "rec_small.onnx"), Format.PADDLE, tmp_path)
