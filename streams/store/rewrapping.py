"""Wraps all data keys by the first master key, so that older ones can be taken out of the file.

    list KEYS_BUCKET > fetch a record > unwrap, wrap > store it in place of the very one fetched
                     > see that it was not deleted meanwhile > delete its earlier versions

Objects are not touched. Nothing is remembered but what the records say: a run that was interrupted
is made again, and finds the rest. Memory holds `BATCH_COUNT` places of records.

A deletion is never undone: the store takes a record only while the one that was fetched is still
there. SeaweedFS looks for it and stores in two steps where a bucket has versions, so that a
deletion may come between: what was stored then is deleted again. It is told by the marker of the
deletion, which goes last of all, or by the fetched version, which goes before it.

An earlier version is deleted once the current one is known to open by the first master key, and
never otherwise. A run deletes what it replaced itself, and what a run before it left behind; never
what another run may just be looking at, which would take that for a deletion.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

from streams.errors import (
    DependencyAway,
    KeyRecordAltered,
    ObjectChanged,
    ObjectMissing,
    StoreAway,
    StoreError,
)
from streams.store.envelope import Envelope, WrappedKey
from streams.store.master_keys import MasterKeys
from streams.store.object_store import Condition, FetchedObject, ObjectStore, StoredDocument
from streams.store.sealed_store import RECORD_BYTES_MAX, RECORD_PLACE, RECORD_TYPE, context_of
from streams.store.store_admin import ObjectVersion

RECORDS_AT_ONCE = 16
"""Records in work at the same time."""

BATCH_COUNT = 1_000
"""Records that are listed ahead of the work: a page of S3's."""

TRIES_MAX = 4
"""For a record that is another one each time; nothing changes one but this, and a deletion."""

SETTLED_AFTER = timedelta(minutes=15)
"""A record that was stored so long ago is no other run's work any more."""

LOOK_LIMIT = timedelta(minutes=5)
"""Whoever looks so long after storing a record does not know who deleted the one before."""

_NO_VERSION = "null"
"""What lists call the version of an object that was put without versions."""


@dataclass
class RewrapReport:
    """What became of the records.

    Attributes:
        anew: Wrapped by the first master key now; in a dry run, that would be.
        already: Wrapped by it before.
        failed: Left as they were, or with an earlier version that may still be there.
        removed: Earlier versions that were deleted; in a dry run, that would be.
        needed: By id of master key, how many records are wrapped by it now.
    """

    anew: int = 0
    already: int = 0
    failed: int = 0
    removed: int = 0
    needed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Rewrapping:
    """One run over all records; may be repeated, and run beside workers and beside itself.

    Attributes:
        store: Where records lie, as it is: not a sealed one.
        list_versions: All in a bucket, below a prefix; see `StoreAdmin.versions`.
        bucket: KEYS_BUCKET.
        keys: The first one is to wrap all data keys.
        tell: Takes a line for each record that failed.
        dry_run: Only count.
        now: The time, as the store has it but for some minutes.
        report: What was done so far.
    """

    store: ObjectStore
    list_versions: Callable[[str, str], Iterator[ObjectVersion]]
    bucket: str
    keys: MasterKeys
    tell: Callable[[str], None]
    dry_run: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    report: RewrapReport = field(default_factory=RewrapReport)

    async def run(self) -> RewrapReport:
        """Go through all records; one that fails is told, and the others go on."""
        records = _records(self.list_versions(self.bucket, ""))
        slots = asyncio.Semaphore(RECORDS_AT_ONCE)

        async def work(versions: list[ObjectVersion]) -> None:
            async with slots:
                await self._settle(versions)

        while batch := await asyncio.to_thread(self._take, records):
            async with asyncio.TaskGroup() as tasks:
                for versions in batch:
                    tasks.create_task(work(versions))
        return self.report

    def _take(self, records: Iterator[list[ObjectVersion]]) -> list[list[ObjectVersion]]:
        """The next records of the list, with their versions."""
        try:
            return list(islice(records, BATCH_COUNT))
        except StoreAway as err:
            self._fail(self.bucket, f"not all records were looked at: {err}")
            return []

    async def _settle(self, listed: list[ObjectVersion]) -> None:
        place = listed[0].key
        try:
            for _ in range(TRIES_MAX):
                try:
                    stored = await self.store.fetch(self.bucket, place, None, RECORD_BYTES_MAX)
                except ObjectMissing:
                    await self._look_at_deleted(place)
                    return
                try:
                    await self._rewrap(place, stored, listed)
                except (ObjectChanged, ObjectMissing):
                    continue
                return
            self._fail(place, "it changes all the time")
        except (StoreError, DependencyAway) as err:
            self._fail(place, str(err))

    async def _rewrap(
        self, place: str, stored: StoredDocument, listed: list[ObjectVersion]
    ) -> None:
        """See to one record.

        Raises:
            ObjectChanged, ObjectMissing: it is to be looked at again.
            StoreError: it cannot be unwrapped, now or later.
            DependencyAway: a master key is missing, or the store does not answer.
        """
        wrapped = WrappedKey.decode(stored.data)
        earlier = {version.version_id for version in listed}
        try:
            renewed = self._renewed(place, wrapped, stored.data)
            if renewed is None:
                self._require_settled(stored, listed)
            elif self.dry_run:
                self.report.removed += stored.version_id is not None
            else:
                earlier.add(_version_of(stored))
                stored = await self._replace(place, stored, renewed)
                wrapped = WrappedKey.decode(renewed)
            await self._remove(place, earlier - {_version_of(stored), None})
        except (ObjectChanged, ObjectMissing):
            raise
        except (StoreError, DependencyAway):
            self.report.needed[wrapped.master_key_id] += 1
            raise
        self.report.needed[wrapped.master_key_id] += 1
        self.report.anew += renewed is not None
        self.report.already += renewed is None

    def _renewed(self, place: str, wrapped: WrappedKey, record: bytes) -> bytes | None:
        """The record to store instead, None where it is right."""
        parts = RECORD_PLACE.fullmatch(place)
        assert parts is not None, "such are not listed"
        if wrapped.key_id != parts["key_id"]:
            raise KeyRecordAltered("the record is that of another data key")
        return Envelope(self.keys).rewrap(record, context_of(parts["bucket"], parts["key"]))

    def _require_settled(self, current: StoredDocument, listed: list[ObjectVersion]) -> None:
        """See that the earlier versions of a record that is right are nobody's work.

        Raises:
            StoreAway: they may be.
        """
        listed_at = {version.version_id: version.modified_at for version in listed}
        stored_at = listed_at.pop(_version_of(current), None)
        is_settled = stored_at is not None and self.now() - stored_at >= SETTLED_AFTER
        if listed_at and not is_settled:
            minutes = SETTLED_AFTER // timedelta(minutes=1)
            raise StoreAway(
                "it was wrapped anew a moment ago, perhaps by another run; its earlier versions "
                f"are left, run this again after {minutes} minutes"
            )

    async def _replace(self, place: str, stored: StoredDocument, renewed: bytes) -> StoredDocument:
        """Store a record in place of another one; gives it as it is there."""
        if stored.etag is None:
            raise StoreAway("the store tells no ETag, without which a record is not replaced")
        began_at = self.now()
        condition = Condition(stored.etag)
        await self.store.put(self.bucket, place, renewed, RECORD_TYPE, condition=condition)
        written = await self.store.fetch(self.bucket, place, None, RECORD_BYTES_MAX)
        if written.data != renewed:
            raise ObjectChanged("another one was stored at the same time")
        if written.version_id is None:
            return written
        versions = await self._versions(place)
        is_there = _version_of(stored) in {one.version_id for one in versions}
        if not is_there or any(version.is_marker for version in versions):
            if self.now() - began_at >= LOOK_LIMIT:
                raise StoreAway("it took too long to see whether it was deleted meanwhile")
            await self.store.delete_fetched(FetchedObject.of(self.bucket, place, written))
            raise ObjectChanged("it was deleted at the same time")
        return written

    async def _remove(self, place: str, version_ids: set[str | None]) -> None:
        """Delete some versions of a record."""
        for version_id in version_ids:
            if not self.dry_run:
                await self.store.delete_fetched(FetchedObject(self.bucket, place, version_id, None))
            self.report.removed += 1

    async def _look_at_deleted(self, place: str) -> None:
        """A record that is gone needs no master key, unless earlier versions of it were left."""
        left = [version for version in await self._versions(place) if not version.is_marker]
        if left:
            self._fail(
                place,
                f"it is deleted, and {len(left)} earlier version(s) of it are not; `ocrstream "
                "retention sweep` deletes them when their object is gone",
            )

    async def _versions(self, place: str) -> list[ObjectVersion]:
        """All versions of one record, and the markers of its deletions."""
        found = await asyncio.to_thread(lambda: [*self.list_versions(self.bucket, place)])
        return [version for version in found if version.key == place]

    def _fail(self, place: str, why: str) -> None:
        self.report.failed += 1
        self.tell(f"{place}: {why}")


def _version_of(stored: StoredDocument) -> str:
    """As lists call it."""
    return stored.version_id or _NO_VERSION


def _records(versions: Iterator[ObjectVersion]) -> Iterator[list[ObjectVersion]]:
    """The versions of each record in turn, without markers, which lists have elsewhere."""
    ours = (one for one in versions if not one.is_marker and RECORD_PLACE.fullmatch(one.key))
    for _, same in groupby(ours, key=lambda version: version.key):
        yield [*same]
