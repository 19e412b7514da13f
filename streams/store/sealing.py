"""Sealed objects: encrypted chunk by chunk, so that no object need be held whole to seal it.

    sealed = header | chunk | chunk | ... | last chunk
    header = OCRSENC1 | id of the data key, 16 bytes | nonce prefix, 7 random bytes
    chunk  = AES-256-GCM of at most 64 KiB, and its tag of 16 bytes
    nonce  = nonce prefix | index of the chunk, 4 bytes, big-endian | 1 for the last chunk, else 0

The header is associated data of every chunk. This is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár,
"Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): a chunk opens
at its own place and in its own object only, and only the last chunk opens as the last. So whatever
is altered, cut off, dropped, swapped or appended is noticed.

An object has at most 2^32 chunks, 256 TiB: far above any limit of documents. Every object has a
data key of its own: no nonce can then repeat under one key, however many objects there are, and to
destroy one key makes one object unreadable and no other.
"""

import secrets
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.errors import DecryptionFailed

MAGIC = b"OCRSENC1"
"""What sealed objects begin with; the digit is the version of the format."""

KEY_BYTES = 32
"""Of AES-256."""

KEY_ID_BYTES = 16
CHUNK_BYTES = 64 * 1024
"""Of plaintext; only the last chunk has fewer."""

TAG_BYTES = 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

_NONCE_PREFIX_BYTES = 7
_NONCE_PREFIX_AT = len(MAGIC) + KEY_ID_BYTES
HEADER_BYTES = _NONCE_PREFIX_AT + _NONCE_PREFIX_BYTES


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one object.

    Attributes:
        id: 32 hexadecimal digits, which the object's header names it by.
        secret: 32 bytes.
    """

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """A random key."""
        return cls(secrets.token_hex(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES))


def sealed_size(size_bytes: int) -> int:
    """Bytes of a sealed object whose plaintext has so many; an empty one has a chunk as well."""
    chunk_count = max(1, -(-size_bytes // CHUNK_BYTES))
    return HEADER_BYTES + size_bytes + chunk_count * TAG_BYTES


def plain_size(size_bytes: int) -> int:
    """Bytes of the plaintext of a sealed object that has so many.

    Raises:
        DecryptionFailed: no sealed object has this size.
    """
    chunk_count = -(-(size_bytes - HEADER_BYTES) // SEALED_CHUNK_BYTES)
    plain_bytes = size_bytes - HEADER_BYTES - chunk_count * TAG_BYTES
    if plain_bytes < 0 or sealed_size(plain_bytes) != size_bytes:
        raise DecryptionFailed(f"no sealed object has {size_bytes} bytes: it is cut off")
    return plain_bytes


def find_key_id(beginning: bytes) -> str | None:
    """The id of the data key that an object is sealed with.

    Args:
        beginning: Of the object, `HEADER_BYTES` or more.

    Returns:
        32 hexadecimal digits; None: the object is not sealed.

    Raises:
        DecryptionFailed: it is, and ends within its header.
    """
    if beginning[: len(MAGIC)] != MAGIC:
        return None
    if len(beginning) < HEADER_BYTES:
        raise DecryptionFailed("the object is cut off within its header")
    return beginning[len(MAGIC) : _NONCE_PREFIX_AT].hex()


def chunk_nonce(prefix: bytes, chunk_index: int, is_last: bool) -> bytes:
    """The 12 bytes that a chunk is sealed with.

    Raises:
        OverflowError: an object has at most 2^32 chunks.
    """
    return prefix + chunk_index.to_bytes(4, "big") + bytes([is_last])


class Sealer:
    """Seals one object while it comes in; holds one chunk beside what it is given.

    Args:
        key: Of this object and no other, used for the first time.
    """

    def __init__(self, key: DataKey) -> None:
        header = MAGIC + bytes.fromhex(key.id) + secrets.token_bytes(_NONCE_PREFIX_BYTES)
        self._chunks = _Chunks(key, header)
        self._header = header  # until it is handed out
        self._held = bytearray()
        self._is_finished = False

    def update(self, data: bytes | memoryview) -> bytes:
        """Take more of the plaintext; returns what follows in the sealed object, maybe nothing."""
        assert not self._is_finished, "the object has its last chunk already"
        self._held += data
        sealed = [self._chunks.seal(chunk) for chunk in _take_whole(self._held, CHUNK_BYTES)]
        header, self._header = self._header, b""
        return b"".join((header, *sealed))

    def finish(self) -> bytes:
        """The rest of the sealed object."""
        header = self.update(b"")
        self._is_finished = True
        return header + self._chunks.seal(self._held, is_last=True)


class Opener:
    """Opens one object while it comes in.

    What it gives out is authentic, but it is all of the object only once `finish` has returned:
    nothing may be concluded from a beginning.

    Args:
        key: That the object's header names.
    """

    def __init__(self, key: DataKey) -> None:
        self._key = key
        self._chunks: _Chunks | None = None
        self._held = bytearray()

    def update(self, data: bytes | memoryview) -> bytes:
        """Take more of the sealed object; returns what follows in the plaintext, maybe nothing.

        Raises:
            DecryptionFailed: the object is altered.
        """
        self._held += data
        if self._chunks is None:
            if len(self._held) < HEADER_BYTES:
                return b""
            self._chunks = _opened(bytes(self._held[:HEADER_BYTES]), self._key)
            del self._held[:HEADER_BYTES]
        chunks = self._chunks
        return b"".join(chunks.open(one) for one in _take_whole(self._held, SEALED_CHUNK_BYTES))

    def finish(self) -> bytes:
        """The rest of the plaintext.

        Raises:
            DecryptionFailed: the object is altered or truncated.
        """
        chunks = self._chunks or _opened(bytes(self._held), self._key)
        return chunks.open(self._held, is_last=True)


def open_sealed(data: bytes | memoryview, key: DataKey) -> bytes:
    """Open a whole object.

    Args:
        data: The sealed object.
        key: That its header names.

    Raises:
        DecryptionFailed: the object is altered or truncated, or sealed with another key.
    """
    view = memoryview(data)
    chunks = _opened(bytes(view[:HEADER_BYTES]), key)
    plain_size(len(view))
    body = view[HEADER_BYTES:]
    last = (len(body) - 1) // SEALED_CHUNK_BYTES * SEALED_CHUNK_BYTES
    starts = range(0, last, SEALED_CHUNK_BYTES)
    plain = [chunks.open(body[start : start + SEALED_CHUNK_BYTES]) for start in starts]
    return b"".join((*plain, chunks.open(body[last:], is_last=True)))


class _Chunks:
    """The chunks of one object, in their order."""

    def __init__(self, key: DataKey, header: bytes) -> None:
        self._cipher = AESGCM(key.secret)
        self._key_id = key.id
        self._header = header
        self._next_index = 0

    def seal(self, chunk: bytearray, is_last: bool = False) -> bytes:
        sealed = self._cipher.encrypt(self._nonce(is_last), chunk, self._header)
        self._next_index += 1
        return sealed

    def open(self, chunk: bytearray | memoryview, is_last: bool = False) -> bytes:
        """Open the next chunk; the one after a chunk that does not open does not open either."""
        try:
            plain = self._cipher.decrypt(self._nonce(is_last), chunk, self._header)
        except InvalidTag as err:
            raise DecryptionFailed(
                f"the object of the data key {self._key_id} is altered or truncated: "
                f"its chunk {self._next_index} is not what was sealed"
            ) from err
        self._next_index += 1
        return plain

    def _nonce(self, is_last: bool) -> bytes:
        return chunk_nonce(self._header[_NONCE_PREFIX_AT:], self._next_index, is_last)


def _opened(header: bytes, key: DataKey) -> _Chunks:
    """Raises DecryptionFailed where this is no header, or that of another key."""
    key_id = find_key_id(header)
    if key_id is None:
        raise DecryptionFailed("the object does not begin as a sealed one does")
    if key_id != key.id:
        raise DecryptionFailed(f"the object is sealed with the data key {key_id}, not {key.id}")
    return _Chunks(key, header)


def _take_whole(held: bytearray, chunk_bytes: int) -> list[bytearray]:
    """Take whole chunks off the front, but for what may be the last one."""
    end = max(0, len(held) - 1) // chunk_bytes * chunk_bytes
    chunks = [held[start : start + chunk_bytes] for start in range(0, end, chunk_bytes)]
    del held[:end]
    return chunks
