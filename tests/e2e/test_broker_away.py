"""A broker that freezes under a worker; it needs a broker of its own, which is Apache Kafka."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from tests.servers.kafka import apache_kafka
from tests.stream import SAMPLES, open_stream, worker_process

pytestmark = pytest.mark.real_servers


async def test_worker_ends_on_sigterm_though_the_broker_is_frozen(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """With a result that nobody takes, SIGTERM still ends in time; the event is read again."""
    with apache_kafka(tmp_path / "kafka") as kafka:
        own = replace(servers, kafka_brokers=kafka.brokers)
        stream = await open_stream(own, drain_timeout_s="3")
        stream.upload(SAMPLES / "price-table.png", "a.png")
        with worker_process(stream, tmp_path) as worker:
            await stream.publish(stream.event("a.png"))
            await asyncio.sleep(0.5)  # fetched by now, and not yet read
            kafka.process.pause()
            await asyncio.sleep(4)
            os.kill(worker.pid, signal.SIGTERM)
            assert worker.wait(timeout_s=20) == 0
            kafka.process.resume()
        with worker_process(stream, tmp_path, "second", wait=False):
            results = await stream.read(stream.settings.results_topic, 1)
            assert await stream.wait_committed(1) == 1
    assert len(results) == 1
