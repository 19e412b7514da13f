"""What is published on `ocr.results` when a document was deleted: forget what you have of it.

It is followed by a tombstone under the same key, which makes a compacted topic forget.
"""

from typing import Literal

from pydantic import AwareDatetime

from schemas.base import Published


class DocumentDeleted(Published):
    """A document, its result and its pictures were deleted at the wish of its owner."""

    type: Literal["document.deleted"] = "document.deleted"
    version: Literal[1] = 1
    document_id: str
    bucket: str
    key: str
    occurred_at: AwareDatetime
