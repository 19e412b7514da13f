"""What is published on `ocr.progress`: how far a document is. For the gateway; nobody need read it.

Only documents that were submitted through the gateway have any. A step may be missing or come
twice: the outcome on `ocr.results` or `ocr.dead-letters` is what counts.
"""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.base import Published


class ProgressState(StrEnum):
    """How far a document is."""

    QUEUED = "queued"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"
    DELETED = "deleted"

    @property
    def is_end(self) -> bool:
        """Whether no step follows."""
        return self not in (ProgressState.QUEUED, ProgressState.READING)


class DocumentProgressed(Published):
    """A document has come one step further."""

    type: Literal["document.progressed"] = "document.progressed"
    version: Literal[1] = 1
    document_id: str
    state: ProgressState
    page_number: int | None = Field(None, ge=1, description="The page that was read last.")
    page_count: int | None = Field(
        None, ge=1, description="Pages of the file; null where nobody knows before its end."
    )
    occurred_at: AwareDatetime
