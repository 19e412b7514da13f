"""The path of one document, from an event's bytes to its outcome. No Faust, no Kafka in here.

    bytes -> decode event -> allowed? -> wait for earlier uploads of the same object -> fetch
          -> read -> publish the result, and an alert where it is uncertain

Every event ends in exactly one of three ways: results, dead letters, or ignored. `handle` returns
only when the broker has acknowledged whatever was said about the event.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import orjson

from processors.gate import Gate
from processors.values import DocumentReading, EncodedDocument, ReaderLoad, ReadOptions
from schemas.codecs import Ignored, MalformedEvent, decode_uploads, encode
from schemas.dead_letters import DocumentDeadLettered, Stage
from schemas.events import DocumentUploaded
from schemas.readings import RecordPlace
from schemas.replays import parse_replay
from schemas.results import DocumentRecognized, DocumentSource, PipelineInfo, ResultReference
from streams.admission import DocumentPlace, Reservation, Turns
from streams.breaker import Breaker
from streams.errors import BrokerAway, PublishRejected, SourceRefused
from streams.messages import (
    IncomingEvent,
    ResultIds,
    answered,
    by_reference,
    dead_lettered,
    letter_by_reference,
    low_confidence,
    recognized,
    replay_of,
    value_by_reference,
)
from streams.metrics import Metrics
from streams.object_store import Admit, ObjectStore, StoredDocument
from streams.publisher import OutgoingMessage, ResultPublisher
from streams.quarantine import Quarantine
from streams.result_cache import ResultCache
from streams.retry import Dead, Retrier
from streams.settings import Settings

JSON, BYTES = "application/json", "application/octet-stream"

logger = logging.getLogger(__name__)


def do_nothing() -> None:
    """Nothing."""


class DocumentReader(Protocol):
    """What the handler needs of `processors.reader.Reader`."""

    @property
    def info(self) -> PipelineInfo:
        """What reads."""
        ...

    @property
    def load(self) -> ReaderLoad:
        """What is in work."""
        ...

    async def read(self, document: EncodedDocument, options: ReadOptions) -> DocumentReading:
        """Read one document."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentHandler:
    """Brings events to their outcomes. One handler serves all documents of a worker.

    Attributes:
        settings: Limits, topics, buckets, options.
        reader: From bytes to text.
        store: Where documents come from.
        publisher: Where messages go.
        retrier: How long steps are tried.
        metrics: What is counted.
        bytes_gate: How many bytes of documents may be in memory.
        cache: Knows what was read before.
        turns: Keeps uploads of one object in order.
        quarantine: Keeps documents that may kill the worker from the others.
        breaker: Keeps a wrong configuration from becoming dead letters.
    """

    settings: Settings
    reader: DocumentReader
    store: ObjectStore
    publisher: ResultPublisher
    retrier: Retrier
    metrics: Metrics
    bytes_gate: Gate
    cache: ResultCache
    turns: Turns
    quarantine: Quarantine
    breaker: Breaker

    async def handle(self, event: IncomingEvent, place: DocumentPlace) -> None:
        """Bring one event to its outcome. Never raises for what the event or its documents are.

        Args:
            event: What was delivered.
            place: Given back when the last document is read: its result needs none to be published.
        """
        try:
            uploads = await self.retrier.run(Stage.EVENT, lambda: self._decode(event))
        except Dead as dead:
            await self._bury(event, 0, None, dead)
            return
        if isinstance(uploads, Ignored):
            self.metrics.settled.labels("ignored", "").inc()
            logger.debug("ignored %s", uploads.reason)
            return
        replay = replay_of(event)
        records = [*enumerate(uploads)]
        if replay is not None:  # only what had failed is read again
            records = records[replay.record_index :][:1]
        for record_index, upload in records:
            was_read = place.leave if record_index == records[-1][0] else do_nothing
            await self._settle_upload(event, record_index, upload, was_read)

    async def _settle_upload(
        self,
        event: IncomingEvent,
        record_index: int,
        upload: DocumentUploaded,
        was_read: Callable[[], None],
    ) -> None:
        """Bring one document to its result or dead letter; the breaker may have it tried again."""
        was_probe = False
        origin = f"{event.topic}/{event.partition}/{event.offset}/{record_index}"
        while True:
            try:
                return await self._handle_upload(upload, origin, was_read)
            except Dead as dead:
                if await self.breaker.lets_die(dead.category, was_probe):
                    return await self._bury(event, record_index, upload, dead)
                was_probe = True

    async def _handle_upload(
        self, upload: DocumentUploaded, origin: str, was_read: Callable[[], None]
    ) -> None:
        """One document, top to bottom."""
        started_at = time.perf_counter()
        await self.retrier.run(Stage.EVENT, lambda: self._check_source(upload))
        options = self.settings.read_options(upload.options)
        bytes_held = Reservation(self.bytes_gate)
        async with self.turns.turn(f"{upload.bucket}/{upload.key}"):
            try:
                stored = await self.retrier.run(
                    Stage.FETCH, lambda: self._fetch(upload, bytes_held.hold)
                )
                self.breaker.note_fetched()
                fetch_ms = (time.perf_counter() - started_at) * 1000
                names = self._names(upload, stored, options)
                async with self.cache.entry(names, origin) as entry:
                    result = await self._answer(
                        entry.known, upload, stored, options, names, {"fetch": fetch_ms}
                    )
                    bytes_held.release()
                    was_read()
                    place = await self.retrier.run(
                        Stage.PUBLISH, lambda: self._publish_result(result)
                    )
                    self.cache.record(names, entry, result, place)
            finally:
                bytes_held.release()
            await self.retrier.run(Stage.PUBLISH, lambda: self._publish_alert(result))
        self._note_recognized(result, time.perf_counter() - started_at)

    async def _decode(self, event: IncomingEvent) -> tuple[DocumentUploaded, ...] | Ignored:
        headers = dict(event.headers)
        replay, uploads = parse_replay(headers), decode_uploads(event.value, headers)
        if replay is None or isinstance(uploads, Ignored):
            return uploads
        if replay.record_index >= len(uploads):
            raise MalformedEvent(f"the replayed event has no record {replay.record_index}")
        return tuple(
            upload.model_copy(update={"options": replay.apply(upload.options)})
            for upload in uploads
        )

    async def _check_source(self, upload: DocumentUploaded) -> None:
        if not self.settings.allows(upload.bucket, upload.key):
            raise SourceRefused(
                "the object's bucket or prefix is not on the allow-list; "
                "add it to OCRSTREAM_ALLOWED_SOURCES if it should be read"
            )

    async def _fetch(self, upload: DocumentUploaded, admit: Admit) -> StoredDocument:
        bytes_max = self.settings.document_bytes_max
        return await self.store.fetch(
            upload.bucket, upload.key, upload.version_id, bytes_max, admit
        )

    def _names(
        self, upload: DocumentUploaded, stored: StoredDocument, options: ReadOptions
    ) -> ResultIds:
        options_json = orjson.dumps(options, option=orjson.OPT_SORT_KEYS)
        return ResultIds.of(upload, stored, options_json, self.reader.info)

    async def _answer(
        self,
        known: DocumentRecognized | None,
        upload: DocumentUploaded,
        stored: StoredDocument,
        options: ReadOptions,
        names: ResultIds,
        timings_ms: dict[str, float],
    ) -> DocumentRecognized:
        """The result of content that is known, or else of reading it."""
        if known is not None:
            return answered(known, upload, stored, names, timings_ms)
        return await self.retrier.run(
            Stage.READ, lambda: self._read(upload, stored, options, names, timings_ms)
        )

    async def _read(
        self,
        upload: DocumentUploaded,
        stored: StoredDocument,
        options: ReadOptions,
        names: ResultIds,
        timings_ms: dict[str, float],
    ) -> DocumentRecognized:
        async with self.quarantine.reading(names.reading_id):
            reading = await self.reader.read(EncodedDocument(stored.data), options)
        self.breaker.note_read()
        timings_ms = timings_ms | reading.timings_ms
        return recognized(upload, stored, reading, self.reader.info, names, timings_ms)

    async def _publish_result(self, result: DocumentRecognized) -> RecordPlace:
        """Publish a result, or where it lies if it is too large for a message or for the topic."""
        value = encode(result)
        if len(value) <= self.settings.message_bytes_max:
            with suppress(PublishRejected):
                return await self._publish(self.settings.results_topic, result.source, value)
        key = f"results/{result.document_id}/{result.result_id}.json"
        reference = await self._set_aside(key, value, JSON)
        value = encode(by_reference(result, reference))
        return await self._publish(self.settings.results_topic, result.source, value)

    async def _publish_alert(self, result: DocumentRecognized) -> None:
        alert = low_confidence(result, self.settings.alert_confidence)
        if alert is not None:
            await self._publish(self.settings.alerts_topic, result.source, encode(alert))

    async def _publish(self, topic: str, source: DocumentSource, value: bytes) -> RecordPlace:
        key = f"{source.bucket}/{source.key}".encode()
        return await self.publisher.publish(OutgoingMessage(topic, key, value))

    async def _bury(
        self,
        event: IncomingEvent,
        record_index: int,
        upload: DocumentUploaded | None,
        dead: Dead,
    ) -> None:
        """Publish a dead letter; without the broker's acknowledgement the event is not settled."""
        letter = dead_lettered(event, record_index, upload, dead)

        await self.retrier.run(Stage.PUBLISH, lambda: self._publish_letter(letter, event))
        self.metrics.settled.labels("dead_lettered", dead.category).inc()
        logger.warning(
            "dead letter %s",
            dead.category,
            extra={
                "outcome": "dead_lettered",
                "category": dead.category,
                "stage": dead.stage,
                "reason": dead.message,
                "dead_letter_id": letter.dead_letter_id,
                "origin": f"{event.topic}/{event.partition}/{event.offset}",
                "event_id": upload.event_id if upload else None,
            },
        )

    async def _publish_letter(self, letter: DocumentDeadLettered, event: IncomingEvent) -> None:
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

    def _note_recognized(self, result: DocumentRecognized, elapsed_s: float) -> None:
        self.metrics.settled.labels("recognized", "").inc()
        for stage, elapsed_ms in result.timings_ms.items():
            self.metrics.stage_seconds.labels(stage).observe(elapsed_ms / 1000)
        logger.info(
            "read %s in %.2f s",
            result.document_id,
            elapsed_s,
            extra={
                "outcome": "recognized",
                "document_id": result.document_id,
                "result_id": result.result_id,
                "event_id": result.source.event_id,
                "status": result.status,
                "cached": result.cached,
                "page_count": len(result.pages or ()),
                "elapsed_s": round(elapsed_s, 3),
                "timings_ms": result.timings_ms,
            },
        )
