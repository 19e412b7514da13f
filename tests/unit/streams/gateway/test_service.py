"""What the gateway does, without HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from schemas.options import DocumentOptions
from streams.access.caller import Caller, Scope
from streams.errors import BrokerAway, StoreAway
from streams.gateway.models import StoredObject
from streams.gateway.problems import Gone, NotFound, Unacceptable
from streams.gateway.service import Submission
from streams.places import Owned
from tests.fakes.gateway import MemoryGateway

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
    with pytest.raises(Gone):
        await take(memory, how)
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
