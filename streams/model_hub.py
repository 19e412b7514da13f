"""Fetches models from the hub that the catalogue names; nothing is fetched unless asked for."""

import hashlib
import shutil
import tempfile
from pathlib import Path

import urllib3

from processors.errors import ModelError
from processors.models.catalog import Build, Format, Model

_TIMEOUT = urllib3.Timeout(connect=15, read=60)
_PIECE_BYTES = 2**20
_FILE_BYTES_MAX = 2**30

_LOCAL_NAMES = {Format.ONNX: "inference.onnx"}
"""What the main file is called in the local folder, where the hub has another name for it."""


def fetch_model(model: Model, file_format: Format, folder: Path) -> Path:
    """Download a build, check every file, and only then put them into the local folder.

    Args:
        model: Which.
        file_format: In which format.
        folder: Of local models.

    Returns:
        The model's folder.

    Raises:
        ModelError: the hub has no such build, does not answer, or sends something else.
    """
    builds = [build for build in model.builds if build.format is file_format and build.hub]
    if not builds:
        raise ModelError(f"the catalogue knows no address of {model.name} in {file_format.value}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / model.name
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{model.name}-") as name:
        fetched = Path(name)
        for file, sha256 in builds[0].files.items():
            _download(f"{builds[0].hub}/{file}", fetched / _local_name(builds[0], file), sha256)
        target.mkdir(exist_ok=True)
        for path in fetched.iterdir():
            shutil.move(path, target / path.name)
    return target


def _local_name(build: Build, file: str) -> str:
    return _LOCAL_NAMES.get(build.format, file) if file == build.main_file else file


def _download(url: str, path: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    size_bytes = 0
    try:
        with (
            urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(3, redirect=5)) as pool,
            path.open("wb") as file,
        ):
            answer = pool.request("GET", url, preload_content=False)
            if answer.status != 200:
                raise ModelError(f"{url} answered {answer.status}; try again later")
            for piece in answer.stream(_PIECE_BYTES):
                size_bytes += len(piece)
                if size_bytes > _FILE_BYTES_MAX:
                    raise ModelError(f"{url} is larger than {_FILE_BYTES_MAX} bytes")
                digest.update(piece)
                file.write(piece)
    except (urllib3.exceptions.HTTPError, OSError) as err:
        raise ModelError(
            f"{url} cannot be fetched ({type(err).__name__}); where there is no network, put the "
            "model's files into a folder of its name in DATA_DIR/models by hand"
        ) from err
    if digest.hexdigest() != sha256:
        raise ModelError(
            f"{url} is not what it should be: its sha256 is {digest.hexdigest()}, "
            f"the catalogue says {sha256}"
        )
