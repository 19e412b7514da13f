"""Checksums of model files: of one file its own, of several that of theirs."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from processors.errors import ModelError


def file_sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as err:
        raise ModelError(f"{path} cannot be read: {err}") from err


def combined_sha256(digests: Sequence[str]) -> str:
    """One checksum for the files of a build.

    Args:
        digests: Of each file, in the build's order.
    """
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode()).hexdigest()
