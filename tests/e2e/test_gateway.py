"""Documents in by HTTP, results out by HTTP: the gateway and a worker as processes."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
import pytest

from streams.embedded import ServerAddresses
from streams.places import Owned
from tests.gateway import QUICK_WORKER, GatewayClient, client_of, document, gateway_process
from tests.stream import Stream, open_stream, worker_process


@dataclass(frozen=True, slots=True)
class Site:
    """A stream with a gateway and a quick worker behind it, for all tests of this file."""

    stream: Stream
    url: str


@pytest.fixture(scope="module")
def site(servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Gateway and worker as processes."""
    stream = asyncio.run(open_stream(servers))
    folder = tmp_path_factory.mktemp("gateway")
    with (
        gateway_process(stream, folder) as (url, _),
        worker_process(stream, folder, program=QUICK_WORKER),
    ):
        yield Site(stream, url)


@pytest.fixture
def stream(site: Site) -> Stream:
    """The stream of all tests here."""
    return site.stream


@pytest.fixture
async def client(site: Site) -> AsyncIterator[GatewayClient]:
    """A client of the gateway."""
    async with client_of(site.url) as client:
        yield client


async def test_submitted_document_can_be_had(client: GatewayClient, stream: Stream) -> None:
    """Taken, read, and there with its text; ids of the request go on to the result."""
    trace = f"00-{'ab' * 16}-{'cd' * 8}-01"
    headers = {"traceparent": trace, "X-Request-Id": "request-1"}
    answer = await client.ask("POST", "/v1/documents", document("hello"), headers=headers)
    assert answer.status == 202
    assert answer.headers["x-request-id"] == "request-1"
    place = answer.headers["location"]
    found = await client.ask("GET", f"{place}?wait=30")
    assert (found.status, found.json["state"]) == (200, "done")
    assert found.json["result"]["document_id"] == answer.json["document_id"]  # type: ignore[index]
    text = await client.ask("GET", f"{place}/text")
    assert text.body.decode() == "%PDF- hello"
    async for record in stream._records(stream.settings.results_topic, 10):
        if place.encode()[-32:] in (record.value or b""):
            assert dict(record.headers)["traceparent"] == trace.encode()
            assert dict(record.headers)["x-request-id"] == b"request-1"
            break
    else:
        pytest.fail("the result is not on the topic")


async def test_a_form_is_taken_with_its_options(client: GatewayClient) -> None:
    """The part `file` is the document, whatever stands around it."""
    form = aiohttp.FormData()
    form.add_field("options", '{"languages": ["en"]}')
    form.add_field("file", document("from a form"), filename="secret name.pdf")
    answer = await client.ask("POST", "/v1/documents", form)
    assert answer.status == 202, answer.body
    text = await client.ask("GET", f"{answer.headers['location']}/text?wait=30")
    assert text.body.decode() == "%PDF- from a form"


async def test_read_answers_with_lines(client: GatewayClient) -> None:
    """One picture in, its lines out; past the deadline its id instead."""
    answer = await client.ask("POST", "/v1/read", document("one\ntwo"))
    assert answer.status == 200, answer.body
    assert [line["text"] for line in answer.json["lines"]] == ["%PDF- one", "two"]  # type: ignore[attr-defined]
    late = await client.ask("POST", "/v1/read?deadline=0", document("three"))
    assert (late.status, late.json["state"]) == (202, "queued")


async def test_events_tell_every_step_until_the_end(client: GatewayClient) -> None:
    """Queued, read page by page, done; then the stream of events ends."""
    document_id = await client.submit("followed")
    answer = await client.ask("GET", f"/v1/documents/{document_id}/events")
    events = [line for line in answer.body.decode().splitlines() if line.startswith("event: ")]
    assert events[-1] == "event: done"
    again = await client.ask("GET", f"/v1/documents/{document_id}/events")
    assert again.body.decode().startswith("event: done")


async def test_a_document_that_cannot_be_read_says_why(client: GatewayClient) -> None:
    """Failed is a state with its category; text of it is a problem."""
    answer = await client.ask("POST", "/v1/documents", b"%PDF- \xff\xfe")
    place = answer.headers["location"]
    found = await client.ask("GET", f"{place}?wait=60")
    assert found.json["state"] == "failed"
    assert found.json["failure"]["category"] == "engine_error"  # type: ignore[index]
    text = await client.ask("GET", f"{place}/text")
    assert (text.status, text.problem) == (422, "unreadable")


async def test_delete_leaves_nothing(client: GatewayClient, stream: Stream) -> None:
    """Neither upload nor result nor cache answers any more; the topics tell."""
    document_id = await client.submit("to be forgotten")
    place = f"/v1/documents/{document_id}"
    await client.ask("GET", f"{place}?wait=30")
    assert (await client.ask("DELETE", place)).status == 204
    gone = await client.ask("GET", place)
    assert (gone.status, gone.problem) == (410, "deleted")
    owned = Owned("", document_id)
    bucket = stream.settings.uploads_bucket
    left = [entry.object_name for entry in stream.store.list_objects(bucket, recursive=True)]
    assert owned.upload_key not in left
    results = stream.settings.results_bucket
    stored = stream.store.get_object(bucket_name=results, object_name=owned.outcome_key).read()
    assert orjson.loads(stored)["type"] == "document.deleted"
    told = []
    async for record in stream._records(stream.settings.results_topic, 20):
        if record.key.decode().endswith(document_id):
            told.append(orjson.loads(record.value)["type"] if record.value else None)
            if record.value is None:
                break
    assert told == ["document.recognized", "document.deleted", None]
    assert (await client.ask("DELETE", place)).status == 204


async def test_delete_while_it_waits_means_it_is_never_read(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """No dead letter is made of what its owner took back."""
    stream = await open_stream(servers)
    with gateway_process(stream, tmp_path) as (url, _):
        async with client_of(url) as client:
            document_id = await client.submit("changed my mind")
            assert (await client.ask("DELETE", f"/v1/documents/{document_id}")).status == 204
    with worker_process(stream, tmp_path, program=QUICK_WORKER):
        assert await stream.wait_committed(1) == 1
    assert await stream.read(stream.settings.dead_letters_topic, 1, timeout_s=2) == []


async def test_an_object_of_the_store_is_read_by_its_place(
    client: GatewayClient, stream: Stream, tmp_path: Path
) -> None:
    """The result tells of the object itself; one that is not there is no document."""
    file = tmp_path / "a.pdf"
    file.write_bytes(document("was there before"))
    stream.upload(file, "in/a.pdf")
    bucket = stream.settings.uploads_bucket
    answer = await client.ask("POST", "/v1/documents", json={"bucket": bucket, "key": "in/a.pdf"})
    assert answer.status == 202, answer.body
    found = await client.ask("GET", f"{answer.headers['location']}?wait=30")
    source = found.json["result"]["source"]  # type: ignore[index]
    assert (source["key"], found.json["result"]["text"]) == ("in/a.pdf", "%PDF- was there before")  # type: ignore[index]
    for key in ("in/none.pdf", Owned("", str(answer.json["document_id"])).upload_key):
        refused = await client.ask("POST", "/v1/documents", json={"bucket": bucket, "key": key})
        assert refused.status == 404


async def test_a_form_for_the_store_takes_large_documents(client: GatewayClient) -> None:
    """The file goes to the store, and is read when that is confirmed."""
    data = document("large")
    begun = await client.ask("POST", "/v1/uploads", json={"size_bytes": len(data)})
    assert begun.status == 201, begun.body
    confirm = str(begun.json["confirm"])
    assert (await client.ask("POST", confirm)).status == 404
    form = aiohttp.FormData(begun.json["fields"])  # type: ignore[arg-type]
    form.add_field("file", data, filename="x")
    async with client.session.post(str(begun.json["url"]), data=form) as stored:
        assert stored.status in (200, 204), await stored.text()
    confirmed = await client.ask("POST", confirm)
    assert confirmed.status == 202, confirmed.body
    place = f"/v1/documents/{begun.json['document_id']}"
    text = await client.ask("GET", f"{place}/text?wait=30")
    assert text.body.decode() == "%PDF- large"


async def test_an_idempotency_key_stands_for_one_document(client: GatewayClient) -> None:
    """The same bytes are the same document, other bytes a mistake, also after it was deleted."""
    headers = {"Idempotency-Key": "6f1c1f0e-7a52-4f2b-9a0c-2f8d4f8f7a11"}
    first, second = [await client.submit("once", headers) for _ in range(2)]
    assert first == second
    other = await client.ask("POST", "/v1/documents", document("twice"), headers=headers)
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    await client.ask("GET", f"/v1/documents/{first}?wait=30")
    await client.ask("DELETE", f"/v1/documents/{first}")
    late = await client.ask("POST", "/v1/documents", document("once"), headers=headers)
    assert late.status == 410


async def test_of_two_documents_at_once_under_one_key_one_is_taken(client: GatewayClient) -> None:
    """Both are asked for before either is there; what is read is what was accepted."""
    for _ in range(3):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        both = asyncio.Barrier(2)

        async def slowly(text: str, both: asyncio.Barrier = both) -> AsyncIterator[bytes]:
            yield document("")
            await both.wait()
            await asyncio.sleep(0.2)  # the gateway looks for the key's document meanwhile
            yield text.encode()

        texts = ("one", "another")
        answers = await asyncio.gather(
            *(client.ask("POST", "/v1/documents", slowly(text), headers=headers) for text in texts)
        )
        told = {answer.status: (answer, text) for answer, text in zip(answers, texts, strict=True)}
        assert set(told) == {202, 422}, [answer.body for answer in answers]
        taken, text = told[202]
        assert told[422][0].problem == "idempotency-key-reused"
        found = await client.ask("GET", f"{taken.headers['location']}/text?wait=30")
        assert found.body == document(text)


async def test_an_idempotency_key_stands_for_a_document_whose_upload_is_gone(
    client: GatewayClient, stream: Stream
) -> None:
    """Its result knows which bytes these were; nothing is stored or read again."""
    headers = {"Idempotency-Key": "0c0ffee0-7a52-4f2b-9a0c-2f8d4f8f7a11"}
    first = await client.submit("kept for an hour", headers)
    await client.ask("GET", f"/v1/documents/{first}?wait=30")
    place = (stream.settings.uploads_bucket, Owned("", first).upload_key)
    stream.store.remove_object(*place)
    assert await client.submit("kept for an hour", headers) == first
    other = await client.ask("POST", "/v1/documents", document("another"), headers=headers)
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert [*stream.store.list_objects(*place)] == []
    assert (await client.ask("DELETE", f"/v1/documents/{first}")).status == 204


async def test_what_is_no_document_is_refused(client: GatewayClient, stream: Stream) -> None:
    """Each with its status and what to do; nothing of it is stored."""
    bucket = stream.settings.uploads_bucket
    before = {o.object_name for o in stream.store.list_objects(bucket, recursive=True)}
    form = aiohttp.FormData()
    form.add_field("other", b"x", filename="x")
    cases = [
        (b"just text", {}, 415, "unsupported-format"),
        (b"", {}, 422, "empty"),
        (form, {}, 400, "malformed"),
        (b"x", {"Content-Type": "multipart/form-data; boundary=b"}, 400, "malformed"),
        (b"{", {"Content-Type": "application/json"}, 422, "malformed"),
        (document("x"), {"Idempotency-Key": "short"}, 422, "malformed"),
    ]
    for data, headers, status, problem in cases:
        answer = await client.ask("POST", "/v1/documents", data, headers=headers)
        assert (answer.status, answer.problem) == (status, problem), answer.body
    options = await client.ask("POST", '/v1/documents?options={"x":1}', document("x"))
    assert (options.status, options.problem) == (422, "invalid-options")
    assert {o.object_name for o in stream.store.list_objects(bucket, recursive=True)} == before


async def test_any_replica_answers(client: GatewayClient, stream: Stream, tmp_path: Path) -> None:
    """A document that one took, another one knows; waiting is woken on both."""
    with gateway_process(stream, tmp_path, "second") as (url, _):
        async with client_of(url) as other:
            document_id = await client.submit("anywhere")
            place = f"/v1/documents/{document_id}"
            asking = (one.ask("GET", f"{place}?wait=30") for one in (client, other))
            answers = await asyncio.gather(*asking)
    assert [answer.json["state"] for answer in answers] == ["done", "done"]


async def test_sigterm_ends_it_with_nothing_left_open(stream: Stream, tmp_path: Path) -> None:
    """What was announced is with the broker, and an orchestrator sees that it ended well."""
    with gateway_process(stream, tmp_path, "ending") as (url, process):
        async with client_of(url) as client:
            await client.submit("last one")
        os.kill(process.pid, signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 30) == 0
        assert '"stopped"' in process.log_path.read_text()


async def test_a_slow_client_is_given_up_and_holds_up_nobody(
    client: GatewayClient, stream: Stream
) -> None:
    """A byte a second gets 408 after a while; meanwhile everybody else is served."""

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b"%"
            await asyncio.sleep(1)

    slow = asyncio.create_task(client.ask("POST", "/v1/documents", drip()))
    await asyncio.sleep(1)
    assert await client.submit("quick")
    answer = await slow
    assert (answer.status, answer.problem) == (408, "too-slow")
