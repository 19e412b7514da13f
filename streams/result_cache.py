"""Content that was read before is not read again, whichever worker read it.

Nothing is stored for it: results stand on the results topic as it is, and `reading_log.py` knows
where. Whoever claims a reading reads the document; everybody else waits for the result. A claim is
renewed while its owner lives; one that stays the same for `LEASE_S` is taken over, and at once by
the same event when it is delivered again.

The cache saves work and is never needed: where it cannot be asked, the document is read.
`reading_id` covers tenant, content, options and pipeline, see `schemas.ids`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from pydantic import ValidationError

from schemas.readings import RecordPlace
from schemas.results import DocumentRecognized, DocumentStatus
from streams.errors import DependencyAway, StoreError
from streams.messages import ResultIds
from streams.metrics import Metrics
from streams.reading_log import Reading, ReadingLog
from streams.store.object_store import ObjectStore, fetch_referenced

LEASE_S = 15.0
"""A claim that is not renewed for so long belongs to a dead worker."""

logger = logging.getLogger(__name__)

ValueAt = Callable[[RecordPlace], Awaitable[bytes | None]]
"""Gives the message at a place of the results topic, None where there is none any more."""


@dataclass(slots=True)
class Entry:
    """One reading.

    Attributes:
        known: Its result, None where it must be read.
        token: Of the claim, None where there is none.
    """

    known: DocumentRecognized | None = None
    token: str | None = None


class ResultCache:
    """Results by reading, shared by all workers that publish to the same topic.

    Attributes:
        is_open: Whether it is asked at all.

    Args:
        log: Who reads what, and what was read.
        value_at: Looks a result up.
        store: Where results lie that were too large for a message.
        metrics: What is counted.
        age_max_s: Older results are not used; 0: there is no cache.
        lease_s: See `LEASE_S`.
    """

    def __init__(
        self,
        log: ReadingLog,
        value_at: ValueAt,
        store: ObjectStore,
        metrics: Metrics,
        age_max_s: float,
        lease_s: float = LEASE_S,
    ) -> None:
        self._log = log
        self._value_at = value_at
        self._store = store
        self._metrics = metrics
        self._age_max_s = age_max_s
        self._lease_s = lease_s
        self.is_open = bool(age_max_s)
        self._held: dict[str, tuple[str, str]] = {}
        """Reading and event of every claim, by token."""

    @asynccontextmanager
    async def entry(self, names: ResultIds, origin: str) -> AsyncIterator[Entry]:
        """Look a reading up; where it is not known, it is ours to make within the block.

        Args:
            names: Of the reading.
            origin: The event's place, and so its own when it is delivered again.
        """
        entry = await self._look_up(names, origin) if self.is_open else Entry()
        if entry.token is None:
            yield entry
            return
        claim = entry.token
        self._held[claim] = names.reading_id, origin
        try:
            yield entry
        finally:
            del self._held[claim]
            if entry.token is not None:
                self._log.release(names.reading_id, entry.token)

    def record(
        self, names: ResultIds, entry: Entry, result: DocumentRecognized, place: RecordPlace
    ) -> None:
        """Let everybody know a result; a partial one may become whole another time."""
        if entry.token is not None and result.status is DocumentStatus.COMPLETE:
            self._log.note_result(names.reading_id, entry.token, place)
            entry.token = None

    def forget(self, names: ResultIds) -> None:
        """Let nobody be answered with a result whose document was deleted."""
        self._log.forget(names.reading_id)

    async def keep_renewing(self) -> None:
        """Keep the claims of this worker alive, until cancelled.

        Where one was lost all the same, a document is read twice and no more.
        """
        while True:
            await asyncio.sleep(self._lease_s / 3)
            for token, (reading_id, origin) in self._held.items():
                self._log.renew(reading_id, token, origin)

    async def _look_up(self, names: ResultIds, origin: str) -> Entry:
        try:
            entry = await self._find_or_claim(names, origin)
        except Exception as err:
            expected = isinstance(err, DependencyAway)
            logger.warning("reading without the cache: %s", err, exc_info=not expected)
            self._metrics.cache_requests.labels("unavailable").inc()
            return Entry()
        self._metrics.cache_requests.labels("miss" if entry.known is None else "hit").inc()
        return entry

    async def _find_or_claim(self, names: ResultIds, origin: str) -> Entry:
        """Give the result, after waiting for whoever reads; or claim the reading."""
        reading_id = names.reading_id
        while True:
            reading = self._log.state(reading_id)
            if reading is not None:
                known = await self._result(reading, names)
                if known is not None:
                    return Entry(known)
                lease_s = self._lease_left_s(reading, origin)
                if lease_s > 0:
                    await self._log.changed(reading_id, lease_s)
                    continue
            token = await self._log.claim(reading_id, reading.token if reading else None, origin)
            if token is not None:
                return Entry(None, token)

    def _lease_left_s(self, reading: Reading, origin: str) -> float:
        """How long to wait for somebody who reads; 0: nobody does, or did for the same event."""
        if reading.claimed_by in (None, origin):
            return 0.0
        return reading.heard_at + self._lease_s - asyncio.get_running_loop().time()

    async def _result(self, reading: Reading, names: ResultIds) -> DocumentRecognized | None:
        """The result of a reading, if it has one that is young enough and can still be had.

        Raises:
            DependencyAway: it cannot be had now.
        """
        if reading.result is None or time.time() - reading.noted_at_s > self._age_max_s:
            return None
        value = await self._value_at(reading.result)
        known = _parse(value, names)
        if known is None or known.result_ref is None:
            return known
        with suppress(StoreError):
            return _parse(await fetch_referenced(self._store, known.result_ref), names)
        return None


def _parse(value: bytes | None, names: ResultIds) -> DocumentRecognized | None:
    """A message, if it is a result of the same content, options and pipeline."""
    try:
        result = DocumentRecognized.model_validate_json(value or b"")
    except ValidationError:
        return None
    return result if names.are_of_the_same_reading(result) else None
