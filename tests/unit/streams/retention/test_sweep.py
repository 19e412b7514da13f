"""The sweep, on a store in memory and a clock that stands still."""

import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from streams.places import Owned, failed_upload_key
from streams.retention.rules import RetentionClass, RetentionRules
from streams.retention.sweep import Pace, SweepReport, Trace, sweep
from streams.settings import Settings
from streams.store.store_admin import ObjectVersion, UnfinishedUpload
from tests.fakes.clock import FakeClock
from tests.fakes.store_admin import START, MemoryStoreAdmin

DAY = timedelta(days=1)
RESULTS = "ocr-results"
KEY_ID = "0123456789abcdef" * 2
RETAIN = {
    "retain_uploads_s": 86_400,
    "retain_results_s": 86_400,
    "retain_dead_letters_s": 5 * 86_400,
    "retain_pictures_s": 86_400,
}


def fast() -> Pace:
    """A pace that holds nobody up."""
    return Pace(sleep=lambda _: None)


def swept(
    admin: MemoryStoreAdmin, days: float, dry_run: bool = False, **settings: object
) -> SweepReport:
    """Sweep so many days after the start."""
    rules = RetentionRules.of(Settings.from_environment(**{**RETAIN, **settings}))
    return sweep(admin, rules, START + days * DAY, dry_run, fast())


def test_sweep_removes_what_is_over_and_nothing_else() -> None:
    """Every version and marker of every class; younger ones, API keys and strangers stay."""
    admin = MemoryStoreAdmin()
    for key in ("a.png", "a.png", "b.png"):
        admin.put("uploads", key)
    admin.put("uploads", "a.png", is_marker=True)
    admin.put("uploads", "a.png", START + 9 * DAY)
    gone = ["documents/default/1.json", "results/1/2.json", "raw/1/2.json"]
    gone += ["dead-letters/1.bin", "pictures/default/1/1.jpg"]
    kept = ["access/keys/1.json", "else/1"]
    for key in (*gone, *kept):
        admin.put(RESULTS, key)
    report = swept(admin, 9.5)
    assert admin.keys("uploads") == ["a.png"]
    assert admin.keys(RESULTS) == kept
    assert report.failure_count == 0
    assert report.removed[RetentionClass.UPLOADS, Trace.VERSION] == 3
    assert report.removed[RetentionClass.UPLOADS, Trace.MARKER] == 1
    assert report.removed[RetentionClass.RESULTS, Trace.VERSION] == 3


def test_sweep_leaves_classes_without_a_setting() -> None:
    """Absent means for ever."""
    admin = MemoryStoreAdmin()
    admin.put("uploads", "a.png")
    admin.put(RESULTS, "results/1/2.json")
    swept(admin, 9999, retain_uploads_s=None)
    assert (admin.keys("uploads"), admin.keys(RESULTS)) == (["a.png"], [])


def test_sweep_in_a_dry_run_only_counts() -> None:
    """The same numbers, and everything is there afterwards."""
    admin = MemoryStoreAdmin(parts={"uploads": [UnfinishedUpload("half", "id", START)]})
    for bucket, key in (("uploads", "a.png"), ("ocr-keys", f"uploads/a.png/{KEY_ID}")):
        admin.put(bucket, key)
    told = swept(admin, 10, dry_run=True).removed
    assert admin.keys("uploads") == ["a.png"]
    assert len(admin.keys("ocr-keys")) == len(admin.parts["uploads"]) == 1
    assert told == swept(admin, 10).removed
    assert sum(told.values()) == 3


def test_sweep_keeps_uploads_that_may_be_replayed() -> None:
    """With their data keys, for as long as dead letters are kept, counted from the dead letter."""
    admin = MemoryStoreAdmin()
    admin.put("uploads", "failed.png")
    admin.put("ocr-keys", f"uploads/failed.png/{KEY_ID}")
    admin.put(RESULTS, failed_upload_key("uploads", "failed.png"), START + 2 * DAY)
    swept(admin, 8.9, retain_dead_letters_s=7 * 86_400)
    assert admin.keys("uploads") == ["failed.png"]
    assert len(admin.keys("ocr-keys")) == 1
    swept(admin, 9.1, retain_dead_letters_s=7 * 86_400)
    assert admin.keys("uploads") == admin.keys("ocr-keys") == admin.keys(RESULTS) == []


def test_sweep_leaves_what_may_be_unread() -> None:
    """A week longer, but for the gateway's uploads whose outcome is known, or that were deleted."""
    admin = MemoryStoreAdmin()
    read, deleted, waiting = (Owned("", digit * 32) for digit in "123")
    for owned in (read, deleted, waiting):
        admin.put("uploads", owned.upload_key)
    admin.put("uploads", "direct.png")
    admin.put(RESULTS, read.outcome_key)
    admin.put(RESULTS, deleted.tombstone_key)
    swept(admin, 7.9, retain_results_s=30 * 86_400)
    assert sorted(admin.keys("uploads")) == [waiting.upload_key, "direct.png"]
    swept(admin, 8.1, retain_results_s=30 * 86_400)
    assert admin.keys("uploads") == []


def test_sweep_destroys_data_keys_before_objects() -> None:
    """Whatever happens next, copies are unreadable already."""
    admin = MemoryStoreAdmin()
    admin.put("uploads", "a/b.png")
    admin.put("ocr-keys", f"uploads/a/b.png/{KEY_ID}")
    swept(admin, 10)
    assert admin.removed == [f"uploads/a/b.png/{KEY_ID}", "a/b.png"]


@pytest.mark.parametrize("fault", ["stubborn", "mute"])
def test_sweep_keeps_an_object_whose_data_key_may_be_there(fault: str) -> None:
    """Its failure is told, and the others go."""
    admin = MemoryStoreAdmin()
    for key in ("a.png", "b.png"):
        admin.put("uploads", key)
        admin.put("ocr-keys", f"uploads/{key}/{KEY_ID}")
    if fault == "stubborn":
        admin.stubborn.add(f"uploads/a.png/{KEY_ID}")
    else:
        admin.mute.add(failed_upload_key("uploads", "a.png"))
    report = swept(admin, 10)
    assert admin.keys("uploads") == ["a.png"]
    assert report.failure_count == 2
    admin.stubborn.clear()
    admin.mute.clear()
    assert swept(admin, 10).failure_count == 0
    assert admin.keys("uploads") == admin.keys("ocr-keys") == []


def test_sweep_deletes_no_object_while_the_keys_cannot_be_listed() -> None:
    """Nothing is known of any data key then."""
    admin = MemoryStoreAdmin(buckets={"ocr-keys": []}, mute={"ocr-keys"})
    admin.put("uploads", "a.png")
    assert swept(admin, 10).failure_count == 2
    assert admin.keys("uploads") == ["a.png"]


def test_sweep_destroys_data_keys_of_objects_that_are_gone() -> None:
    """A day after they were made; one of a class that is kept for ever stays with its object."""
    admin = MemoryStoreAdmin()
    admin.put("uploads", "there.png")
    for key in ("there.png", "gone.png"):
        admin.put("ocr-keys", f"uploads/{key}/{KEY_ID}")
    admin.put("ocr-keys", "no key of ours")
    swept(admin, 0.9, retain_uploads_s=None)
    assert len(admin.keys("ocr-keys")) == 3
    swept(admin, 1.1, retain_uploads_s=None)
    assert admin.keys("ocr-keys") == ["no key of ours", f"uploads/there.png/{KEY_ID}"]


def test_sweep_counts_the_age_of_a_data_key_that_was_wrapped_anew_by_its_object() -> None:
    """It goes before its object, or a day after: not a whole retention time later."""
    admin = MemoryStoreAdmin()
    for key, wrapped_at in (("early.json", 2.5), ("late.json", 3.5)):
        admin.put(RESULTS, f"results/{key}")
        admin.put("ocr-keys", f"{RESULTS}/results/{key}/{KEY_ID}", START + wrapped_at * DAY)
    three_days = 3 * 86_400
    swept(admin, 2.9, retain_results_s=three_days)
    assert len(admin.keys("ocr-keys")) == len(admin.keys(RESULTS)) == 2
    swept(admin, 4, retain_results_s=three_days)
    assert admin.keys("ocr-keys") == [f"{RESULTS}/results/late.json/{KEY_ID}"]
    assert admin.keys(RESULTS) == []
    assert admin.removed[0] == f"{RESULTS}/results/early.json/{KEY_ID}"
    swept(admin, 5, retain_results_s=three_days)
    assert admin.keys("ocr-keys") == []


def test_sweep_goes_on_after_failures() -> None:
    """What cannot be removed or listed is told; everything else goes."""
    admin = MemoryStoreAdmin(
        parts={"uploads": [UnfinishedUpload(key, "id", START) for key in ("half", "other")]},
        stubborn={"a.png", "half"},
        mute={"lost"},
        buckets={"lost": []},
    )
    for key in ("a.png", "b.png"):
        admin.put("uploads", key)
    admin.put(RESULTS, "results/1/2.json")
    report = swept(admin, 10, allowed_sources="lost,uploads")
    assert admin.keys("uploads") == ["a.png"]
    assert [upload.key for upload in admin.parts["uploads"]] == ["half"]
    assert admin.keys(RESULTS) == []
    assert report.failure_count == len(report.failures) == 3


def test_sweep_needs_no_bucket() -> None:
    """A bucket that is not there holds nothing."""
    assert swept(MemoryStoreAdmin(), 3).failure_count == 0


class EndlessShelf(MemoryStoreAdmin):
    """A bucket with objects that are made when they are listed."""

    count = 100_000

    def versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        """See `StoreAdmin`."""
        if bucket == "uploads" and not prefix:
            for number in range(self.count):
                yield ObjectVersion(f"{number:08d}.png", "null", START, False)

    def remove(self, bucket: str, versions: Sequence[ObjectVersion]) -> dict[ObjectVersion, str]:
        """See `StoreAdmin`."""
        self.batch_max = max(self.batch_max, len(versions))
        return {}


def test_sweep_takes_memory_for_a_batch_only() -> None:
    """A hundred thousand objects need no more than a few batches."""
    admin = EndlessShelf(buckets={"uploads": []})
    tracemalloc.start()
    report = swept(admin, 10)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.removed[RetentionClass.UPLOADS, Trace.VERSION] == EndlessShelf.count
    assert admin.batch_max == 1_000
    assert peak_bytes < 8 * 2**20


def test_pace_bounds_the_rate_on_average() -> None:
    """What is spent must be waited for; idle time is not saved up."""
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        clock.time_s += seconds

    pace = Pace(100, clock, sleep)
    started_at_s = clock()
    for _ in range(10):
        pace.spend(50)
    assert clock() - started_at_s == pytest.approx(5)
    clock.time_s += 1000
    pace.spend(100)
    assert clock() - started_at_s == pytest.approx(1006)
