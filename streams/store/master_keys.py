"""Master keys: what the data keys of objects are wrapped by, read from a mounted secret.

    # the first key encrypts, all of them decrypt
    2026-11-24:kMTx...=
    2025-11-30:9hQv...=

A key is put before the others to rotate. The older ones stay until no record names them any more,
see `rewrapping`.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from streams.errors import SettingsError
from streams.store.sealing import KEY_BYTES

FINGERPRINT_BYTES = 8
"""Enough to tell the keys of one installation apart."""

ID_PATTERN = r"[a-z0-9-]{1,32}"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One master key.

    Attributes:
        id: What records name it by.
        secret: 32 bytes.
    """

    id: str
    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        """8 bytes that tell two keys of the same id apart, and nothing about either of them."""
        return hmac.digest(self.secret, b"ocrstream master key", hashlib.sha256)[:FINGERPRINT_BYTES]


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """All master keys, the one that encrypts first."""

    keys: tuple[MasterKey, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of keys.

        Raises:
            SettingsError: it cannot be read, or a line is wrong.
        """
        try:
            mode, text = path.stat().st_mode, path.read_text(encoding="ascii")
        except OSError as err:
            raise SettingsError(
                f"the master keys in {path} cannot be read: {err.strerror}"
            ) from err
        except UnicodeDecodeError:  # whose message may show a part of a key
            raise SettingsError(f"{path} holds no master keys: it is not plain ASCII") from None
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            logger.warning("the master keys in %s can be read by others than their owner", path)
        try:
            return cls.parse(text)
        except SettingsError as err:
            raise SettingsError(f"{path}: {err}") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse lines of `id:base64 of 32 bytes`; blank lines and those with # are passed over.

        Raises:
            SettingsError: a line is wrong; its number is told, never what it holds.
        """
        keys: dict[str, MasterKey] = {}
        for line_number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            key = _parse_line(line.strip(), line_number)
            if key.id in keys:
                raise SettingsError(f"line {line_number}: the id {key.id} is there already")
            keys[key.id] = key
        if not keys:
            raise SettingsError(
                "there is no master key; `ocrstream master-keys new` prints a line with one"
            )
        return cls(tuple(keys.values()))

    @property
    def current(self) -> MasterKey:
        """The one that encrypts."""
        return self.keys[0]

    def find(self, master_key_id: str) -> MasterKey | None:
        """The key of this id, None where there is none."""
        return next((key for key in self.keys if key.id == master_key_id), None)


def new_line(master_key_id: str) -> str:
    """A line with a new random key.

    Raises:
        ValueError: this is no id for a key.
    """
    if not re.fullmatch(ID_PATTERN, master_key_id):
        raise ValueError("the id of a master key has 1 to 32 of a-z, 0-9 and -")
    return f"{master_key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _parse_line(line: str, line_number: int) -> MasterKey:
    master_key_id, colon, encoded = line.partition(":")
    if not colon or not re.fullmatch(ID_PATTERN, master_key_id):
        raise SettingsError(
            f"line {line_number}: not ID:KEY, where ID has 1 to 32 of a-z, 0-9 and -"
        )
    try:
        secret = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise SettingsError(f"line {line_number}: the key is not in base64") from None
    if len(secret) != KEY_BYTES:
        raise SettingsError(
            f"line {line_number}: the key has {len(secret)} bytes, not {KEY_BYTES}; "
            "`ocrstream master-keys new` prints a line with a right one"
        )
    return MasterKey(master_key_id, secret)
