"""Around every request: its ids, its line in the log, its limits, and what a fault looks like."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp
import pytest

from streams.embedded import LOOPBACK
from streams.gateway.guard import Context
from streams.gateway.problems import Overloaded
from streams.gateway.service import Gateway
from tests.fakes.gateway import NOTHING_LEFT, MemoryGateway, serve
from tests.gateway import GatewayClient, client_of

PLACE = f"/v1/documents/{'0' * 32}"
PROTECTING = {
    "x-content-type-options",
    "x-frame-options",
    "content-security-policy",
    "referrer-policy",
    "cross-origin-resource-policy",
    "cache-control",
    "x-request-id",
}


@pytest.fixture
def memory() -> MemoryGateway:
    """Takes one request at a time."""
    return MemoryGateway.of(gateway_requests_max=1, gateway_cors_origins="https://a.example")


@pytest.fixture
async def client(memory: MemoryGateway) -> AsyncIterator[GatewayClient]:
    """A client of it."""
    async with serve(memory) as port, client_of(f"http://{LOOPBACK}:{port}") as client:
        yield client


@pytest.mark.parametrize("path", ["/livez", "/openapi.json", "/v1/documents", PLACE, "/nothing"])
async def test_every_answer_has_the_headers_that_protect(client: GatewayClient, path: str) -> None:
    """Problems too."""
    answer = await client.ask("GET", path)
    assert set(answer.headers) >= PROTECTING
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "is_kept"), [("request-1", True), ("a b", False), ("a" * 129, False), ("", False)]
)
async def test_request_id_is_the_clients_where_it_is_one(
    client: GatewayClient, sent: str, is_kept: bool
) -> None:
    """Else a new one; the problem tells it as well."""
    answer = await client.ask("GET", PLACE, headers={"X-Request-Id": sent})
    assert (answer.headers["x-request-id"] == sent) is is_kept
    assert answer.json["request_id"] == answer.headers["x-request-id"]


async def test_fault_of_ours_is_a_problem_without_its_details(
    client: GatewayClient,
    memory: MemoryGateway,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has the details, under the request's id; the connection goes on."""

    async def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(Gateway, "find", fail)
    for _ in range(2):
        answer = await client.ask("GET", PLACE)
        assert (answer.status, answer.problem) == (500, "internal")
        assert b"secret" not in answer.body
    assert caplog.text.count("a fault of ours in request") == 2
    assert memory.leftovers() == NOTHING_LEFT


async def test_store_that_is_away_is_told_as_such(
    client: GatewayClient, memory: MemoryGateway
) -> None:
    """503, and when to come again."""
    await client.ask("GET", PLACE)
    memory.store.away_count = 1
    answer = await client.ask("GET", PLACE)
    assert (answer.status, answer.problem) == (503, "away")
    assert int(answer.headers["retry-after"]) >= 5


async def test_too_many_requests_at_once_are_refused(
    client: GatewayClient, memory: MemoryGateway
) -> None:
    """Whoever comes second is told to come again, until the first one is served."""
    document_id = await client.submit("x")
    asking = asyncio.create_task(client.ask("GET", f"/v1/documents/{document_id}?wait=1"))
    await asyncio.sleep(0.2)
    assert memory.requests_in_work == 1
    refused = await client.ask("GET", PLACE)
    assert (refused.status, refused.problem) == (503, "overloaded")
    assert (await asking).status == 200
    assert (await client.ask("GET", PLACE)).status == 404


async def test_client_that_goes_away_is_no_fault(
    client: GatewayClient, memory: MemoryGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """One line says so; nothing else is logged, and nothing is left."""
    caplog.set_level(logging.INFO)

    async def broken_off() -> AsyncIterator[bytes]:
        yield b"%PDF-"
        raise ConnectionError

    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await client.ask("POST", "/v1/documents", broken_off())
    await asyncio.sleep(0.2)
    assert memory.leftovers() == NOTHING_LEFT
    assert "POST /v1/documents 400" in caplog.text
    assert "Traceback" not in caplog.text


async def test_allow_names_every_method(client: GatewayClient) -> None:
    """Of the path, not of one of its routes."""
    for method, path, allowed in (
        ("PUT", PLACE, "DELETE, GET"),
        ("GET", "/v1/documents", "POST"),
        ("HEAD", f"{PLACE}/text", "GET"),
    ):
        answer = await client.ask(method, path)
        assert (answer.status, answer.headers["allow"]) == (405, allowed)


async def test_pages_of_elsewhere_may_ask_where_they_are_named(client: GatewayClient) -> None:
    """Others are not told that they may, and may not."""
    for origin, status in (("https://a.example", 404), ("https://b.example", 403)):
        answer = await client.ask("GET", PLACE, headers={"Origin": origin})
        assert answer.status == status
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed == (origin if status == 404 else None)


def test_one_key_leaves_room_for_others() -> None:
    """Its share of the requests in work is full; another one's is not, nor its own afterwards."""
    open_requests: Counter[str] = Counter()

    def context() -> Context:
        return Context("id", (), open_requests=open_requests, share_max=2)

    mine = [context() for _ in range(3)]
    for one in mine[:2]:
        one.enter("mine", "t")
    with pytest.raises(Overloaded) as refused:
        mine[2].enter("mine", "t")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "2")
    other = context()
    other.enter("other", "t")
    for one in (*mine, other):
        one.leave()
    assert not open_requests
    context().enter("mine", "t")
