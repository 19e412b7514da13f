"""What went wrong with a request, as problem documents (RFC 9457).

Problem
  Unacceptable        400, 413, 415, 422  the request cannot be granted as it is
  NotFound            404  no such document of this tenant
  Gone                410  it was deleted
  NotReadYet          409
  Overloaded          429, 503  try again after a while
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


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
