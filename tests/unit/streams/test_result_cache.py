"""What workers share of what they read; each cache of these tests is a worker of its own."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from processors.values import EncodedDocument
from schemas.codecs import decode_uploads, encode
from schemas.events import DocumentUploaded
from schemas.options import DocumentOptions
from schemas.readings import RecordPlace
from schemas.results import DocumentRecognized, DocumentStatus, ResultReference
from streams.messages import ResultIds, by_reference, recognized
from streams.metrics import Metrics
from streams.reading_log import ReadingLog
from streams.result_cache import ResultCache
from streams.settings import Settings
from streams.store.object_store import StoredDocument
from tests.fakes.reader import INFO, FakeReader
from tests.fakes.readings import MemoryTopics
from tests.fakes.store import MemoryObjectStore

BUCKET = "ocr-results"
LEASE_S = 0.3
ALL = DocumentStatus.COMPLETE


@dataclass
class Shelf:
    """Topics and a store that several caches share, and how often was read."""

    topics: MemoryTopics = field(default_factory=MemoryTopics)
    store: MemoryObjectStore = field(default_factory=lambda: MemoryObjectStore(buckets={BUCKET}))
    read_count: int = 0
    working: list[asyncio.Task[None]] = field(default_factory=list)

    def worker(self) -> ReadingLog:
        """The log of another worker, at work."""
        log = self.topics.log()
        self.working.append(asyncio.create_task(log.keep_sending()))
        return log

    def cache(self, age_max_s: float = 3600) -> ResultCache:
        """The cache of another worker."""
        cache = ResultCache(
            self.worker(), self.topics.result_at, self.store, Metrics(), age_max_s, lease_s=LEASE_S
        )
        self.working.append(asyncio.create_task(cache.keep_renewing()))
        return cache

    async def read(
        self,
        cache: ResultCache,
        text: str = "some words",
        origin: str = "t/0/1/0",
        takes_s: float = 0.0,
        status: DocumentStatus = ALL,
        by_reference_to: ResultReference | None = None,
    ) -> DocumentRecognized:
        """Read what is not known, as the handler does."""
        result, names = await _result(text)
        async with cache.entry(names, origin) as entry:
            if entry.known is not None:
                return entry.known
            await asyncio.sleep(takes_s)
            self.read_count += 1
            result = result.model_copy(update={"status": status})
            published = by_reference(result, by_reference_to) if by_reference_to else result
            self.topics.results.append(encode(published))
            place = RecordPlace(partition=0, offset=len(self.topics.results) - 1)
            cache.record(names, entry, result, place)
        await asyncio.sleep(0)
        return result


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    """No worker yet."""
    shelf = Shelf()
    yield shelf
    for task in shelf.working:
        task.cancel()


async def _result(text: str) -> tuple[DocumentRecognized, ResultIds]:
    event = b'{"type":"document.uploaded","version":1,"bucket":"uploads","key":"a"}'
    decoded = decode_uploads(event, {})
    assert isinstance(decoded, tuple)
    upload: DocumentUploaded = decoded[0]
    stored = StoredDocument(text.encode(), None, "etag")
    options = Settings().read_options(DocumentOptions())
    reading = await FakeReader().read(EncodedDocument(stored.data), options)
    names = ResultIds.of(upload, stored, b"{}", INFO)
    return recognized(upload, stored, reading, INFO, names, {}), names


async def test_content_is_read_once_by_all_workers(shelf: Shelf) -> None:
    """A second worker, and a third after a restart, get the result from its topic."""
    first = await shelf.read(shelf.cache())
    for origin in ("t/1/7/0", "t/2/7/0"):
        assert await shelf.read(shelf.cache(), origin=origin) == first
    assert shelf.read_count == 1


async def test_copies_at_the_same_moment_are_read_once(shelf: Shelf) -> None:
    """Twenty copies at five workers: one reads, the others wait."""
    caches = [shelf.cache() for _ in range(5)]
    await asyncio.gather(
        *(shelf.read(caches[n % 5], origin=f"t/{n}", takes_s=0.05) for n in range(20))
    )
    assert shelf.read_count == 1


async def test_long_reading_keeps_its_claim(shelf: Shelf) -> None:
    """A claim is renewed for as long as its owner reads."""
    one, other = shelf.cache(), shelf.cache()
    await asyncio.gather(
        shelf.read(one, origin="t/1", takes_s=3 * LEASE_S),
        shelf.read(other, origin="t/2", takes_s=3 * LEASE_S),
    )
    assert shelf.read_count == 1


async def test_failed_reading_is_not_kept(shelf: Shelf) -> None:
    """Whoever waited reads instead, at once."""
    _, names = await _result("some words")
    with pytest.raises(RuntimeError):
        async with shelf.cache().entry(names, "t/1"):
            raise RuntimeError
    await asyncio.wait_for(shelf.read(shelf.cache(), origin="t/2"), LEASE_S / 2)
    assert shelf.read_count == 1


async def test_partial_result_is_not_kept(shelf: Shelf) -> None:
    """A page that could not be read today may be readable tomorrow."""
    for origin in ("t/1", "t/2"):
        await shelf.read(shelf.cache(), origin=origin, status=DocumentStatus.PARTIAL)
    assert shelf.read_count == 2


@pytest.mark.parametrize(("origin", "waits"), [("t/1", False), ("t/2", True)])
async def test_claim_of_a_dead_worker_is_taken_over_in_time(
    shelf: Shelf, origin: str, waits: bool
) -> None:
    """Copies wait for the lease; the same event, delivered again, does not wait at all."""
    _, names = await _result("some words")
    assert await shelf.worker().claim(names.reading_id, None, "t/1")
    started_at = asyncio.get_running_loop().time()
    await asyncio.wait_for(shelf.read(shelf.cache(), origin=origin), 5)
    assert shelf.read_count == 1
    assert (asyncio.get_running_loop().time() - started_at >= 0.9 * LEASE_S) is waits


async def test_broker_away_means_reading_without_the_cache(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache is never needed."""
    monkeypatch.setattr("streams.reading_log.CLAIM_TIMEOUT_S", 0.05)
    shelf.topics.away_count = 1
    await shelf.read(shelf.cache())
    assert shelf.read_count == 1


async def test_result_that_is_gone_is_read_anew(shelf: Shelf) -> None:
    """Retention may have taken it from its topic, or somebody else's message stands there."""
    cache = shelf.cache()
    await shelf.read(cache)
    for gone in (None, b"{}", encode((await _result("other words"))[0])):
        shelf.topics.results[-1] = gone
        await shelf.read(cache, origin="t/2")
    assert shelf.read_count == 4
    await shelf.read(cache, origin="t/3")
    assert shelf.read_count == 4


async def test_old_result_is_read_anew(shelf: Shelf) -> None:
    """Age is bounded."""
    shelf.topics.clock_s = -10
    await shelf.read(shelf.cache())
    await shelf.read(shelf.cache(age_max_s=20), origin="t/2")
    assert shelf.read_count == 1
    await shelf.read(shelf.cache(age_max_s=5), origin="t/3")
    assert shelf.read_count == 2


async def test_large_result_comes_from_the_store(shelf: Shelf) -> None:
    """What stands on the topic leads there; what was altered there is no result."""
    result, _ = await _result("some words")
    data = encode(result)
    reference = ResultReference(
        bucket=BUCKET, key="r", sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data)
    )
    await shelf.store.put(BUCKET, "r", data, "application/json")
    await shelf.read(shelf.cache(), by_reference_to=reference)
    assert await shelf.read(shelf.cache(), origin="t/2") == result
    assert shelf.read_count == 1
    await shelf.store.put(BUCKET, "r", data[:-1] + b" ", "application/json")
    await shelf.read(shelf.cache(), origin="t/3")
    assert shelf.read_count == 2


async def test_age_zero_is_no_cache(shelf: Shelf) -> None:
    """It can be set off."""
    for origin in ("t/1", "t/2"):
        await shelf.read(shelf.cache(age_max_s=0), origin=origin)
    assert shelf.read_count == 2
