"""Fetches models from the hub that the catalogue names; nothing is fetched unless asked for."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from processors.errors import ModelError
from processors.models.catalog import Build, Format, Model
from processors.models.checksum import file_sha256

_TIMEOUT = urllib3.Timeout(connect=15, read=60)
_RETRIES = urllib3.Retry(3, redirect=5)
_PIECE_BYTES = 2**20
_FILE_BYTES_MAX = 2**30

_LOCAL_NAMES = {Format.ONNX: "inference.onnx"}
"""What the main file is called in the local folder, where the hub has another name for it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model in the local folder.

    Attributes:
        folder: Its own.
        is_new: It was fetched now; else it was there already, unaltered.
    """

    folder: Path
    is_new: bool


def fetch_model(model: Model, file_format: Format, folder: Path, force: bool = False) -> Fetched:
    """Download a build, check every file, and only then put them into the local folder.

    Args:
        model: Which.
        file_format: In which format.
        folder: Of local models.
        force: Replace files of the same names that are not the catalogue's.

    Raises:
        ModelError: the hub has no such build, does not answer, or sends something else; other
            files are in its place; the folder cannot be written to.
    """
    builds = [build for build in model.builds if build.format is file_format and build.hub]
    if not builds:
        raise ModelError(f"the catalogue knows no address of {model.name} in {file_format.value}")
    try:
        return _fetch(model, builds[0], folder, force)
    except OSError as err:
        raise ModelError(f"{folder / model.name} cannot be written to: {err}") from err


def _fetch(model: Model, build: Build, folder: Path, force: bool) -> Fetched:
    target = folder / model.name
    expected = {target / _local_name(build, file): sha for file, sha in build.files.items()}
    if all(path.exists() and file_sha256(path) == sha256 for path, sha256 in expected.items()):
        return Fetched(target, is_new=False)
    if not force:
        _refuse_to_replace(expected | _single_file(model, build, folder))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{model.name}-") as name:
        for file, (path, sha256) in zip(build.files, expected.items(), strict=True):
            _download(f"{build.hub}/{file}", Path(name) / path.name, sha256)
        target.mkdir(exist_ok=True)
        for path in expected:
            (Path(name) / path.name).replace(path)
    return Fetched(target, is_new=True)


def _local_name(build: Build, file: str) -> str:
    return _LOCAL_NAMES.get(build.format, file) if file == build.main_file else file


def _single_file(model: Model, build: Build, folder: Path) -> dict[Path, str]:
    """A fine-tuned `<name>.onnx`, which a fetched folder would take the place of."""
    path = folder / f"{model.name}.onnx"
    return {path: build.files[build.main_file]} if build.format is Format.ONNX else {}


def _refuse_to_replace(expected: dict[Path, str]) -> None:
    own = [
        path for path, sha256 in expected.items() if path.exists() and file_sha256(path) != sha256
    ]
    if own:
        raise ModelError(
            f"{', '.join(map(str, own))} is not the catalogue's, and what is fetched would take "
            "its place; move it away, or fetch with --force"
        )


def _download(url: str, path: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    size_bytes = 0
    try:
        with _pool(url) as pool, path.open("wb") as file:
            answer = pool.request("GET", url, preload_content=False)
            if answer.status != 200:
                raise ModelError(f"{url} answered {answer.status}; try again later")
            for piece in answer.stream(_PIECE_BYTES):
                size_bytes += len(piece)
                if size_bytes > _FILE_BYTES_MAX:
                    raise ModelError(f"{url} is larger than {_FILE_BYTES_MAX} bytes")
                digest.update(piece)
                file.write(piece)
    except urllib3.exceptions.HTTPError as err:
        cause = getattr(err, "reason", None) or err
        raise ModelError(
            f"{url} cannot be fetched: {cause}; where there is no network, put the model's files "
            "into a folder of its name in DATA_DIR/models by hand"
        ) from err
    if digest.hexdigest() != sha256:
        raise ModelError(
            f"{url} is not what it should be: its sha256 is {digest.hexdigest()}, "
            f"the catalogue says {sha256}"
        )


def _pool(url: str) -> urllib3.PoolManager:
    """Connections, through the proxy that HTTPS_PROXY and NO_PROXY, or the system, name."""
    target = urlsplit(url)
    proxy = getproxies().get(target.scheme)
    if not proxy or proxy_bypass(target.netloc):
        return urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES)
    user = urllib3.util.parse_url(proxy).auth
    headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, timeout=_TIMEOUT, retries=_RETRIES)
