"""ocrstream as it is used: upload, event, worker, result, on the embedded broker and store."""

import asyncio
import tempfile
import uuid
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded import LOOPBACK, embedded_servers, free_ports
from streams.kafka import client_options
from tests.benchmarks.peers.protocol import serve
from tests.stream import Stream, get, open_stream, worker_process


async def read_all(stream: Stream, pictures: list[bytes]) -> list[str]:
    """Upload pictures under new names, publish their events, and wait for all results."""
    run = uuid.uuid4().hex[:10]
    keys = [f"{run}/{number}" for number in range(len(pictures))]
    consumer = AIOKafkaConsumer(stream.settings.results_topic, **client_options(stream.settings))
    await consumer.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            for number, (key, picture) in enumerate(zip(keys, pictures, strict=True)):
                file = Path(name) / str(number)
                file.write_bytes(picture)
                await asyncio.to_thread(stream.upload, file, key)
        await stream.publish(*(stream.event(key) for key in keys))
        texts: dict[str, str] = {}
        async for record in consumer:
            result = orjson.loads(record.value)
            texts[result["source"]["key"]] = str(result["text"])
            if len(texts) == len(keys):
                break
        return [texts[key] for key in keys]
    finally:
        await consumer.stop()


def main() -> None:
    """Start servers and one worker without a cache, and serve."""
    (port,) = free_ports(1)

    def usage() -> tuple[float, int]:
        _, text = asyncio.run(get(f"http://{LOOPBACK}:{port}/metrics"))
        families = text_string_to_metric_families(text)
        values = {s.name: s.value for family in families for s in family.samples}
        peak_bytes = int(values["process_resident_memory_bytes"])
        return values["process_cpu_seconds_total"], peak_bytes

    with tempfile.TemporaryDirectory() as name, embedded_servers(Path(name)) as servers:
        stream = asyncio.run(open_stream(servers, cache_age_s="0"))
        with worker_process(stream, Path(name), port=port), asyncio.Runner() as runner:
            about = {"servers": "embedded", "worker": "one"}
            serve(lambda pictures: runner.run(read_all(stream, pictures)), about, usage)


if __name__ == "__main__":
    main()
