"""`ocrstream master-keys rewrap` on a store: with versions and without, beside deletions."""

import asyncio
import io
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from minio.versioningconfig import VersioningConfig

from streams.cli.main import main
from streams.embedded import ServerAddresses
from streams.errors import DataKeyDestroyed
from streams.places import BYTES
from streams.settings import PREFIX, Settings
from streams.store.master_keys import MasterKeys, new_line
from streams.store.object_store import Condition
from streams.store.rewrapping import Rewrapping, RewrapReport
from streams.store.s3_store import S3ObjectStore
from streams.store.sealed_store import OpenStore
from streams.store.store_admin import ObjectVersion, S3Admin
from streams.store.transfers import NO_METADATA, Metadata
from tests.stream import Stream, open_stream

OLD, NEW = new_line("old"), new_line("new")
SECRET = b"a picture of a passport"
PUT_DELAY_S_MAX = 0.1
"""Of a deletion's steps some come before a write, and some after."""


@dataclass(frozen=True, slots=True)
class Vault:
    """A stream whose objects are encrypted.

    Attributes:
        stream: Its servers and names.
        file: Master keys, at first the old one.
    """

    stream: Stream
    file: Path

    @property
    def settings(self) -> Settings:
        """Of the stream."""
        return self.stream.settings

    def set_keys(self, *lines: str) -> None:
        """Write the file of master keys."""
        self.file.unlink(missing_ok=True)
        self.file.write_text("\n".join(lines))
        self.file.chmod(0o400)

    def set_versions(self) -> None:
        """From now on the bucket of data keys keeps versions."""
        self.stream.store.set_bucket_versioning(
            bucket_name=self.settings.keys_bucket, config=VersioningConfig("Enabled")
        )

    async def put(self, *names: str) -> None:
        """Put the secret under some names."""
        async with OpenStore(self.settings, 8) as store:
            bucket = self.settings.uploads_bucket
            await asyncio.gather(*(store.put(bucket, name, SECRET, BYTES) for name in names))

    async def fetch(self, name: str) -> bytes:
        """Get it."""
        async with OpenStore(self.settings, 1) as store:
            return (await store.fetch(self.settings.uploads_bucket, name, None, 1_000)).data

    async def delete(self, name: str) -> None:
        """Delete the object, its data key first."""
        async with OpenStore(self.settings, 1) as store:
            await store.delete(self.settings.uploads_bucket, name)

    def versions(self, name: str = "") -> list[ObjectVersion]:
        """Versions and markers of the records of an object, or of all."""
        place = f"{self.settings.uploads_bucket}/{name}"
        return [*S3Admin(self.settings, 1).versions(self.settings.keys_bucket, place)]

    async def rewrap(self, store: S3ObjectStore, told: list[str]) -> RewrapReport:
        """Wrap all data keys anew, with a store of the test's own."""
        keys, versions = MasterKeys.read(self.file), S3Admin(self.settings, 16).versions
        return await Rewrapping(store, versions, self.settings.keys_bucket, keys, told.append).run()


@pytest.fixture
async def vault(servers: ServerAddresses, tmp_path: Path) -> Vault:
    """One for each test."""
    file = tmp_path / "master-keys"
    file.write_text(OLD)
    file.chmod(0o400)
    bucket = f"keys-{random.randbytes(5).hex()}"
    stream = await open_stream(servers, master_keys_file=str(file), keys_bucket=bucket)
    return Vault(stream, file)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call `ocrstream master-keys rewrap` with some arguments, for some stream."""

    def call(stream: Stream, *arguments: str) -> Ran:
        for name, value in stream.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["ocrstream", "master-keys", "rewrap", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return call


async def in_thread(run: Run, stream: Stream, *arguments: str) -> Ran:
    """A command has an event loop of its own."""
    return await asyncio.to_thread(run, stream, *arguments)


@pytest.mark.parametrize("has_versions", [False, True])
async def test_the_older_key_can_be_removed_afterwards(
    vault: Vault, run: Run, has_versions: bool
) -> None:
    """No version of any record needs it; everything can be read by the new one alone."""
    if has_versions:
        vault.set_versions()
    names = ("a", "folder/b", "folder/é +%41", "folder/b/c")
    await vault.put(*names)
    vault.set_keys(NEW, OLD)
    await vault.put("later")
    before = vault.versions()
    ran = await in_thread(run, vault.stream, "--dry-run")
    assert "4 would be wrapped anew, 1 were already" in ran.out
    assert "master key old: 4 record(s)" in ran.out
    assert (ran.code, vault.versions()) == (0, before)
    ran = await in_thread(run, vault.stream)
    assert ran.code == 0, ran.err
    assert "records: 4 wrapped anew, 1 were already" in ran.out
    assert f"earlier versions of records: {4 if has_versions else 0} deleted" in ran.out
    assert "master key new: 5 record(s)" in ran.out
    assert "master key old: 0 record(s)" in ran.out
    assert len(vault.versions()) == 5
    vault.set_keys(NEW)
    for name in (*names, "later"):
        assert await vault.fetch(name) == SECRET
    ran = await in_thread(run, vault.stream)
    assert "records: 0 wrapped anew, 5 were already" in ran.out


async def test_a_record_that_needs_an_unknown_key_ends_with_1(vault: Vault, run: Run) -> None:
    """Which one, and where; the others are done all the same."""
    await vault.put("lost")
    vault.set_keys(NEW)
    await vault.put("good")
    ran = await in_thread(run, vault.stream)
    assert ran.code == 1
    assert "master key old, which is not in MASTER_KEYS_FILE: 1 record(s)" in ran.out
    assert "failed: 1" in ran.out
    assert f"failed: {vault.settings.uploads_bucket}/lost/" in ran.err
    assert "Traceback" not in ran.err


async def test_without_master_keys_there_is_nothing_to_do(
    servers: ServerAddresses, run: Run
) -> None:
    """That is a wrong call, and no success; so is a bucket that is not there."""
    stream = await open_stream(servers)
    ran = await in_thread(run, stream)
    assert ran.code == 2
    assert f"{PREFIX}MASTER_KEYS_FILE" in ran.err


async def test_earlier_versions_that_an_interrupted_run_left_are_deleted(
    vault: Vault, run: Run
) -> None:
    """Also one from before the bucket had versions."""
    await vault.put("a")
    vault.set_versions()
    await vault.put("b")
    for version in vault.versions():
        store, bucket = vault.stream.store, vault.settings.keys_bucket
        with store.get_object(bucket_name=bucket, object_name=version.key) as answer:
            record = answer.read()
        store.put_object(bucket, version.key, io.BytesIO(record), len(record))
    assert len(vault.versions()) == 4
    ran = await in_thread(run, vault.stream)
    assert ran.code == 0, ran.err
    assert "earlier versions of records: 2 deleted" in ran.out
    vault.set_keys(NEW, OLD)
    ran = await in_thread(run, vault.stream)
    assert "records: 2 wrapped anew" in ran.out
    assert len(vault.versions()) == 2
    assert await vault.fetch("a") == await vault.fetch("b") == SECRET


async def test_what_was_put_before_the_bucket_had_versions_is_wrapped(vault: Vault) -> None:
    """Its only version has no id, and goes all the same."""
    await vault.put("a")
    vault.set_versions()
    vault.set_keys(NEW, OLD)
    told: list[str] = []
    async with S3ObjectStore(vault.settings, 2) as store:
        assert (await vault.rewrap(store, told)).removed == 1
    assert (len(vault.versions()), told) == (1, [])
    assert await vault.fetch("a") == SECRET


async def test_what_an_interrupted_deletion_left_is_told(vault: Vault, run: Run) -> None:
    """Nobody but the sweep knows whether its object is gone."""
    vault.set_versions()
    await vault.put("a")
    vault.set_keys(NEW, OLD)
    (version,) = vault.versions()
    vault.stream.store.remove_object(vault.settings.keys_bucket, version.key)
    ran = await in_thread(run, vault.stream)
    assert ran.code == 1
    assert "it is deleted, and 1 earlier version(s) of it are not" in ran.err
    assert version in vault.versions()


class RacingStore(S3ObjectStore):
    """A store in which every other object is deleted while its data key is wrapped anew.

    Attributes:
        deletions: By names of objects.
        delete_object: Deletes an object, its data key first.
    """

    deletions: dict[str, asyncio.Task[None]]
    delete_object: Callable[[str], Awaitable[None]]

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
        name = key.split("/")[1]
        if int(name) % 2 == 0 and name not in self.deletions:
            self.deletions[name] = asyncio.create_task(self._delete_soon(name))
        await asyncio.sleep(random.uniform(0, PUT_DELAY_S_MAX))
        await super().put(bucket, key, data, content_type, metadata, condition=condition)

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
        report = await vault.rewrap(store, [])
    assert (report.anew, report.already, report.failed) == (0, len(names) / 2, 0)
    left = [version.key.split("/")[1] for version in vault.versions()]
    assert left == names[1::2]


class LateStore(S3ObjectStore):
    """A store that looks at a condition first and stores later, as SeaweedFS does with versions.

    Attributes:
        between: What happens in between.
    """

    between: Callable[[], None]

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
        await asyncio.to_thread(self.between)
        await super().put(bucket, key, data, content_type, metadata)


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
