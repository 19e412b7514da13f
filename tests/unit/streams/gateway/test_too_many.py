"""Serving more clients than there is room for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from streams.embedded import LOOPBACK
from streams.gateway import server
from streams.gateway.guard import Guard
from streams.gateway.server import listen, server_of
from streams.metrics import Metrics
from streams.settings import Settings

REQUESTS_MAX = 2


async def answer_after_a_while(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that takes its time."""
    await asyncio.sleep(0.2)
    await PlainTextResponse("done")(scope, receive, send)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[int]:
    """Serve an application within the block; gives the port."""
    with listen(LOOPBACK, 0) as listening:
        settings = Settings.from_environment(gateway_requests_max=REQUESTS_MAX)
        serving = server_of(app, settings, LOOPBACK)
        running = asyncio.create_task(serving.serve([listening]))
        while not serving.started:  # noqa: ASYNC110 - uvicorn wakes nobody
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1]
        serving.should_exit = True
        await running


async def test_whoever_is_too_many_is_told_when_to_come_again() -> None:
    """However few requests may be in work; the others' bodies are read to their end."""
    guard = Guard(answer_after_a_while, Metrics(), REQUESTS_MAX, is_secure=False)
    async with serving(guard) as port, aiohttp.ClientSession() as session:

        async def ask() -> tuple[int, str | None]:
            data = bytes(2_000_000)
            async with session.post(f"http://{LOOPBACK}:{port}/", data=data) as answer:
                return answer.status, answer.headers.get("Retry-After")

        answers = await asyncio.gather(*(ask() for _ in range(40)))
    statuses = {status for status, _ in answers}
    assert statuses == {200, 503}
    assert all(retry for status, retry in answers if status == 503)


async def test_a_flood_of_connections_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is closed at once; those that were there are served."""
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 2)
    async with serving(answer_after_a_while) as port:
        connections = [await asyncio.open_connection(LOOPBACK, port) for _ in range(3)]
        assert await connections[2][0].read() == b""
        connections[0][1].write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in await connections[0][0].read()
        for _, writer in connections:
            writer.close()
