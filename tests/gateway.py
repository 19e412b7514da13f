"""A gateway as a process, and a client of it."""

import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import orjson

from streams.access.caller import Scope
from streams.access.key_records import StoredKeyRecords
from streams.access.keys import create_key
from streams.embedded import LOOPBACK, ServerProcess, free_ports
from streams.settings import PREFIX
from tests.stream import ROOT, Stream, http_status

JsonObject = dict[str, object]

QUICK_WORKER = ("tests.quick_worker",)


def document(text: str) -> bytes:
    """Bytes that the gateway takes for a PDF, and that the quick worker reads as they are."""
    return f"%PDF- {text}".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said; `problem` is the name of its problem, where it is one."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> JsonObject:
        """The body, which must be a JSON object."""
        value: JsonObject = orjson.loads(self.body)
        return value

    @property
    def problem(self) -> str | None:
        """Name of the problem."""
        if self.headers.get("content-type") != "application/problem+json":
            return None
        return str(self.json["type"]).rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class GatewayClient:
    """Asks one gateway."""

    url: str
    session: aiohttp.ClientSession

    async def ask(
        self,
        method: str,
        path: str,
        data: object = None,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Make one request."""
        async with self.session.request(
            method, f"{self.url}{path}", data=data, json=json, headers=headers
        ) as response:
            body = await response.read()
            return Answer(
                response.status,
                {name.lower(): value for name, value in response.headers.items()},
                body,
            )

    async def submit(self, text: str, headers: dict[str, str] | None = None) -> str:
        """Submit a document for the quick worker; gives its id."""
        answer = await self.ask("POST", "/v1/documents", document(text), headers=headers)
        assert answer.status == 202, answer.body
        return str(answer.json["document_id"])


async def add_key(
    stream: Stream,
    tenant: str = "default",
    scopes: Iterable[Scope] = (Scope.ADMIN,),
    **more: datetime | float | None,
) -> str:
    """Make a key as `ocrstream keys create` does; gives it as its owner has it."""
    key, record = create_key(tenant, scopes, datetime.now(UTC), **more)  # type: ignore[arg-type]
    async with StoredKeyRecords(stream.settings) as records:
        await records.put(record)
    return str(key)


@contextmanager
def gateway_process(
    stream: Stream, folder: Path, name: str = "gateway", **overrides: str
) -> Iterator[tuple[str, ServerProcess]]:
    """Run `ocrstream gateway` as a process of its own; gives its URL and the process."""
    port, free_port = free_ports(2)
    http_port = overrides.get("http_port", str(free_port))
    environment = {
        **stream.environment,
        f"{PREFIX}GATEWAY_PORT": str(port),
        f"{PREFIX}HTTP_PORT": http_port,
        f"{PREFIX}DATA_DIR": str(folder / f"{name}-data"),
        f"{PREFIX}LOG_FORMAT": "json",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
        **{PREFIX + key.upper(): value for key, value in overrides.items()},
    }
    command = (sys.executable, "-m", "streams.cli", "gateway")
    with ServerProcess(name, command, folder, environment) as process:
        process.wait_until(lambda: http_status(int(http_port), "/readyz") == 200, timeout_s=60)
        scheme = "https" if "tls_cert_file" in overrides else "http"
        yield f"{scheme}://{LOOPBACK}:{port}", process


@asynccontextmanager
async def client_of(url: str, key: str | None = None) -> AsyncIterator[GatewayClient]:
    """A client, with a key or without."""
    headers = {"X-API-Key": key} if key else {}
    async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as own:
        yield GatewayClient(url, own)
