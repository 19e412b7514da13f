"""Sealed objects: whatever was done to one, it opens as what was sealed or not at all."""

import struct
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import DecryptionFailed
from streams.store.sealing import (
    CHUNK_BYTES,
    HEADER_BYTES,
    MAGIC,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    DataKey,
    Opener,
    Sealer,
    chunk_nonce,
    find_key_id,
    open_sealed,
    plain_size,
    sealed_size,
)

Open = Callable[[bytes, DataKey], bytes]

KEY = DataKey("00112233445566778899aabbccddeeff", bytes(range(32)))

GOLDEN = bytes.fromhex(
    "4f435253454e433100112233445566778899aabbccddeeff8400b4a1360d2c7192144e0e4d0e81a3"
    "9eae5040f404f32aaa812b22d5b0bd105c82ba"
)
"""`twelve bytes` under `KEY`, made once: objects of earlier releases must open for ever."""

BORDERS = [
    0,
    1,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES,
    3 * CHUNK_BYTES - 7,
]

sizes = st.one_of(st.sampled_from(BORDERS), st.integers(0, 4 * CHUNK_BYTES))
cuts = st.lists(st.integers(0, 4 * SEALED_CHUNK_BYTES), max_size=6)


def text_of(size_bytes: int) -> bytes:
    """A plaintext in which no two places look alike."""
    return b"".join(struct.pack(">I", number) for number in range(size_bytes // 4 + 1))[:size_bytes]


def split(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The data cut at some places."""
    ends = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(ends)]


def seal(data: bytes, places: Iterable[int] = (), key: DataKey = KEY) -> bytes:
    """The sealed object, made of as many updates."""
    sealer = Sealer(key)
    return b"".join(sealer.update(part) for part in split(data, places)) + sealer.finish()


def open_in_parts(data: bytes | memoryview, key: DataKey, places: Iterable[int] = (40,)) -> bytes:
    """What an `Opener` makes of an object."""
    opener = Opener(key)
    return b"".join(opener.update(part) for part in split(bytes(data), places)) + opener.finish()


def open_plainly(data: bytes, key: DataKey) -> list[tuple[bytes, bytes]]:
    """Nonces and texts of the chunks, by nothing but the format as it is documented."""
    assert data[:8] == b"OCRSENC1"
    assert data[8:24].hex() == key.id
    header, prefix, rest = data[:31], data[24:31], data[31:]
    chunks: list[tuple[bytes, bytes]] = []
    while rest or not chunks:
        chunk, rest = rest[: 65536 + 16], rest[65536 + 16 :]
        nonce = prefix + struct.pack(">IB", len(chunks), 0 if rest else 1)
        chunks.append((nonce, AESGCM(key.secret).decrypt(nonce, chunk, header)))
    return chunks


@pytest.fixture(params=[open_sealed, open_in_parts], ids=["whole", "in parts"])
def open_object(request: pytest.FixtureRequest) -> Open:
    """Both ways to open an object."""
    way: Open = request.param
    return way


def refused(data: bytes) -> None:
    """Make sure that neither way opens an object."""
    for way in (open_sealed, open_in_parts):
        with pytest.raises(DecryptionFailed):
            way(data, KEY)


@settings(deadline=None)
@given(sizes, cuts, cuts)
def test_what_was_sealed_opens_however_it_is_cut(
    size_bytes: int, sealed_at: list[int], opened_at: list[int]
) -> None:
    """Parts of any size, whole chunks or not; an independent reading agrees."""
    data = text_of(size_bytes)
    sealed = seal(data, sealed_at)
    assert len(sealed) == sealed_size(size_bytes)
    assert open_sealed(memoryview(sealed), KEY) == data
    assert open_in_parts(sealed, KEY, opened_at) == data
    chunks = open_plainly(sealed, KEY)
    assert b"".join(text for _, text in chunks) == data
    assert len({nonce for nonce, _ in chunks}) == len(chunks)


def test_golden_object_opens(open_object: Open) -> None:
    """The format does not change unnoticed."""
    assert open_object(GOLDEN, KEY) == b"twelve bytes"


@pytest.mark.parametrize("size_bytes", [0, 12])
def test_every_flipped_bit_and_every_cut_is_noticed(size_bytes: int) -> None:
    """In the header, the chunk and its tag."""
    sealed = seal(text_of(size_bytes))
    for end in range(len(sealed)):
        refused(sealed[:end])
    for bit in range(8 * len(sealed)):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        refused(bytes(altered))


@settings(deadline=None)
@given(st.sampled_from(BORDERS), st.integers(0), st.integers(1, 255))
def test_altered_byte_is_noticed_wherever_it_is(size_bytes: int, place: int, change: int) -> None:
    """In objects of several chunks as well."""
    sealed = bytearray(seal(text_of(size_bytes)))
    sealed[place % len(sealed)] ^= change
    refused(bytes(sealed))


@settings(deadline=None)
@given(st.sampled_from(BORDERS), st.integers(0))
def test_truncation_is_noticed_wherever_it_is(size_bytes: int, place: int) -> None:
    """Within a chunk or between two."""
    sealed = seal(text_of(size_bytes))
    refused(sealed[: place % len(sealed)])


@pytest.mark.parametrize("size_bytes", BORDERS)
def test_chunks_are_not_dropped_swapped_doubled_or_added(size_bytes: int) -> None:
    """Every rearrangement at the borders of chunks."""
    sealed = seal(text_of(size_bytes))
    places = range(HEADER_BYTES, len(sealed), SEALED_CHUNK_BYTES)
    header, *chunks = split(sealed, places)
    foreign = seal(text_of(size_bytes))[HEADER_BYTES:][:SEALED_CHUNK_BYTES]
    for index, chunk in enumerate(chunks):
        before, after = chunks[:index], chunks[index + 1 :]
        for altered in (
            (*before, *after),
            (*after, *before, chunk),
            (*before, chunk, chunk, *after),
            (*before, foreign, *after),
            (*before, chunk),
        ):
            if [*altered] != chunks:
                refused(b"".join((header, *altered)))
    for added in (
        b"\0",
        bytes(TAG_BYTES),
        bytes(SEALED_CHUNK_BYTES),
        sealed,
        sealed[HEADER_BYTES:],
    ):
        refused(sealed + added)


@settings(deadline=None)
@given(st.integers(0, 3 * CHUNK_BYTES), st.integers(0), cuts)
def test_opener_gives_out_nothing_but_a_beginning(
    size_bytes: int, place: int, opened_at: list[int]
) -> None:
    """What came before the altered place was authentic; nothing follows, `finish` least of all."""
    data = text_of(size_bytes)
    sealed = bytearray(seal(data))
    sealed[place % len(sealed)] ^= 1
    opener, given_out = Opener(KEY), b""
    for part in split(bytes(sealed), opened_at):
        try:
            given_out += opener.update(part)
        except DecryptionFailed:
            break
    else:
        with pytest.raises(DecryptionFailed):
            opener.finish()
    assert data.startswith(given_out)


def test_opener_stays_shut_after_an_altered_chunk() -> None:
    """A caller that goes on after the error gets no text with a hole."""
    data = text_of(4 * CHUNK_BYTES)
    sealed = bytearray(seal(data))
    sealed[HEADER_BYTES + SEALED_CHUNK_BYTES] ^= 1  # the second chunk of four
    opener, given_out, refusals = Opener(KEY), b"", 0
    for part in split(bytes(sealed), range(HEADER_BYTES + 1, len(sealed), SEALED_CHUNK_BYTES)):
        try:
            given_out += opener.update(part)
        except DecryptionFailed:
            refusals += 1
    with pytest.raises(DecryptionFailed):
        opener.finish()
    assert (given_out, refusals) == (data[:CHUNK_BYTES], 2)


def test_other_key_opens_nothing(open_object: Open) -> None:
    """Of another id, or of this id and another secret; nor does what is not sealed open."""
    sealed = seal(b"text")
    with pytest.raises(DecryptionFailed, match=f"the data key {KEY.id}, not {'0' * 32}"):
        open_object(sealed, DataKey("0" * 32, KEY.secret))
    with pytest.raises(DecryptionFailed, match="altered or truncated"):
        open_object(sealed, DataKey(KEY.id, bytes(32)))
    with pytest.raises(DecryptionFailed, match="does not begin"):
        open_object(b"\x89PNG" + bytes(100), KEY)


def test_key_hides_its_secret() -> None:
    """In logs and tracebacks."""
    assert repr(KEY) == f"DataKey(id='{KEY.id}')"


def test_two_seals_have_nothing_in_common() -> None:
    """Of the same data: the magic alone is the same, and no block of one is in the other."""
    data = bytes(2 * CHUNK_BYTES)
    first, second = (seal(data, key=DataKey.new()) for _ in range(2))
    assert first[: len(MAGIC)] == second[: len(MAGIC)] == MAGIC
    assert data[:16] not in first
    blocks = {first[at : at + 16] for at in range(len(MAGIC), len(first) - 15)}
    assert len(blocks) == len(first) - 15 - len(MAGIC)
    assert not any(second[at : at + 16] in blocks for at in range(len(MAGIC), len(second) - 15))


def test_nonce_is_another_one_for_every_chunk() -> None:
    """Index, last or not, and the object's prefix all count; the index has its limit."""
    indices = [0, 1, 255, 256, 2**16, 2**24, 2**32 - 1]
    prefixes = [bytes(7), b"\1" + bytes(6)]
    nonces = {
        chunk_nonce(prefix, index, is_last)
        for prefix in prefixes
        for index in indices
        for is_last in (False, True)
    }
    assert len(nonces) == len(prefixes) * len(indices) * 2
    assert {len(nonce) for nonce in nonces} == {12}
    with pytest.raises(OverflowError):
        chunk_nonce(bytes(7), 2**32, False)


@given(st.integers(0, 2**48))
def test_sizes_are_known_in_advance(size_bytes: int) -> None:
    """In both directions; a size between two sealed ones is none."""
    sealed_bytes = sealed_size(size_bytes)
    assert plain_size(sealed_bytes) == size_bytes
    if sealed_size(size_bytes + 1) > sealed_bytes + 1:
        with pytest.raises(DecryptionFailed):
            plain_size(sealed_bytes + 1)


@pytest.mark.parametrize("size_bytes", [-1, 0, HEADER_BYTES, HEADER_BYTES + TAG_BYTES - 1])
def test_plain_size_refuses_what_has_no_chunk(size_bytes: int) -> None:
    """Even the empty object has one."""
    with pytest.raises(DecryptionFailed):
        plain_size(size_bytes)


def test_sealer_holds_one_chunk() -> None:
    """What is not held has been given out."""
    sealer, given_out = Sealer(KEY), 0
    for count in range(1, 40):
        given_out += len(sealer.update(bytes(10_000)))
        assert sealed_size(count * 10_000) - given_out <= CHUNK_BYTES + TAG_BYTES
    sealer.finish()
    with pytest.raises(AssertionError):
        sealer.update(b"more")


def test_find_key_id_knows_its_own() -> None:
    """Other files are none of ours; a header that is cut off is."""
    sealed = seal(b"text")
    assert find_key_id(sealed[:HEADER_BYTES]) == find_key_id(sealed) == KEY.id
    for other in (b"", MAGIC[:-1], b"OCRSENC2" + bytes(40), b"%PDF-1.7" + bytes(40)):
        assert find_key_id(other) is None
    for end in (len(MAGIC), HEADER_BYTES - 1):
        with pytest.raises(DecryptionFailed, match="cut off within its header"):
            find_key_id(sealed[:end])
