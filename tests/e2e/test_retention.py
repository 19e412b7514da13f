"""Nothing is left of a picture whose time is over: neither its bytes nor its name.

Where bytes are allowed to be is nowhere; a name stays on the topics, because events and results
say by it what they are about.
"""

import asyncio
import io
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import orjson
import pytest
from minio.versioningconfig import VersioningConfig

from streams.embedded import ServerAddresses
from streams.errors import DataKeyDestroyed
from streams.places import failed_upload_key
from streams.provision import existing_topics
from streams.retention.rules import RetentionRules
from streams.retention.sweep import Pace, SweepReport, sweep
from streams.store.master_keys import new_line
from streams.store.sealed_store import OpenStore
from streams.store.store_admin import S3Admin
from tests.fakes.clock import FakeClock
from tests.gateway import QUICK_WORKER, GatewayClient, client_of, gateway_process
from tests.stream import PARTITION_COUNT, Stream, open_stream, wait_until, worker_process

DAY_S = 86_400.0
MEBIBYTE = 2**20
SAYS = "what was read"


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes and a name that nothing else in the world has.

    Attributes:
        pattern: Its bytes are this, again and again.
        name: Part of its key.
    """

    pattern: bytes
    name: str

    @classmethod
    def new(cls) -> "Picture":
        """One that never was."""
        return cls(secrets.token_hex(16).encode(), f"name-{secrets.token_hex(8)}")

    def data(self, size_bytes: int = 2_000, end: bytes = b"") -> bytes:
        """What the gateway takes for a PDF."""
        body = self.pattern * (size_bytes // len(self.pattern) + 1)
        return b"%PDF- " + body[: size_bytes - len(end)] + end


@dataclass(frozen=True, slots=True)
class Site:
    """A stream, its worker's and gateway's folder, and the bucket that keeps versions."""

    stream: Stream
    url: str
    folder: Path
    versions_bucket: str

    @property
    def buckets(self) -> list[str]:
        """All that there are."""
        settings = self.stream.settings
        own = [settings.uploads_bucket, settings.results_bucket, self.versions_bucket]
        return [*own, *([settings.keys_bucket] if settings.master_keys_file else [])]

    def sweep(self, now_s: float) -> SweepReport:
        """Sweep at a time, in seconds since 1970."""
        settings = self.stream.settings
        rules = RetentionRules.of(settings)
        now = datetime.fromtimestamp(now_s, UTC)
        return sweep(S3Admin(settings, 8), rules, now, pace=Pace(rate_per_s=10_000))


@pytest.fixture(params=["in the clear", "encrypted"])
def site(
    request: pytest.FixtureRequest,
    servers: ServerAddresses,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """Gateway and worker as processes, objects in the clear or encrypted by us."""
    versions_bucket = f"versions-{uuid.uuid4().hex[:10]}"
    uploads_bucket = f"uploads-{uuid.uuid4().hex[:10]}"
    more = {
        "uploads_bucket": uploads_bucket,
        "allowed_sources": f"{uploads_bucket},{versions_bucket}",
        "retain_uploads_s": str(DAY_S),
        "retain_results_s": str(2 * DAY_S),
        "retain_dead_letters_s": str(10 * DAY_S),
        "retain_pictures_s": str(DAY_S),
    }
    if request.param == "encrypted":
        keys_file = tmp_path / "master-keys"
        keys_file.write_text(new_line("test"))
        keys_file.chmod(0o600)
        more |= {
            "master_keys_file": str(keys_file),
            "keys_bucket": f"keys-{uuid.uuid4().hex[:10]}",
        }
    stream = asyncio.run(open_stream(servers, PARTITION_COUNT, **more))
    stream.store.make_bucket(bucket_name=versions_bucket)
    versioning = VersioningConfig("Enabled")
    stream.store.set_bucket_versioning(bucket_name=versions_bucket, config=versioning)
    folder = tmp_path / "processes"
    folder.mkdir()
    environment = {"OCRSTREAM_TEST_SAYS": SAYS, "OCRSTREAM_TEST_READ_MS": "700"}
    own = Stream({**stream.environment, **environment}, stream.settings)
    with (
        gateway_process(own, folder) as (url, _),
        worker_process(own, folder, program=QUICK_WORKER),
    ):
        yield Site(own, url, folder, versions_bucket)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[GatewayClient]:
    """A client of the gateway."""
    async with client_of(site.url) as client:
        yield client


async def upload_directly(site: Site, picture: Picture) -> int:
    """Small, in parts, one that cannot be read, and one that is overwritten; gives how many."""
    store, bucket = site.stream.store, site.stream.settings.uploads_bucket
    versions = site.versions_bucket
    uploads = [
        (bucket, f"in/{picture.name}.pdf", picture.data()),
        (bucket, f"in/{picture.name}-large.pdf", picture.data(6 * MEBIBYTE)),
        (bucket, f"in/{picture.name}-failed.pdf", picture.data(end=b"broken")),
        *[(versions, f"{picture.name}.pdf", picture.data(2_000 + n)) for n in range(3)],
    ]
    for to, key, data in uploads:
        store.put_object(to, key, io.BytesIO(data), len(data), part_size=5 * MEBIBYTE)
        # Logs have the producer's id of an event.
        event = site.stream.event(key, bucket=to, event_id=secrets.token_hex(8))
        await site.stream.publish(event)
    upload_id = store._create_multipart_upload(bucket, f"in/{picture.name}-half.pdf", {})
    part = picture.data(5 * MEBIBYTE)
    store._upload_part(bucket, f"in/{picture.name}-half.pdf", part, {}, upload_id, 1)
    return len(uploads)


async def upload_by_gateway(site: Site, client: GatewayClient, picture: Picture) -> int:
    """Small, in parts, as a form, one that is broken off, and one by its place."""
    for data in (picture.data(3_000), picture.data(7 * MEBIBYTE)):
        assert (await client.ask("POST", "/v1/documents", data)).status == 202
    form = aiohttp.FormData()
    form.add_field("file", picture.data(4_000), filename=f"{picture.name}.pdf")
    assert (await client.ask("POST", "/v1/documents", form)).status == 202

    async def broken_off() -> AsyncIterator[bytes]:
        yield picture.data(6 * MEBIBYTE)
        await asyncio.sleep(0.5)
        raise ConnectionResetError

    with suppress(aiohttp.ClientError, ConnectionResetError):
        await client.ask("POST", "/v1/documents", broken_off())
    place = {"bucket": site.stream.settings.uploads_bucket, "key": f"in/{picture.name}.pdf"}
    assert (await client.ask("POST", "/v1/documents", json=place)).status == 202
    return 4


def traces_in_store(site: Site, picture: Picture) -> list[str]:
    """Versions, names and unfinished uploads that tell of a picture."""
    store = site.stream.store
    found = []
    for bucket in site.buckets:
        for version in store.list_objects(bucket, recursive=True, include_version=True):
            key = version.object_name or ""
            data = b""
            if not version.is_delete_marker:
                version_id = None if version.version_id == "null" else version.version_id
                answer = store.get_object(bucket, key, version_id=version_id)
                data = answer.read()
                answer.close()
                answer.release_conn()
            if picture.name in key or picture.pattern in data or picture.name.encode() in data:
                found.append(f"{bucket}/{key}")
        for upload in S3Admin(site.stream.settings, 1).unfinished(bucket):
            found.append(f"unfinished {bucket}/{upload.key}")
    return found


def everything_in_store(site: Site) -> list[str]:
    """Keys of all versions, whatever they tell."""
    return [
        f"{bucket}/{version.object_name}"
        for bucket in site.buckets
        for version in site.stream.store.list_objects(bucket, recursive=True, include_version=True)
    ]


async def bytes_on_topics(site: Site, picture: Picture) -> tuple[list[str], int]:
    """Topics with a picture's bytes in a key, a value or a header, and how many were looked at."""
    settings = site.stream.settings
    there = await existing_topics(settings)
    own = settings.uploads_topic.removeprefix("uploads-")
    found, count = [], 0
    for topic in (name for name in there if own in name):
        async for record in site.stream._records(topic, timeout_s=3):
            count += 1
            parts = [record.key or b"", record.value or b""]
            parts += [part for name, value in record.headers for part in (name.encode(), value)]
            if any(picture.pattern in part for part in parts):
                found.append(topic)
    return found, count


def traces_in_files(site: Site, picture: Picture) -> list[Path]:
    """Files of worker and gateway that tell of a picture: data, temporary ones, logs."""
    words = (picture.pattern, picture.name.encode())
    return [
        path
        for path in site.folder.rglob("*")
        if picture.name in path.name
        or (path.is_file() and any(word in path.read_bytes() for word in words))
    ]


async def watch_files(site: Site, picture: Picture, found: set[Path]) -> None:
    """Look for a picture's traces in files again and again, until cancelled."""
    while True:
        found |= set(await asyncio.to_thread(traces_in_files, site, picture))
        await asyncio.sleep(0.2)


async def test_nothing_is_left_of_pictures_whose_time_is_over(
    site: Site, client: GatewayClient
) -> None:
    """However it came and whatever became of it; what is kept longer is there until then."""
    clock = FakeClock(datetime.now(UTC).timestamp())
    picture = Picture.new()
    stream, settings = site.stream, site.stream.settings
    while_reading: set[Path] = set()
    watching = asyncio.create_task(watch_files(site, picture, while_reading))
    count = await upload_directly(site, picture)
    count += await upload_by_gateway(site, client, picture)
    assert await stream.wait_committed(count, timeout_s=90) == count
    watching.cancel()
    (letter,) = await stream.read(settings.dead_letters_topic, 1)
    assert letter["category"] == "corrupt_document"
    key = f"in/{picture.name}-failed.pdf"
    stream.store.put_object(settings.results_bucket, "access/keys/a.json", io.BytesIO(b"{}"), 2)

    before = traces_in_store(site, picture)
    assert len([one for one in before if one.startswith(site.versions_bucket)]) == 3
    assert any(one.startswith("unfinished") for one in before)
    clock.time_s += 8.1 * DAY_S
    report = await asyncio.to_thread(site.sweep, clock())
    assert report.failures == []
    uploads = [key for key in everything_in_store(site) if key.startswith(settings.uploads_bucket)]
    assert uploads == [f"{settings.uploads_bucket}/{key}"]
    note = failed_upload_key(settings.uploads_bucket, key)
    assert f"{settings.results_bucket}/{note}" in everything_in_store(site)

    clock.time_s += 5 * DAY_S
    report = await asyncio.to_thread(site.sweep, clock())
    assert report.failures == []
    assert traces_in_store(site, picture) == []
    assert everything_in_store(site) == [f"{settings.results_bucket}/access/keys/a.json"]
    on_topics, message_count = await bytes_on_topics(site, picture)
    assert (on_topics, message_count > 2 * count) == ([], True)
    assert (while_reading, traces_in_files(site, picture)) == (set(), [])


@pytest.mark.parametrize("site", ["encrypted"], indirect=True)
async def test_copies_of_encrypted_objects_are_unreadable(
    site: Site, client: GatewayClient
) -> None:
    """A copy that no sweep reaches opens as long as its data key is there, and never again."""
    settings, store = site.stream.settings, site.stream.store
    picture = Picture.new()
    answer = await client.ask("POST", "/v1/documents", picture.data())
    await client.ask("GET", f"{answer.headers['location']}?wait=60")
    bucket, key = settings.uploads_bucket, f"api/default/{answer.json['document_id']}"
    copy = store.get_object(bucket, key).read()
    assert picture.pattern not in copy

    def put_back() -> None:
        store.put_object(bucket, key, io.BytesIO(copy), len(copy))

    async with OpenStore(settings, 1) as sealed:
        put_back()
        assert (await sealed.fetch(bucket, key, None, MEBIBYTE)).data == picture.data()
        await asyncio.to_thread(site.sweep, datetime.now(UTC).timestamp() + 9 * DAY_S)
        assert everything_in_store(site) == []
        put_back()
        with pytest.raises(DataKeyDestroyed):
            await sealed.fetch(bucket, key, None, MEBIBYTE)


async def test_worker_deletes_what_it_has_settled(servers: ServerAddresses, tmp_path: Path) -> None:
    """Without any sweep: uploads that are to be kept for no time go, their results stay."""
    stream = await open_stream(servers, retain_uploads_s="0", retain_dead_letters_s="0")
    bucket = stream.settings.uploads_bucket
    with (
        gateway_process(stream, tmp_path) as (url, _),
        worker_process(stream, tmp_path, program=QUICK_WORKER),
    ):
        async with client_of(url) as client:
            document_id = await client.submit("by the gateway")
            for key, text in (("a.png", b"directly"), ("b.png", b"broken")):
                stream.store.put_object(bucket, key, io.BytesIO(text), len(text))
                await stream.publish(stream.event(key), stream.event(key))

            def is_empty() -> bool:
                return not [*stream.store.list_objects(bucket, recursive=True)]

            assert await stream.wait_committed(5) == 5
            assert await wait_until(is_empty, timeout_s=20)
            await stream.publish(stream.event("a.png"))
            assert await stream.wait_committed(6) == 6
            found = await client.ask("GET", f"/v1/documents/{document_id}?wait=10")
            assert found.json["state"] == "done"
    letters = await stream.read(stream.settings.dead_letters_topic, 9, timeout_s=3)
    assert {letter["category"] for letter in letters} == {"corrupt_document"}
    log = (tmp_path / "worker.log").read_text()
    settled = [orjson.loads(line) for line in log.splitlines() if '"outcome"' in line]
    assert all(line["outcome"] in ("recognized", "dead_lettered") for line in settled)
