"""Data keys and their records: which master key, which object, and what is noticed."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import DecryptionFailed, KeyRecordAltered, MasterKeyUnknown
from streams.store.envelope import Envelope, WrappedKey
from streams.store.master_keys import MasterKey, MasterKeys
from streams.store.sealing import DataKey, open_sealed

OLD = MasterKey("2025-11-30", bytes(range(32)))
NEW = MasterKey("2026-11-24", bytes(range(100, 132)))
CONTEXT = b"uploads/2026/11/a.png"
BEFORE = Envelope(MasterKeys((OLD,)))
ROTATED = Envelope(MasterKeys((NEW, OLD)))

GOLDEN_RECORD = bytes.fromhex(
    "4f4352534b455931ed75eefcdaa66929f7ba4e20cb3e0ce9e1270eb05c7ead79a9225e62dd5aac79"
    "c98b5fac68ac3a30545c939b212c27aa6902599422fab57ab52182bda11ba8ab30c3d3558a265813"
    "1911ce83a5c0bfd44d9e58b5323032352d31312d33309b03d6b8a5aa1526"
)
GOLDEN_OBJECT = bytes.fromhex(
    "4f435253454e4331f7ba4e20cb3e0ce9e1270eb05c7ead79e78680d2500d2ebc234b22b18a626eab"
    "6dfbe78850cd8d3f16849de35dda640848a4e3"
)
"""`twelve bytes` at `CONTEXT` under `OLD`, made once: what earlier releases wrote must open."""


def sealed(
    data: bytes, envelope: Envelope = BEFORE, context: bytes = CONTEXT
) -> tuple[bytes, bytes]:
    """An object and its record."""
    sealer, record = envelope.seal(context)
    return sealer.update(data) + sealer.finish(), record.encode()


def resigned(record: bytes, place: int, part: bytes) -> bytes:
    """A record in which somebody altered a part, and made the checksum right again."""
    body = record[:place] + part + record[place + len(part) : -8]
    return body + hashlib.sha256(body).digest()[:8]


@given(st.binary(max_size=100), st.binary(max_size=40))
def test_record_opens_its_object(data: bytes, context: bytes) -> None:
    """Whatever the context is, and by the format as it is documented as well."""
    sealer, wrapped = BEFORE.seal(context)
    object_, record = sealer.update(data) + sealer.finish(), wrapped.encode()
    key = BEFORE.unwrap(record, context)
    assert key.id == wrapped.key_id == Envelope.key_id(object_)
    assert open_sealed(object_, key) == data
    assert record[:8] == b"OCRSKEY1"
    assert record[8:16] == hmac.digest(OLD.secret, b"ocrstream master key", "sha256")[:8]
    assert record[92:-8] == b"2025-11-30"
    bound = record[:16] + record[16:32].hex().encode() + b":2025-11-30:" + context
    assert AESGCM(OLD.secret).decrypt(record[32:44], record[44:92], bound) == key.secret
    assert WrappedKey.decode(record) == wrapped


def test_golden_object_opens() -> None:
    """Neither format changes unnoticed, also after the master key was rotated."""
    for envelope in (BEFORE, ROTATED):
        key = envelope.unwrap(GOLDEN_RECORD, CONTEXT)
        assert open_sealed(GOLDEN_OBJECT, key) == b"twelve bytes"


def test_moved_object_does_not_open() -> None:
    """Its record is bound to where it was put."""
    _, record = sealed(b"text")
    for other in (b"", CONTEXT + b"g", CONTEXT[:-1], b"uploads/b.png"):
        with pytest.raises(KeyRecordAltered, match="that of another object"):
            BEFORE.unwrap(record, other)


def test_id_and_context_do_not_run_into_each_other() -> None:
    """A part of the one cannot be passed off as the other, though the bytes in a row are equal."""
    key, secret = DataKey.new(), bytes(32)
    record = WrappedKey.wrap(key, MasterKey("a", secret), b"b:c")
    moved = WrappedKey(key.id, "a-b", record.fingerprint, record.nonce, record.wrapped)
    with pytest.raises(KeyRecordAltered):
        moved.unwrap(MasterKey("a-b", secret), b"c")


def test_record_of_another_object_opens_nothing() -> None:
    """Even one of the same context: of an earlier upload, for example."""
    first, _ = sealed(b"text")
    _, second = sealed(b"text")
    with pytest.raises(DecryptionFailed, match="not"):
        open_sealed(first, BEFORE.unwrap(second, CONTEXT))


def test_damaged_record_is_noticed() -> None:
    """Every bit and every length, and never as if a master key were missing."""
    _, record = sealed(b"text")
    for bit in range(8 * len(record)):
        altered = bytearray(record)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeyRecordAltered):
            BEFORE.unwrap(bytes(altered), CONTEXT)
    for end in range(len(record)):
        with pytest.raises(KeyRecordAltered):
            BEFORE.unwrap(record[:end], CONTEXT)
    with pytest.raises(KeyRecordAltered):
        BEFORE.unwrap(record + b"\0", CONTEXT)


def test_forged_record_is_noticed() -> None:
    """The checksum is none of what protects a record."""
    _, record = sealed(b"text")
    assert resigned(record, 0, b"") == record
    for place in (0, *range(16, 92)):
        altered = resigned(record, place, bytes([record[place] ^ 1]))
        with pytest.raises(KeyRecordAltered):
            BEFORE.unwrap(altered, CONTEXT)
    for name in (b"no id", b"\xff\xff", b":\n"):
        with pytest.raises(KeyRecordAltered, match="none that we know"):
            BEFORE.unwrap(resigned(record, 92, name), CONTEXT)


def test_missing_master_key_is_named() -> None:
    """It is no fault of the document: an operator can add the key."""
    _, record = sealed(b"text", Envelope(MasterKeys((NEW,))))
    with pytest.raises(MasterKeyUnknown, match="no master key 2026-11-24; add it") as caught:
        BEFORE.unwrap(record, CONTEXT)
    assert not isinstance(caught.value, DecryptionFailed)


def test_other_master_key_of_the_same_id_is_told_from_an_altered_record() -> None:
    """Two files made on one day have the same ids: good documents must not seem broken."""
    _, record = sealed(b"text")
    mistaken = Envelope(MasterKeys((MasterKey(OLD.id, bytes(32)),)))
    for step in (mistaken.unwrap, mistaken.rewrap):
        with pytest.raises(MasterKeyUnknown, match="2025-11-30 is another one"):
            step(record, CONTEXT)


def test_rewrap_keeps_the_data_key() -> None:
    """After a rotation objects stay as they are, and the old master key is needed no longer."""
    object_, record = sealed(b"text")
    assert open_sealed(object_, ROTATED.unwrap(record, CONTEXT)) == b"text"
    rewrapped = ROTATED.rewrap(record, CONTEXT)
    assert rewrapped is not None
    assert WrappedKey.decode(rewrapped).master_key_id == NEW.id
    alone = Envelope(MasterKeys((NEW,)))
    assert open_sealed(object_, alone.unwrap(rewrapped, CONTEXT)) == b"text"
    assert ROTATED.rewrap(rewrapped, CONTEXT) is None
    with pytest.raises(MasterKeyUnknown):
        BEFORE.unwrap(rewrapped, CONTEXT)


def test_rewrap_refuses_what_unwrap_refuses() -> None:
    """A record of the current key is not called good unseen."""
    for envelope in (BEFORE, ROTATED):
        _, record = sealed(b"text", envelope)
        with pytest.raises(KeyRecordAltered):
            ROTATED.rewrap(record, b"elsewhere")
        with pytest.raises(KeyRecordAltered):
            ROTATED.rewrap(record[:-1], CONTEXT)


def test_every_seal_has_its_own_key_and_nonces() -> None:
    """Ids, data keys, wrapping nonces and the prefixes of chunks' nonces, all random."""
    made = [sealed(b"") for _ in range(500)]
    keys = [BEFORE.unwrap(record, CONTEXT) for _, record in made]
    for parts in (
        [key.id for key in keys],
        [key.secret for key in keys],
        [record[32:44] for _, record in made],
        [object_[24:31] for object_, _ in made],
    ):
        assert len(set(parts)) == len(made)


def test_record_hides_the_data_key() -> None:
    """Whoever has the record alone has nothing."""
    sealer, wrapped = BEFORE.seal(CONTEXT)
    sealer.finish()
    key = BEFORE.unwrap(wrapped.encode(), CONTEXT)
    assert key.secret not in wrapped.encode()
    assert OLD.secret not in wrapped.encode()
