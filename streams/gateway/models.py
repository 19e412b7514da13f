"""What requests and answers look like; `/openapi.json` is made from it."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints

from schemas.dead_letters import Category, DocumentDeadLettered
from schemas.events import Bucket, ObjectKey
from schemas.geometry import Box
from schemas.options import DocumentOptions
from schemas.results import DocumentRecognized, DocumentWarning
from streams.places import ID_PATTERN

DocumentId = Annotated[str, StringConstraints(pattern=f"^{ID_PATTERN}$")]

EXAMPLE_ID = "0f4c6a5b2e9d4f7c8a1b3c5d7e9f0a2b"
_LINKS: dict[str, JsonValue] = {
    "self": f"/v1/documents/{EXAMPLE_ID}",
    "events": f"/v1/documents/{EXAMPLE_ID}/events",
    "text": f"/v1/documents/{EXAMPLE_ID}/text",
}


class _Body(BaseModel):
    """Unknown names are an error: they would be silently without effect."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class State(StrEnum):
    """How far a document is."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class Submitted(_Body):
    """A document was taken, and will be read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"document_id": EXAMPLE_ID, "state": "queued", "links": _LINKS}]
        }
    )

    document_id: DocumentId
    state: State = State.QUEUED
    links: dict[str, str] = Field(description="Where to ask for it.")

    @classmethod
    def of(cls, document_id: str) -> "Submitted":
        """A document that was just taken."""
        links = {name: str(link).replace(EXAMPLE_ID, document_id) for name, link in _LINKS.items()}
        return cls(document_id=document_id, links=links)


class Failure(_Body):
    """Why a document has no result."""

    category: str = Field(examples=[*Category], description="A later version may know more.")
    message: str = Field(description="What was wrong and what to do.")


class DocumentView(_Body):
    """A document: how far it is, and what was read."""

    document_id: DocumentId
    state: State
    result: DocumentRecognized | None = Field(None, description="Once it is done.")
    failure: Failure | None = Field(None, description="Once it has failed.")

    @classmethod
    def of(
        cls, document_id: str, outcome: DocumentRecognized | DocumentDeadLettered | None
    ) -> "DocumentView":
        """What is known of a document."""
        if outcome is None:
            return cls(document_id=document_id, state=State.QUEUED)
        if isinstance(outcome, DocumentRecognized):
            return cls(document_id=document_id, state=State.DONE, result=outcome)
        failure = Failure(category=outcome.category, message=outcome.message)
        return cls(document_id=document_id, state=State.FAILED, failure=failure)


class StoredObject(_Body):
    """A document that lies in the object store already."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"bucket": "uploads", "key": "2026/11/a.png", "options": {"languages": ["en"]}}
            ]
        }
    )

    bucket: Bucket
    key: ObjectKey
    version_id: Annotated[str, StringConstraints(max_length=255)] | None = None
    options: DocumentOptions = DocumentOptions()


class DocumentForm(_Body):
    """A document in a form."""

    file: Annotated[bytes, Field(json_schema_extra={"type": "string", "format": "binary"})]
    options: Annotated[str, Field(description="Options as JSON, see DocumentOptions.")] = "{}"


def _whole(value: object) -> object:
    """JSON has one kind of number: 1.0 is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class WantedUpload(_Body):
    """A large document that is to be sent to the object store directly."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"size_bytes": 48_000_000}]})

    size_bytes: Annotated[
        int, Field(strict=True, ge=1, description="Size of the file."), BeforeValidator(_whole)
    ]


class UploadForm(_Body):
    """How to send it: a multipart form with these fields, then the file as `file`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "document_id": EXAMPLE_ID,
                    "url": "https://store.example/uploads",
                    "fields": {"key": f"api/default/{EXAMPLE_ID}", "policy": "eyJleHBpcmF0..."},
                    "expires_in_s": 900,
                    "confirm": f"/v1/uploads/{EXAMPLE_ID}",
                }
            ]
        }
    )

    document_id: DocumentId
    url: str = Field(description="Where to POST the form.")
    fields: dict[str, str] = Field(description="All of them, before the field `file`.")
    expires_in_s: int
    confirm: str = Field(description="POST here when it was sent: it is read then.")


class Confirmed(_Body):
    """What a confirmed upload asks for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"options": {"languages": ["en"]}}]})

    options: DocumentOptions = DocumentOptions()


class ReadLine(_Body):
    """One line of text."""

    text: str
    confidence: float | None = Field(ge=0, le=1, description="How probably it is right.")
    box: Box = Field(description="Left, top, right, bottom in pixels of the upright page.")
    page_number: int = Field(ge=1)


class ReadAnswer(_Body):
    """What was read in a picture, in reading order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "document_id": EXAMPLE_ID,
                    "lines": [
                        {
                            "text": "TOTAL: 120.00",
                            "confidence": 0.97,
                            "box": [41.0, 702.5, 318.0, 731.0],
                            "page_number": 1,
                        }
                    ],
                    "warnings": [],
                }
            ]
        }
    )

    document_id: DocumentId
    lines: tuple[ReadLine, ...]
    warnings: tuple[DocumentWarning, ...]
