"""One suite for every object store: the real one behind the SDK, and the fake of the unit tests."""

import asyncio
import gzip
import io
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest
from minio.versioningconfig import VersioningConfig
from pydantic import AnyHttpUrl

from streams.embedded import ServerAddresses, free_ports
from streams.errors import (
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    StoreAway,
    StoreError,
)
from streams.settings import Settings
from streams.store.envelope import Envelope
from streams.store.master_keys import MasterKeys, new_line
from streams.store.object_store import ONLY_NEW, Condition, FetchedObject, ObjectStore, announces
from streams.store.s3_store import S3ObjectStore
from streams.store.sealed_store import SealedStore
from streams.store.store_admin import S3Admin
from tests.fakes.store import MemoryObjectStore
from tests.stream import open_stream


@dataclass(frozen=True, slots=True)
class Shop:
    """A store with a bucket, and a way around it to put objects there."""

    store: ObjectStore
    bucket: str
    put: Callable[[str, bytes], Awaitable[None]]


def envelope() -> Envelope:
    """One with a master key of its own."""
    return Envelope(MasterKeys.parse(new_line("test")))


@pytest.fixture(params=["s3", "memory", "sealed"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    """Each kind of store."""
    if request.param == "memory":
        memory = MemoryObjectStore(buckets={"b"})

        async def put_memory(key: str, data: bytes) -> None:
            memory.objects["b", key] = data

        yield Shop(memory, "b", put_memory)
        return
    if request.param == "sealed":
        sealed = SealedStore(MemoryObjectStore(buckets={"b", "keys"}), envelope(), "keys")

        async def put_sealed(key: str, data: bytes) -> None:
            await sealed.put("b", key, data, "a/b")

        yield Shop(sealed, "b", put_sealed)
        return
    servers: ServerAddresses = request.getfixturevalue("servers")
    stream = await open_stream(servers)
    bucket = stream.settings.uploads_bucket

    async def put_s3(key: str, data: bytes) -> None:
        await asyncio.to_thread(
            stream.store.put_object,
            bucket_name=bucket,
            object_name=key,
            data=io.BytesIO(data),
            length=len(data),
        )

    async with S3ObjectStore(stream.settings, 2) as store:
        yield Shop(store, bucket, put_s3)


@pytest.mark.parametrize("key", ["a.png", "a folder/é +%41.png", "日本.png"])
async def test_fetch_returns_the_bytes_of_any_key(shop: Shop, key: str) -> None:
    """A key is an opaque string, whatever characters it has."""
    await shop.put(key, b"\x00\xff" * 500)
    stored = await shop.store.fetch(shop.bucket, key, None, 1000)
    assert stored.data == b"\x00\xff" * 500
    assert stored.version_id is None
    assert stored.etag


async def test_fetch_gives_an_empty_object(shop: Shop) -> None:
    """An empty object is there; that it is no picture is found out later."""
    await shop.put("empty", b"")
    assert (await shop.store.fetch(shop.bucket, "empty", None, 1000)).data == b""


async def test_fetch_says_that_an_object_is_missing(shop: Shop) -> None:
    """Missing is a definitive answer, not a store that is away."""
    with pytest.raises(ObjectMissing):
        await shop.store.fetch(shop.bucket, "never", None, 1000)


async def test_fetch_refuses_what_is_too_large(shop: Shop) -> None:
    """The limit counts in bytes and is told (of a sealed object, what it has in the store)."""
    await shop.put("large", b"x" * 1001)
    with pytest.raises(ObjectTooLarge, match="the limit is"):
        await shop.store.fetch(shop.bucket, "large", None, 1000)


async def test_put_can_be_fetched(shop: Shop) -> None:
    """What was put is there; a second put replaces it."""
    for data in (b"one", b"two"):
        await shop.store.put(shop.bucket, "k", data, "application/json")
    assert (await shop.store.fetch(shop.bucket, "k", None, 1000)).data == b"two"


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    """Bytes as they may arrive; each chunk is told from the others by its bytes."""
    for number, size in enumerate(sizes):
        yield bytes([number]) * size


MEBIBYTE = 2**20


@pytest.mark.parametrize(
    "sizes",
    [(), (0,), (1000,), (5 * MEBIBYTE,), (5 * MEBIBYTE, 1), (MEBIBYTE,) * 11, (12 * MEBIBYTE,)],
)
async def test_put_stream_stores_what_arrives(shop: Shop, sizes: tuple[int, ...]) -> None:
    """Nothing, less than a part, exactly one, several: the bytes and what is said of them."""
    await shop.store.put_stream(shop.bucket, "s", chunks(*sizes), "a/b", {"ocrstream-id": "x"})
    stored = await shop.store.fetch(shop.bucket, "s", None, 20 * MEBIBYTE)
    assert stored.data == b"".join([chunk async for chunk in chunks(*sizes)])
    assert stored.metadata["ocrstream-id"] == "x"


@pytest.mark.parametrize("whole_chunks", [1, 11])
async def test_put_stream_that_breaks_off_stores_nothing(shop: Shop, whole_chunks: int) -> None:
    """Half a document is none, and the error is the sender's own."""

    async def broken() -> AsyncIterator[bytes]:
        for _ in range(whole_chunks):
            yield b"x" * MEBIBYTE
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await shop.store.put_stream(shop.bucket, "half", broken(), "a/b")
    assert await shop.store.stat(shop.bucket, "half") is None


LARGE = (5 * MEBIBYTE, 1)
"""Two parts on their way to the store."""


async def put_new(store: ObjectStore, bucket: str, *sizes: int) -> bool:
    """Put what must be the first of its key; whether it was."""
    try:
        await store.put_stream(bucket, "once", chunks(*sizes), "a/b", condition=ONLY_NEW)
    except ObjectExists:
        return False
    return True


@pytest.mark.parametrize("second", [(1000,), LARGE])
@pytest.mark.parametrize("first", [(7,), LARGE])
async def test_put_only_new_replaces_nothing(
    shop: Shop, first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    """What is there stays, however large either is; what was deleted is in nobody's way."""
    store, bucket = shop.store, shop.bucket
    for _ in range(2):
        assert await put_new(store, bucket, *first)
        assert not await put_new(store, bucket, *second)
        with pytest.raises(ObjectExists):
            await store.put(bucket, "once", b"x", "a/b", condition=ONLY_NEW)
        assert len((await store.fetch(bucket, "once", None, 10 * MEBIBYTE)).data) == sum(first)
        await store.delete(bucket, "once")


async def put_instead(store: ObjectStore, bucket: str, etag: str | None, *sizes: int) -> bool:
    """Put what is to replace an object and no other; whether it did."""
    try:
        await store.put_stream(bucket, "k", chunks(*sizes), "a/b", condition=Condition(etag))
    except ObjectChanged:
        return False
    return True


@pytest.mark.parametrize("sizes", [(7,), LARGE])
async def test_put_in_place_of_an_object_replaces_no_other(
    shop: Shop, sizes: tuple[int, ...]
) -> None:
    """Nor is anything stored where it is gone: what was deleted stays so."""
    store, bucket = shop.store, shop.bucket
    await store.put(bucket, "k", b"first", "a/b")
    first = (await store.fetch(bucket, "k", None, 1000)).etag
    assert first is not None
    assert await put_instead(store, bucket, first, *sizes)
    assert not await put_instead(store, bucket, first, 1)
    with pytest.raises(ObjectChanged):
        await store.put(bucket, "k", b"x", "a/b", condition=Condition(first))
    second = await store.fetch(bucket, "k", None, 10 * MEBIBYTE)
    assert len(second.data) == sum(sizes)
    await store.delete(bucket, "k")
    assert not await put_instead(store, bucket, second.etag, *sizes)
    assert await store.stat(bucket, "k") is None


async def put_new_at_once(store: ObjectStore, bucket: str, size_bytes: int) -> None:
    """Put several under one key, and see that one was stored, and is the one that is told."""
    sizes = [size_bytes + number for number in range(4)]
    for _ in range(3):
        taken = await asyncio.gather(*(put_new(store, bucket, size) for size in sizes))
        stored = (await store.fetch(bucket, "once", None, 10 * MEBIBYTE)).data
        assert [size for size, was_first in zip(sizes, taken, strict=True) if was_first] == [
            len(stored)
        ]
        await store.delete(bucket, "once")


async def test_put_only_new_at_once_stores_one(shop: Shop) -> None:
    """Whoever is told so, and nobody else."""
    await put_new_at_once(shop.store, shop.bucket, 1000)


@pytest.mark.real_servers
async def test_put_only_new_in_parts_at_once_stores_one(servers: ServerAddresses) -> None:
    """Of uploads in parts too; SeaweedFS takes all that complete at the same moment."""
    stream = await open_stream(servers)
    async with S3ObjectStore(stream.settings, 8) as store:
        await put_new_at_once(store, stream.settings.uploads_bucket, sum(LARGE))


async def test_put_only_new_leaves_no_parts(servers: ServerAddresses) -> None:
    """Those of an upload that was refused at its end."""
    stream = await open_stream(servers)
    bucket = stream.settings.uploads_bucket
    async with S3ObjectStore(stream.settings, 1) as store:
        assert await put_new(store, bucket, 1)
        assert not await put_new(store, bucket, *LARGE)
    assert [*S3Admin(stream.settings, 1).unfinished(bucket)] == []


async def test_stat_tells_size_and_metadata(shop: Shop) -> None:
    """Without fetching it; None where there is nothing."""
    await shop.store.put(shop.bucket, "k", b"12345", "a/b", {"name": "value"})
    facts = await shop.store.stat(shop.bucket, "k")
    assert facts is not None
    assert (facts.size_bytes, facts.content_type, facts.metadata["name"]) == (5, "a/b", "value")
    assert await shop.store.stat(shop.bucket, "never") is None


async def test_delete_leaves_nothing_and_may_be_repeated(shop: Shop) -> None:
    """An object that is gone is deleted, however often."""
    await shop.store.put(shop.bucket, "k", b"x", "a/b")
    for _ in range(2):
        await shop.store.delete(shop.bucket, "k")
        assert await shop.store.stat(shop.bucket, "k") is None


async def test_delete_fetched_leaves_what_came_later(shop: Shop) -> None:
    """What was fetched goes, another object at its key does not; once more does no harm."""
    await shop.store.put(shop.bucket, "k", b"first", "a/b")
    first = await shop.store.fetch(shop.bucket, "k", None, 1000)
    await shop.store.put(shop.bucket, "k", b"second", "a/b")
    await shop.store.delete_fetched(FetchedObject.of(shop.bucket, "k", first))
    second = await shop.store.fetch(shop.bucket, "k", None, 1000)
    assert second.data == b"second"
    for _ in range(2):
        await shop.store.delete_fetched(FetchedObject.of(shop.bucket, "k", second))
        assert await shop.store.stat(shop.bucket, "k") is None


async def test_delete_fetched_takes_one_version(servers: ServerAddresses) -> None:
    """In a bucket that keeps versions, others stay, and no marker is left behind."""
    stream = await open_stream(servers)
    bucket = stream.settings.uploads_bucket
    stream.store.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig("Enabled"))
    async with S3ObjectStore(stream.settings, 1) as store:
        await store.put(bucket, "k", b"first", "a/b")
        first = await store.fetch(bucket, "k", None, 1000)
        await store.put(bucket, "k", b"second", "a/b")
        await store.delete_fetched(FetchedObject.of(bucket, "k", first))
        assert (await store.fetch(bucket, "k", None, 1000)).data == b"second"
    left = [*stream.store.list_objects(bucket_name=bucket, include_version=True, recursive=True)]
    assert [version.is_delete_marker for version in left] == [False]


async def test_list_gives_the_keys_below_a_prefix(shop: Shop) -> None:
    """Those of sub-folders as well, and no others."""
    for key in ("a/1", "a/b/2", "ab"):
        await shop.store.put(shop.bucket, key, b"x", "a/b")
    assert sorted(await shop.store.list(shop.bucket, "a/")) == ["a/1", "a/b/2"]


async def test_delete_takes_every_version(servers: ServerAddresses) -> None:
    """In a bucket that keeps versions no older one is left, and no other object is touched."""
    stream = await open_stream(servers)
    bucket = stream.settings.uploads_bucket
    stream.store.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig("Enabled"))
    async with S3ObjectStore(stream.settings, 1) as store:
        for key in ("k", "k", "k2"):
            await store.put(bucket, key, b"x", "a/b")
        await store.delete(bucket, "k")
    left = stream.store.list_objects(bucket_name=bucket, include_version=True, recursive=True)
    assert [version.object_name for version in left] == ["k2"]


async def test_check_tells_a_missing_bucket(shop: Shop) -> None:
    """Our own bucket is there, another one is not."""
    await shop.store.check(shop.bucket)
    with pytest.raises(StoreAway):
        await shop.store.check(f"no-such-{uuid.uuid4().hex}")


async def test_fetch_never_holds_a_document_for_its_name(servers: ServerAddresses) -> None:
    """A key that the SDK refuses to ask for is a definitive answer."""
    stream = await open_stream(servers)
    async with S3ObjectStore(stream.settings, 1) as store:
        with pytest.raises(ObjectMissing, match="segment"):
            await store.fetch(stream.settings.uploads_bucket, "x/../y.png", None, 1000)


async def test_fetch_gives_the_stored_bytes_whatever_their_encoding(
    servers: ServerAddresses,
) -> None:
    """An object declared as gzip is not unpacked on the way: its size would not fit."""
    stream = await open_stream(servers)
    data = gzip.compress(b"a picture" * 100)
    stream.store.put_object(
        bucket_name=stream.settings.uploads_bucket,
        object_name="packed",
        data=io.BytesIO(data),
        length=len(data),
        metadata={"Content-Encoding": "gzip"},
    )
    async with S3ObjectStore(stream.settings, 1) as store:
        stored = await store.fetch(stream.settings.uploads_bucket, "packed", None, 10_000)
    assert stored.data == data


@pytest.mark.parametrize(
    ("key", "version_id"), [("k", "not-a-version"), ("a//b", None), ("x" * 1000, None)]
)
async def test_fetch_takes_a_refusal_of_the_name_for_an_answer(
    servers: ServerAddresses, key: str, version_id: str | None
) -> None:
    """No event can hold its partition by asking for what cannot be."""
    stream = await open_stream(servers)
    async with S3ObjectStore(stream.settings, 1) as store:
        with pytest.raises(StoreError):
            await store.fetch(stream.settings.uploads_bucket, key, version_id, 1000)


def http(body: bytes, status: int = 503, size_bytes: int | None = None) -> bytes:
    """An answer, its size as it is or another."""
    size_bytes = len(body) if size_bytes is None else size_bytes
    return f"HTTP/1.1 {status} X\r\nContent-Length: {size_bytes}\r\n\r\n".encode() + body


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
PAUSE = b"|"
GARBAGE = {
    "a gateway's page": http(b"\xff\xfe<html>gateway</html>"),
    "torn XML": http(b"<Error><Code>Slow"),
    "nothing": http(b""),
    "XML of another kind": http(b"<a><b>c</b></a>"),
    "an encoding that XML has not": http(b"<?xml version='1.0' encoding='shift_jis'?><a>b</a>"),
    "an encoding that nobody knows": http(b"<?xml version='1.0' encoding='foo'?><a>b</a>"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "no size": b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"1\r\nx\r\n0\r\n\r\n",
    "less than announced": http(b"x", 200, size_bytes=9),
    "a refusal and a malformed chunk": b"HTTP/1.1 503 X\r\n" + CHUNKED + PAUSE + b"zz\r\n",
}
"""What a failing store, or a proxy before it, may send."""

MISSING = http(b"<Error><Code>NoSuchKey</Code><Message>m</Message></Error>", 404)


@asynccontextmanager
async def answering(
    answer: bytes, settings: Settings | None = None, asked: list[str] | None = None
) -> AsyncIterator[S3ObjectStore]:
    """A store that gives the same bytes to whatever it is asked, once a connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            (asked if asked is not None else []).append(head.decode())
            for part in answer.split(PAUSE):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.05)
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = (settings or Settings()).model_copy(
        update={"s3_endpoint": AnyHttpUrl(f"http://127.0.0.1:{port}")}
    )
    async with server, S3ObjectStore(settings, 1) as store:
        yield store
        await store.close()  # else the server waits for its connections


@pytest.mark.parametrize("name", GARBAGE)
async def test_fetch_takes_garbage_of_a_failing_store_for_no_answer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing about the object, and is not waited for without end."""
    monkeypatch.setattr("streams.store.transfers.READ_TIMEOUT_S", 0.5)
    async with asyncio.timeout(10), answering(GARBAGE[name]) as store:
        with pytest.raises(StoreAway):
            await store.fetch("bucket", "k", None, 1000)


async def test_put_does_not_leave_in_the_clear_what_was_to_be_encrypted() -> None:
    """A store that takes an object and does not say that it encrypted it is no store for us."""
    asked: list[str] = []
    settings = Settings.from_environment(s3_sse="s3")
    granted = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with answering(granted, settings, asked) as store:
        with pytest.raises(StoreAway, match="did not encrypt"):
            await store.put("bucket", "k", b"x", "a/b")
    assert [line.partition(" ")[0] for line in asked] == ["PUT", "DELETE"]


async def test_put_in_place_of_an_object_never_deletes_it() -> None:
    """Not even where the store did not encrypt: what was there before was no better."""
    asked: list[str] = []
    settings = Settings.from_environment(s3_sse="s3")
    granted = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with answering(granted, settings, asked) as store:
        with pytest.raises(StoreAway, match="did not encrypt"):
            await store.put("bucket", "k", b"x", "a/b", condition=Condition("1"))
    assert [line.partition(" ")[0] for line in asked] == ["PUT"]


@pytest.mark.parametrize("status", [200, 409, 412])
@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
async def test_put_only_new_understands_every_refusal(status: int, code: str) -> None:
    """Also one that comes after the status 200, as the end of an upload in parts may."""
    refusal = http(f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode(), status)
    async with asyncio.timeout(10), answering(refusal) as store:
        assert not await put_new(store, "bucket", *LARGE)


async def test_fetch_understands_an_answer_that_comes_in_pieces() -> None:
    """A missing object is missing, however the network cuts the answer."""
    async with (
        asyncio.timeout(10),
        answering(MISSING.replace(b"Such", b"Su" + PAUSE + b"ch")) as store,
    ):
        with pytest.raises(ObjectMissing):
            await store.fetch("bucket", "k", None, 1000)


@pytest.mark.real_servers
async def test_put_into_a_missing_bucket_can_be_tried_again(servers: ServerAddresses) -> None:
    """A missing results bucket is a fault of the set-up; SeaweedFS would just create it."""
    stream = await open_stream(servers)
    async with S3ObjectStore(stream.settings, 1) as store:
        with pytest.raises(StoreAway):
            await store.put(f"no-such-{uuid.uuid4().hex}", "k", b"", "a/b")


async def test_fetch_knows_that_the_store_does_not_answer() -> None:
    """A refused connection is a store that is away."""
    (port,) = free_ports(1)
    settings = Settings.from_environment(s3_endpoint=f"http://127.0.0.1:{port}")
    async with S3ObjectStore(settings, 1) as store:
        with pytest.raises(StoreAway):
            await store.fetch("bucket", "k", None, 1000)


async def test_fetch_knows_that_its_keys_are_wrong(servers: ServerAddresses) -> None:
    """Refused credentials are no document's fault."""
    stream = await open_stream(servers)
    wrong = stream.settings.model_copy(update={"s3_access_key": "nobody"})
    async with S3ObjectStore(wrong, 1) as store:
        with pytest.raises(StoreAway):
            await store.fetch(stream.settings.uploads_bucket, "k", None, 1000)


async def test_announces_is_false_without_a_notification(servers: ServerAddresses) -> None:
    """A bucket that tells nobody leaves the event to its uploader."""
    stream = await open_stream(servers)
    assert not announces(stream.store, stream.settings.uploads_bucket, "a.png")


@pytest.mark.real_servers
async def test_announces_is_true_with_a_notification(servers: ServerAddresses) -> None:
    """After `setup` with a target, the store announces uploads itself."""
    assert servers.notification_arn
    stream = await open_stream(servers, notification_arn=servers.notification_arn)
    assert announces(stream.store, stream.settings.uploads_bucket, "a.png")
