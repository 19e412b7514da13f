"""What is published on `ocr.dead-letters`: an event that could not become a result.

A dead letter carries everything needed to send the event again, byte for byte, and never the
document's text.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.base import Published
from schemas.results import ResultReference


class Category(StrEnum):
    """What kind of failure it was."""

    MALFORMED_EVENT = "malformed_event"
    INVALID_OPTIONS = "invalid_options"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    SOURCE_REFUSED = "source_refused"
    OBJECT_MISSING = "object_missing"
    OBJECT_FORBIDDEN = "object_forbidden"
    OBJECT_TOO_LARGE = "object_too_large"
    DECRYPTION_FAILED = "decryption_failed"
    UNSUPPORTED_FORMAT = "unsupported_format"
    CORRUPT_DOCUMENT = "corrupt_document"
    ENCRYPTED_DOCUMENT = "encrypted_document"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    DECODE_TIMEOUT = "decode_timeout"
    DECODE_CRASH = "decode_crash"
    ENGINE_ERROR = "engine_error"
    ENGINE_CRASH = "engine_crash"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    PUBLISH_REJECTED = "publish_rejected"


class Stage(StrEnum):
    """The step of a document's path that failed."""

    EVENT = "event"
    FETCH = "fetch"
    DECODE = "decode"
    READ = "read"
    PUBLISH = "publish"


class EventOrigin(Published):
    """The event as it stood on its topic."""

    topic: str
    partition: int
    offset: int
    timestamp: AwareDatetime | None
    key: str | None = Field(description="Base64 of the key's bytes.")
    value_base64: str | None
    value_ref: ResultReference | None = Field(
        None, description="Where the value lies if it is too large for a message."
    )
    headers: tuple[tuple[str, str], ...] = Field(description="Name and base64 of the value.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.value_base64 is not None and self.value_ref is not None:
            raise ValueError("value_base64 and value_ref exclude each other")
        return self


class DeadDocument(Published):
    """What is known of the document."""

    document_id: str | None
    event_id: str | None
    bucket: str
    key: str


class DocumentDeadLettered(Published):
    """An event that ended without a result."""

    type: Literal["document.dead_lettered"] = "document.dead_lettered"
    version: Literal[1] = 1
    dead_letter_id: str
    occurred_at: AwareDatetime
    category: Category
    stage: Stage
    message: str = Field(description="What was wrong and what to do; never the document's text.")
    attempts: Annotated[int, Field(ge=1)]
    record_index: Annotated[int, Field(ge=0)] = Field(
        0, description="Which record of the event, where it has several."
    )
    replays: Annotated[int, Field(ge=0)] = Field(
        0, description="How often the event was replayed before this; `attempts` counts them all."
    )
    replay_of: str | None = Field(None, description="The dead letter that was replayed last.")
    origin: EventOrigin
    document: DeadDocument | None
    letter_ref: ResultReference | None = Field(
        None,
        description="Where the whole dead letter lies if the event's key or headers are too large "
        "for a message; `origin` has neither key, value nor headers then.",
    )
