"""Documents that the store cannot read: encrypted by the gateway, read by the worker."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from io import BytesIO

import pytest

from streams.embedded import ServerAddresses
from streams.places import Owned
from streams.store.master_keys import new_line
from streams.store.sealed_store import OpenStore
from tests.gateway import QUICK_WORKER, GatewayClient, client_of, document, gateway_process
from tests.stream import Stream, open_stream, worker_process

SECRET = "the secret of a passport"


@dataclass(frozen=True, slots=True)
class Site:
    """A stream that encrypts."""

    stream: Stream
    url: str


@pytest.fixture(scope="module")
def site(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Gateway and worker as processes, with one file of master keys."""
    folder = tmp_path_factory.mktemp("encryption")
    keys = folder / "master-keys"
    keys.write_text(new_line("test"))
    keys.chmod(0o400)
    stream = asyncio.run(
        open_stream(
            servers,
            keys_bucket=f"keys-{uuid.uuid4().hex}",
            master_keys_file=str(keys),
            message_bytes_max="10000",
        )
    )
    with (
        gateway_process(stream, folder) as (url, _),
        worker_process(stream, folder, program=QUICK_WORKER),
    ):
        yield Site(stream, url)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[GatewayClient]:
    """A client of the gateway."""
    async with client_of(site.url) as client:
        yield client


def objects(stream: Stream) -> dict[str, bytes]:
    """Everything that lies in the stream's buckets."""
    settings, found = stream.settings, {}
    for bucket in (settings.uploads_bucket, settings.results_bucket, settings.keys_bucket):
        for entry in stream.store.list_objects(bucket, recursive=True):
            name = entry.object_name or ""
            answer = stream.store.get_object(bucket_name=bucket, object_name=name)
            found[f"{bucket}/{name}"] = answer.read()
    return found


async def test_nothing_in_the_store_can_be_read(client: GatewayClient, site: Site) -> None:
    """Not the upload, not its result, also one too large for a message; the owner reads it."""
    text = "\n".join([SECRET] * 500)
    document_id = await client.submit(text)
    answer = await client.ask("GET", f"/v1/documents/{document_id}/text?wait=30")
    assert answer.body.decode() == f"%PDF- {text}"
    found = await client.ask("GET", f"/v1/documents/{document_id}")
    assert found.json["result"]["text"] == f"%PDF- {text}"  # type: ignore[index]
    stored = objects(site.stream)
    assert any(Owned("", document_id).upload_key in place for place in stored)
    assert any("/results/" in place for place in stored)
    for place, data in stored.items():
        assert SECRET.encode() not in data, place
        assert b"%PDF-" not in data, place


@pytest.mark.parametrize("damage", ["cut", "altered", "another's", "no key"])
async def test_what_was_tampered_with_is_a_dead_letter(
    client: GatewayClient, site: Site, damage: str
) -> None:
    """Truncated, altered or swapped ciphertext, or a destroyed key: never text."""
    settings, store = site.stream.settings, site.stream.store
    document_id = await client.submit(f"{SECRET} {damage}")
    place = f"/v1/documents/{document_id}"
    await client.ask("GET", f"{place}?wait=30")
    key = Owned("", document_id).upload_key
    data = store.get_object(bucket_name=settings.uploads_bucket, object_name=key).read()
    if damage == "cut":
        data = data[:-1]
    elif damage == "altered":
        data = data[:60] + bytes([data[60] ^ 1]) + data[61:]
    elif damage == "another's":
        other = Owned("", await client.submit("another document")).upload_key
        data = store.get_object(bucket_name=settings.uploads_bucket, object_name=other).read()
    else:
        prefix = f"{settings.uploads_bucket}/{key}/"
        for entry in store.list_objects(settings.keys_bucket, prefix=prefix, recursive=True):
            store.remove_object(
                bucket_name=settings.keys_bucket, object_name=entry.object_name or ""
            )
    store.put_object(
        bucket_name=settings.uploads_bucket,
        object_name=key,
        data=BytesIO(data),
        length=len(data),
        metadata={"ocrstream-document-id": document_id},
    )
    await client.ask("POST", f"/v1/uploads/{document_id}")  # read it again
    for _ in range(60):
        found = await client.ask("GET", place)
        if found.json["state"] == "failed":
            break
        await asyncio.sleep(0.5)
    assert found.json["failure"]["category"] == "decryption_failed"  # type: ignore[index]


async def test_a_form_for_the_store_is_refused(client: GatewayClient) -> None:
    """It would bring the document there in the clear."""
    answer = await client.ask("POST", "/v1/uploads", json={"size_bytes": 10})
    assert (answer.status, answer.problem) == (409, "encryption-required")


async def test_deleting_destroys_the_keys(client: GatewayClient, site: Site) -> None:
    """Copies of the object that are left anywhere cannot be read any more."""
    document_id = await client.submit("shredded")
    place = f"/v1/documents/{document_id}"
    await client.ask("GET", f"{place}?wait=30")
    key = Owned("", document_id).upload_key
    prefix = f"{site.stream.settings.uploads_bucket}/{key}/"
    bucket = site.stream.settings.keys_bucket

    def keys_left() -> int:
        return len([*site.stream.store.list_objects(bucket, prefix=prefix, recursive=True)])

    assert keys_left() == 1
    assert (await client.ask("DELETE", place)).status == 204
    assert keys_left() == 0


async def test_the_store_encrypts_as_well(servers: ServerAddresses) -> None:
    """What S3_SSE asks for is asked of every object, and the store's word is checked."""
    stream = await open_stream(servers)
    sse = stream.settings.model_copy(update={"s3_sse": "s3"})
    async with OpenStore(sse, 1) as store:
        await store.put(sse.results_bucket, "k", document("x"), "a/b")
        chunks = big_chunks()
        await store.put_stream(sse.results_bucket, "large", chunks, "a/b")
    for key in ("k", "large"):
        facts = stream.store.stat_object(bucket_name=sse.results_bucket, object_name=key)
        assert facts.metadata is not None
        assert facts.metadata["x-amz-server-side-encryption"] == "AES256"


async def big_chunks() -> AsyncIterator[bytes]:
    """More than one part of an upload."""
    for _ in range(7):
        yield bytes(2**20)
