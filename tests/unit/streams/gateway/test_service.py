"""What the gateway does, without HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

import pytest

from schemas.options import DocumentOptions
from streams.access.caller import Caller, Scope
from streams.errors import BrokerAway, ObjectExists, StoreAway
from streams.gateway.models import StoredObject
from streams.gateway.problems import Gone, NotFound, Overloaded, Problem, Unacceptable
from streams.gateway.service import Submission
from streams.places import Owned
from tests.desk import Desk
from tests.fakes.gateway import MemoryGateway
from tests.fakes.store import nothing

ACME = Caller("key-1", "acme", frozenset({Scope.ADMIN}))
COLLEAGUE = Caller("key-2", "acme", frozenset({Scope.ADMIN}))
OTHER = Caller("key-1", "other", frozenset({Scope.ADMIN}))
KEY = "6f1c1f0e-7a52-4f2b-9a0c"
PDF = b"%PDF- a"


async def body(data: bytes) -> AsyncIterator[bytes]:
    """In one piece."""
    yield data


async def take(memory: MemoryGateway, how: Submission, data: bytes = PDF) -> Owned:
    """Submit a document's bytes."""
    return await memory.gateway.take(how, memory.gateway.arriving(), body(data))


def test_submission_is_its_own_document_or_that_of_its_key() -> None:
    """Without a key always a new one; with one the same, per caller and tenant."""
    assert Submission(ACME, ()).owned() != Submission(ACME, ()).owned()
    keyed = Submission(ACME, (), KEY).owned()
    assert keyed == Submission(ACME, (), KEY).owned()
    others = [Submission(COLLEAGUE, (), KEY), Submission(OTHER, (), KEY), Submission(ACME, (), "b")]
    assert len({keyed.document_id, *(other.owned().document_id for other in others)}) == 4


async def test_take_stores_and_announce_tells() -> None:
    """The bytes at the document's place; the event names it and carries the headers on."""
    memory = MemoryGateway.of()
    how = Submission(ACME, (("x-request-id", b"r1"),))
    owned = await take(memory, how)
    assert memory.store.objects["uploads", owned.upload_key] == PDF
    assert memory.publisher.messages == []
    await memory.gateway.announce(owned, how, DocumentOptions(languages=("en",)))
    (event,) = memory.publisher.on("ocr.uploads")
    assert (event["key"], event["options"]) == (owned.upload_key, {"languages": ["en"]})
    assert memory.publisher.messages[0].headers == how.headers


@pytest.mark.parametrize("key", [None, KEY])
async def test_take_gives_back_its_room_while_the_store_is_away(key: str | None) -> None:
    """Nothing is stored, nothing is held."""
    memory = MemoryGateway.of()
    memory.store.away_count = 1
    with pytest.raises(StoreAway):
        await take(memory, Submission(ACME, (), key))
    assert (memory.store.objects, memory.gateway.room.held_bytes) == ({}, 0)


async def test_take_again_is_the_same_document() -> None:
    """With the same bytes; other bytes and a deleted document are refused."""
    memory = MemoryGateway.of()
    how = Submission(ACME, (), KEY)
    owned = await take(memory, how)
    assert await take(memory, how) == owned
    with pytest.raises(Unacceptable) as caught:
        await take(memory, how, b"%PDF- b")
    assert caught.value.name == "idempotency-key-reused"
    assert memory.store.objects["uploads", owned.upload_key] == PDF
    await memory.gateway.delete(ACME, owned.document_id)
    place = ("uploads", owned.upload_key)
    memory.store.objects[place] = PDF  # by a request that came to its end later, the store away
    with pytest.raises(Gone):
        await take(memory, how)
    assert place not in memory.store.objects
    assert memory.gateway.room.held_bytes == 0


async def test_refer_again_is_the_same_document() -> None:
    """A key stands for one object; not for another, nor for bytes, nor after a deletion."""
    memory = MemoryGateway.of(tenant_sources="acme=uploads/acme/")
    for key in ("acme/a.png", "acme/b.png", "b.png"):
        memory.store.objects["uploads", key] = PDF
    gateway, how = memory.gateway, Submission(ACME, (), KEY)
    first, second = (StoredObject(bucket="uploads", key=f"acme/{n}.png") for n in "ab")
    owned = await gateway.refer(how, first)
    assert await gateway.refer(how, first) == owned
    for again in (gateway.refer(how, second), take(memory, how)):
        with pytest.raises(Unacceptable):
            await again
    with pytest.raises(Unacceptable):
        await gateway.refer(how, StoredObject(bucket="uploads", key="b.png"))
    await gateway.delete(ACME, owned.document_id)
    assert ("uploads", "acme/a.png") not in memory.store.objects
    memory.store.objects["uploads", "acme/a.png"] = PDF
    with pytest.raises(Gone):
        await gateway.refer(how, first)


Submit = Callable[[MemoryGateway, str], Coroutine[None, None, Owned]]


async def take_named(memory: MemoryGateway, name: str) -> Owned:
    """Submit bytes."""
    return await take(memory, Submission(ACME, (), KEY), f"%PDF- {name}".encode())


async def refer_to(memory: MemoryGateway, name: str) -> Owned:
    """Submit an object of the store."""
    stored = StoredObject(bucket="uploads", key=f"acme/{name}")
    return await memory.gateway.refer(Submission(ACME, (), KEY), stored)


@pytest.mark.parametrize("submit", [take_named, refer_to])
@pytest.mark.parametrize("names", ["ab", "aa"])
async def test_of_two_at_once_one_is_taken(submit: Submit, names: str) -> None:
    """Both find nothing before; what comes second is refused, or is the same document."""
    memory = MemoryGateway.of(tenant_sources="acme=uploads/acme/")
    for name in "ab":
        memory.store.objects["uploads", f"acme/{name}"] = PDF
    memory.store.meanwhile = asyncio.Barrier(2).wait
    async with asyncio.timeout(5):
        answers = await asyncio.gather(
            *(submit(memory, name) for name in names), return_exceptions=True
        )
    owned = Submission(ACME, (), KEY).owned()
    taken = {name for name, answer in zip(names, answers, strict=True) if answer == owned}
    assert len(taken) == 1
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert [problem.name for problem in refused] == ["idempotency-key-reused"] * (names == "ab")
    (name,) = taken
    assert name.encode() in memory.store.objects["uploads", owned.upload_key]
    assert memory.gateway.room.held_bytes == 0


async def read_and_clear(memory: MemoryGateway, owned: Owned) -> None:
    """What becomes of a document whose upload is kept no longer than it is needed."""
    desk = Desk(memory.gateway.settings, memory.store)
    await desk.handle_upload(owned.upload_key)
    await memory.store.delete("uploads", owned.upload_key)
    assert await memory.gateway.documents.was_read(owned)


async def delete(memory: MemoryGateway, owned: Owned) -> None:
    """What its owner may do."""
    await memory.gateway.delete(ACME, owned.document_id)


@pytest.mark.parametrize(
    ("fate", "data", "problem"),
    [
        (delete, PDF, "deleted"),
        (read_and_clear, b"%PDF- b", "idempotency-key-reused"),
        (read_and_clear, PDF, None),
    ],
)
async def test_what_came_and_went_meanwhile_still_has_the_key(
    fate: Callable[[MemoryGateway, Owned], Coroutine[None, None, None]],
    data: bytes,
    problem: str | None,
) -> None:
    """While a body arrives another one is taken and is gone; nothing is in the way, but its end."""
    memory = MemoryGateway.of()
    how = Submission(ACME, (), KEY)

    async def come_and_go() -> None:
        memory.store.meanwhile = nothing
        await fate(memory, await take(memory, how))

    memory.store.meanwhile = come_and_go
    if problem is None:
        assert await take(memory, how, data) == how.owned()
        return
    with pytest.raises(Problem) as caught:
        await take(memory, how, data)
    assert caught.value.name == problem
    assert ("uploads", how.owned().upload_key) not in memory.store.objects


async def test_a_conflict_that_leaves_nothing_may_be_tried_again() -> None:
    """The store tells that it is busy with the same key, and then there is nothing."""
    memory = MemoryGateway.of()

    async def conflict() -> None:
        raise ObjectExists("another request is in work")

    memory.store.meanwhile = conflict
    with pytest.raises(Overloaded):
        await take(memory, Submission(ACME, (), KEY))
    assert memory.store.objects == {}
    memory.store.meanwhile = nothing
    await take(memory, Submission(ACME, (), KEY))


async def test_find_and_delete_know_only_the_callers_own() -> None:
    """Another tenant's document is not there; a colleague's is."""
    memory = MemoryGateway.of()
    owned = await take(memory, Submission(ACME, ()))
    gateway = memory.gateway
    assert await gateway.find(COLLEAGUE, owned.document_id, 0) is None
    for forbidden in (
        gateway.find(OTHER, owned.document_id, 0),
        gateway.delete(OTHER, owned.document_id),
        gateway.find(ACME, "0" * 32, 0),
    ):
        with pytest.raises(NotFound):
            await forbidden
    await gateway.delete(ACME, owned.document_id)
    with pytest.raises(Gone):
        await gateway.find(ACME, owned.document_id, 0)


async def test_announce_fails_while_the_broker_is_away() -> None:
    """It is told nobody that a document waits which nobody will read."""
    memory = MemoryGateway.of()
    owned = await take(memory, Submission(ACME, ()))
    memory.publisher.away_count = 1
    with pytest.raises(BrokerAway):
        await memory.gateway.announce(owned, Submission(ACME, ()), DocumentOptions())
    await asyncio.sleep(0.01)
    assert memory.publisher.messages == []
