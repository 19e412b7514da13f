"""Documents are checked while they arrive, and the room that they take is given back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.gateway import bodies
from streams.gateway.bodies import Arriving, Room, at_a_fair_pace
from streams.gateway.problems import Overloaded, Unacceptable
from streams.store.object_store import PART_BYTES

PDF = frozenset({"application/pdf"})


async def chunks_of(pieces: Sequence[bytes], pause_s: float = 0.0) -> AsyncIterator[bytes]:
    """A body."""
    for piece in pieces:
        await asyncio.sleep(pause_s)
        yield piece


async def receive(arriving: Arriving, *pieces: bytes) -> bytes:
    """All of a document."""
    async with aclosing(arriving.chunks(chunks_of(pieces))) as chunks:
        return b"".join([chunk async for chunk in chunks])


@given(pieces=st.lists(st.binary(max_size=2_000), max_size=10))
async def test_document_arrives_as_it_was_sent(pieces: list[bytes]) -> None:
    """However it is cut; its kind is known by its first bytes, and no room is held after."""
    room = Room(10**6)
    arriving = Arriving(room, 10**6, PDF)
    data = b"%PDF-" + b"".join(pieces)
    assert await receive(arriving, b"%P", b"DF-", *pieces) == data
    assert (arriving.size_bytes, arriving.media_type) == (len(data), "application/pdf")
    assert room.held_bytes == 0


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([], 422),
        ([b"", b""], 422),
        ([b"text"], 415),
        ([b"text" * 10_000], 415),
        ([b"%PDF-", b"x" * 2_000], 413),
    ],
)
async def test_what_is_no_document_of_ours_is_refused(pieces: list[bytes], status: int) -> None:
    """Empty, of another kind, too large; its room is given back."""
    room = Room(10**6)
    with pytest.raises(Unacceptable) as caught:
        await receive(Arriving(room, 1_000 if status == 413 else 10**6, PDF), *pieces)
    assert caught.value.status == status
    assert room.held_bytes == 0


async def test_room_is_for_all_who_send() -> None:
    """Whoever finds it full is told to come again; what is there stays counted until it went."""
    room = Room(1_000)
    first = Arriving(room, 10**6, PDF)
    async with aclosing(first.chunks(chunks_of([b"%PDF-" + b"x" * 895]))) as chunks:
        await anext(chunks)
        assert room.held_bytes == 900
        with pytest.raises(Overloaded) as caught:
            await receive(Arriving(room, 10**6, PDF), b"%PDF-" + b"x" * 200)
        assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "2")
        assert room.held_bytes == 900
    assert room.held_bytes == 0


async def test_large_document_holds_two_parts() -> None:
    """The rest of it is with the store already."""
    room = Room(2 * PART_BYTES)
    arriving = Arriving(room, 10 * PART_BYTES, PDF)
    piece = b"%PDF-" + b"x" * PART_BYTES
    async with aclosing(arriving.chunks(chunks_of([piece] * 4))) as chunks:
        async for _ in chunks:
            assert room.held_bytes <= 2 * PART_BYTES
    assert arriving.size_bytes == 4 * len(piece)


async def test_fair_pace_lets_go_of_the_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence, or too little on average; a quick body passes as it is."""
    monkeypatch.setattr(bodies, "SILENCE_MAX_S", 0.1)
    quick = [chunk async for chunk in at_a_fair_pace(chunks_of([b"a", b"", b"b"]))]
    assert quick == [b"a", b"", b"b"]
    for pause_s, count in ((0.5, 1), (0.03, 20)):
        with pytest.raises(Unacceptable) as caught:
            async for _ in at_a_fair_pace(chunks_of([b"a"] * count, pause_s)):
                pass
        assert caught.value.status == 408
