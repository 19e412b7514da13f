"""Personal data on its way through the whole stream: only the restricted topic has it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from PIL import Image

from streams.embedded import ServerAddresses
from streams.places import Owned
from tests.gateway import QUICK_WORKER, GatewayClient, client_of, gateway_process
from tests.stream import Stream, open_stream, worker_process

MAIL, IBAN = "jane.doe@example.com", "DE89 3704 0044 0532 0130 00"
TEXT = f"write to {MAIL}\npay to {IBAN}\ntotal 12.50"


@dataclass(frozen=True, slots=True)
class Site:
    """A stream that masks, and where its processes write."""

    stream: Stream
    url: str
    folder: Path


@pytest.fixture(scope="module")
def site(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Gateway and worker as processes, masking everything."""
    stream = asyncio.run(open_stream(servers, mask="all"))
    folder = tmp_path_factory.mktemp("masking")
    with (
        gateway_process(stream, folder) as (url, _),
        worker_process(stream, folder, program=QUICK_WORKER),
    ):
        yield Site(stream, url, folder)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[GatewayClient]:
    """A client of the gateway."""
    async with client_of(site.url) as client:
        yield client


async def values_of(stream: Stream, topic: str, document_id: str, count: int) -> list[bytes]:
    """Messages of a topic that are about a document."""
    found = []
    async for record in stream._records(topic, 15):
        if document_id in record.key.decode() and record.value is not None:
            found.append(record.value)
            if len(found) == count:
                break
    return found


async def test_only_the_raw_topic_has_personal_data(client: GatewayClient, site: Site) -> None:
    """Result, text, answer and log are without it, and what is left can still be read."""
    settings = site.stream.settings
    document_id = await client.submit(TEXT)
    place = f"/v1/documents/{document_id}"
    answer = await client.ask("GET", f"{place}?wait=30")
    (masked,) = await values_of(site.stream, settings.results_topic, document_id, 1)
    (raw,) = await values_of(site.stream, settings.raw_results_topic, document_id, 1)
    text = (await client.ask("GET", f"{place}/text")).body
    logs = b"".join(log.read_bytes() for log in site.folder.glob("*.log"))
    for public in (answer.body, masked, text, logs):
        assert MAIL.encode() not in public
        assert IBAN.encode() not in public
        assert b"0532 0130" not in public
    assert "total 12.50" in text.decode()
    assert orjson.loads(raw)["text"] == f"%PDF- {TEXT}"
    (page,) = orjson.loads(masked)["pages"]
    assert [span["kind"] for span in page["masked"]] == ["email", "iban"]
    assert page["lines"][0]["text"] == f"%PDF- write to {'█' * len(MAIL)}"
    assert page["lines"][0]["words"] is None


async def test_the_picture_of_a_page_is_blackened(client: GatewayClient) -> None:
    """Also for a document whose content was read before; deleting it deletes its picture."""
    ids = [await client.submit(f"{TEXT}\nfor its picture") for _ in range(2)]
    for document_id in ids:
        place = f"/v1/documents/{document_id}"
        found = await client.ask("GET", f"{place}?wait=30")
        assert MAIL.encode() not in found.body
        answer = await client.ask("GET", f"{place}/pages/1/picture")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
        with Image.open(BytesIO(answer.body)) as picture:
            assert max(channel[0] for channel in picture.getextrema()) < 30  # type: ignore[index]
    assert (await client.ask("DELETE", f"/v1/documents/{ids[0]}")).status == 204
    assert (await client.ask("GET", f"/v1/documents/{ids[0]}/pages/1/picture")).status == 410
    assert (await client.ask("GET", f"/v1/documents/{ids[1]}/pages/1/picture")).status == 200
    assert (await client.ask("GET", f"/v1/documents/{ids[1]}/pages/7/picture")).status == 404


async def test_delete_takes_the_raw_result_too(client: GatewayClient, site: Site) -> None:
    """A tombstone follows it on its topic, and no object is left of it."""
    document_id = await client.submit(f"{TEXT}\nto be forgotten")
    await client.ask("GET", f"/v1/documents/{document_id}?wait=30")
    await client.ask("DELETE", f"/v1/documents/{document_id}")
    told = []
    async for record in site.stream._records(site.stream.settings.raw_results_topic, 15):
        if document_id in record.key.decode():
            told.append(record.value and orjson.loads(record.value)["type"])
            if record.value is None:
                break
    assert told == ["document.recognized", "document.deleted", None]
    bucket = site.stream.settings.results_bucket
    keys = [o.object_name for o in site.stream.store.list_objects(bucket, recursive=True)]
    owned = Owned("", document_id)
    left = {key for key in keys if key and document_id in key}
    assert left == {owned.outcome_key, owned.tombstone_key}
