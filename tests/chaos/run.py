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
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded import LOOPBACK, ServerAddresses, ServerProcess, free_ports
from streams.kafka import client_options
from streams.settings import PREFIX
from tests.proxy import Proxy
from tests.servers.kafka import KafkaServer
from tests.servers.minio import MinioServer
from tests.stream import ROOT, Stream, get, http_status, wait_until

DOCUMENTS_IN_FLIGHT = 8
READ_MS = 800
LINES = 60
"""Of a document; some 1,200 bytes, so that a connection can break inside of it."""
UPLOADS_AT_ONCE = 4
RESIDENT = "process_resident_memory_bytes"
RESIDENT_GROWTH_MAX_MIB = 64
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
    grown_mib: float = 0.0


@dataclass(frozen=True, slots=True)
class Servers:
    """Broker and store of the suite, and the proxies that everything in it goes through."""

    kafka: KafkaServer
    store: MinioServer
    kafka_proxy: Proxy
    store_proxy: Proxy

    @property
    def addresses(self) -> ServerAddresses:
        """Of the proxies."""
        return replace(
            self.store.addresses,
            kafka_brokers=f"{LOOPBACK}:{self.kafka_proxy.port}",
            s3_endpoint=f"http://{LOOPBACK}:{self.store_proxy.port}",
        )


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

    def __init__(self, stream: Stream, servers: Servers, folder: Path, schedule: str) -> None:
        self.stream = stream
        self.servers = servers
        self.random = random.Random(schedule)
        self.outcomes = Outcomes()
        self.workers: dict[str, tuple[ServerProcess, int]] = {}
        self.expected: dict[str, str | None] = {}
        self.repeats_max = 0
        self.fault_ended_at: float | None = None
        self.resident_bytes: dict[str, float] = {}
        self._folder = folder
        self._reads = folder / "reads"
        self._reads.touch()
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
            "OCRSTREAM_TEST_READ_MS": str(READ_MS),
            "OCRSTREAM_TEST_READS": str(self._reads),
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            **environment,
        }
        command = (sys.executable, "-m", "tests.quick_worker")
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
        with suppress(ProcessLookupError):  # it may have died of its own
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
            data = (texts or {}).get(number, f"text of {names[number]}\n" * LINES).encode()
            store.put_object(
                bucket_name=bucket,
                object_name=names[number],
                data=io.BytesIO(data),
                length=len(data),
            )

        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
            await asyncio.to_thread(lambda: list(pool.map(put, range(count))))
        await self.stream.publish(*((n.encode(), self.stream.event(n)[1]) for n in names))
        self.expected |= dict.fromkeys(names)
        return names

    async def gauges(self, name: str) -> dict[str, float]:
        """A gauge of every worker that answers, summed over its labels."""
        values = {}
        for worker, (_, port) in self.workers.items():
            status, text = await get(f"http://{LOOPBACK}:{port}/metrics")
            if status == 200:
                families = text_string_to_metric_families(text)
                samples = [s.value for f in families for s in f.samples if s.name == name]
                values[worker] = sum(samples)
        return values

    async def note_memory(self) -> None:
        """Remember what the workers hold in memory, for `Account.grown_mib`."""
        self.resident_bytes = await self.gauges(RESIDENT) | self.resident_bytes

    def reads(self) -> Counter[str]:
        """How often the recogniser was called for a text, over all workers."""
        return Counter(orjson.loads(line) for line in self._reads.read_text().splitlines())

    async def until(self, settled_count: int, timeout_s: float = SETTLE_TIMEOUT_S) -> None:
        """Wait until so many events have an outcome, or until the time is over."""
        await wait_until(lambda: len(self.outcomes.settled) >= settled_count, timeout_s)

    async def strike(self) -> None:
        """Note what is in flight: events are about to be taken away from workers."""
        in_flight = sum((await self.gauges("ocrstream_events_in_flight")).values())
        floor = DOCUMENTS_IN_FLIGHT * max(1, len(self.workers))
        self.repeats_max += 2 * max(int(in_flight), floor)
        await self.note_memory()

    def fault_ended(self) -> None:
        """Begin to measure the time until the next outcome."""
        self.fault_ended_at = time.monotonic()

    async def account(self, fault: str) -> Account:
        """Wait for every outcome, bring the workers to rest, end them, and add up."""
        await self.until(len(self.expected))
        if not self.lost:
            await self._rest()
        grown = [
            resident - self.resident_bytes[name]
            for name, resident in (await self.gauges(RESIDENT)).items()
            if name in self.resident_bytes
        ]
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
            self.repeats_max,
            len(self.lost),
            after[0] - self.fault_ended_at if after and self.fault_ended_at else None,
            max(grown, default=0) / 2**20,
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
        assert account.grown_mib < RESIDENT_GROWTH_MAX_MIB

    async def _rest(self) -> None:
        """Wait until everything is committed and nothing is in flight any more."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            in_flight = await self.gauges("ocrstream_events_in_flight")
            held = await self.gauges("ocrstream_in_flight")
            if not any((*in_flight.values(), *held.values())):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"not at rest: {in_flight} events, {held} held")

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
    stream: Stream, servers: Servers, folder: Path, schedule: str
) -> AsyncIterator[Run]:
    """A run with its watcher; whatever it started has ended after the block.

    Args:
        stream: Of the servers' proxies.
        servers: May be killed, frozen and restarted.
        folder: For the workers' data and logs.
        schedule: Seeds the run's random numbers.
    """
    run = Run(stream, servers, folder, schedule)
    watching = asyncio.create_task(run.watch())
    try:
        yield run
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await watching
        run.end()
