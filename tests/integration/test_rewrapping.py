"""`ocrstream master-keys rewrap` on a store: with versions and without."""

import asyncio
import io
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.cli.main import main
from streams.embedded import ServerAddresses
from streams.settings import PREFIX
from streams.store.rewrapping import SETTLED_AFTER, RewrapReport
from streams.store.s3_store import S3ObjectStore
from tests.stream import Stream, open_stream
from tests.vault import NEW, OLD, SECRET, Vault, open_vault


@pytest.fixture
async def vault(servers: ServerAddresses, tmp_path: Path) -> Vault:
    """One for each test."""
    return await open_vault(servers, tmp_path)


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
    """Also one from before the bucket had versions; not before it must have ended."""
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
    assert ran.code == 1
    assert "failed: 2" in ran.out
    assert "run this again after 15 minutes" in ran.err
    assert len(vault.versions()) == 4
    async with S3ObjectStore(vault.settings, 2) as plain:
        report = await vault.rewrap(plain, [], later=SETTLED_AFTER)
    assert report == RewrapReport(already=2, removed=2, needed=Counter(old=2))
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
