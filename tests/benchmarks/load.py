"""The gateway under load: many clients at once, next to bare PUTs to the same store.

    make bench
    python -m tests.benchmarks.load rates --seconds 120 --bare-seconds 30
    python -m tests.benchmarks.load overload --clients 1000 --seconds 60

k6 uploads from many connections at once, each the next document as soon as it has an answer. Beside
every run through the gateway ten clients send a byte a second. At the end every document that was
accepted must have a result.

`rates`: to MinIO itself, by URLs that were signed before; to the gateway while no worker runs; to
the gateway with a worker whose recogniser takes no time; on the same Apache Kafka and MinIO, one
after the other, in every round. `overload`: to a gateway that may have few requests in work, and
whose store is frozen for a third of the time. Both print Markdown tables. `--secured`: clients have
an API key, and gateway and worker encrypt what they store.
"""

import argparse
import asyncio
import os
import platform
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded import LOOPBACK, ServerProcess, free_ports
from streams.kafka import client_options
from streams.store.master_keys import new_line
from tests.benchmarks.generator import Saw, upload_all_the_time
from tests.benchmarks.processes import Costs
from tests.gateway import QUICK_WORKER, add_key, gateway_process
from tests.servers.kafka import apache_kafka
from tests.servers.minio import minio
from tests.stream import PARTITION_COUNT, Stream, get, open_stream, worker_process

PICTURE_BYTES = 200_000
SLOW_CLIENTS = 10
BARE_PER_S_MAX = 1_500
"""URLs that are signed for each second of bare PUTs; two cores have not done half of it."""

FEW = {"gateway_requests_max": "20", "gateway_bytes_max": str(2**23)}
"""Limits of a gateway that is to be overloaded."""

IN_FLIGHT = "ocrstream_in_flight"
DRAIN_LIMIT_S = 600.0
BARE, ALONE, WITH_WORKER = "bare PUTs", "gateway", "gateway and worker"


@dataclass(frozen=True, slots=True)
class Site:
    """Servers, a stream, and a gateway.

    Attributes:
        folder: For logs and files.
        stream: Of the gateway.
        url: Of the gateway.
        metrics_url: Of the gateway's metrics.
        store: The store's process.
        key: Of its clients; None: anybody may ask.
        pids: Of gateway, store and broker, by name.
    """

    folder: Path
    stream: Stream
    url: str
    metrics_url: str
    store: ServerProcess
    key: str | None
    pids: Mapping[str, int]

    @property
    def headers(self) -> dict[str, str]:
        """What its clients send."""
        return {"X-API-Key": self.key} if self.key else {}


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what it was, what the clients saw, what it cost, what became of the slow clients."""

    name: str
    saw: Saw
    costs: Costs
    slow: Mapping[int, int]


def make_picture(path: Path) -> Path:
    """Bytes that the gateway takes for a document; the quick worker reads up to the first NUL."""
    head = b"%PDF- ".ljust(64) + b"\n\0"
    path.write_bytes(head + os.urandom(PICTURE_BYTES - len(head)))
    return path


def make_master_keys(folder: Path) -> Path:
    """A file with one master key."""
    path = folder / "master-keys"
    path.write_text(new_line("load"), encoding="ascii")
    path.chmod(0o400)
    return path


@contextmanager
def open_site(folder: Path, overrides: Mapping[str, str], is_secured: bool) -> Iterator[Site]:
    """Kafka, MinIO and a gateway, until the block ends.

    Args:
        folder: For everything.
        overrides: Settings of the gateway.
        is_secured: With an API key, and master keys by which everything is encrypted.
    """
    sealing = {"master_keys_file": str(make_master_keys(folder))} if is_secured else {}
    with ExitStack() as stack:
        kafka = stack.enter_context(apache_kafka(folder / "kafka"))
        store = stack.enter_context(minio(folder / "minio", kafka.brokers, "notifications"))
        stream = asyncio.run(open_stream(store.addresses, PARTITION_COUNT, **sealing))
        key = asyncio.run(add_key(stream)) if is_secured else None
        (port,) = free_ports(1)
        running = gateway_process(stream, folder, http_port=str(port), **overrides)
        url, gateway = stack.enter_context(running)
        processes = {"gateway": gateway, "store": store.process, "broker": kafka.process}
        pids = {name: one.pid for name, one in processes.items()}
        yield Site(
            folder, stream, url, f"http://{LOOPBACK}:{port}/metrics", store.process, key, pids
        )


def put_bare(site: Site, name: str, picture: Path, clients: int, seconds: int) -> Saw:
    """Load the store itself, by URLs that were signed before."""
    store, bucket = site.stream.store, site.stream.settings.uploads_bucket
    urls = (
        store.get_presigned_url("PUT", bucket, f"{name}/{number}", timedelta(hours=1))
        for number in range(seconds * BARE_PER_S_MAX)
    )
    listed = site.folder / f"{name}.txt"
    listed.write_text("\n".join(urls), encoding="ascii")
    return upload_all_the_time(site.folder, name, picture, clients, seconds, URLS=str(listed))


@asynccontextmanager
async def slow_clients(site: Site) -> AsyncIterator[Counter[int]]:
    """Have clients send a byte a second; gives what they are answered, 0: cut off."""
    answers: Counter[int] = Counter()

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"%"
            await asyncio.sleep(1)

    async def send(session: aiohttp.ClientSession) -> None:
        while True:
            try:
                async with session.post(f"{site.url}/v1/documents", data=drip()) as answer:
                    answers[answer.status] += 1
                    wait_s = float(answer.headers.get("Retry-After", 0))
            except aiohttp.ClientError:
                answers[0] += 1
                wait_s = 1.0
            await asyncio.sleep(wait_s)

    async with aiohttp.ClientSession(headers=site.headers) as session:
        sending = [asyncio.create_task(send(session)) for _ in range(SLOW_CLIENTS)]
        try:
            yield answers
        finally:
            for one in sending:
                one.cancel()
            await asyncio.gather(*sending, return_exceptions=True)


async def load_store(site: Site, name: str, picture: Path, clients: int, seconds: int) -> Run:
    """One run against the store itself."""
    watched = {name: pid for name, pid in site.pids.items() if name == "store"}
    async with Costs(watched) as costs:
        saw = await asyncio.to_thread(put_bare, site, name, picture, clients, seconds)
    return Run(BARE, saw, costs, {})


async def load_gateway(
    site: Site,
    name: str,
    picture: Path,
    clients: int,
    seconds: int,
    worker: ServerProcess | None = None,
) -> Run:
    """One run through the gateway, slow clients beside it."""
    watched = {**site.pids, **({"worker": worker.pid} if worker else {})}
    place = {"URL": f"{site.url}/v1/documents", "KEY": site.key or ""}
    async with slow_clients(site) as slow, Costs(watched) as costs:
        saw = await asyncio.to_thread(
            upload_all_the_time, site.folder, name, picture, clients, seconds, **place
        )
    return Run(WITH_WORKER if worker else ALONE, saw, costs, slow)


@contextmanager
def quick_worker(site: Site) -> Iterator[ServerProcess]:
    """A worker whose recogniser takes no time."""
    environment = {**site.stream.environment, "OCRSTREAM_TEST_READ_MS": "0"}
    stream = Stream(environment, site.stream.settings)
    with worker_process(stream, site.folder, program=QUICK_WORKER) as worker:
        yield worker


async def measure_rates(site: Site, clients: int, seconds: int, bare_seconds: int) -> list[Run]:
    """One run of each kind; at the end the worker has read everything."""
    picture = make_picture(site.folder / "picture")
    own = os.urandom(4).hex()
    runs = [
        await load_store(site, f"bare-{own}", picture, clients, bare_seconds),
        await load_gateway(site, f"alone-{own}", picture, clients, seconds),
    ]
    with quick_worker(site) as worker:
        runs.append(await load_gateway(site, f"both-{own}", picture, clients, seconds, worker))
        await wait_until_read(site.stream)
    return runs


async def overload(site: Site, clients: int, seconds: int) -> Run:
    """More clients than there is room for, and a store that hangs in the middle."""
    picture = make_picture(site.folder / "picture")

    async def freeze_the_store() -> None:
        await asyncio.sleep(seconds / 3)
        site.store.pause()
        await asyncio.sleep(seconds / 3)
        site.store.resume()

    with quick_worker(site) as worker:
        freezing = asyncio.create_task(freeze_the_store())
        run = await load_gateway(site, "overload", picture, clients, seconds, worker)
        await freezing
        await wait_until_read(site.stream)
    return run


async def held(site: Site) -> dict[str, float]:
    """What the gateway holds against its limits."""
    _, text = await get(site.metrics_url)
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return {one.labels["kind"]: one.value for one in samples if one.name == IN_FLIGHT}


async def wait_until_read(stream: Stream) -> None:
    """Wait until the worker has settled everything that was announced.

    Raises:
        TimeoutError: that takes too long.
    """
    announced = await message_count(stream, stream.settings.uploads_topic)
    async with asyncio.timeout(DRAIN_LIMIT_S):
        while await stream.committed() < announced:  # noqa: ASYNC110 - Kafka wakes nobody
            await asyncio.sleep(1)


async def message_count(stream: Stream, topic: str) -> int:
    """How many messages a topic has."""
    consumer = AIOKafkaConsumer(**client_options(stream.settings))
    await consumer.start()
    try:
        return sum((await consumer.end_offsets(_partitions(topic))).values())
    finally:
        await consumer.stop()


async def ids_on(stream: Stream, topic: str, name: str) -> set[str]:
    """What all messages of a topic have under a name."""
    consumer = AIOKafkaConsumer(**client_options(stream.settings))
    await consumer.start()
    try:
        consumer.assign(_partitions(topic))
        await consumer.seek_to_beginning()
        left = sum((await consumer.end_offsets(_partitions(topic))).values())
        found: set[str] = set()
        while left > 0:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                left -= len(records)
                found |= {str(orjson.loads(record.value)[name]) for record in records}
        return found
    finally:
        await consumer.stop()


def _partitions(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(PARTITION_COUNT)]


def print_runs(runs: list[Run], bare_per_s: float | None) -> None:
    """Three tables: what clients saw, what it cost, what memory it took."""
    _print_row("uploads", "a second", "of bare PUTs", "accepted", "told to come later", "failed")
    _print_row(*["---"] * 6)
    for run in runs:
        saw = run.saw
        ratio = f"{saw.per_s / bare_per_s:.2f}" if bare_per_s else ""
        counts = (str(count) for count in (saw.accepted, saw.refused, saw.failed))
        _print_row(run.name, f"{saw.per_s:.0f}", ratio, *counts)
    print()
    _print_row("accepted after", "p50 ms", "p95 ms", "p99 ms", "answers", "to slow clients")
    _print_row(*["---"] * 6)
    for run in runs:
        times = (f"{ms:.0f}" for ms in (run.saw.p50_ms, run.saw.p95_ms, run.saw.p99_ms))
        _print_row(run.name, *times, _counted(run.saw.statuses), _counted(run.slow))
    print()
    names = ("generator", "gateway", "store", "broker", "worker", "all")
    _print_row("CPU ms per accepted upload", *names, "cores busy")
    _print_row(*["---"] * 8)
    for run in runs:
        cpu_s = {"generator": run.saw.cpu_s, **run.costs.cpu_s}
        cpu_s["all"] = sum(cpu_s.values())
        each = (f"{1000 * cpu_s[n] / run.saw.accepted:.2f}" if n in cpu_s else "" for n in names)
        _print_row(run.name, *each, f"{cpu_s['all'] / run.saw.elapsed_s:.2f}")
    print()
    _print_row("MiB", "before", "after a quarter", "half", "the end")
    _print_row(*["---"] * 5)
    for run in runs:
        for name in ("gateway", "worker"):
            if mib := run.costs.mib.get(name):
                places = (0, len(mib) // 4, len(mib) // 2, len(mib) - 1)
                _print_row(f"{name}, {run.name}", *(f"{mib[place]:.0f}" for place in places))
    print()


def _counted(answers: Mapping[int, int]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(answers.items()))


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


async def print_outcomes(site: Site, accepted: int) -> None:
    """Whether every accepted document has a result, and what the gateway holds afterwards.

    Raises:
        SystemExit: a document has none, or the gateway still holds something.
    """
    stream, settings = site.stream, site.stream.settings
    announced = await ids_on(stream, settings.uploads_topic, "event_id")
    read = await ids_on(stream, settings.results_topic, "document_id")
    dead = await message_count(stream, settings.dead_letters_topic)
    print(f"{accepted} accepted, {len(announced)} announced, ", end="")
    print(f"{len(announced & read)} of them with a result, {dead} dead letters")
    left = await held(site)
    print(f"the gateway holds {left['requests']:.0f} requests and {left['bytes']:.0f} bytes")
    if any(left.values()):
        raise SystemExit("the gateway holds something, and nobody asks")
    if len(announced & read) < max(accepted, len(announced)):
        raise SystemExit("a document was accepted and has no result")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("rates", "overload"))
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--bare-seconds", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--secured", action="store_true")
    arguments = parser.parse_args()
    clients, seconds = arguments.clients, arguments.seconds
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    secured = ", with API keys and encryption" if arguments.secured else ""
    print(f"{clients} clients, pictures of {PICTURE_BYTES} bytes{secured}\n")
    is_overload = arguments.what == "overload"
    accepted = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        open_site(Path(folder), FEW if is_overload else {}, arguments.secured) as site,
    ):
        for _ in range(arguments.rounds):
            if is_overload:
                runs = [asyncio.run(overload(site, clients, seconds))]
                print_runs(runs, None)
            else:
                runs = asyncio.run(measure_rates(site, clients, seconds, arguments.bare_seconds))
                print_runs(runs, runs[0].saw.per_s)
            accepted += sum(run.saw.accepted for run in runs if run.name != BARE)
        asyncio.run(print_outcomes(site, accepted))


if __name__ == "__main__":
    main()
