"""One suite for every store that can be swept: the real one, and the fake of the unit tests."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from minio.versioningconfig import VersioningConfig

from streams.embedded import ServerAddresses, free_ports
from streams.errors import StoreAway
from streams.settings import Settings
from streams.store.store_admin import ObjectVersion, S3Admin, StoreAdmin, UnfinishedUpload
from tests.fakes.store_admin import MemoryStoreAdmin
from tests.stream import open_stream

KEY = "a folder/é +%41.png"


@dataclass(frozen=True, slots=True)
class Depot:
    """A store with a bucket that keeps versions, and ways around it."""

    admin: StoreAdmin
    bucket: str
    put: Callable[[str], None]
    mark: Callable[[str], None]
    begin: Callable[[str], None]


@pytest.fixture(params=["s3", "memory"])
def depot(request: pytest.FixtureRequest) -> Depot:
    """Each kind of store."""
    if request.param == "memory":
        memory = MemoryStoreAdmin(buckets={"b": []}, parts={"b": []})
        now = datetime.now(UTC)

        def begin_in_memory(key: str) -> None:
            memory.parts["b"].append(UnfinishedUpload(key, f"id of {key}", now))

        return Depot(
            memory,
            "b",
            lambda key: memory.put("b", key, now),
            lambda key: memory.put("b", key, now, is_marker=True),
            begin_in_memory,
        )
    servers: ServerAddresses = request.getfixturevalue("servers")
    stream = asyncio.run(open_stream(servers))
    bucket, client = stream.settings.uploads_bucket, stream.store
    client.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig("Enabled"))

    def put(key: str) -> None:
        client.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b"x"), length=1)

    def begin(key: str) -> None:
        upload_id = client._create_multipart_upload(bucket, key, {})
        client._upload_part(bucket, key, b"x" * 5 * 2**20, {}, upload_id, 1)

    return Depot(
        S3Admin(stream.settings, 1),
        bucket,
        put,
        lambda key: client.remove_object(bucket_name=bucket, object_name=key),
        begin,
    )


def listed(depot: Depot, prefix: str = "") -> list[ObjectVersion]:
    """All versions and markers."""
    return [*depot.admin.versions(depot.bucket, prefix)]


def test_versions_are_all_told_with_their_times(depot: Depot) -> None:
    """Older versions and the marker of a deletion as well, of any key."""
    for _ in range(3):
        depot.put(KEY)
    depot.mark(KEY)
    depot.put("other")
    found = listed(depot, "a folder/")
    assert [version.key for version in found] == [KEY] * 4
    assert sorted(version.is_marker for version in found) == [False] * 3 + [True]
    assert len({version.version_id for version in found}) == 4
    now = datetime.now(UTC)
    assert all(abs(now - version.modified_at) < timedelta(minutes=5) for version in found)


def test_remove_takes_exactly_what_is_named(depot: Depot) -> None:
    """One version of several; then all, and what is gone may be removed again."""
    for _ in range(3):
        depot.put(KEY)
    depot.mark(KEY)
    depot.put("other")
    first, *rest = [version for version in listed(depot) if version.key == KEY]
    assert depot.admin.remove(depot.bucket, [first]) == {}
    assert {v.version_id for v in listed(depot, KEY)} == {v.version_id for v in rest}
    assert depot.admin.remove(depot.bucket, [first, *rest]) == {}
    assert [version.key for version in listed(depot)] == ["other"]


def test_modified_at_is_of_what_is_there(depot: Depot) -> None:
    """None where nothing is, or only a marker."""
    assert depot.admin.modified_at(depot.bucket, KEY) is None
    depot.put(KEY)
    told = depot.admin.modified_at(depot.bucket, KEY)
    assert told is not None
    assert abs(told - listed(depot)[0].modified_at) < timedelta(seconds=1)
    depot.mark(KEY)
    assert depot.admin.modified_at(depot.bucket, KEY) is None


def test_unfinished_uploads_are_told_and_forgotten(depot: Depot) -> None:
    """Each by its exact key; once more does no harm."""
    for key in (KEY, "other"):
        depot.begin(key)
    found = sorted(depot.admin.unfinished(depot.bucket), key=lambda upload: upload.key)
    assert [upload.key for upload in found] == [KEY, "other"]
    assert abs(datetime.now(UTC) - found[0].begun_at) < timedelta(minutes=5)
    for _ in range(2):
        depot.admin.abort(depot.bucket, found[0])
    assert [upload.key for upload in depot.admin.unfinished(depot.bucket)] == ["other"]


def test_has_bucket_tells(depot: Depot) -> None:
    """Ours is there, another one is not."""
    assert depot.admin.has_bucket(depot.bucket)
    assert not depot.admin.has_bucket("no-such-bucket")


async def test_versions_come_page_by_page(servers: ServerAddresses) -> None:
    """More than one page, none told twice, none left out."""
    stream = await open_stream(servers)
    bucket, client = stream.settings.uploads_bucket, stream.store
    for number in range(1_005):
        key = f"{number:04d}"
        client.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b""), length=0)
    found = [version.key for version in S3Admin(stream.settings, 1).versions(bucket, "")]
    assert found == [f"{number:04d}" for number in range(1_005)]


async def test_unfinished_uploads_come_page_by_page(
    servers: ServerAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the store does not say where the next page begins."""
    stream = await open_stream(servers)
    bucket = stream.settings.uploads_bucket
    for number in range(5):
        stream.store._create_multipart_upload(bucket, f"{number}", {})
    monkeypatch.setattr("streams.store.store_admin.PAGE_COUNT", 2)
    found = [upload.key for upload in S3Admin(stream.settings, 1).unfinished(bucket)]
    assert sorted(found) == [f"{number}" for number in range(5)]


def test_store_that_does_not_answer_is_away() -> None:
    """Every method says so, and none that there is nothing."""
    (port,) = free_ports(1)
    admin = S3Admin(Settings.from_environment(s3_endpoint=f"http://127.0.0.1:{port}"), 1)
    version = ObjectVersion("k", "v", datetime.now(UTC), False)
    upload = UnfinishedUpload("k", "u", datetime.now(UTC))
    calls: list[Callable[[], object]] = [
        lambda: admin.has_bucket("b"),
        lambda: [*admin.versions("b", "")],
        lambda: admin.remove("b", [version]),
        lambda: admin.modified_at("b", "k"),
        lambda: [*admin.unfinished("b")],
        lambda: admin.abort("b", upload),
    ]
    for call in calls:
        with pytest.raises(StoreAway):
            call()
