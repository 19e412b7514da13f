"""What delivering costs: the worker against a bare loop, and against reading without delivery.

    make bench
    python -m tests.benchmarks.delivery events --events 2000 --rounds 5
    python -m tests.benchmarks.delivery pages --rounds 5 --documents samples/*.png

`events`: documents per second of a worker whose recogniser takes no time, with and without the
result cache, next to `bare_loop.py` (with the SDK in threads, and fetching as a worker does); all
on the same Apache Kafka and MinIO, one after the other, in every round. `pages`: CPU seconds per
page of a worker, next to the same pages read in-process.
Both print every round and the medians.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from processors.reader import open_reader
from processors.values import EncodedDocument
from schemas.options import DocumentOptions
from streams.embedded import LOOPBACK, ServerProcess, free_ports
from streams.kafka import client_options
from streams.provision import TopicPlan, provision
from streams.settings import PREFIX, Settings
from tests.servers.external import real_servers
from tests.stream import PARTITION_COUNT, ROOT, SAMPLES, Stream, get, http_status, open_stream

TEXT = "A line of a letter, as long as lines of letters are, and a little longer than that.\n" * 10
CPU = "process_cpu_seconds_total"
TIMEOUT_S = 300.0
TIMESTAMP_STEP_S = 0.001


@dataclass(frozen=True, slots=True)
class Contender:
    """What reads the events: a module that is run, with settings of its own."""

    name: str
    program: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    answers_http: bool = True


QUICK = ("tests.quick_worker",)
NO_CACHE = (("cache_age_s", "0"),)
BARE_LOOP = "tests.benchmarks.bare_loop"
BARE = Contender("bare loop", (BARE_LOOP,), answers_http=False)
CONTENDERS = (
    BARE,
    Contender("bare loop, own fetch", (BARE_LOOP, "--on-loop"), answers_http=False),
    Contender("worker", QUICK),
    Contender("worker, no cache", QUICK, NO_CACHE),
)
WORKER = Contender("worker", ("streams.cli", "worker"))


@dataclass(frozen=True, slots=True)
class Measured:
    """Events per second between the first and the last result; CPU seconds of the worker."""

    events_per_s: float
    cpu_s: float


async def measure(contender: Contender, stream: Stream, event_count: int, folder: Path) -> Measured:
    """Let a contender, with a group, results and a cache of its own, read all the events."""
    own = await _with_own_outcomes(stream, dict(contender.settings))
    (port,) = free_ports(1)
    environment = {
        **own.environment,
        f"{PREFIX}DATA_DIR": str(folder / uuid.uuid4().hex),
        f"{PREFIX}HTTP_PORT": str(port),
        f"{PREFIX}LOG_FORMAT": "json",
        "OCRSTREAM_TEST_READ_MS": "0",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }
    name = contender.name.replace(" ", "-").replace(",", "")
    command = (sys.executable, "-m", *contender.program)
    with ServerProcess(name, command, folder, environment) as process:
        before_s = 0.0
        if contender.answers_http:
            process.wait_until(lambda: http_status(port, "/readyz") == 200, timeout_s=120)
            before_s = await _cpu_s(port)
        times = await _wait_for_results(own, event_count)
        cpu_s = await _cpu_s(port) - before_s if contender.answers_http else 0.0
    elapsed_s = max(TIMESTAMP_STEP_S, times[1] - times[0])
    return Measured((event_count - 1) / elapsed_s, cpu_s)


async def _with_own_outcomes(stream: Stream, changes: dict[str, str]) -> Stream:
    own = uuid.uuid4().hex[:10]
    changes = changes | {
        "consumer_group": f"group-{own}",
        "results_topic": f"results-{own}",
        "dead_letters_topic": f"dead-{own}",
        "results_bucket": f"results-{own}",
    }
    values = {k.removeprefix(PREFIX).lower(): v for k, v in stream.environment.items()} | changes
    settings = Settings.from_environment(**values)
    await provision(settings, TopicPlan(PARTITION_COUNT, 1), dry_run=False)
    return Stream({PREFIX + name.upper(): value for name, value in values.items()}, settings)


async def _cpu_s(port: int) -> float:
    _, text = await get(f"http://{LOOPBACK}:{port}/metrics")
    families = text_string_to_metric_families(text)
    return next(s.value for family in families for s in family.samples if s.name == CPU)


async def _wait_for_results(stream: Stream, count: int) -> tuple[float, float]:
    """When the first and the last of so many results were published, in seconds."""
    topic = stream.settings.results_topic
    consumer = AIOKafkaConsumer(
        topic, **client_options(stream.settings), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITION_COUNT)]
        async with asyncio.timeout(TIMEOUT_S):
            while sum((await consumer.end_offsets(partitions)).values()) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        times: list[float] = []
        while len(times) < count:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                times.extend(record.timestamp / 1000 for record in records)
        return min(times), max(times)
    finally:
        await consumer.stop()


async def compare_events(event_count: int, rounds: int, folder: Path) -> None:
    """Print events per second of every contender."""
    with real_servers(folder) as servers:
        stream = await open_stream(servers)
        store, bucket = stream.store, stream.settings.uploads_bucket
        keys = [f"{number}.txt" for number in range(event_count)]
        for key in keys:
            data = f"{key}\n{TEXT}".encode()
            store.put_object(
                bucket_name=bucket, object_name=key, data=BytesIO(data), length=len(data)
            )
        await stream.publish(*(stream.event(key) for key in keys))
        print(f"{event_count} events, objects of {len(data)} bytes\n")
        found: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
        _print_row("events/s", *found, "ratio")
        _print_row(*["---"] * (len(found) + 2))
        for number in range(rounds):
            for contender in CONTENDERS[number % 4 :] + CONTENDERS[: number % 4]:
                measured = await measure(contender, stream, event_count, folder)
                found[contender.name].append(measured.events_per_s)
            _print_rates(f"round {number + 1}", [values[-1] for values in found.values()])
        _print_rates("median", [statistics.median(values) for values in found.values()])


async def compare_pages(documents: list[Path], rounds: int, folder: Path) -> None:
    """Print CPU seconds per page of the worker and of direct reading."""
    with real_servers(folder) as servers:
        stream = await open_stream(servers)
        for number, path in enumerate(documents):
            stream.upload(path, f"{number}{path.suffix}")
        events = [stream.event(f"{n}{path.suffix}") for n, path in enumerate(documents)]
        await stream.publish(*events)
        print(f"{len(documents)} documents\n")
        found: dict[str, list[float]] = {"direct": [], "worker": []}
        _print_row("CPU s/document", *found, "more")
        _print_row(*["---"] * (len(found) + 2))

        async def by_worker() -> float:
            return (await measure(WORKER, stream, len(documents), folder)).cpu_s

        async def directly() -> float:
            return await _read_directly(stream.settings, documents)

        ways: list[tuple[str, Callable[[], Awaitable[float]]]]
        ways = [("direct", directly), ("worker", by_worker)]
        for number in range(rounds):
            for name, way in ways[:: 1 if number % 2 else -1]:
                found[name].append(await way() / len(documents))
            _print_costs(f"round {number + 1}", *(values[-1] for values in found.values()))
        _print_costs("median", *map(statistics.median, found.values()))


async def _read_directly(settings: Settings, paths: list[Path]) -> float:
    """CPU seconds of reading documents as a worker does, without everything around it."""
    documents = [EncodedDocument(path.read_bytes()) for path in paths]
    places = asyncio.Semaphore(settings.max_documents_in_flight)
    options = settings.read_options(DocumentOptions())
    with open_reader(settings.reader_options()) as reader:

        async def read_one(document: EncodedDocument) -> None:
            async with places:
                await reader.read(document, options)

        before_s = time.process_time()
        await asyncio.gather(*map(read_one, documents))
        return time.process_time() - before_s


def _print_rates(title: str, rates: list[float]) -> None:
    shares = " / ".join(f"{rate / rates[0]:.2f}" for rate in rates[1:])
    _print_row(title, *(f"{rate:.0f}" for rate in rates), shares)


def _print_costs(title: str, direct_s: float, worker_s: float) -> None:
    more = f"{100 * (worker_s / direct_s - 1):+.1f} %"
    _print_row(title, f"{direct_s:.3f}", f"{worker_s:.3f}", more)


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("events", "pages"))
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    samples = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in (".png", ".jpg")]
    parser.add_argument("--documents", type=Path, nargs="+", default=samples)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        if arguments.what == "events":
            work = compare_events(arguments.events, arguments.rounds, Path(folder))
        else:
            work = compare_pages(arguments.documents, arguments.rounds, Path(folder))
        asyncio.run(work)


if __name__ == "__main__":
    main()
