"""What is said about a document, as values: result, alert, dead letter. Pure functions."""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from processors.describe import describe_page, join_text, summarize_confidence
from processors.values import DocumentReading
from schemas import ids
from schemas.alerts import ALERT_LINES_MAX, AlertReason, DocumentLowConfidence, UncertainLine
from schemas.codecs import MalformedEvent
from schemas.dead_letters import DeadDocument, DocumentDeadLettered, EventOrigin
from schemas.events import DocumentUploaded
from schemas.replays import HEADER, Replay, parse_replay
from schemas.results import (
    DocumentRecognized,
    DocumentSource,
    DocumentStatus,
    DocumentWarning,
    PipelineInfo,
    RecognizedPage,
    ResultReference,
)
from streams.places import Owned
from streams.retry import Dead
from streams.store.object_store import StoredDocument


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """A message on the uploads topic, byte for byte."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime | None
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ResultIds:
    """Every name of one reading of one document, and whose it is."""

    tenant: str
    sha256: str
    document_id: str
    result_id: str
    reading_id: str
    options_json: bytes
    fingerprint: str

    @classmethod
    def of(
        cls,
        upload: DocumentUploaded,
        stored: StoredDocument,
        options_json: bytes,
        pipeline: PipelineInfo,
        tenant: str = ids.DEFAULT_TENANT,
        document_id: str | None = None,
    ) -> Self:
        """Compute them; a `document_id` that the gateway gave wins over the derived one."""
        sha256 = hashlib.sha256(stored.data).hexdigest()
        document_id = document_id or ids.document_id(
            tenant, upload.bucket, upload.key, stored.version_id, sha256
        )
        return cls(
            tenant,
            sha256,
            document_id,
            ids.result_id(document_id, sha256, options_json, pipeline.fingerprint),
            ids.reading_id(tenant, sha256, options_json, pipeline.fingerprint),
            options_json,
            pipeline.fingerprint,
        )

    @property
    def owned(self) -> Owned:
        """The document, and whose it is."""
        return Owned(self.tenant, self.document_id)

    def are_of_the_same_reading(self, result: DocumentRecognized) -> bool:
        """Whether a result is of the same content, options and pipeline."""
        result_id = ids.result_id(
            result.document_id, self.sha256, self.options_json, self.fingerprint
        )
        return result.result_id == result_id


def recognized(
    upload: DocumentUploaded,
    stored: StoredDocument,
    reading: DocumentReading,
    pipeline: PipelineInfo,
    names: ResultIds,
    timings_ms: dict[str, float],
) -> DocumentRecognized:
    """The result of one document."""
    pages = tuple(describe_page(page) for page in reading.pages)
    if reading.recognizer is not None and reading.recognizer != pipeline.models.get("recognize"):
        models = {**pipeline.models, "recognize": reading.recognizer}
        pipeline = pipeline.model_copy(update={"models": models})
    return DocumentRecognized(
        result_id=names.result_id,
        document_id=names.document_id,
        status=DocumentStatus.PARTIAL if reading.is_partial else DocumentStatus.COMPLETE,
        source=DocumentSource(
            bucket=upload.bucket,
            key=upload.key,
            version_id=stored.version_id,
            etag=stored.etag,
            sha256=names.sha256,
            content_type=reading.content_type,
            size_bytes=len(stored.data),
            event_id=upload.event_id,
        ),
        pipeline=pipeline,
        pages=pages,
        text=join_text(pages),
        confidence=summarize_confidence(pages),
        warnings=tuple(
            DocumentWarning(code=w.code, detail=w.detail, page_number=w.page_number)
            for w in reading.warnings
        ),
        timings_ms={name: round(value, 1) for name, value in timings_ms.items()},
    )


def answered(
    known: DocumentRecognized,
    upload: DocumentUploaded,
    stored: StoredDocument,
    names: ResultIds,
    timings_ms: dict[str, float],
) -> DocumentRecognized:
    """The result of a document whose content was read before."""
    source = known.source.model_copy(
        update={
            "bucket": upload.bucket,
            "key": upload.key,
            "version_id": stored.version_id,
            "etag": stored.etag,
            "event_id": upload.event_id,
        }
    )
    return known.model_copy(
        update={
            "document_id": names.document_id,
            "result_id": names.result_id,
            "source": source,
            "timings_ms": {name: round(value, 1) for name, value in timings_ms.items()},
            "cached": True,
        }
    )


def low_confidence(result: DocumentRecognized, threshold: float) -> DocumentLowConfidence | None:
    """The alert of one result, None where there is nothing to review."""
    uncertain = sorted(
        (line for page in result.pages or () for line in _uncertain_lines(page, threshold)),
        key=lambda line: line.confidence,
    )
    mean = result.confidence.mean if result.confidence else None
    tests = {
        AlertReason.LINE_BELOW_THRESHOLD: bool(uncertain),
        AlertReason.MEAN_BELOW_THRESHOLD: mean is not None and mean < threshold,
        AlertReason.PARTIAL_RESULT: result.status is DocumentStatus.PARTIAL,
    }
    reasons = tuple(reason for reason, applies in tests.items() if applies)
    if not reasons:
        return None
    return DocumentLowConfidence(
        alert_id=ids.alert_id(result.result_id),
        result_id=result.result_id,
        document_id=result.document_id,
        bucket=result.source.bucket,
        key=result.source.key,
        event_id=result.source.event_id,
        threshold=threshold,
        reasons=reasons,
        confidence=result.confidence,
        uncertain_line_count=len(uncertain),
        lines=tuple(uncertain[:ALERT_LINES_MAX]),
    )


def dead_lettered(
    event: IncomingEvent,
    record_index: int,
    upload: DocumentUploaded | None,
    dead: Dead,
    document_id: str | None = None,
) -> DocumentDeadLettered:
    """The dead letter of one record of an event, its value inside."""
    replay = replay_of(event)
    document = None
    if upload is not None:
        document = DeadDocument(
            document_id=document_id, event_id=upload.event_id, bucket=upload.bucket, key=upload.key
        )
    return DocumentDeadLettered(
        dead_letter_id=ids.dead_letter_id(event.topic, event.partition, event.offset, record_index),
        occurred_at=datetime.now(UTC),
        category=dead.category,
        stage=dead.stage,
        message=dead.message,
        attempts=dead.attempts + (replay.attempts if replay else 0),
        record_index=record_index,
        replays=replay.replays if replay else 0,
        replay_of=replay.dead_letter_id if replay else None,
        origin=EventOrigin(
            topic=event.topic,
            partition=event.partition,
            offset=event.offset,
            timestamp=event.timestamp,
            key=_base64(event.key),
            value_base64=_base64(event.value),
            headers=tuple(
                (name, _base64(value) or "")
                for name, value in event.headers
                if replay is None or name != HEADER
            ),
        ),
        document=document,
    )


def replay_of(event: IncomingEvent) -> Replay | None:
    """The replay that brought the event, if any; a header that is wrong is none."""
    with suppress(MalformedEvent):
        return parse_replay(dict(event.headers))
    return None


def by_reference(result: DocumentRecognized, reference: ResultReference) -> DocumentRecognized:
    """The announcement of a result that lies in the store."""
    return result.model_copy(update={"pages": None, "text": None, "result_ref": reference})


def value_by_reference(
    letter: DocumentDeadLettered, reference: ResultReference
) -> DocumentDeadLettered:
    """The same dead letter, its event's value lying in the store."""
    origin = letter.origin.model_copy(update={"value_base64": None, "value_ref": reference})
    return letter.model_copy(update={"origin": origin})


def letter_by_reference(
    letter: DocumentDeadLettered, reference: ResultReference
) -> DocumentDeadLettered:
    """The announcement of a dead letter that lies in the store whole."""
    without = {"key": None, "headers": (), "value_base64": None, "value_ref": None}
    origin = letter.origin.model_copy(update=without)
    return letter.model_copy(update={"origin": origin, "letter_ref": reference})


def _uncertain_lines(page: RecognizedPage, threshold: float) -> list[UncertainLine]:
    return [
        UncertainLine(
            page_number=page.page_number,
            line_index=index,
            confidence=line.confidence,
            score=line.score,
            box=line.box,
        )
        for index, line in enumerate(page.lines)
        if line.confidence is not None and line.score is not None and line.confidence < threshold
    ]


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")
