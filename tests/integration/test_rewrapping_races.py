"""Data keys that are wrapped anew beside deletions, and by two runs at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from streams.errors import DataKeyDestroyed
from streams.store.object_store import Condition
from streams.store.rewrapping import SETTLED_AFTER
from streams.store.s3_store import S3ObjectStore
from streams.store.sealed_store import OpenStore
from streams.store.transfers import NO_METADATA, Metadata
from tests.vault import NEW, OLD, SECRET, Vault, open_vault

PUT_DELAY_S_MAX = 0.1
"""Of a deletion's steps some come before a write, and some after."""


@pytest.fixture
async def vault(servers: ServerAddresses, tmp_path: Path) -> Vault:
    """One for each test."""
    return await open_vault(servers, tmp_path)


class StagedStore(S3ObjectStore):
    """A store in which something happens before an object is stored, and after.

    Attributes:
        looks_first: It looks at the condition, and stores later whatever has come between.
    """

    looks_first = False

    async def put(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str,
        metadata: Metadata = NO_METADATA,
        *,
        condition: Condition | None = None,
    ) -> None:
        """See `ObjectStore`."""
        assert condition is not None
        await self.before_put(key)
        asked = None if self.looks_first else condition
        await super().put(bucket, key, data, content_type, metadata, condition=asked)
        await self.after_put()

    async def before_put(self, key: str) -> None:
        """What happens between the look at the condition and the storing."""

    async def after_put(self) -> None:
        """What happens right after."""


class RacingStore(StagedStore):
    """A store in which every other object is deleted while its data key is wrapped anew.

    Attributes:
        deletions: By names of objects.
        delete_object: Deletes an object, its data key first.
    """

    deletions: dict[str, asyncio.Task[None]]
    delete_object: Callable[[str], Awaitable[None]]

    async def before_put(self, key: str) -> None:
        """See `StagedStore`."""
        name = key.split("/")[1]
        if int(name) % 2 == 0 and name not in self.deletions:
            self.deletions[name] = asyncio.create_task(self._delete_soon(name))
        await asyncio.sleep(random.uniform(0, PUT_DELAY_S_MAX))

    async def _delete_soon(self, name: str) -> None:
        await asyncio.sleep(random.uniform(0, PUT_DELAY_S_MAX / 2))
        await self.delete_object(name)


@pytest.mark.parametrize("has_versions", [False, True])
async def test_deletions_at_the_same_time_are_not_undone(vault: Vault, has_versions: bool) -> None:
    """Nothing is left of a record that is deleted while it is wrapped anew; the others are."""
    if has_versions:
        vault.set_versions()
    names = [f"{number:03}" for number in range(100)]
    await vault.put(*names)
    vault.set_keys(NEW, OLD)
    async with RacingStore(vault.settings, 32) as store, OpenStore(vault.settings, 16) as others:
        store.deletions = {}
        store.delete_object = partial(others.delete, vault.settings.uploads_bucket)
        await vault.rewrap(store, [])
        await asyncio.gather(*store.deletions.values())
        assert len(store.deletions) == len(names) / 2
        report = await vault.rewrap(store, [], later=SETTLED_AFTER)
    assert (report.anew, report.already, report.failed) == (0, len(names) / 2, 0)
    left = [version.key.split("/")[1] for version in vault.versions()]
    assert left == names[1::2]


class OvertakenStore(StagedStore):
    """A store in which something happens once, right after something was stored.

    Attributes:
        overtake: What happens.
    """

    overtake: Callable[[], Awaitable[object]]
    _is_overtaken = False

    async def after_put(self) -> None:
        """See `StagedStore`."""
        if not self._is_overtaken:
            self._is_overtaken = True
            await self.overtake()


async def test_a_run_that_is_overtaken_by_another_loses_nothing(vault: Vault) -> None:
    """The other one finds the record right, and leaves the versions to whoever made it so."""
    vault.set_versions()
    await vault.put("a")
    vault.set_keys(NEW, OLD)
    told: list[str] = []
    async with (
        OvertakenStore(vault.settings, 2) as store,
        S3ObjectStore(vault.settings, 2) as other,
    ):
        store.overtake = partial(vault.rewrap, other, told)
        report = await vault.rewrap(store, [])
    assert (report.anew, report.removed, report.failed) == (1, 1, 0)
    assert len(told) == 1
    assert "by another run" in told[0]
    vault.set_keys(NEW)
    assert await vault.fetch("a") == SECRET


@pytest.mark.parametrize("has_versions", [False, True])
async def test_two_runs_at_once_lose_nothing(vault: Vault, has_versions: bool) -> None:
    """Each record is wrapped by one of them, or by both; what they leave goes later."""
    if has_versions:
        vault.set_versions()
    names = [f"{number:03}" for number in range(60)]
    await vault.put(*names)
    vault.set_keys(NEW, OLD)
    async with S3ObjectStore(vault.settings, 32) as one, S3ObjectStore(vault.settings, 32) as two:
        await asyncio.gather(vault.rewrap(one, []), vault.rewrap(two, []))
        report = await vault.rewrap(one, [], later=SETTLED_AFTER)
    assert (report.anew, report.already, report.failed) == (0, len(names), 0)
    assert len(vault.versions()) == len(names)
    vault.set_keys(NEW)
    for name in names:
        assert await vault.fetch(name) == SECRET


class LateStore(StagedStore):
    """A store that looks at a condition first and stores later, as SeaweedFS does with versions.

    Attributes:
        between: What happens in between.
    """

    looks_first = True
    between: Callable[[], None]

    async def before_put(self, key: str) -> None:
        """See `StagedStore`."""
        await asyncio.to_thread(self.between)


def steps_of_a_deletion(vault: Vault) -> list[Callable[[], None]]:
    """Of the only record: the marker, the versions that were there then, the marker's removal."""
    store, bucket = vault.stream.store, vault.settings.keys_bucket
    found = vault.versions()
    key = found[0].key

    def mark() -> None:
        store.remove_object(bucket, key)
        found[:] = vault.versions()

    def remove(is_marker: bool) -> None:
        for version in found:
            if version.is_marker is is_marker:
                store.remove_object(bucket, key, version_id=version.version_id)

    return [mark, lambda: remove(is_marker=False), lambda: remove(is_marker=True)]


@pytest.mark.parametrize("step_count", [1, 2, 3])
async def test_what_was_stored_after_a_deletion_is_deleted_again(
    vault: Vault, step_count: int
) -> None:
    """However far the deletion was when a store that looks before it stores had stored."""
    vault.set_versions()
    await vault.put("a")
    vault.set_keys(NEW, OLD)
    steps = steps_of_a_deletion(vault)

    def begin() -> None:
        for step in steps[:step_count]:
            step()

    told: list[str] = []
    async with LateStore(vault.settings, 2) as store:
        store.between = begin
        report = await vault.rewrap(store, told)
    assert (report.anew, report.already, report.removed) == (0, 0, 0)
    for step in steps[step_count:]:
        step()
    assert vault.versions() == []
    with pytest.raises(DataKeyDestroyed):
        await vault.fetch("a")
