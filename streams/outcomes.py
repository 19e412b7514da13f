"""What is said about a document is put where it belongs: topics, or the store what is too large."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from schemas.codecs import encode
from schemas.dead_letters import DocumentDeadLettered
from schemas.readings import RecordPlace
from schemas.results import DocumentRecognized, DocumentSource, ResultReference
from streams.errors import BrokerAway, PublishRejected
from streams.messages import (
    IncomingEvent,
    by_reference,
    letter_by_reference,
    low_confidence,
    value_by_reference,
)
from streams.object_store import ObjectStore
from streams.publisher import OutgoingMessage, ResultPublisher
from streams.settings import Settings

JSON, BYTES = "application/json", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Publishes results, alerts and dead letters; each method returns when the broker has it all.

    All of them raise `BrokerAway` and `StoreAway`: nothing, or not everything, was published, and
    is to be published again. Every message is the same again then.

    Attributes:
        settings: Topics, buckets, limits.
        store: Where large messages go.
        publisher: Where the others go.
    """

    settings: Settings
    store: ObjectStore
    publisher: ResultPublisher

    async def publish_result(self, result: DocumentRecognized) -> RecordPlace:
        """Publish a result, or where it lies if it is too large for a message or for the topic."""
        value = encode(result)
        if len(value) <= self.settings.message_bytes_max:
            with suppress(PublishRejected):
                return await self._publish(self.settings.results_topic, result.source, value)
        key = f"results/{result.document_id}/{result.result_id}.json"
        reference = await self._set_aside(key, value, JSON)
        value = encode(by_reference(result, reference))
        return await self._publish(self.settings.results_topic, result.source, value)

    async def publish_alert(self, result: DocumentRecognized) -> None:
        """Publish the alert of a result, if there is anything to review."""
        alert = low_confidence(result, self.settings.alert_confidence)
        if alert is not None:
            await self._publish(self.settings.alerts_topic, result.source, encode(alert))

    async def publish_letter(self, letter: DocumentDeadLettered, event: IncomingEvent) -> None:
        """Publish a dead letter whole if it fits, else with what is too large for it in the store.

        Raises:
            BrokerAway: the topic does not even take the smallest form.
        """
        name = f"dead-letters/{letter.dead_letter_id}"
        if await self._fits(letter, event.key or b""):
            return
        if event.value is not None:
            reference = await self._set_aside(f"{name}.bin", event.value, BYTES)
            letter = value_by_reference(letter, reference)
            if await self._fits(letter, event.key or b""):
                return
        reference = await self._set_aside(f"{name}.json", encode(letter), JSON)
        if not await self._fits(letter_by_reference(letter, reference), b""):
            topic = self.settings.dead_letters_topic
            raise BrokerAway(f"{topic} takes no dead letters; raise its max.message.bytes")

    async def _publish(self, topic: str, source: DocumentSource, value: bytes) -> RecordPlace:
        key = f"{source.bucket}/{source.key}".encode()
        return await self.publisher.publish(OutgoingMessage(topic, key, value))

    async def _fits(self, letter: DocumentDeadLettered, key: bytes) -> bool:
        """Publish a dead letter, unless it is too large for a message or for the topic."""
        value = encode(letter)
        if len(value) + len(key) > self.settings.message_bytes_max:
            return False
        with suppress(PublishRejected):
            topic = self.settings.dead_letters_topic
            await self.publisher.publish(OutgoingMessage(topic, key, value))
            return True
        return False

    async def _set_aside(self, key: str, data: bytes, content_type: str) -> ResultReference:
        """Store what is too large for a message."""
        bucket = self.settings.results_bucket
        await self.store.put(bucket, key, data, content_type)
        return ResultReference(
            bucket=bucket,
            key=key,
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
        )
