"""What went wrong with a request, as problem documents (RFC 9457).

Problem
  Unacceptable        400, 413, 415, 422  the request cannot be granted as it is
  NotFound            404  no such document of this tenant
  Gone                410  it was deleted
  NotReadYet          409
  Overloaded          429, 503  try again after a while

`EXAMPLES` has one of each, for `/openapi.json`.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from streams.access.errors import CHALLENGE

MEDIA_TYPE = "application/problem+json"

FAULTS_MAX = 5
"""Of those that are found in one body, so many are told."""

_NAME_CHARACTERS_MAX = 64
"""Of a field's name: it may be the client's."""


class ProblemDocument(BaseModel):
    """What went wrong, and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:ocrstream:problem:not-found",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "there is no such document; it may have been kept long enough",
                    "request_id": "5f0c7c2ab0de4f0f",
                }
            ]
        }
    )

    type: str = Field(description="Names the kind of problem; the same for the same kind.")
    title: str
    status: int
    detail: str = Field(description="What to do about it.")
    request_id: str | None = Field(None, description="To be told to whoever runs the service.")
    document_id: str | None = Field(None, description="Of the document it is about.")
    category: str | None = Field(None, description="Why a document could not be read.")


class Problem(Exception):
    """A request that is not granted.

    Attributes:
        status: HTTP status.
        name: Of the kind of problem, in the last part of its URN.
        detail: What to do.
        headers: Of the answer.
    """

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        document_id: str | None = None,
        category: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail
        self.headers = dict(headers or {})
        self.document_id = document_id
        self.category = category

    def document(self, request_id: str | None) -> ProblemDocument:
        """What the client is told."""
        return ProblemDocument(
            type=f"urn:ocrstream:problem:{self.name}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            request_id=request_id,
            document_id=self.document_id,
            category=self.category,
        )

    def response(self, request_id: str | None) -> Response:
        """The answer."""
        content = self.document(request_id).model_dump_json(exclude_none=True)
        return Response(content, self.status, self.headers, MEDIA_TYPE)


class Unacceptable(Problem):
    """The request cannot be granted as it is, now or later."""


class NotFound(Problem):
    """There is no such document, or it is another tenant's: nobody is to know which."""

    def __init__(self) -> None:
        super().__init__(
            404,
            "not-found",
            "there is no such document; its id may be wrong, or it was kept long enough",
        )


class Gone(Problem):
    """It was deleted."""

    def __init__(self, document_id: str) -> None:
        super().__init__(410, "deleted", "the document was deleted", document_id=document_id)


class NotReadYet(Problem):
    """It is still waiting, or being read."""

    def __init__(self, document_id: str) -> None:
        detail = "the document is not read yet; ask again, or wait for it with ?wait=30"
        super().__init__(409, "not-read-yet", detail, {"Retry-After": "2"}, document_id)


class Unreadable(Problem):
    """It could not be read."""

    def __init__(self, document_id: str, category: str, detail: str) -> None:
        super().__init__(422, "unreadable", detail, None, document_id, category)


class Overloaded(Problem):
    """Too much is asked of us, or of what we depend upon; it may be granted later."""

    def __init__(self, status: int, name: str, detail: str, retry_after_s: float) -> None:
        seconds = str(max(1, round(retry_after_s + 0.5)))
        super().__init__(status, name, detail, {"Retry-After": seconds})


def faults_of(errors: Iterable[Mapping[str, object]], whole: str) -> str:
    """What is wrong with a request, as pydantic found it; never the values.

    Args:
        errors: pydantic's.
        whole: What to call a value as a whole.
    """
    told = []
    for error, _ in zip(errors, range(FAULTS_MAX), strict=False):
        loc = error["loc"]
        assert isinstance(loc, tuple)
        name = ".".join(map(str, loc)) or whole
        told.append(f"{name[:_NAME_CHARACTERS_MAX]}: {error['msg']}")
    return "; ".join(told)


_ID = "0f4c6a5b2e9d4f7c8a1b3c5d7e9f0a2b"

EXAMPLES: tuple[Problem, ...] = (
    Unacceptable(400, "malformed", "the form ends early"),
    Unacceptable(400, "cut-off", "the body ended early; send it again"),
    Unacceptable(
        401,
        "unauthenticated",
        "send an API key as `X-API-Key: ocrs_...`",
        {"WWW-Authenticate": CHALLENGE},
    ),
    Unacceptable(403, "forbidden", "this needs the scope read, and 7h2k has submit"),
    NotFound(),
    Unacceptable(408, "too-slow", "the body came too slowly"),
    NotReadYet(_ID),
    Unacceptable(409, "encryption-required", "documents are encrypted; POST them to /v1/documents"),
    Unacceptable(409, "not-offered", "POST documents to /v1/documents"),
    Gone(_ID),
    Unacceptable(413, "too-large", "documents may have 67108864 bytes"),
    Unacceptable(415, "unsupported-format", "this is text/plain, told by its bytes"),
    Unacceptable(422, "malformed", "size_bytes: Field required"),
    Unacceptable(422, "empty", "the body is empty; send the document's bytes"),
    Unacceptable(422, "invalid-options", "options: pages: String should match pattern"),
    Unacceptable(422, "idempotency-key-reused", "this Idempotency-Key stands for another document"),
    Unreadable(_ID, "corrupt_document", "the picture cannot be decoded whole"),
    Overloaded(429, "rate-limited", "this key asks too often; wait", 1),
    Problem(500, "internal", "a fault of ours; the log has it under the request's id"),
    Overloaded(503, "overloaded", "too many requests are in work", 1),
    Overloaded(503, "away", "the store or the broker is away; nothing was lost, try again", 5),
)
