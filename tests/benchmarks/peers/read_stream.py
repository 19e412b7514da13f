"""ocrstream as it is used: upload, event, worker, result.

On the embedded broker and store, or on Apache Kafka and MinIO (`--servers real`). The embedded
broker answers a waiting consumer half a second late, which a single document feels.
"""

import argparse
import asyncio
import tempfile
import uuid
from pathlib import Path
from typing import Self

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded import LOOPBACK, embedded_servers, free_ports
from streams.kafka import client_options
from tests.benchmarks.peers.protocol import serve
from tests.servers.external import real_servers
from tests.stream import Stream, get, open_stream, worker_process

TIMEOUT_S = 600.0
"""A document that became a dead letter has no result."""


class Client:
    """Uploads pictures, publishes their events and waits for their results."""

    def __init__(self, stream: Stream, folder: Path) -> None:
        """Needs a running event loop, as its Kafka clients do."""
        self._stream = stream
        self._folder = folder
        self._results = AIOKafkaConsumer(
            stream.settings.results_topic, **client_options(stream.settings)
        )
        self._events = AIOKafkaProducer(**client_options(stream.settings))

    @classmethod
    async def open(cls, stream: Stream, folder: Path) -> Self:
        """Connect, once for all readings."""
        client = cls(stream, folder)
        await client._results.start()
        await client._events.start()
        return client

    async def close(self) -> None:
        """Let go."""
        await self._results.stop()
        await self._events.stop()

    async def read_all(self, pictures: list[bytes]) -> list[str]:
        """Read pictures under new names, from upload to result."""
        run = uuid.uuid4().hex[:10]
        keys = [f"{run}/{number}" for number in range(len(pictures))]
        for number, (key, picture) in enumerate(zip(keys, pictures, strict=True)):
            file = self._folder / str(number)
            file.write_bytes(picture)
            await asyncio.to_thread(self._stream.upload, file, key)
        topic = self._stream.settings.uploads_topic
        for key in keys:
            record_key, value = self._stream.event(key)
            await self._events.send(topic, value, record_key)
        await self._events.flush()
        texts: dict[str, str] = {}
        async with asyncio.timeout(TIMEOUT_S):
            while len(texts) < len(keys):
                result = orjson.loads((await self._results.getone()).value)
                texts[result["source"]["key"]] = str(result["text"])
        return [texts[key] for key in keys]


def main() -> None:
    """Start servers and one worker without a cache, and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--servers", choices=("embedded", "real"), default="embedded")
    run_servers = real_servers if parser.parse_args().servers == "real" else embedded_servers
    (port,) = free_ports(1)

    def usage() -> tuple[float, int]:
        _, text = asyncio.run(get(f"http://{LOOPBACK}:{port}/metrics"))
        families = text_string_to_metric_families(text)
        values = {s.name: s.value for family in families for s in family.samples}
        return values["process_cpu_seconds_total"], int(values["process_resident_memory_bytes"])

    with tempfile.TemporaryDirectory() as name, run_servers(Path(name)) as servers:
        stream = asyncio.run(open_stream(servers, cache_age_s="0"))
        with worker_process(stream, Path(name), port=port), asyncio.Runner() as runner:
            client = runner.run(Client.open(stream, Path(name)))
            try:
                about = {"servers": run_servers.__name__, "worker": "one"}
                serve(lambda pictures: runner.run(client.read_all(pictures)), about, usage)
            finally:
                runner.run(client.close())


if __name__ == "__main__":
    main()
