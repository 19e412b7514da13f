"""A revoked key stops working in time, and strangers cost the store nothing."""

import asyncio
from datetime import UTC, datetime

import pytest

from streams.access import known_keys
from streams.access.caller import Scope
from streams.access.keys import KeyRecord, create_key
from streams.access.known_keys import KnownKeys
from streams.errors import StoreAway
from tests.fakes.clock import FakeClock
from tests.fakes.key_records import MemoryKeyRecords


def make_record() -> KeyRecord:
    """Some key."""
    return create_key("acme", (Scope.READ,), datetime(2027, 1, 1, tzinfo=UTC))[1]


@pytest.fixture
def clock() -> FakeClock:
    """Stands still."""
    return FakeClock()


@pytest.fixture
async def records() -> MemoryKeyRecords:
    """One key."""
    records = MemoryKeyRecords()
    await records.put(make_record())
    records.asked.clear()
    return records


@pytest.fixture
def keys(records: MemoryKeyRecords, clock: FakeClock) -> KnownKeys:
    """What a replica knows."""
    return KnownKeys(records, clock)


async def test_find_asks_the_store_once_in_a_while(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """Every request needs a record, and the store sees two calls in 15 s."""
    (key_id,) = records.objects
    for _ in range(14):
        assert await keys.find(key_id) is not None
        clock.time_s += 1
    assert records.asked == ["ids", f"get {key_id}"]


async def test_find_knows_within_15_s_that_a_key_was_revoked(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """That is how long a stolen key still works."""
    (key_id,) = records.objects
    await keys.find(key_id)
    del records.objects[key_id]
    clock.time_s += 15
    assert await keys.find(key_id) is None


async def test_find_knows_within_15_s_that_a_record_changed(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """A record that was replaced counts, however often the old one is used."""
    (key_id,) = records.objects
    old = await keys.find(key_id)
    assert old is not None
    await records.put(old.model_copy(update={"tenant": "other"}))
    clock.time_s += 14.9
    assert await keys.find(key_id) == old
    clock.time_s += 0.1
    found = await keys.find(key_id)
    assert found is not None
    assert found.tenant == "other"


async def test_find_knows_a_new_key_within_a_second(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """Whoever makes a key can use it at once."""
    record = make_record()
    assert await keys.find(record.id) is None
    await records.put(record)
    assert await keys.find(record.id) is None
    clock.time_s += 1
    assert await keys.find(record.id) == record


async def test_find_spares_the_store_keys_that_are_made_up(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """A thousand unknown ids in ten seconds are a listing per second, and nothing is kept."""
    for number in range(1000):
        assert await keys.find(f"{number:012}") is None
        clock.time_s += 0.01
    assert set(records.asked) == {"ids"}
    assert len(records.asked) <= 11
    assert keys._looked == {}


async def test_find_forgets_records_of_keys_that_are_gone(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """Memory follows the keys that there are."""
    (key_id,) = records.objects
    await keys.find(key_id)
    records.objects.clear()
    clock.time_s += 15
    await keys.find(key_id)
    assert keys._looked == {}


async def test_find_refuses_a_broken_record_alone(
    keys: KnownKeys, records: MemoryKeyRecords, caplog: pytest.LogCaptureFixture
) -> None:
    """Other keys go on working; the log says what to do, once in a while."""
    (good,) = records.objects
    records.objects["abcdefghijkl"] = b"{}"
    for _ in range(3):
        assert await keys.find("abcdefghijkl") is None
    assert await keys.find(good) is not None
    assert caplog.text.count("keys revoke abcdefghijkl") == 1


async def test_find_raises_while_the_store_is_away(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """What is known counts for its 15 s, then nobody is let in; and the store's return is seen."""
    (key_id,) = records.objects
    record = await keys.find(key_id)
    records.is_away = True
    clock.time_s += 14
    assert await keys.find(key_id) == record
    clock.time_s += 1
    with pytest.raises(StoreAway):
        await keys.find(key_id)
    with pytest.raises(StoreAway):
        await keys.exist()
    records.is_away = False
    assert await keys.find(key_id) == record


async def test_find_raises_for_an_unknown_key_while_the_store_is_away(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """It may be new: nobody can tell now."""
    await keys.exist()
    records.is_away = True
    clock.time_s += 1
    with pytest.raises(StoreAway):
        await keys.find("abcdefghijkl")


async def test_find_asks_once_for_a_crowd(keys: KnownKeys, records: MemoryKeyRecords) -> None:
    """Requests that come together share the answer."""
    (key_id,) = records.objects
    found = await asyncio.gather(*(keys.find(key_id) for _ in range(50)))
    assert None not in found
    assert records.asked == ["ids", f"get {key_id}"]


async def test_find_waits_no_longer_than_a_request_may(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that hangs is away."""

    class Hanging(MemoryKeyRecords):
        async def ids(self) -> frozenset[str]:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(known_keys, "STORE_TIMEOUT_S", 0.01)
    with pytest.raises(StoreAway, match="within"):
        await KnownKeys(Hanging(), clock).find("abcdefghijkl")


async def test_exist_counts_a_broken_record(
    keys: KnownKeys, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """Somebody meant to have keys, so that doors stay shut."""
    records.objects.clear()
    assert not await keys.exist()
    records.objects["abcdefghijkl"] = b"{}"
    clock.time_s += 15
    assert await keys.exist()
