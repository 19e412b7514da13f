"""`python -m tests.benchmarks.bare_loop`: the least that a consumer of uploads has to do.

Consume a batch, fetch its objects with the same client and as many at once as a worker, publish
what was read, commit. One failure and it stops; it survives nothing. Ends on SIGTERM.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from streams.app import WINDOW_FACTOR
from streams.kafka import client_options
from streams.object_store import connect
from streams.settings import Settings


async def run(settings: Settings) -> None:
    """Work until cancelled."""
    fetches = settings.max_documents_in_flight
    store, threads = connect(settings, fetches), ThreadPoolExecutor(fetches)
    producer = AIOKafkaProducer(**client_options(settings))
    consumer = AIOKafkaConsumer(
        settings.uploads_topic,
        **client_options(settings),
        group_id=settings.consumer_group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )

    def read(record: ConsumerRecord) -> bytes:
        event = orjson.loads(record.value)
        answer = store.get_object(bucket_name=event["bucket"], object_name=event["key"])
        try:
            return orjson.dumps({**event, "text": answer.data.decode()})
        finally:
            answer.close()
            answer.release_conn()

    async def work_on(record: ConsumerRecord) -> None:
        result = await asyncio.get_running_loop().run_in_executor(threads, read, record)
        await producer.send_and_wait(settings.results_topic, result, record.key)

    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=500, max_records=WINDOW_FACTOR * fetches)
        if batches:
            await asyncio.gather(*map(work_on, chain.from_iterable(batches.values())))
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run(Settings.from_environment()))
