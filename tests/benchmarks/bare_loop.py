"""`python -m tests.benchmarks.bare_loop [--on-loop]`: the least that a consumer has to do.

Consume a batch, fetch its objects, as many at once as a worker does, publish what was read, commit.
One failure and it stops; it survives nothing. Ends on SIGTERM. Objects are fetched by the minio SDK
in threads, or with `--on-loop` as a worker fetches them.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from streams.app import WINDOW_FACTOR
from streams.kafka import client_options
from streams.settings import Settings
from streams.store.object_store import connect
from streams.store.s3_store import S3ObjectStore


async def run(settings: Settings, on_loop: bool) -> None:
    """Work until cancelled."""
    fetches = settings.max_documents_in_flight
    client, threads = connect(settings, fetches), ThreadPoolExecutor(fetches)
    store = S3ObjectStore(settings, fetches)
    producer = AIOKafkaProducer(**client_options(settings))
    consumer = AIOKafkaConsumer(
        settings.uploads_topic,
        **client_options(settings),
        group_id=settings.consumer_group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )

    def fetch_in_thread(bucket: str, key: str) -> bytes:
        answer = client.get_object(bucket_name=bucket, object_name=key)
        try:
            return answer.data
        finally:
            answer.close()
            answer.release_conn()

    async def fetch(bucket: str, key: str) -> bytes:
        if on_loop:
            stored = await store.fetch(bucket, key, None, settings.document_bytes_max)
            return stored.data
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, fetch_in_thread, bucket, key)

    async def work_on(record: ConsumerRecord) -> None:
        event = orjson.loads(record.value)
        data = await fetch(event["bucket"], event["key"])
        result = orjson.dumps({**event, "text": data.decode()})
        await producer.send_and_wait(settings.results_topic, result, record.key)

    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=500, max_records=WINDOW_FACTOR * fetches)
        if batches:
            await asyncio.gather(*map(work_on, chain.from_iterable(batches.values())))
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run(Settings.from_environment(), "--on-loop" in sys.argv))
