"""One run of the chaos suite: a stream of events, its workers, and the account at the end."""

import asyncio
import base64
import io
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded import LOOPBACK, ServerProcess, free_ports
from streams.kafka import client_options
from streams.settings import PREFIX
from tests.servers.kafka import KafkaServer
from tests.servers.minio import MinioServer
from tests.stream import ROOT, Stream, get, http_status

DOCUMENTS_IN_FLIGHT = 8
READ_MS = 100
SETTLE_TIMEOUT_S = 180.0
SIGTERM_LIMIT_S = 30.0


@dataclass(slots=True)
class Account:
    """One row of the table."""

    fault: str
    events: int = 0
    results: int = 0
    dead_letters: int = 0
    repeated: int = 0
    repeated_max: int = 0
    lost: int = 0
    recovered_s: float | None = None


@dataclass(slots=True)
class Outcomes:
    """Everything that was published, as it comes."""

    results: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    letters: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    last_at: float = 0.0
    times: list[float] = field(default_factory=list)

    def note(self, body: dict[str, object]) -> None:
        """Take one message of either topic; a dead letter goes by its event's Kafka key."""
        self.times.append(time.monotonic())
        if body["type"] == "document.recognized":
            event_id = str(body["source"]["event_id"])  # type: ignore[index]
            self.results[event_id].append((str(body["result_id"]), str(body["text"])))
        else:
            key = base64.b64decode(body["origin"]["key"]).decode()  # type: ignore[index]
            self.letters[key][str(body["category"])] += 1

    @property
    def settled(self) -> set[str]:
        """Event ids and keys that have an outcome."""
        return {*self.results, *self.letters}


class Run:
    """Workers on a stream; made by `open_run`."""

    def __init__(
        self, stream: Stream, kafka: KafkaServer, store: MinioServer, folder: Path, seed: int
    ) -> None:
        self.stream = stream
        self.kafka = kafka
        self.store = store
        self.random = random.Random(seed)
        self.outcomes = Outcomes()
        self.workers: dict[str, tuple[ServerProcess, int]] = {}
        self.expected: dict[str, str | None] = {}
        self.struck_in_flight = 0
        self.struck_count = 0
        self.fault_ended_at: float | None = None
        self._folder = folder
        self._started = 0

    def start_worker(self, **environment: str) -> str:
        """Start one more worker and return its name; it may not be ready yet."""
        self._started += 1
        name = f"worker-{self._started}"
        (port,) = free_ports(1)
        variables = {
            **self.stream.environment,
            f"{PREFIX}DATA_DIR": str(self._folder / "data"),
            f"{PREFIX}HTTP_PORT": str(port),
            f"{PREFIX}LOG_FORMAT": "json",
            f"{PREFIX}TEST_READ_MS": str(READ_MS),
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            **environment,
        }
        command = (sys.executable, "-m", "tests.chaos.worker")
        process = ServerProcess(name, command, self._folder, variables)
        process.start()
        self.workers[name] = (process, port)
        return name

    def ready(self, name: str) -> None:
        """Wait until a worker is ready."""
        process, port = self.workers[name]
        process.wait_until(lambda: http_status(port, "/readyz") == 200, timeout_s=90)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        process, _ = self.workers.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.stop()

    async def terminate(self, name: str) -> None:
        """SIGTERM; the worker must end with 0 in time."""
        process, _ = self.workers.pop(name)
        os.kill(process.pid, signal.SIGTERM)
        try:
            assert await asyncio.to_thread(process.wait, SIGTERM_LIMIT_S) == 0
        finally:
            process.stop()

    async def send(self, count: int, texts: dict[int, str] | None = None) -> list[str]:
        """Upload documents and publish their events; returns the event ids."""
        first = len(self.expected)
        names = [f"{first + number}.txt" for number in range(count)]
        store, bucket = self.stream.store, self.stream.settings.uploads_bucket

        def put(number: int) -> None:
            data = (texts or {}).get(number, f"text of {names[number]}").encode()
            store.put_object(
                bucket_name=bucket,
                object_name=names[number],
                data=io.BytesIO(data),
                length=len(data),
            )

        with ThreadPoolExecutor(8) as pool:
            await asyncio.to_thread(lambda: list(pool.map(put, range(count))))
        await self.stream.publish(*((n.encode(), self.stream.event(n)[1]) for n in names))
        self.expected |= dict.fromkeys(names)
        return names

    async def gauge(self, name: str) -> float:
        """Sum of a gauge over the workers that answer."""
        total = 0.0
        for _, port in self.workers.values():
            status, text = await get(f"http://{LOOPBACK}:{port}/metrics")
            families = text_string_to_metric_families(text) if status == 200 else ()
            total += sum(s.value for f in families for s in f.samples if s.name == name)
        return total

    async def until(self, settled_count: int, timeout_s: float = SETTLE_TIMEOUT_S) -> None:
        """Wait until so many events have an outcome."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if len(self.outcomes.settled) >= settled_count:
                return
            await asyncio.sleep(0.05)

    async def strike(self) -> None:
        """Note what is in flight: a fault comes now."""
        gauge = await self.gauge("ocrstream_events_in_flight")
        floor = DOCUMENTS_IN_FLIGHT * max(1, len(self.workers))
        self.struck_in_flight += max(int(gauge), floor)

    def fault_ended(self) -> None:
        """Begin to measure the time until the next outcome."""
        self.fault_ended_at = time.monotonic()

    async def account(self, fault: str) -> Account:
        """Wait for every outcome, bring the workers to rest, end them, and add up."""
        await self.until(len(self.expected))
        if not self.lost:
            await self._rest()
        for name in list(self.workers):
            await self.terminate(name)
        await asyncio.sleep(1.0)
        results = self.outcomes.results
        counts = [len(found) for found in results.values()]
        after = [t for t in self.outcomes.times if t > (self.fault_ended_at or float("inf"))]
        return Account(
            fault,
            len(self.expected),
            len(results),
            sum(letters.total() for letters in self.outcomes.letters.values()),
            sum(counts) - len(counts),
            2 * self.struck_in_flight,
            len(self.lost),
            after[0] - self.fault_ended_at if after and self.fault_ended_at else None,
        )

    @property
    def lost(self) -> set[str]:
        """Events without an outcome."""
        return self.expected.keys() - self.outcomes.settled

    def check(self, account: Account) -> None:
        """Fail where something was lost, repeated otherwise or too often, or buried in error."""
        assert not self.lost
        differing = {e: set(f) for e, f in self.outcomes.results.items() if len(set(f)) > 1}
        assert not differing
        for name, category in self.expected.items():
            letters = set(self.outcomes.letters.get(name, ()))
            assert letters == (set() if category is None else {category}), name
            assert (name in self.outcomes.results) == (category is None), name
        assert account.repeated <= account.repeated_max

    async def _rest(self) -> None:
        """Wait until everything is committed and nothing is in flight any more."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if not await self.gauge("ocrstream_events_in_flight"):
                break
            await asyncio.sleep(0.1)
        assert await self.gauge("ocrstream_events_in_flight") == 0
        assert await self.gauge("ocrstream_in_flight") == 0

    def end(self) -> None:
        """End every process that is left."""
        for process, _ in self.workers.values():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
                os.kill(process.pid, signal.SIGKILL)
            process.stop()

    async def watch(self) -> None:
        """Collect every outcome, until cancelled; a broker that is away is waited for."""
        settings = self.stream.settings
        topics = (settings.results_topic, settings.dead_letters_topic)
        consumer = AIOKafkaConsumer(
            *topics,
            **client_options(settings),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            async for record in consumer:
                self.outcomes.note(orjson.loads(record.value))
        finally:
            await consumer.stop()


@asynccontextmanager
async def open_run(
    stream: Stream, kafka: KafkaServer, store: MinioServer, folder: Path, seed: int
) -> AsyncIterator[Run]:
    """A run with its watcher; whatever it started has ended after the block."""
    run = Run(stream, kafka, store, folder, seed)
    watching = asyncio.create_task(run.watch())
    try:
        yield run
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await watching
        run.end()
