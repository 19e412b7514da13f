"""Where the things of a document lie in the object store, and whose document it is.

    UPLOADS_BUCKET   api/<tenant>/<document id>               what was uploaded through the gateway
    RESULTS_BUCKET   documents/<tenant>/<document id>.json    what became of it, for the gateway
                     documents/<tenant>/<document id>.deleted its owner deleted it
                     pictures/<tenant>/<document id>/<n>.jpg  a page, personal data blackened
                     results/<document id>/<result id>.json   a result too large for a message
                     raw/<document id>/<result id>.json       the same with personal data
                     dead-letters/<dead letter id>.*          parts of dead letters
                     dead-letters/uploads/<hash of its place> an upload that may be replayed
                     access/keys/<id>.json                    API keys

A tenant that nobody named is called `default` here, and is empty in identities. Whose an object is
that was not uploaded through the gateway, its place says (`Settings.tenant_of`).
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from schemas.ids import DEFAULT_TENANT

UPLOADS_PREFIX = "api/"
DOCUMENTS_PREFIX = "documents/"
PICTURES_PREFIX = "pictures/"
RESULTS_PREFIX = "results/"
RAW_RESULTS_PREFIX = "raw/"
DEAD_LETTERS_PREFIX = "dead-letters/"
ACCESS_PREFIX = "access/"

JSON, BYTES = "application/json", "application/octet-stream"
"""Content types of what we store."""

PICTURE_BYTES_MAX = 256 * 2**20
"""Of a page's picture."""

READING_NAME = "ocrstream-reading-id"
"""Metadata of a stored result: what the cache knows it by."""

ID_NAME = "ocrstream-document-id"
"""Metadata of an object of the gateway's: the document's id."""

REFERENCE_NAME = "ocrstream-reference"
"""Metadata of an object of the gateway's that stands for another one: its place, as JSON."""


TENANT_PATTERN = r"[a-z0-9][a-z0-9-]{0,62}"
ID_PATTERN = r"[0-9a-f]{32}"

_DEFAULT = "default"
_UPLOAD = re.compile(f"api/({TENANT_PATTERN})/({ID_PATTERN})")


@dataclass(frozen=True, slots=True)
class Owned:
    """A document of a tenant's.

    Attributes:
        tenant: Its owner, `DEFAULT_TENANT` where there is only one.
        document_id: See `schemas.ids`.
    """

    tenant: str
    document_id: str

    @classmethod
    def of_upload(cls, key: str) -> Self | None:
        """The document that the gateway put at a key, None where it puts nothing there."""
        match = _UPLOAD.fullmatch(key)
        return match and cls(tenant_of_name(match[1]), match[2])

    @property
    def upload_key(self) -> str:
        """Where the gateway puts it."""
        return f"{UPLOADS_PREFIX}{self._place}"

    @property
    def outcome_key(self) -> str:
        """Where its result lies, or why it has none."""
        return f"{DOCUMENTS_PREFIX}{self._place}.json"

    @property
    def tombstone_key(self) -> str:
        """Where it is noted that its owner deleted it."""
        return f"{DOCUMENTS_PREFIX}{self._place}.deleted"

    @property
    def pictures_prefix(self) -> str:
        """What the keys of its pages' pictures begin with."""
        return f"{PICTURES_PREFIX}{self._place}/"

    def picture_key(self, page_number: int) -> str:
        """Where the picture of a page lies."""
        return f"{self.pictures_prefix}{page_number}.jpg"

    @property
    def _place(self) -> str:
        return f"{tenant_name(self.tenant)}/{self.document_id}"


def failed_upload_key(bucket: str, key: str) -> str:
    """Where it is noted that an upload ended as a dead letter; the note keeps the upload."""
    name = hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()
    return f"{DEAD_LETTERS_PREFIX}uploads/{name}"


def tenant_name(tenant: str) -> str:
    """What a tenant is called by people and in the store."""
    return tenant or _DEFAULT


def tenant_of_name(name: str) -> str:
    """The tenant that is called so."""
    return DEFAULT_TENANT if name == _DEFAULT else name
