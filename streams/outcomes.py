"""What is said about a document is put where it belongs: topics, and the store."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass

from schemas.codecs import encode
from schemas.dead_letters import DocumentDeadLettered
from schemas.readings import RecordPlace
from schemas.results import DocumentRecognized, DocumentSource, ResultReference
from streams.errors import BrokerAway, PublishRejected
from streams.masking import Masker
from streams.messages import (
    IncomingEvent,
    by_reference,
    letter_by_reference,
    low_confidence,
    value_by_reference,
)
from streams.places import (
    BYTES,
    DEAD_LETTERS_PREFIX,
    JSON,
    RAW_RESULTS_PREFIX,
    READING_NAME,
    RESULTS_PREFIX,
    Owned,
)
from streams.publisher import Headers, OutgoingMessage, ResultPublisher
from streams.settings import Settings
from streams.store.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whose a document is, and what goes with all that is said about it.

    Attributes:
        owned: The document.
        reading_id: What the cache knows its reading by.
        with_words: Whether its words were asked for.
        headers: Of every message.
    """

    owned: Owned
    reading_id: str
    with_words: bool
    headers: Headers


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Publishes results, alerts and dead letters; each method returns when the broker has it all.

    All of them raise `BrokerAway` and `StoreAway`: nothing, or not everything, was published, and
    is to be published again. Every message is the same again then.

    Attributes:
        settings: Topics, buckets, limits.
        store: Where large messages go, and what became of each document.
        publisher: Where the others go.
        masker: Masks results; None: they are published as they are.
    """

    settings: Settings
    store: ObjectStore
    publisher: ResultPublisher
    masker: Masker | None = None

    async def publish_result(self, result: DocumentRecognized, delivery: Delivery) -> RecordPlace:
        """Publish a result, or where it lies if it is too large for a message or for the topic.

        It is stored by its document's id first: who hears of it on the topic can have it. Where
        personal data is masked, the full result goes to a topic of its own before.

        Returns:
            Where the full result stands.
        """
        settings, headers = self.settings, delivery.headers
        if self.masker is None:
            value = await self._fitted(result, RESULTS_PREFIX)
            return await self._publish_kept(result, value, delivery)
        value = await self._fitted(result, RAW_RESULTS_PREFIX)
        topic = settings.raw_results_topic
        place = await self._announce(topic, RAW_RESULTS_PREFIX, result, value, headers)
        masked = await asyncio.to_thread(self.masker.mask, result, delivery.with_words)
        await self._publish_kept(masked, await self._fitted(masked, RESULTS_PREFIX), delivery)
        return place

    async def _publish_kept(
        self, result: DocumentRecognized, value: bytes, delivery: Delivery
    ) -> RecordPlace:
        """Store what everybody may see of a result, and publish it."""
        await self._keep(delivery.owned, value, {READING_NAME: delivery.reading_id})
        topic = self.settings.results_topic
        return await self._announce(topic, RESULTS_PREFIX, result, value, delivery.headers)

    async def _fitted(self, result: DocumentRecognized, prefix: str) -> bytes:
        """A result as a message, by reference where it is too large for one."""
        value = encode(result)
        if len(value) <= self.settings.message_bytes_max:
            return value
        return await self._by_reference(prefix, result, value)

    async def _announce(
        self,
        topic: str,
        prefix: str,
        result: DocumentRecognized,
        value: bytes,
        headers: Headers,
    ) -> RecordPlace:
        """Publish a result, by reference where the topic does not take it."""
        with suppress(PublishRejected):
            return await self._publish(topic, result.source, value, headers)
        value = await self._by_reference(prefix, result, encode(result))
        return await self._publish(topic, result.source, value, headers)

    async def publish_alert(self, result: DocumentRecognized, headers: Headers) -> None:
        """Publish the alert of a result, if there is anything to review."""
        alert = low_confidence(result, self.settings.alert_confidence)
        if alert is not None:
            await self._publish(self.settings.alerts_topic, result.source, encode(alert), headers)

    async def publish_letter(
        self, letter: DocumentDeadLettered, event: IncomingEvent, owned: Owned | None
    ) -> None:
        """Publish a dead letter whole if it fits, else with what is too large for it in the store.

        That of a document that was uploaded through the gateway is stored by its id as well.

        Raises:
            BrokerAway: the topic does not even take the smallest form.
        """
        if owned is not None:
            await self._keep(owned, encode(letter), {})
        name = f"{DEAD_LETTERS_PREFIX}{letter.dead_letter_id}"
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

    async def _keep(self, owned: Owned, value: bytes, metadata: dict[str, str]) -> None:
        """Store what became of a document, in place of what was known before."""
        bucket = self.settings.results_bucket
        await self.store.put(bucket, owned.outcome_key, value, JSON, metadata)

    async def _publish(
        self, topic: str, source: DocumentSource, value: bytes, headers: Headers
    ) -> RecordPlace:
        key = f"{source.bucket}/{source.key}".encode()
        return await self.publisher.publish(OutgoingMessage(topic, key, value, headers=headers))

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

    async def _by_reference(self, prefix: str, result: DocumentRecognized, value: bytes) -> bytes:
        """The announcement of a result that is stored."""
        key = f"{prefix}{result.document_id}/{result.result_id}.json"
        return encode(by_reference(result, await self._set_aside(key, value, JSON)))

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
