"""The producer's side: put documents into the store, announce them, follow them to their outcomes.

async with Client(settings) as client:
submitted = await client.submit(Path("a.png"))
async for outcome in client.outcomes([submitted]): ...
"""

import asyncio
import mimetypes
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from minio.error import MinioException
from pydantic import ValidationError
from urllib3.exceptions import HTTPError

from schemas.dead_letters import DocumentDeadLettered
from schemas.events import DocumentUploaded
from schemas.results import DocumentRecognized
from streams.errors import BrokerAway, StoreAway
from streams.kafka import client_options
from streams.settings import Settings
from streams.store.object_store import announces, connect, fetch_referenced
from streams.store.sealed_store import OpenStore

Outcome = DocumentRecognized | DocumentDeadLettered


@dataclass(frozen=True, slots=True)
class Submitted:
    """A document that was put into the store; `event_id` is None if the store announced it."""

    path: Path
    bucket: str
    key: str
    event_id: str | None


class Client:
    """Submits documents and follows them. Follows only what is submitted while it is open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._minio = connect(settings)
        self._store = OpenStore(settings, connections=2)
        options = client_options(settings)
        self._producer = AIOKafkaProducer(**options, request_timeout_ms=15_000)
        self._consumer = AIOKafkaConsumer(
            **options, enable_auto_commit=False, fetch_max_bytes=64 * 2**20
        )

    async def __aenter__(self) -> Self:
        """Connect to the broker and remember where its topics end now.

        Raises:
            BrokerAway: it does not answer, or the topics are not there.
        """
        try:
            await self._producer.start()
            await self._consumer.start()
            await self._watch()
        except (KafkaError, OSError) as err:
            await self._close()
            brokers = self._settings.kafka_brokers
            raise BrokerAway(
                f"the broker at {brokers} does not answer or refuses us: {err}"
            ) from err
        except BrokerAway:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._close()

    async def submit(self, path: Path) -> Submitted:
        """Upload one file and publish its event, unless the store announces it itself.

        Raises:
            StoreAway: it could not be stored.
            BrokerAway: its event could not be published.
            OSError: the file cannot be read.
        """
        bucket = self._settings.uploads_bucket
        day = datetime.now(UTC).strftime("%Y/%m/%d")
        key = f"{day}/{uuid.uuid4().hex[:12]}/{path.name}"
        data = await asyncio.to_thread(path.read_bytes)
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        try:
            announced = await asyncio.to_thread(announces, self._minio, bucket, key)
            await self._store.put(bucket, key, data, content_type)
        except (MinioException, HTTPError, OSError) as err:
            raise StoreAway(f"{path.name} could not be stored: {err}") from err
        if announced:
            return Submitted(path, bucket, key, None)
        event = DocumentUploaded(
            type="document.uploaded",
            version=1,
            bucket=bucket,
            key=key,
            event_id=uuid.uuid4().hex,
            occurred_at=datetime.now(UTC),
            content_type=content_type,
        )
        await self.publish(event)
        return Submitted(path, bucket, key, event.event_id)

    async def publish(self, event: DocumentUploaded) -> None:
        """Publish one event under the key that store notifications have, bucket/key.

        Raises:
            BrokerAway: the broker did not acknowledge it.
        """
        key = f"{event.bucket}/{event.key}".encode()
        value = event.model_dump_json(exclude_none=True).encode()
        try:
            await self._producer.send_and_wait(self._settings.uploads_topic, value, key)
        except (KafkaError, OSError) as err:
            raise BrokerAway(f"the event was not published: {err!r}") from err

    async def outcomes(
        self, submitted: Iterable[Submitted]
    ) -> AsyncIterator[tuple[Submitted, Outcome]]:
        """Yield each document's first outcome as it comes, until all have one.

        A result that lies in the store is fetched from there.
        """
        waiting = {(item.bucket, item.key): item for item in submitted}
        while waiting:
            record = await self._consumer.getone()
            outcome = _parse(record.value)
            place = outcome and _place(outcome)
            if outcome is None or place not in waiting:
                continue
            yield waiting.pop(place), await self._complete(outcome)

    async def _complete(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, DocumentDeadLettered) or outcome.result_ref is None:
            return outcome
        data = await fetch_referenced(self._store, outcome.result_ref)
        return DocumentRecognized.model_validate_json(data)

    async def _watch(self) -> None:
        """Follow the outcomes' topics from their present ends."""
        partitions = []
        for topic in (self._settings.results_topic, self._settings.dead_letters_topic):
            numbers = await self._partitions(topic)
            partitions += [TopicPartition(topic, number) for number in sorted(numbers)]
        self._consumer.assign(partitions)
        ends = await self._consumer.end_offsets(partitions)
        for partition, offset in ends.items():
            self._consumer.seek(partition, offset)

    async def _partitions(self, topic: str) -> set[int]:
        client = self._producer.client
        for _ in range(20):
            await client.force_metadata_update()
            client.add_topic(topic)
            numbers = client.cluster.partitions_for_topic(topic)
            if numbers:
                return set(numbers)
            await asyncio.sleep(0.25)
        raise BrokerAway(f"there is no topic {topic}; `ocrstream setup` creates it")

    async def _close(self) -> None:
        await self._consumer.stop()
        await self._producer.stop()
        await self._store.close()


def _parse(value: bytes) -> Outcome | None:
    """A message of ours; None where somebody else wrote to the topic."""
    for model in (DocumentRecognized, DocumentDeadLettered):
        try:
            return model.model_validate_json(value)
        except ValidationError:
            continue
    return None


def _place(outcome: Outcome) -> tuple[str, str] | None:
    if isinstance(outcome, DocumentRecognized):
        return outcome.source.bucket, outcome.source.key
    if outcome.document is None:
        return None
    return outcome.document.bucket, outcome.document.key
