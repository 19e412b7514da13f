"""Deletes from the store whatever is kept too long: the third net of `retention.py`.

    wrapped data keys     first: every copy of an object that escapes us is unreadable from then on
    objects               every version, and the markers of deletions
    multipart uploads     begun and never finished

Each is listed page by page and removed in batches, so that memory stays flat, and at a bounded
rate. A failure is noted, and everything else goes on; an object whose data key may still be there
stays until the next sweep.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from streams.errors import StoreAway
from streams.places import Owned, failed_upload_key
from streams.retention.rules import Area, RetentionClass, RetentionRules
from streams.store.sealed_store import RECORD_PLACE
from streams.store.store_admin import ObjectVersion, StoreAdmin, UnfinishedUpload

T = TypeVar("T")

BATCH_COUNT = 1_000
"""S3 takes no more at once."""

RATE_PER_S = 1_000.0
"""Removals and questions, so that a sweep does not crowd out the documents."""

CONNECTIONS = 8
"""Questions about single objects at the same time."""

ORPHAN_AGE_MIN_S = 86_400.0
"""A data key is stored before its object, which may take long to arrive."""

FAILURES_SHOWN_MAX = 20
LOCKED_MAX = 10_000
"""Objects whose data keys could not be removed; with more, no object is removed at all."""


class Trace(StrEnum):
    """What is left of something."""

    DATA_KEY = "data keys"
    VERSION = "objects"
    MARKER = "delete markers"
    UNFINISHED = "unfinished uploads"


@dataclass
class SweepReport:
    """What a sweep did.

    Attributes:
        removed: How many of each; in a dry run, how many would be.
        looked_at: Versions, data keys and unfinished uploads.
        failure_count: What may be left though its time is over.
        failures: The first of them.
    """

    removed: Counter[tuple[RetentionClass, Trace]] = field(default_factory=Counter)
    looked_at: int = 0
    failure_count: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, why: str, count: int = 1) -> None:
        """Note that something may be left."""
        self.failure_count += count
        if len(self.failures) < FAILURES_SHOWN_MAX:
            self.failures.append(why)


class Pace:
    """Bounds how much is done in a second, on average.

    Args:
        rate_per_s: How much.
        clock: Seconds that never go back.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        rate_per_s: float = RATE_PER_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate_per_s = rate_per_s
        self._clock = clock
        self._sleep = sleep
        self._free_at_s = clock()

    def spend(self, count: int) -> None:
        """Wait for as long as so much takes."""
        now_s = self._clock()
        self._free_at_s = max(self._free_at_s, now_s) + count / self._rate_per_s
        self._sleep(self._free_at_s - now_s)


def sweep(
    admin: StoreAdmin,
    rules: RetentionRules,
    now: datetime,
    dry_run: bool = False,
    pace: Pace | None = None,
) -> SweepReport:
    """Delete whatever is kept too long. May be repeated, and run beside workers and other sweeps.

    Args:
        admin: Where everything lies.
        rules: What is kept how long.
        now: The time.
        dry_run: Only count.
        pace: How fast; None: `RATE_PER_S`.
    """
    with ThreadPoolExecutor(CONNECTIONS, "sweep") as threads:
        own = _Sweep(admin, rules, now, dry_run, pace or Pace(), threads)
        own.remove_data_keys()
        for area in rules.areas:
            if area.kind in rules.ages_s:
                own.remove_objects(area)
        for bucket in sorted({area.bucket for area in rules.areas}):
            own.abort_unfinished(bucket)
        return own.report


@dataclass
class _Sweep:
    admin: StoreAdmin
    rules: RetentionRules
    now: datetime
    dry_run: bool
    pace: Pace
    threads: ThreadPoolExecutor
    report: SweepReport = field(default_factory=SweepReport)
    locked: set[tuple[str, str]] = field(default_factory=set)
    all_locked: bool = False

    def remove_data_keys(self) -> None:
        """Those of objects whose time is over, and of objects that are gone."""
        bucket = self.rules.keys_bucket
        if bucket is None:
            return
        try:
            if not self.admin.has_bucket(bucket):
                return
            for records in _batches(self.admin.versions(bucket, "")):
                self.report.looked_at += len(records)
                useless = self._asked(records, self._class_of_useless, self._lock_object_of)
                for record in self._remove(bucket, useless, are_keys=True):
                    self._lock_object_of(record)
        except StoreAway as err:
            self.all_locked = True
            self.report.fail(f"data keys in {bucket}, so that no object was deleted either: {err}")

    def remove_objects(self, area: Area) -> None:
        """All versions whose time is over, and markers of deletions that long ago."""
        try:
            if not self.admin.has_bucket(area.bucket):
                return
            for versions in _batches(self.admin.versions(area.bucket, area.prefix)):
                self.report.looked_at += len(versions)
                over = [v for v in versions if self._is_over(area, v)]
                kinds = self._asked(over, lambda version: self._class_of_over(area, version))
                self._remove(area.bucket, kinds)
        except StoreAway as err:
            self.report.fail(f"{area.bucket}/{area.prefix}*: {err}")

    def abort_unfinished(self, bucket: str) -> None:
        """Uploads in parts that nobody will finish."""
        try:
            if not self.admin.has_bucket(bucket):
                return
            for upload in self.admin.unfinished(bucket):
                self.report.looked_at += 1
                kind = self.rules.class_of(bucket, upload.key)
                if kind and self.rules.is_given_up(kind, upload.begun_at, self.now):
                    self._abort(bucket, kind, upload)
        except StoreAway as err:
            self.report.fail(f"unfinished uploads of {bucket}: {err}")

    def _abort(self, bucket: str, kind: RetentionClass, upload: UnfinishedUpload) -> None:
        self.pace.spend(1)
        try:
            if not self.dry_run:
                self.admin.abort(bucket, upload)
        except StoreAway as err:
            self.report.fail(f"unfinished upload of {bucket}/{upload.key}: {err}")
        else:
            self.report.removed[kind, Trace.UNFINISHED] += 1

    def _class_of_useless(self, record: ObjectVersion) -> RetentionClass | None:
        """The class of a data key's object, None where the key is still needed or none of ours.

        A key that was wrapped anew is younger than its object, which then tells the age.
        """
        place = RECORD_PLACE.fullmatch(record.key)
        kind = place and self.rules.class_of(place["bucket"], place["key"])
        if place is None or kind is None:
            return None
        bucket, key, put_at = place["bucket"], place["key"], record.modified_at
        if not self.rules.is_over(kind, put_at, self.now):
            if self.now - put_at < timedelta(seconds=ORPHAN_AGE_MIN_S):
                return None
            found = self.admin.modified_at(bucket, key)
            if found is None:
                return kind
            if not self.rules.is_over(kind, found, self.now):
                return None
            put_at = found
        return None if self._is_kept(kind, bucket, key, put_at) else kind

    def _is_over(self, area: Area, version: ObjectVersion) -> bool:
        return self.rules.class_of(area.bucket, version.key) is area.kind and self.rules.is_over(
            area.kind, version.modified_at, self.now
        )

    def _class_of_over(self, area: Area, version: ObjectVersion) -> RetentionClass | None:
        """The class of an object that is over, None where it is kept all the same."""
        if self._is_kept(area.kind, area.bucket, version.key, version.modified_at):
            return None
        if self.all_locked or (area.bucket, version.key) in self.locked:
            raise StoreAway("its data key may still be there")
        return area.kind

    def _is_kept(self, kind: RetentionClass, bucket: str, key: str, modified_at: datetime) -> bool:
        """Whether an upload is kept beyond its time: it may be read, or replayed."""
        if kind is not RetentionClass.UPLOADS:
            return False
        return self._may_be_unread(key, modified_at) or self._may_be_replayed(bucket, key)

    def _may_be_unread(self, key: str, modified_at: datetime) -> bool:
        """Whether nothing shows that an upload was read, and its event may still come."""
        if self.rules.is_hopeless(modified_at, self.now):
            return False
        owned = Owned.of_upload(key)
        if owned is None:  # what it is called depends on its content
            return True
        bucket = self.rules.results_bucket
        places = (owned.outcome_key, owned.tombstone_key)
        return all(self.admin.modified_at(bucket, place) is None for place in places)

    def _may_be_replayed(self, bucket: str, key: str) -> bool:
        """Whether an upload ended as a dead letter that is still kept."""
        noted = self.admin.modified_at(self.rules.results_bucket, failed_upload_key(bucket, key))
        return noted is not None and not self.rules.is_over(
            RetentionClass.DEAD_LETTERS, noted, self.now
        )

    def _asked(
        self,
        versions: Sequence[ObjectVersion],
        class_of: Callable[[ObjectVersion], RetentionClass | None],
        failed: Callable[[ObjectVersion], None] = lambda _: None,
    ) -> dict[ObjectVersion, RetentionClass]:
        """Those that are to go, with their classes; several are asked about at the same time."""

        def ask(version: ObjectVersion) -> RetentionClass | StoreAway | None:
            try:
                return class_of(version)
            except StoreAway as err:
                return err

        self.pace.spend(len(versions))
        found: dict[ObjectVersion, RetentionClass] = {}
        for version, answer in zip(versions, self.threads.map(ask, versions), strict=True):
            if isinstance(answer, StoreAway):
                self.report.fail(f"{version.key}: {answer}")
                failed(version)
            elif answer is not None:
                found[version] = answer
        return found

    def _remove(
        self, bucket: str, kinds: dict[ObjectVersion, RetentionClass], are_keys: bool = False
    ) -> list[ObjectVersion]:
        """Remove a batch, versions before the markers that hide them; gives what may be left."""
        left = []
        for wanted in _versions_first(kinds):
            self.pace.spend(len(wanted))
            try:
                failed = {} if self.dry_run else self.admin.remove(bucket, wanted)
            except StoreAway as err:
                failed = dict.fromkeys(wanted, str(err))
            for version in wanted:
                if version in failed:
                    self.report.fail(f"{bucket}/{version.key}: {failed[version]}")
                    left.append(version)
                else:
                    trace = Trace.MARKER if version.is_marker else Trace.VERSION
                    removed = kinds[version], Trace.DATA_KEY if are_keys else trace
                    self.report.removed[removed] += 1
        return left

    def _lock_object_of(self, record: ObjectVersion) -> None:
        """Keep an object whose data key may still be there."""
        place = RECORD_PLACE.fullmatch(record.key)
        if place is not None:
            self.locked.add((place["bucket"], place["key"]))
            self.all_locked |= len(self.locked) > LOCKED_MAX


def _versions_first(versions: Iterable[ObjectVersion]) -> Iterator[list[ObjectVersion]]:
    both = list(versions)
    for is_marker in (False, True):
        wanted = [version for version in both if version.is_marker is is_marker]
        if wanted:
            yield wanted


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, BATCH_COUNT)):
        yield batch
