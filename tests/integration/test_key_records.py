"""One suite for every place where keys are kept: the object store, and the fake of unit tests."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from streams.access.caller import Scope
from streams.access.errors import BrokenRecord
from streams.access.key_records import FOLDER, KeyRecords, StoredKeyRecords
from streams.access.keys import KeyRecord, create_key
from streams.embedded import ServerAddresses, free_ports
from streams.errors import StoreAway
from streams.settings import Settings
from streams.store.object_store import connect
from tests.fakes.key_records import MemoryKeyRecords
from tests.stream import open_stream

NOW = datetime(2027, 1, 1, tzinfo=UTC)
FOREIGN_ID = "abcdefghijkl"


@dataclass(frozen=True, slots=True)
class Cabinet:
    """Records, and a way around them to put something at a key's place."""

    records: KeyRecords
    put: Callable[[str, bytes], Awaitable[None]]


@pytest.fixture(params=["s3", "memory"])
async def cabinet(request: pytest.FixtureRequest) -> AsyncIterator[Cabinet]:
    """Each kind of place."""
    if request.param == "memory":
        memory = MemoryKeyRecords()

        async def put_memory(key_id: str, data: bytes) -> None:
            memory.objects[key_id] = data

        yield Cabinet(memory, put_memory)
        return
    servers: ServerAddresses = request.getfixturevalue("servers")
    stream = await open_stream(servers)

    async def put_s3(key_id: str, data: bytes) -> None:
        await put_object(stream.settings, f"{FOLDER}{key_id}.json", data)

    async with StoredKeyRecords(stream.settings) as records:
        yield Cabinet(records, put_s3)


async def put_object(settings: Settings, name: str, data: bytes) -> None:
    """Put an object into the results bucket."""
    await asyncio.to_thread(
        connect(settings).put_object,
        bucket_name=settings.results_bucket,
        object_name=name,
        data=io.BytesIO(data),
        length=len(data),
    )


def make_record() -> KeyRecord:
    """A record with every field set."""
    return create_key("acme", (Scope.SUBMIT, Scope.READ), NOW, NOW, 2.5, "for the scanner é")[1]


async def test_records_are_empty_at_first(cabinet: Cabinet) -> None:
    """No key is no error."""
    assert await cabinet.records.ids() == frozenset()
    assert await cabinet.records.get(FOREIGN_ID) is None


async def test_put_can_be_got_and_listed(cabinet: Cabinet) -> None:
    """A record comes back as it was."""
    records = [make_record() for _ in range(3)]
    for record in records:
        await cabinet.records.put(record)
    assert await cabinet.records.ids() == {record.id for record in records}
    assert await cabinet.records.get(records[1].id) == records[1]


async def test_put_replaces_a_record(cabinet: Cabinet) -> None:
    """The later one counts."""
    record = make_record()
    changed = record.model_copy(update={"note": "another"})
    for one in (record, changed):
        await cabinet.records.put(one)
    assert await cabinet.records.get(record.id) == changed
    assert await cabinet.records.ids() == {record.id}


async def test_delete_says_whether_there_was_one(cabinet: Cabinet) -> None:
    """What is removed is gone, and cannot be removed again."""
    record = make_record()
    await cabinet.records.put(record)
    assert await cabinet.records.delete(record.id)
    assert await cabinet.records.get(record.id) is None
    assert await cabinet.records.ids() == frozenset()
    assert not await cabinet.records.delete(record.id)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"id": "abcdefghijkl"}', b" " * 100_000],
    ids=["empty", "torn", "not text", "list", "null", "too little", "too large"],
)
async def test_get_refuses_what_is_no_record(cabinet: Cabinet, data: bytes) -> None:
    """It is listed, so that it can be seen and removed, and told apart from no key."""
    await cabinet.put(FOREIGN_ID, data)
    assert await cabinet.records.ids() == {FOREIGN_ID}
    with pytest.raises(BrokenRecord, match=f"keys revoke {FOREIGN_ID}"):
        await cabinet.records.get(FOREIGN_ID)
    assert await cabinet.records.delete(FOREIGN_ID)


async def test_get_refuses_the_record_of_another_key(cabinet: Cabinet) -> None:
    """A copied record opens no second door."""
    await cabinet.put(FOREIGN_ID, make_record().model_dump_json().encode())
    with pytest.raises(BrokenRecord, match="another key"):
        await cabinet.records.get(FOREIGN_ID)


async def test_ids_leaves_out_what_is_no_place_of_a_key(servers: ServerAddresses) -> None:
    """Other objects of the bucket are not taken for keys."""
    stream = await open_stream(servers)
    names = ("README", "abcdefghijkl", "ABCDEFGHIJKL.json", "a/abcdefghijkl.json", "short.json")
    for name in names:
        await put_object(stream.settings, FOLDER + name, b"x")
    await put_object(stream.settings, f"results/{FOREIGN_ID}.json", b"x")
    async with StoredKeyRecords(stream.settings) as records:
        assert await records.ids() == frozenset()


async def test_records_know_that_the_store_does_not_answer() -> None:
    """A refused connection is a store that is away, and no missing key."""
    (port,) = free_ports(1)
    settings = Settings.from_environment(s3_endpoint=f"http://127.0.0.1:{port}")
    record = make_record()
    async with StoredKeyRecords(settings) as records:
        for call in (
            records.ids(),
            records.get(record.id),
            records.put(record),
            records.delete(record.id),
        ):
            with pytest.raises(StoreAway):
                await call


async def test_records_know_that_the_store_refuses_us(servers: ServerAddresses) -> None:
    """Wrong credentials of ours say nothing about a key."""
    stream = await open_stream(servers)
    wrong = stream.settings.model_copy(update={"s3_access_key": "nobody"})
    async with StoredKeyRecords(wrong) as records:
        for call in (records.ids(), records.get(FOREIGN_ID), records.delete(FOREIGN_ID)):
            with pytest.raises(StoreAway):
                await call
