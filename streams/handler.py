"""The path of one document, from an event's bytes to its outcome. No Faust, no Kafka in here.

    bytes -> decode event -> allowed? -> wait for earlier uploads of the same object -> fetch
          -> read -> publish the result, and an alert where it is uncertain

Every event ends in exactly one of three ways: results, dead letters, or ignored. `handle` returns
only when the broker has acknowledged whatever was said about the event.
"""

import logging
import time
from dataclasses import dataclass

import orjson

from processors.gate import Gate
from processors.values import (
    EncodedDocument,
    SeenPage,
)
from schemas.codecs import Ignored, MalformedEvent, decode_uploads
from schemas.dead_letters import Category, Stage
from schemas.events import DocumentUploaded
from schemas.progress import ProgressState
from schemas.replays import parse_replay
from schemas.results import DocumentRecognized
from streams.acknowledge import Partition
from streams.admission import DocumentPlace, Reservation, Turns
from streams.assignment import Assignment, DocumentReader, Fetched, do_nothing
from streams.breaker import Breaker
from streams.errors import SourceRefused
from streams.gateway_documents import GatewayDocuments
from streams.messages import (
    IncomingEvent,
    ResultIds,
    answered,
    dead_lettered,
    recognized,
    replay_of,
)
from streams.metrics import Metrics
from streams.outcomes import Delivery, Outcomes
from streams.page_pictures import PagePictures
from streams.places import Owned
from streams.progress import Progress
from streams.quarantine import Quarantine
from streams.result_cache import ResultCache
from streams.retention.repeats import Repeats
from streams.retention.settled_uploads import SettledUploads
from streams.retry import Dead, Retrier
from streams.settings import Settings
from streams.store.object_store import FetchedObject, ObjectStore, StoredDocument
from streams.trace import trace_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DocumentHandler:
    """Brings events to their outcomes. One handler serves all documents of a worker.

    Attributes:
        settings: Limits, topics, buckets, options.
        reader: From bytes to text.
        store: Where documents come from.
        outcomes: Where results, alerts and dead letters go.
        gateway: What is done for the gateway's documents.
        progress: Told how far they are.
        pictures: Keeps blackened pictures of pages; None: there are none.
        retrier: How long steps are tried.
        metrics: What is counted.
        bytes_gate: How many bytes of documents may be in memory.
        cache: Knows what was read before.
        turns: Keeps uploads of one object in order.
        quarantine: Keeps documents that may kill the worker from the others.
        breaker: Keeps a wrong configuration from becoming dead letters.
        settled: Deletes uploads when their time is over.
        repeats: Knows events of uploads that are gone for good.
    """

    settings: Settings
    reader: DocumentReader
    store: ObjectStore
    outcomes: Outcomes
    gateway: GatewayDocuments
    progress: Progress
    pictures: PagePictures | None
    retrier: Retrier
    metrics: Metrics
    bytes_gate: Gate
    cache: ResultCache
    turns: Turns
    quarantine: Quarantine
    breaker: Breaker
    settled: SettledUploads
    repeats: Repeats

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
            self._ignore(uploads.reason)
            return
        replay = replay_of(event)
        records = [*enumerate(uploads)]
        if replay is not None:  # only what had failed is read again
            records = records[replay.record_index :][:1]
        headers = trace_of(dict(event.headers))
        for record_index, upload in records:
            assignment = Assignment(
                upload,
                f"{event.topic}/{event.partition}/{event.offset}/{record_index}",
                replay.replays if replay else 0,
                headers,
                self.gateway.owned(upload),
                place.leave if record_index == records[-1][0] else do_nothing,
            )
            failure = await self._settle(assignment)
            if failure is not None:
                await self._give_up(event, record_index, assignment, failure)
            partition = Partition(event.topic, event.partition)
            self.settled.note(  # what a reference names is its producer's
                partition,
                event.offset,
                assignment.fetched[:1],
                failed=failure is not None,
                event=upload,
            )

    async def _settle(self, assignment: Assignment) -> Dead | None:
        """Bring one document to its result, or say why it has none.

        The breaker may have it tried again. One that was settled before and deleted then is let be.
        """
        was_probe = False
        while True:
            try:
                await self._read_and_publish(assignment)
            except Dead as dead:
                if dead.category is Category.OBJECT_MISSING and await self._is_repeat(assignment):
                    self._ignore(f"{assignment.origin}: it was deleted")
                    return None
                if await self.breaker.lets_die(dead.category, was_probe):
                    return dead
                was_probe = True
            else:
                return None

    async def _is_repeat(self, assignment: Assignment) -> bool:
        """Whether a missing upload was done with before, and deleted."""
        upload, owned = assignment.upload, assignment.owned
        return await self.retrier.run(
            Stage.PUBLISH, lambda: self.repeats.was_done_with(upload, owned)
        )

    async def _read_and_publish(self, assignment: Assignment) -> None:
        """One document, top to bottom."""
        started_at = time.perf_counter()
        upload = assignment.upload
        await self.retrier.run(Stage.EVENT, lambda: self._check_source(upload))
        bytes_held = Reservation(self.bytes_gate)
        async with self.turns.turn(f"{upload.bucket}/{upload.key}"):
            try:
                fetched = await self._fetch(assignment, bytes_held)
                names = fetched.names
                async with self.cache.entry(names, assignment.origin) as entry:
                    result = await self._answer(entry.known, assignment, fetched)
                    del fetched  # its bytes: publishing may take long
                    bytes_held.release()
                    assignment.was_read()
                    delivery = Delivery(
                        names.owned,
                        names.reading_id,
                        bool(upload.options.words),
                        assignment.headers,
                    )
                    place = await self.retrier.run(
                        Stage.PUBLISH, lambda: self.outcomes.publish_result(result, delivery)
                    )
                    self.cache.record(names, entry, result, place)
            finally:
                bytes_held.release()
            await self.retrier.run(
                Stage.PUBLISH, lambda: self.outcomes.publish_alert(result, assignment.headers)
            )
        if assignment.owned is not None:
            await self._finish(assignment.owned, names, assignment)
        if assignment.replays:
            read = assignment.places
            await self.retrier.run(Stage.PUBLISH, lambda: self.settled.keep_no_longer(read))
        self._note_recognized(result, time.perf_counter() - started_at)

    async def _decode(self, event: IncomingEvent) -> tuple[DocumentUploaded, ...] | Ignored:
        headers = dict(event.headers)
        replay = parse_replay(headers)
        uploads = decode_uploads(event.value, headers, self.gateway.announces)
        if replay is None or isinstance(uploads, Ignored):
            return uploads
        if replay.record_index >= len(uploads):
            raise MalformedEvent(f"the replayed event has no record {replay.record_index}")
        return tuple(
            upload.model_copy(update={"options": replay.apply(upload.options)})
            for upload in uploads
        )

    async def _check_source(self, upload: DocumentUploaded) -> None:
        is_ours = self.gateway.announces(upload.bucket, upload.key)
        if not is_ours and not self.settings.allows(upload.bucket, upload.key):
            raise SourceRefused(
                "the object's bucket or prefix is not on the allow-list; "
                "add it to OCRSTREAM_ALLOWED_SOURCES if it should be read"
            )

    async def _fetch(self, assignment: Assignment, bytes_held: Reservation) -> Fetched:
        """Fetch a document as soon as there is memory for it, and name what will be read."""
        started_at = time.perf_counter()
        upload, owned = assignment.upload, assignment.owned
        assignment.places.clear()
        assignment.fetched.clear()
        stored = await self._fetch_object(assignment, upload, bytes_held)
        if owned is not None:
            mark = stored
            referred = await self.retrier.run(
                Stage.FETCH, lambda: self.gateway.follow(upload, owned, mark.metadata, mark.data)
            )
            if referred is not upload:
                upload = referred
                stored = await self._fetch_object(assignment, upload, bytes_held)
            self._tell(assignment, ProgressState.READING)
        self.breaker.note_fetched()
        options = self.settings.read_options(upload.options)
        options_json = orjson.dumps(options, option=orjson.OPT_SORT_KEYS)
        masker = self.outcomes.masker
        if masker is not None:
            options_json = orjson.dumps([options_json.decode(), masker.name])
        tenant = owned.tenant if owned else self.settings.tenant_of(upload.bucket, upload.key)
        document_id = owned.document_id if owned else None
        names = ResultIds.of(upload, stored, options_json, self.reader.info, tenant, document_id)
        return Fetched(upload, stored, options, names, (time.perf_counter() - started_at) * 1000)

    async def _fetch_object(
        self, assignment: Assignment, upload: DocumentUploaded, bytes_held: Reservation
    ) -> StoredDocument:
        bucket, key, version_id = upload.bucket, upload.key, upload.version_id
        store, bytes_max = self.store, self.settings.document_bytes_max
        assignment.places.append((bucket, key))
        stored = await self.retrier.run(
            Stage.FETCH, lambda: store.fetch(bucket, key, version_id, bytes_max, bytes_held.hold)
        )
        assignment.fetched.append(FetchedObject.of(bucket, key, stored))
        return stored

    async def _answer(
        self, known: DocumentRecognized | None, assignment: Assignment, fetched: Fetched
    ) -> DocumentRecognized:
        """The result of content that is known, or else of reading it."""
        if known is not None and await self._has_pictures(known, fetched.names):
            timings_ms = {"fetch": fetched.fetch_ms}
            return answered(known, fetched.upload, fetched.stored, fetched.names, timings_ms)
        return await self.retrier.run(Stage.READ, lambda: self._read(assignment, fetched))

    async def _has_pictures(self, known: DocumentRecognized, names: ResultIds) -> bool:
        """Whether a document has, after this, the pictures of one with the same content."""
        pictures = self.pictures
        if pictures is None:
            return True
        return await self.retrier.run(Stage.PUBLISH, lambda: pictures.copy(known, names.owned))

    async def _read(self, assignment: Assignment, fetched: Fetched) -> DocumentRecognized:
        stored, names = fetched.stored, fetched.names

        async def watch(seen: SeenPage) -> None:
            page_number = seen.page.page_number
            self._tell(assignment, ProgressState.READING, page_number, seen.page_count)
            if self.pictures is not None:
                await self.pictures.keep(names.owned, seen)

        async with self.quarantine.reading(names.reading_id, assignment.replays):
            document = EncodedDocument(stored.data)
            reading = await self.reader.read(document, fetched.options, watch)
        self.breaker.note_read()
        timings_ms = {"fetch": fetched.fetch_ms, **reading.timings_ms}
        return recognized(fetched.upload, stored, reading, self.reader.info, names, timings_ms)

    def _tell(
        self,
        assignment: Assignment,
        state: ProgressState,
        page_number: int | None = None,
        page_count: int | None = None,
    ) -> None:
        """Tell how far a document of the gateway's is."""
        if assignment.owned is not None:
            document_id, headers = assignment.owned.document_id, assignment.headers
            self.progress.tell(document_id, state, headers, page_number, page_count)

    async def _finish(self, owned: Owned, names: ResultIds, assignment: Assignment) -> None:
        """Say that a document of the gateway's is done, unless it was deleted meanwhile."""
        if not await self._was_deleted(owned):
            self._tell(assignment, ProgressState.DONE)
            return
        self.cache.forget(names)
        await self.retrier.run(Stage.PUBLISH, lambda: self.gateway.delete(owned))

    async def _give_up(
        self, event: IncomingEvent, record_index: int, assignment: Assignment, dead: Dead
    ) -> None:
        """Bury a document, or, where its owner has deleted it, let it be."""
        owned = assignment.owned
        if owned is not None and await self._was_deleted(owned):
            self._ignore(f"{owned.document_id}: it was deleted")
            return
        await self._bury(event, record_index, assignment, dead)
        if owned is not None and await self._was_deleted(owned):  # while it was buried
            await self.retrier.run(Stage.PUBLISH, lambda: self.gateway.delete(owned))
            return
        self._tell(assignment, ProgressState.FAILED)

    async def _was_deleted(self, owned: Owned) -> bool:
        return await self.retrier.run(Stage.PUBLISH, lambda: self.gateway.was_deleted(owned))

    async def _bury(
        self,
        event: IncomingEvent,
        record_index: int,
        assignment: Assignment | None,
        dead: Dead,
    ) -> None:
        """Publish a dead letter; without the broker's acknowledgement the event is not settled."""
        upload = assignment.upload if assignment else None
        owned = assignment.owned if assignment else None
        if assignment is not None:
            failed = assignment.places
            await self.retrier.run(Stage.PUBLISH, lambda: self.settled.keep(failed))
        letter = dead_lettered(
            event, record_index, upload, dead, owned.document_id if owned else None
        )
        await self.retrier.run(
            Stage.PUBLISH, lambda: self.outcomes.publish_letter(letter, event, owned)
        )
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

    def _ignore(self, what: str) -> None:
        """Count what is nobody's loss."""
        self.metrics.settled.labels("ignored", "").inc()
        logger.debug("ignored %s", what)

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
