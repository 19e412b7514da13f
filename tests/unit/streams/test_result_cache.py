"""What workers share of what they read; each cache of these tests is a worker of its own."""

import asyncio
from dataclasses import dataclass, field

import pytest

from processors.values import EncodedDocument
from schemas.codecs import decode_uploads
from schemas.events import DocumentUploaded
from schemas.options import DocumentOptions
from schemas.results import DocumentRecognized, DocumentStatus
from streams.messages import ResultIds, recognized
from streams.metrics import Metrics
from streams.object_store import StoredDocument
from streams.result_cache import ResultCache
from streams.settings import Settings
from tests.fakes.reader import INFO, FakeReader
from tests.fakes.store import MemoryObjectStore

BUCKET = "ocr-results"


@dataclass
class Shelf:
    """A store that several caches share, and how often was read."""

    store: MemoryObjectStore = field(default_factory=lambda: MemoryObjectStore(buckets={BUCKET}))
    read_count: int = 0

    async def cache(self, age_max_s: float = 3600, bytes_max: int = 10**9) -> ResultCache:
        """The cache of another worker."""
        cache = ResultCache(self.store, BUCKET, Metrics(), age_max_s, bytes_max, lease_s=0.3)
        await cache.open()
        return cache

    async def read(
        self,
        cache: ResultCache,
        reading_id: str = "r",
        place: str = "t/0/1/0",
        takes_s: float = 0.0,
        status: DocumentStatus = DocumentStatus.COMPLETE,
    ) -> DocumentRecognized:
        """Read what is not known, as the handler does."""
        async with cache.entry(reading_id, place) as entry:
            if entry.known is not None:
                return entry.known
            await asyncio.sleep(takes_s)
            self.read_count += 1
            result = (await _result()).model_copy(update={"status": status})
            await cache.record(entry, result)
            return result


async def _result() -> DocumentRecognized:
    event = b'{"type":"document.uploaded","version":1,"bucket":"uploads","key":"a"}'
    decoded = decode_uploads(event, {})
    assert isinstance(decoded, tuple)
    upload: DocumentUploaded = decoded[0]
    stored = StoredDocument(b"some words", None, "etag")
    options = Settings().read_options(DocumentOptions())
    reading = await FakeReader().read(EncodedDocument(stored.data), options)
    return recognized(upload, stored, reading, INFO, ResultIds.of(upload, stored, b"{}", INFO), {})


async def test_content_is_read_once_by_all_workers() -> None:
    """A second worker, and a third after a restart, get the stored result."""
    shelf = Shelf()
    first = await shelf.read(await shelf.cache())
    assert await shelf.read(await shelf.cache(), place="t/1/7/0") == first
    assert shelf.read_count == 1


async def test_copies_at_the_same_moment_are_read_once() -> None:
    """Twenty copies at five workers: one reads, the others wait."""
    shelf = Shelf()
    caches = [await shelf.cache() for _ in range(5)]
    await asyncio.gather(
        *(shelf.read(caches[n % 5], place=f"t/{n}", takes_s=0.05) for n in range(20))
    )
    assert shelf.read_count == 1


async def test_long_reading_keeps_its_claim() -> None:
    """A claim is renewed for as long as its owner reads."""
    shelf = Shelf()
    one, other = await shelf.cache(), await shelf.cache()
    await asyncio.gather(
        shelf.read(one, place="t/1", takes_s=1.0), shelf.read(other, place="t/2", takes_s=1.0)
    )
    assert shelf.read_count == 1


async def test_failed_reading_is_not_kept() -> None:
    """Whoever waited reads instead."""
    shelf = Shelf()
    with pytest.raises(RuntimeError):
        async with (await shelf.cache()).entry("r", "t/1"):
            raise RuntimeError
    await asyncio.wait_for(shelf.read(await shelf.cache(), place="t/2"), 0.2)
    assert shelf.read_count == 1


async def test_partial_result_is_not_kept() -> None:
    """A page that could not be read today may be readable tomorrow."""
    shelf = Shelf()
    for place in ("t/1", "t/2"):
        await shelf.read(await shelf.cache(), place=place, status=DocumentStatus.PARTIAL)
    assert shelf.read_count == 2


async def _die_with_a_claim(shelf: Shelf, place: str) -> None:
    """Leave a claim behind, as SIGKILL does."""
    await (await shelf.cache())._put_claim("cache/r.json", place, None)


async def test_claim_of_a_dead_worker_is_taken_over_in_time() -> None:
    """Copies wait for the lease; the same event, delivered again, does not wait at all."""
    shelf = Shelf()
    await _die_with_a_claim(shelf, "t/1")
    async with asyncio.timeout(0.15):
        await shelf.read(await shelf.cache(), place="t/1")
    shelf = Shelf()
    await _die_with_a_claim(shelf, "t/1")
    async with asyncio.timeout(5):
        await shelf.read(await shelf.cache(), place="t/2")
    assert shelf.read_count == 1


async def test_store_away_means_reading_without_the_cache() -> None:
    """The cache is never needed."""
    shelf = Shelf()
    cache = await shelf.cache()
    shelf.store.away_count = 1
    await shelf.read(cache)
    assert shelf.read_count == 1


async def test_torn_and_old_entries_are_read_anew() -> None:
    """Age is bounded at the look-up as well, and rubbish is no result."""
    shelf = Shelf()
    shelf.store.objects[BUCKET, "cache/r.json"] = b'{"recorded_at": 1, "result": {"type'
    await shelf.read(await shelf.cache())
    await asyncio.sleep(0.02)
    await shelf.read(await shelf.cache(age_max_s=0.01), place="t/2")
    assert shelf.read_count == 2


async def test_sweep_bounds_age_and_size() -> None:
    """The oldest go first, until the rest is young and small enough."""
    shelf = Shelf()
    cache = await shelf.cache()
    for number in range(4):
        await shelf.read(cache, reading_id=f"r{number}", place=f"t/{number}")
        await asyncio.sleep(0.01)
    size_bytes = len(shelf.store.objects[BUCKET, "cache/r0.json"])
    assert await (await shelf.cache(bytes_max=2 * size_bytes + 200)).sweep() == 2
    assert {key for _, key in shelf.store.objects} == {"cache/r2.json", "cache/r3.json"}
    assert await (await shelf.cache(age_max_s=0.001)).sweep() == 2


async def test_age_zero_is_no_cache() -> None:
    """It can be set off."""
    shelf = Shelf()
    for _ in range(2):
        await shelf.read(await shelf.cache(age_max_s=0))
    assert shelf.read_count == 2
    assert shelf.store.objects == {}


async def test_store_without_conditional_writes_is_not_relied_on() -> None:
    """Claims that anybody may overwrite claim nothing."""

    class Careless(MemoryObjectStore):
        async def put_if(
            self, bucket: str, key: str, data: bytes, content_type: str, etag: str | None
        ) -> str | None:
            await self.put(bucket, key, data, content_type)
            return "etag"

    shelf = Shelf(Careless(buckets={BUCKET}))
    for _ in range(2):
        await shelf.read(await shelf.cache())
    assert shelf.read_count == 2
