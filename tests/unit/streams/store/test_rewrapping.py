"""Data keys that are wrapped anew: which, by what, and what becomes of all others."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from streams.errors import DataKeyDestroyed, MasterKeyUnknown, StoreAway
from streams.store.envelope import Envelope, WrappedKey
from streams.store.master_keys import MasterKeys, new_line
from streams.store.rewrapping import BATCH_COUNT, Rewrapping, RewrapReport
from streams.store.sealed_store import SealedStore
from streams.store.store_admin import ObjectVersion
from tests.fakes.store import MemoryObjectStore, nothing
from tests.fakes.store_admin import START

OLD, NEW = new_line("old"), new_line("new")
BOTH = f"{NEW}\n{OLD}"
SECRET = b"a picture of a passport"


@dataclass
class Vault:
    """A sealed store without versions, and what lies below it.

    Attributes:
        told: What was said of records that failed.
        listed_max: After so many records the store is away.
        ahead_max: The most records that were listed and not fetched yet.
    """

    below: MemoryObjectStore = field(
        default_factory=lambda: MemoryObjectStore(buckets={"b", "keys"})
    )
    told: list[str] = field(default_factory=list)
    listed_max: int = 10**6
    ahead_max: int = 0

    def store(self, keys: str) -> SealedStore:
        """The sealed store by some master keys."""
        return SealedStore(self.below, Envelope(MasterKeys.parse(keys)), "keys")

    async def put(self, keys: str, *names: str) -> None:
        """Put the secret under some names."""
        for name in names:
            await self.store(keys).put("b", name, SECRET, "image/png")

    async def fetch(self, keys: str, name: str) -> bytes:
        """Get it."""
        return (await self.store(keys).fetch("b", name, None, len(SECRET))).data

    async def rewrap(self, keys: str = BOTH, dry_run: bool = False) -> RewrapReport:
        """Wrap all data keys by the first of these."""
        master_keys = MasterKeys.parse(keys)
        run = Rewrapping(self.below, self._versions, "keys", master_keys, self.told.append, dry_run)
        return await run.run()

    def place(self, name: str) -> str:
        """Where the record of an object's data key lies."""
        (place,) = [key for _, key in self.below.objects if key.startswith(f"b/{name}/")]
        return place

    def records(self) -> dict[str, bytes]:
        """All records by their places."""
        return {key: data for (bucket, key), data in self.below.objects.items() if bucket == "keys"}

    def _versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        keys = sorted(key for b, key in self.below.objects if b == bucket)
        for number, key in enumerate(key for key in keys if key.startswith(prefix)):
            if number >= self.listed_max:
                raise StoreAway("away for the sake of a test")
            self.ahead_max = max(self.ahead_max, number + 1 - len(set(self.below.fetched)))
            yield ObjectVersion(key, "null", START, is_marker=False)


async def test_the_older_key_is_not_needed_afterwards() -> None:
    """Objects stay as they are and open by the new key alone; again, there is nothing to do."""
    vault = Vault()
    await vault.put(OLD, "a", "folder/b")
    await vault.put(BOTH, "c")
    objects = {place: data for place, data in vault.below.objects.items() if place[0] == "b"}
    with pytest.raises(MasterKeyUnknown):
        await vault.fetch(NEW, "a")
    assert await vault.rewrap() == RewrapReport(anew=2, already=1, needed=Counter(new=3))
    assert {p: data for p, data in vault.below.objects.items() if p[0] == "b"} == objects
    for name in ("a", "folder/b", "c"):
        assert await vault.fetch(NEW, name) == SECRET
    before = vault.records()
    assert await vault.rewrap(NEW) == RewrapReport(already=3, needed=Counter(new=3))
    assert vault.records() == before
    assert vault.told == []


async def test_a_dry_run_changes_nothing_and_tells_the_same() -> None:
    """But for who is still needed."""
    vault = Vault()
    await vault.put(OLD, "a")
    await vault.put(BOTH, "b")
    before = dict(vault.below.objects)
    report = await vault.rewrap(dry_run=True)
    assert report == RewrapReport(anew=1, already=1, needed=Counter(new=1, old=1))
    assert vault.below.objects == before


async def test_what_cannot_be_unwrapped_is_told_and_left() -> None:
    """Altered, of an unknown key, of another object, too large: the others go on."""
    vault = Vault()
    names = ("cut", "forged", "moved", "large", "unknown", "good")
    await vault.put(OLD, *names[:4], "good")
    await vault.put(new_line("lost"), "unknown")
    records = {name: vault.place(name) for name in names}
    keep = vault.below.objects
    keep["keys", records["cut"]] = keep["keys", records["cut"]][:-1]
    forged = WrappedKey.decode(keep["keys", records["forged"]])
    wrapped = bytes([forged.wrapped[0] ^ 1]) + forged.wrapped[1:]
    keep["keys", records["forged"]] = WrappedKey(
        forged.key_id, "old", forged.fingerprint, forged.nonce, wrapped
    ).encode()
    keep["keys", records["moved"]] = keep["keys", records["good"]]
    keep["keys", records["large"]] = b"x" * 2_000
    before = vault.records()
    report = await vault.rewrap()
    assert (report.anew, report.already, report.failed) == (1, 0, 5)
    assert report.needed == {"new": 1, "old": 2, "lost": 1}
    assert sorted(line.partition(":")[0] for line in vault.told) == sorted(
        records[name] for name in names[:-1]
    )
    after = vault.records()
    assert [place for place in after if after[place] != before[place]] == [records["good"]]
    assert await vault.fetch(NEW, "good") == SECRET


async def test_the_record_of_another_data_key_of_the_same_object_is_told() -> None:
    """It opens, and yet would not open the object."""
    vault = Vault()
    await vault.put(OLD, "a")
    place = vault.place("a")
    other = f"b/a/{'0' * 32}"
    vault.below.objects["keys", other] = vault.below.objects["keys", place]
    report = await vault.rewrap()
    assert (report.anew, report.failed) == (1, 1)
    assert vault.told[0].startswith(other)


async def test_another_key_of_the_first_ones_name_is_no_match() -> None:
    """Whoever made a new key under the old name is told so, and nothing is lost."""
    vault = Vault()
    await vault.put(OLD, "a")
    report = await vault.rewrap(new_line("old"))
    assert (report.already, report.failed, report.needed) == (0, 1, {"old": 1})
    assert "another one" in vault.told[0]
    assert await vault.fetch(OLD, "a") == SECRET


async def test_what_is_no_record_is_passed_over() -> None:
    """Others may have put something there."""
    vault = Vault()
    for key in ("readme", "b/k/short", f"/k/{'0' * 32}"):
        vault.below.objects["keys", key] = b"something"
    assert await vault.rewrap() == RewrapReport()


async def test_a_deletion_at_the_same_time_is_not_undone() -> None:
    """The record goes between the look at it and the write."""
    vault = Vault()
    await vault.put(OLD, "a", "b")
    kept = vault.below.objects["b", "a"]

    async def delete() -> None:
        vault.below.meanwhile = nothing
        await vault.store(BOTH).delete("b", "a")

    vault.below.meanwhile = delete
    assert await vault.rewrap() == RewrapReport(anew=1, needed=Counter(new=1))
    vault.below.objects["b", "a"] = kept
    with pytest.raises(DataKeyDestroyed):
        await vault.fetch(BOTH, "a")
    assert vault.told == []


async def test_two_runs_at_once_leave_one_record() -> None:
    """The slower one finds that it is done."""
    vault = Vault()
    await vault.put(OLD, "a")
    reports = []

    async def overtake() -> None:
        vault.below.meanwhile = nothing
        reports.append(await vault.rewrap())

    vault.below.meanwhile = overtake
    reports.append(await vault.rewrap())
    assert [(report.anew, report.already) for report in reports] == [(1, 0), (0, 1)]
    assert await vault.fetch(NEW, "a") == SECRET


async def test_a_record_that_never_rests_is_given_up() -> None:
    """It is told, and not waited for without end."""
    vault = Vault()
    await vault.put(OLD, "a")
    place = ("keys", vault.place("a"))

    async def change() -> None:
        key = Envelope(MasterKeys.parse(OLD)).unwrap(vault.below.objects[place], b"b/a")
        (master,) = MasterKeys.parse(OLD).keys
        vault.below.objects[place] = WrappedKey.wrap(key, master, b"b/a").encode()

    vault.below.meanwhile = change
    report = await vault.rewrap()
    assert (report.anew, report.failed) == (0, 1)
    assert "changes" in vault.told[0]


async def test_a_store_that_is_away_leaves_the_rest_to_the_next_run() -> None:
    """One record is told by its place, a list that ends early by its bucket."""
    vault = Vault()
    await vault.put(OLD, *"abcd")
    vault.below.away_count = 1
    report = await vault.rewrap()
    assert (report.anew, report.failed) == (3, 1)
    assert "away" in vault.told[0]
    assert (await vault.rewrap()).anew == 1
    vault.listed_max = 2
    report = await vault.rewrap()
    assert report.failed == 1
    assert vault.told[-1].startswith("keys: not all")


async def test_more_records_than_are_listed_at_once() -> None:
    """None is passed over, and they are not all held at once."""
    vault = Vault()
    await vault.put(OLD, "a")
    record, envelope = vault.below.objects.pop(("keys", vault.place("a"))), MasterKeys.parse(OLD)
    key = Envelope(envelope).unwrap(record, b"b/a")
    for number in range(2 * BATCH_COUNT + 1):
        name = f"b/{number}"
        wrapped = WrappedKey.wrap(key, envelope.current, name.encode()).encode()
        vault.below.objects["keys", f"{name}/{key.id}"] = wrapped
    assert (await vault.rewrap()).anew == 2 * BATCH_COUNT + 1
    assert vault.ahead_max <= BATCH_COUNT + 1  # to see where a record's versions end
