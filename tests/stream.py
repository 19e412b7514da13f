"""One stream of its own per test: topics, buckets, group and workers with names nobody shares."""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import urllib3
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from minio import Minio

from streams.embedded import LOOPBACK, ServerAddresses, ServerProcess, free_ports
from streams.kafka import client_options
from streams.provision import TopicPlan, existing_topics, provision
from streams.settings import PREFIX, Settings
from streams.store.object_store import connect

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
PARTITION_COUNT = 3

ENGINE_VARIABLES = [PREFIX + name for name in ("ENGINE", "DETECTION_MODEL", "RECOGNITION_MODEL")]
"""What `--engine` sets for the workers of a run."""

Message = dict[str, object]


@dataclass(frozen=True, slots=True)
class Stream:
    """The settings of one stream, as environment variables and as values."""

    environment: Mapping[str, str]
    settings: Settings

    @property
    def store(self) -> Minio:
        """A plain S3 client."""
        return connect(self.settings)

    def upload(self, path: Path, key: str) -> str:
        """Put a file into the uploads bucket by plain S3; returns its key."""
        self.store.fput_object(
            bucket_name=self.settings.uploads_bucket, object_name=key, file_path=str(path)
        )
        return key

    def event(self, key: str, **more: object) -> tuple[bytes, bytes]:
        """Kafka key and value of our own kind of event for an object of the uploads bucket."""
        bucket = self.settings.uploads_bucket
        body = {"type": "document.uploaded", "version": 1, "bucket": bucket, "key": key}
        return f"{bucket}/{key}".encode(), orjson.dumps({**body, "event_id": key, **more})

    async def publish(self, *events: tuple[bytes | None, bytes | None]) -> None:
        """Send keys and values to the uploads topic and wait until the broker has them."""
        producer = AIOKafkaProducer(**client_options(self.settings))
        await producer.start()
        try:
            topic = self.settings.uploads_topic
            sent = [await producer.send(topic, value, key) for key, value in events]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def read(self, topic: str, count: int, timeout_s: float = 120.0) -> list[Message]:
        """Read a topic from its beginning until there are `count` messages, or time is up."""
        found: list[Message] = []
        async with aclosing(self._records(topic, timeout_s)) as records:
            async for record in records:
                found.append(orjson.loads(record.value))
                if len(found) >= count:
                    break
        return found

    async def read_ids(self, topic: str, event_ids: Iterable[str], timeout_s: float) -> set[str]:
        """Read a topic of results until all these events have one; returns those that have."""
        missing = set(event_ids)
        wanted = frozenset(missing)
        async with aclosing(self._records(topic, timeout_s)) as records:
            async for record in records:
                missing.discard(orjson.loads(record.value)["source"]["event_id"])
                if not missing:
                    break
        return set(wanted - missing)

    async def committed(self) -> int:
        """Sum of the group's committed offsets on the uploads topic."""
        consumer = AIOKafkaConsumer(
            **client_options(self.settings),
            group_id=self.settings.consumer_group,
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            topic = self.settings.uploads_topic
            count = (await existing_topics(self.settings))[topic]
            partitions = [TopicPartition(topic, number) for number in range(count)]
            return sum([await consumer.committed(partition) or 0 for partition in partitions])
        finally:
            await consumer.stop()

    async def wait_committed(self, count: int, timeout_s: float = 30.0) -> int:
        """Wait until the committed offsets add up to `count`; returns what they add up to."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while (sum_ := await self.committed()) < count:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.2)
        return sum_

    async def _records(self, topic: str, timeout_s: float) -> AsyncGenerator[ConsumerRecord, None]:
        options = client_options(self.settings)
        consumer = AIOKafkaConsumer(topic, **options, auto_offset_reset="earliest")
        deadline = asyncio.get_running_loop().time() + timeout_s
        await consumer.start()
        try:
            while asyncio.get_running_loop().time() < deadline:
                for records in (await consumer.getmany(timeout_ms=300)).values():
                    for record in records:
                        yield record
        finally:
            await consumer.stop()


async def open_stream(
    servers: ServerAddresses, partition_count: int = PARTITION_COUNT, **overrides: str
) -> Stream:
    """Create topics and buckets for one test.

    Args:
        servers: Where broker and store are.
        partition_count: Of every topic.
        overrides: Settings by field name.
    """
    own = uuid.uuid4().hex[:10]
    values = {
        "kafka_brokers": servers.kafka_brokers,
        "kafka_session_timeout_s": "6",
        "s3_endpoint": servers.s3_endpoint,
        "s3_access_key": servers.s3_access_key,
        "s3_secret_key": servers.s3_secret_key,
        "uploads_bucket": f"uploads-{own}",
        "results_bucket": f"results-{own}",
        "consumer_group": f"group-{own}",
        "uploads_topic": f"uploads-{own}",
        "results_topic": f"results-{own}",
        "alerts_topic": f"alerts-{own}",
        "dead_letters_topic": f"dead-{own}",
        "raw_results_topic": f"raw-{own}",
        "progress_topic": f"progress-{own}",
        **overrides,
    }
    environment = {PREFIX + name.upper(): value for name, value in values.items()}
    settings = Settings.from_environment(**values)
    await provision(settings, TopicPlan(partition_count, 1), dry_run=False)
    return Stream(environment, settings)


@contextmanager
def worker_process(
    stream: Stream,
    folder: Path,
    name: str = "worker",
    wait: bool = True,
    program: tuple[str, ...] = ("streams.cli", "worker"),
    port: int | None = None,
) -> Iterator[ServerProcess]:
    """Run `ocrstream worker` as a process of its own; ends it at the end of the block.

    Args:
        stream: Whose settings it gets.
        folder: Its log and data.
        name: Names its log.
        wait: Return only when it is ready.
        program: Module and arguments that make a worker.
        port: Of its HTTP server; None: any that is free.
    """
    port = port or free_ports(1)[0]
    environment = {
        **{name: os.environ[name] for name in ENGINE_VARIABLES if name in os.environ},
        **stream.environment,
        f"{PREFIX}DATA_DIR": str(folder / f"{name}-data"),
        f"{PREFIX}HTTP_PORT": str(port),
        f"{PREFIX}LOG_FORMAT": "json",
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
    }
    command = (sys.executable, "-m", *program)
    with ServerProcess(name, command, folder, environment) as worker:
        if wait:
            worker.wait_until(lambda: http_status(port, "/readyz") == 200, timeout_s=120)
        yield worker


async def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Look again and again until a condition holds; whether it came to hold in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        await asyncio.sleep(0.05)
    return condition()


def http_status(port: int, path: str) -> int:
    """Status of a GET on loopback, 0 where nobody answers."""
    return _get(f"http://{LOOPBACK}:{port}{path}")[0]


async def get(url: str) -> tuple[int, str]:
    """Status and body of a GET, made in a thread; 0 where nobody answers."""
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> tuple[int, str]:
    try:
        answer = urllib3.request("GET", url, timeout=2.0, retries=False)
    except urllib3.exceptions.HTTPError:
        return 0, ""
    return answer.status, answer.data.decode()
