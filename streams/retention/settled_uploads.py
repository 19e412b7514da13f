"""Uploads go when they are settled: the first net of `retention.py`.

An event's uploads are noted when its outcome was acknowledged, and released when its offset was
committed: from then on it is not delivered again, so that nobody will look for them. Each is
deleted when its time is over, counted from its outcome, and only as it was read: what was put at
the same key meanwhile stays.

All of it is in memory, bounded and best effort. What is forgotten (at the end of a worker, or where
there is too much) is left to the sweep.

An upload that ended as a dead letter may be replayed. That it is to be kept for that long is noted
in the store, for the sweep.
"""

import asyncio
import heapq
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from schemas.events import DocumentUploaded
from streams.acknowledge import Partition
from streams.errors import StreamError
from streams.places import failed_upload_key
from streams.retention.rules import RetentionClass, RetentionRules
from streams.store.object_store import FetchedObject, ObjectStore

UPLOADS_MAX = 10_000
"""Noted at the same time (a few hundred bytes each), and remembered after they were deleted."""

BATCH_COUNT = 8
"""Deleted at the same time: documents need the store's connections as well."""

LOOK_INTERVAL_S = 1.0
AGAIN_S = 60.0
ATTEMPTS_MAX = 3

logger = logging.getLogger(__name__)


class Clock(Protocol):
    """Tells seconds that never go back."""

    def __call__(self) -> float:
        """The time."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """An upload whose event will not come again."""

    at_s: float
    number: int
    upload: FetchedObject
    event: DocumentUploaded | None
    attempt: int = 1


class SettledUploads:
    """Deletes uploads some time after their outcome.

    Args:
        store: Where they lie.
        rules: How long they are kept.
        clock: Seconds that never go back.
    """

    def __init__(
        self, store: ObjectStore, rules: RetentionRules, clock: Clock = time.monotonic
    ) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._numbers = count()
        self._uncommitted: dict[Partition, dict[int, list[_Due]]] = {}
        self._due: list[_Due] = []
        self._noted_count = 0
        self._deleted: OrderedDict[tuple[str, str], _Due] = OrderedDict()

    @property
    def is_on(self) -> bool:
        """Whether uploads are deleted at all."""
        return RetentionClass.UPLOADS in self._rules.ages_s

    def note(
        self,
        partition: Partition,
        offset: int,
        uploads: Iterable[FetchedObject],
        failed: bool,
        event: DocumentUploaded | None = None,
    ) -> None:
        """Note what an event's outcome was about.

        Args:
            partition: The event's partition.
            offset: Its offset there.
            uploads: What was fetched for it.
            failed: It ended as a dead letter.
            event: What it announced.
        """
        kind = RetentionClass.DEAD_LETTERS if failed else RetentionClass.UPLOADS
        age_s = self._rules.ages_s.get(kind)
        if age_s is None or not self.is_on:
            return
        for upload in uploads:
            if self._is_upload(upload.bucket, upload.key) and self._noted_count < UPLOADS_MAX:
                due = _Due(self._clock() + age_s, next(self._numbers), upload, event)
                self._uncommitted.setdefault(partition, {}).setdefault(offset, []).append(due)
                self._noted_count += 1

    def release(self, offsets: Mapping[Partition, int]) -> None:
        """Note that the broker took these next offsets to read."""
        for partition, next_offset in offsets.items():
            noted = self._uncommitted.get(partition, {})
            for offset in [offset for offset in noted if offset < next_offset]:
                for due in noted.pop(offset):
                    heapq.heappush(self._due, due)

    def forget(self) -> None:
        """Forget what was not committed: somebody else will settle it."""
        for noted in self._uncommitted.values():
            self._noted_count -= sum(map(len, noted.values()))
        self._uncommitted.clear()

    def was_deleted(self, upload: DocumentUploaded) -> bool:
        """Whether an upload that is not there was settled and deleted here before.

        Its event may have been sent twice. One that says that it is about another upload at the
        same key is about something else.
        """
        known = self._deleted.get((upload.bucket, upload.key))
        if known is None:
            return False
        event = known.event
        if event is not None and (event.event_id, event.options) != (
            upload.event_id,
            upload.options,
        ):
            return False  # it asks for something else
        is_same_version = upload.version_id in (None, known.upload.version_id)
        return is_same_version and upload.etag in (None, known.upload.etag)

    async def keep(self, failed: Iterable[tuple[str, str]]) -> None:
        """Have the sweep keep what is about to end as a dead letter, by buckets and keys.

        Raises:
            StoreAway: it may not; try again.
        """
        for note in self._notes(failed):
            await self._store.put(self._rules.results_bucket, note, b"", "text/plain")

    async def keep_no_longer(self, read: Iterable[tuple[str, str]]) -> None:
        """Take that back: it was replayed and read.

        Raises:
            StoreAway: it may still be kept; try again.
        """
        for note in self._notes(read):
            await self._store.delete(self._rules.results_bucket, note)

    async def keep_deleting(self) -> None:
        """Delete what is due, until cancelled."""
        while True:
            await self.delete_due()
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def delete_due(self) -> None:
        """Delete what is due now."""
        now_s = self._clock()
        while self._due and self._due[0].at_s <= now_s:
            batch: list[_Due] = []
            while self._due and self._due[0].at_s <= now_s and len(batch) < BATCH_COUNT:
                batch.append(heapq.heappop(self._due))
            self._noted_count -= len(batch)
            await asyncio.gather(*map(self._delete, batch))

    async def _delete(self, due: _Due) -> None:
        try:
            await self._store.delete_fetched(due.upload)
        except StreamError as err:
            self._try_again(due, err)
        else:
            self._remember(due)

    def _try_again(self, due: _Due, error: StreamError) -> None:
        if due.attempt >= ATTEMPTS_MAX:
            logger.warning("an upload is left to the sweep: %s", error)
            return
        at_s = self._clock() + AGAIN_S
        heapq.heappush(self._due, _Due(at_s, due.number, due.upload, due.event, due.attempt + 1))
        self._noted_count += 1

    def _remember(self, due: _Due) -> None:
        upload = due.upload
        self._deleted[upload.bucket, upload.key] = due
        self._deleted.move_to_end((upload.bucket, upload.key))
        if len(self._deleted) > UPLOADS_MAX:
            self._deleted.popitem(last=False)

    def _notes(self, places: Iterable[tuple[str, str]]) -> list[str]:
        """Where it is noted that uploads are to be kept."""
        if not self.is_on:
            return []
        return [failed_upload_key(*place) for place in places if self._is_upload(*place)]

    def _is_upload(self, bucket: str, key: str) -> bool:
        return self._rules.class_of(bucket, key) is RetentionClass.UPLOADS
