"""Content that was read before is not read again, whichever worker read it.

One object per reading in the results bucket, `cache/<reading_id>.json`, first a claim and then the
result. Whoever creates it (a conditional write, which the store makes atomic) reads the document;
everybody else waits for the result. A claim is renewed while its owner lives; one that stays the
same for `LEASE_S` is taken over, and at once by the same event when it is delivered again.

The cache saves work and is never needed: where the store is away, or knows no conditional writes,
the document is read. `reading_id` covers tenant, content, options and pipeline, see `schemas.ids`.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import orjson
from pydantic import ValidationError

from schemas.results import DocumentRecognized, DocumentStatus
from streams.admission import Turns
from streams.errors import StoreAway, StoreError
from streams.metrics import Metrics
from streams.object_store import ObjectStore

PREFIX = "cache/"

ENTRY_BYTES_MAX = 16 * 2**20
"""Larger results are not kept."""

LEASE_S = 15.0
"""A claim that is not renewed for so long belongs to a dead worker."""

POLL_S = 0.2
"""How often a claim is looked at while its owner reads."""

SWEEP_INTERVAL_S = 600.0

JSON = "application/json"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Entry:
    """One reading.

    Attributes:
        known: Its result, None where it must be read.
    """

    known: DocumentRecognized | None
    _key: str = ""
    _etag: str | None = None
    _place: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ResultCache:
    """Results by `reading_id`, shared by all workers of a results bucket.

    Args:
        store: Where they lie.
        bucket: Bucket of the results.
        metrics: What is counted.
        age_max_s: Older results are not used, and swept away; 0: there is no cache.
        bytes_max: When all together are larger, the oldest are swept away.
    """

    def __init__(
        self,
        store: ObjectStore,
        bucket: str,
        metrics: Metrics,
        age_max_s: float,
        bytes_max: int,
        lease_s: float = LEASE_S,
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._metrics = metrics
        self._age_max_s = age_max_s
        self._bytes_max = bytes_max
        self._lease_s = lease_s
        self._turns = Turns()
        self._is_open = False

    async def open(self) -> None:
        """Find out whether the store can be relied on for conditional writes.

        Raises:
            StoreAway: it does not answer; try again.
        """
        if not self._age_max_s:
            return
        probe = f"{PREFIX}.probe-{uuid.uuid4().hex}"
        first = await self._store.put_if(self._bucket, probe, b"{}", JSON, etag=None)
        second = await self._store.put_if(self._bucket, probe, b"{}", JSON, etag=None)
        await self._store.delete(self._bucket, probe)
        self._is_open = first is not None and second is None
        if not self._is_open:
            logger.warning("the store knows no conditional writes: results are not cached")

    @asynccontextmanager
    async def entry(self, reading_id: str, place: str) -> AsyncIterator[Entry]:
        """Look a reading up; where it is not known, it is ours to make within the block.

        Args:
            reading_id: See `schemas.ids`.
            place: The event's, and so its own when it is delivered again.
        """
        if not self._is_open:
            yield Entry(None)
            return
        async with self._turns.turn(reading_id):
            entry = await self._look_up(f"{PREFIX}{reading_id}.json", place)
            renewing = asyncio.create_task(self._renew(entry)) if entry._etag else None
            try:
                yield entry
            finally:
                if renewing is not None:
                    renewing.cancel()
                if entry._etag is not None:
                    await self._release(entry)

    async def record(self, entry: Entry, result: DocumentRecognized) -> None:
        """Keep a result; a partial one may become whole another time and is not kept."""
        if entry._etag is None or result.status is not DocumentStatus.COMPLETE:
            return
        kept = {"recorded_at": time.time(), "result": result.model_dump(mode="json")}
        data = orjson.dumps(kept)
        if len(data) > ENTRY_BYTES_MAX:
            return
        async with entry._lock:  # not while the claim is being renewed
            with suppress(StoreAway):
                await self._store.put_if(self._bucket, entry._key, data, JSON, entry._etag)
                entry._etag = None

    async def sweep(self) -> int:
        """Delete what is too old, then the oldest until the rest is small enough.

        Returns:
            How many were deleted.

        Raises:
            StoreAway: the store does not answer.
        """
        listed = sorted(await self._store.list(self._bucket, PREFIX), key=lambda o: o.modified_at)
        total = sum(item.size_bytes for item in listed)
        count = 0
        for item in listed:
            if time.time() - item.modified_at < self._age_max_s and total <= self._bytes_max:
                break
            await self._store.delete(self._bucket, item.key)
            total -= item.size_bytes
            count += 1
        return count

    async def keep_swept(self) -> None:
        """Sweep now and then, until cancelled."""
        while self._is_open:
            try:
                count = await self.sweep()
                logger.info("%d old result(s) swept out of the cache", count) if count else None
            except (StoreAway, StoreError) as err:
                logger.warning("the cache was not swept: %s", err)
            await asyncio.sleep(SWEEP_INTERVAL_S)

    async def _look_up(self, key: str, place: str) -> Entry:
        try:
            entry = await self._claim(key, place)
        except (StoreAway, StoreError) as err:
            logger.warning("reading without the cache: %s", err)
            self._metrics.cache_requests.labels("unavailable").inc()
            return Entry(None)
        self._metrics.cache_requests.labels("miss" if entry.known is None else "hit").inc()
        return entry

    async def _claim(self, key: str, place: str) -> Entry:
        """Take the claim, or wait for what its owner reads."""
        loop = asyncio.get_running_loop()
        seen_etag, seen_at = None, loop.time()
        etag = await self._put_claim(key, place, None)
        while etag is None:
            try:
                stored = await self._store.fetch(self._bucket, key, None, ENTRY_BYTES_MAX)
            except StoreError:  # released meanwhile
                etag = await self._put_claim(key, place, None)
                continue
            result, owner = self._parse(stored.data)
            if result is not None:
                return Entry(result)
            if stored.etag != seen_etag:
                seen_etag, seen_at = stored.etag, loop.time()
            is_dead = owner in (None, place) or loop.time() - seen_at > self._lease_s
            if is_dead:
                etag = await self._put_claim(key, place, stored.etag)
            else:
                await asyncio.sleep(POLL_S)
        return Entry(None, key, etag, place)

    def _parse(self, data: bytes) -> tuple[DocumentRecognized | None, str | None]:
        """A result that may be used, and who claims; neither where the entry is too old or torn."""
        try:
            body = orjson.loads(data)
            if "claim" in body:
                return None, str(body["claim"])
            if time.time() - float(body["recorded_at"]) > self._age_max_s:
                return None, None
            return DocumentRecognized.model_validate_json(orjson.dumps(body["result"])), None
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, ValidationError):
            return None, None

    async def _put_claim(self, key: str, place: str, etag: str | None) -> str | None:
        data = orjson.dumps({"claim": place, "nonce": uuid.uuid4().hex})
        return await self._store.put_if(self._bucket, key, data, JSON, etag)

    async def _renew(self, entry: Entry) -> None:
        """Keep a claim alive; where it was lost, the document is read twice and no more."""
        while entry._etag is not None:
            await asyncio.sleep(self._lease_s / 3)
            async with entry._lock:
                if entry._etag is None:
                    return
                with suppress(StoreAway):
                    entry._etag = await self._put_claim(entry._key, entry._place, entry._etag)

    async def _release(self, entry: Entry) -> None:
        """Let others read what was not read here."""
        with suppress(StoreAway, StoreError):
            await self._store.delete(self._bucket, entry._key)
