"""Envelope encryption: neither the object store nor its backups hold a document that can be read.

    master key (a file that is mounted)  wraps  data key (one per object)  seals  the object

An object is sealed by `sealing` with a random data key of its own. The data key is wrapped
by a master key (AES-256-GCM, a random nonce of 96 bits) into a record, which is kept apart from the
object: to destroy the record makes every copy of the object unreadable, also where nothing can be
deleted (crypto-shredding). The context, such as bucket and key, is bound to the record: an object
that is moved to another one's place does not open there.

    record = OCRSKEY1 | fingerprint of the master key, 8 bytes | id of the data key, 16 | nonce, 12
             | wrapped data key and its tag, 48 | id of the master key, 1 to 32 | checksum, 8

Everything but the checksum is authenticated. The checksum tells a record that was damaged from one
of a master key that we do not know. The fingerprint tells another key of the same id from an
altered record: a wrong file of master keys must not make good documents look broken.

A master key should wrap at most 2^32 data keys (NIST SP 800-38D, 8.3), 136 a second for a year:
rotate yearly. What is not noticed: that an object is replaced by an earlier one of the same
context, or by one that is not sealed.
"""

import hashlib
import re
import secrets
import struct
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.errors import KeyRecordAltered, MasterKeyUnknown
from streams.store.master_keys import ID_PATTERN, MasterKey, MasterKeys
from streams.store.sealing import DataKey, Sealer, find_key_id

RECORD_MAGIC = b"OCRSKEY1"
"""What records begin with; the digit is the version of the format."""

CHECKSUM_BYTES = 8
NONCE_BYTES = 12

_FIXED = struct.Struct("8s8s16s12s48s")
"""What stands before the id of the master key."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The record of a data key. It is no secret, and worth nothing without the master key.

    Attributes:
        key_id: Of the data key, 32 hexadecimal digits.
        master_key_id: Of the key that it is wrapped by.
        fingerprint: Of the key that it is wrapped by, 8 bytes.
        nonce: 12 bytes.
        wrapped: The encrypted data key and the tag, 48 bytes.
    """

    key_id: str
    master_key_id: str
    fingerprint: bytes
    nonce: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)

    @classmethod
    def wrap(cls, key: DataKey, master: MasterKey, context: bytes) -> Self:
        """Encrypt a data key for the object of this context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound = _associated_data(key.id, master.id, master.fingerprint, context)
        wrapped = AESGCM(master.secret).encrypt(nonce, key.secret, bound)
        return cls(key.id, master.id, master.fingerprint, nonce, wrapped)

    def unwrap(self, master: MasterKey, context: bytes) -> DataKey:
        """Decrypt the data key.

        Raises:
            KeyRecordAltered: the record is altered, or that of another context.
        """
        bound = _associated_data(self.key_id, self.master_key_id, self.fingerprint, context)
        try:
            secret = AESGCM(master.secret).decrypt(self.nonce, self.wrapped, bound)
        except InvalidTag as err:
            raise KeyRecordAltered(
                f"the record of the data key {self.key_id} is altered, or that of another object"
            ) from err
        return DataKey(self.key_id, secret)

    def encode(self) -> bytes:
        """The record as it is stored."""
        key_id = bytes.fromhex(self.key_id)
        fixed = _FIXED.pack(RECORD_MAGIC, self.fingerprint, key_id, self.nonce, self.wrapped)
        body = fixed + self.master_key_id.encode()
        return body + _checksum(body)

    @classmethod
    def decode(cls, record: bytes) -> Self:
        """Read a record.

        Raises:
            KeyRecordAltered: it is not what `encode` makes.
        """
        body, checksum = record[:-CHECKSUM_BYTES], record[-CHECKSUM_BYTES:]
        if len(body) <= _FIXED.size or _checksum(body) != checksum:
            raise KeyRecordAltered("the record of a data key is cut off, or altered")
        magic, fingerprint, key_id, nonce, wrapped = _FIXED.unpack_from(body)
        master_key_id = body[_FIXED.size :].decode("ascii", "replace")
        if magic != RECORD_MAGIC or not re.fullmatch(ID_PATTERN, master_key_id):
            raise KeyRecordAltered("what should be the record of a data key is none that we know")
        return cls(key_id.hex(), master_key_id, fingerprint, nonce, wrapped)


class Envelope:
    """Seals objects, and unwraps the keys to open them with.

    Args:
        master_keys: The first one encrypts, all of them decrypt.
    """

    def __init__(self, master_keys: MasterKeys) -> None:
        self._master_keys = master_keys

    def seal(self, context: bytes) -> tuple[Sealer, WrappedKey]:
        """Begin to seal an object with a new data key.

        Args:
            context: What tells this object from all others, such as bucket and key.

        Returns:
            What seals the object; the record to store before the object is.
        """
        key = DataKey.new()
        return Sealer(key), WrappedKey.wrap(key, self._master_keys.current, context)

    def unwrap(self, record: bytes, context: bytes) -> DataKey:
        """Get the data key of an object, for `streams.store.sealing.open_sealed`.

        Args:
            record: As `WrappedKey.encode` made it.
            context: The object's, as when it was sealed.

        Raises:
            KeyRecordAltered: the record is altered, or that of another context.
            MasterKeyUnknown: we were not given the master key that it names.
        """
        stored = WrappedKey.decode(record)
        return stored.unwrap(self._find(stored), context)

    def rewrap(self, record: bytes, context: bytes) -> bytes | None:
        """Wrap the same data key by the current master key; the object stays as it is.

        Returns:
            The record to store in place of this one; None: this one is of the current key.

        Raises:
            KeyRecordAltered: the record is altered, or that of another context.
            MasterKeyUnknown: we were not given the master key that it names.
        """
        key, current = self.unwrap(record, context), self._master_keys.current
        if WrappedKey.decode(record).master_key_id == current.id:
            return None
        return WrappedKey.wrap(key, current, context).encode()

    @staticmethod
    def key_id(header: bytes) -> str | None:
        """The id of the data key of an object, None where it is not sealed; see `find_key_id`."""
        return find_key_id(header)

    def _find(self, stored: WrappedKey) -> MasterKey:
        name = stored.master_key_id
        master = self._master_keys.find(name)
        if master is None:
            fault = f"there is no master key {name}; add it"
        elif master.fingerprint != stored.fingerprint:
            fault = f"the master key {name} is another one than was encrypted with; put that one"
        else:
            return master
        raise MasterKeyUnknown(f"{fault} to OCRSTREAM_MASTER_KEYS_FILE and restart")


def _associated_data(key_id: str, master_key_id: str, fingerprint: bytes, context: bytes) -> bytes:
    """What is authenticated beside the data key; no id holds a colon, so none is ambiguous."""
    names = f"{key_id}:{master_key_id}:".encode()
    return RECORD_MAGIC + fingerprint + names + context


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:CHECKSUM_BYTES]
