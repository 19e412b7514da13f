"""Fetching and putting objects. Only plain S3 calls, so that any store works."""

import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self

import urllib3
from minio import Minio
from minio.error import MinioException

from schemas.results import ResultReference
from streams.errors import (
    ObjectAltered,
)
from streams.settings import Settings
from streams.store.transfers import (
    CONNECT_TIMEOUT_S,
    NO_METADATA,
    READ_TIMEOUT_S,
    Metadata,
)

SDK_CONNECTIONS = 4
"""Of the SDK, at the same time."""

PART_BYTES = 5 * 2**20
"""Of an object whose size is not known before: S3 takes no smaller parts but the last."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """An object as the store gave it; `version_id` is None in a bucket without versions."""

    data: bytes = field(repr=False)
    version_id: str | None
    etag: str | None
    metadata: Metadata = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FetchedObject:
    """Which object was fetched, without its bytes: so much as tells it from later ones."""

    bucket: str
    key: str
    version_id: str | None
    etag: str | None
    metadata: Metadata = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def of(cls, bucket: str, key: str, stored: StoredDocument) -> Self:
        """That which was stored at a place."""
        return cls(bucket, key, stored.version_id, stored.etag, stored.metadata)


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What the store tells of an object without its bytes."""

    size_bytes: int
    content_type: str
    metadata: Metadata = field(repr=False)
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be at a key at the moment an object is stored there.

    Attributes:
        etag: Of the object to be replaced; None: there must be none.
    """

    etag: str | None


ONLY_NEW = Condition(None)

Admit = Callable[[int], Awaitable[None]]
"""Waits until so many bytes may be taken into memory."""


class ObjectStore(Protocol):
    """Where documents come from and large results go."""

    async def fetch(
        self,
        bucket: str,
        key: str,
        version_id: str | None,
        bytes_max: int,
        admit: Admit | None = None,
    ) -> StoredDocument:
        """Get an object whole; `admit` is awaited with its size before its bytes are read.

        Raises:
            ObjectMissing: there is no such object or version.
            ObjectForbidden: it may not be read.
            ObjectTooLarge: it has more than `bytes_max` bytes; nothing was transferred.
            StoreAway: no answer to rely on; try again.
        """
        ...

    async def put(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str,
        metadata: Metadata = NO_METADATA,
        *,
        condition: Condition | None = None,
    ) -> None:
        """Store an object, in place of whatever is there or on a condition.

        Raises:
            ObjectExists: there is one where none must be; it may be this very one, where its first
                answer was lost.
            ObjectChanged: what was to be replaced is not there any more; the same holds.
            StoreAway: it was not stored; try again.
        """
        ...

    async def put_stream(
        self,
        bucket: str,
        key: str,
        chunks: AsyncIterator[bytes],
        content_type: str,
        metadata: Metadata = NO_METADATA,
        *,
        condition: Condition | None = None,
    ) -> None:
        """Store an object while its bytes arrive; no more than `PART_BYTES` of it are held.

        Where the chunks end with an error, nothing is stored, and the error goes on.

        Raises:
            ObjectExists, ObjectChanged: see `put`; only once all chunks have come.
            StoreAway: it was not stored.
        """
        ...

    async def stat(self, bucket: str, key: str) -> ObjectFacts | None:
        """What the store knows of an object, None where there is none.

        Raises:
            ObjectForbidden: it may not be looked at.
            StoreAway: no answer to rely on; try again.
        """
        ...

    async def delete(self, bucket: str, key: str) -> None:
        """Delete an object with all its versions; one that is not there is deleted already.

        Raises:
            StoreAway: it may still be there; try again.
        """
        ...

    async def delete_fetched(self, fetched: FetchedObject) -> None:
        """Delete what was fetched, and nothing that was put at its key before or since.

        In a bucket without versions the store is asked first what is there, and a new object that
        arrives between this question and the deletion is deleted instead.

        Raises:
            StoreAway: it may still be there; try again.
        """
        ...

    async def list(self, bucket: str, prefix: str) -> list[str]:
        """Keys that begin with a prefix.

        Raises:
            StoreAway: no answer to rely on; try again.
        """
        ...

    async def check(self, bucket: str) -> None:
        """Make sure that the store answers and has the bucket.

        Raises:
            StoreAway: it does not, or has not.
        """
        ...


def connect(settings: Settings, connections: int = SDK_CONNECTIONS) -> Minio:
    """Make a client that gives up in time and leaves retrying to its caller."""
    secret = settings.s3_secret_key
    return Minio(
        endpoint=settings.s3_address,
        access_key=settings.s3_access_key,
        secret_key=secret.get_secret_value() if secret else None,
        region=settings.s3_region,
        secure=settings.s3_endpoint.scheme == "https",
        http_client=urllib3.PoolManager(
            maxsize=connections,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            ssl_context=ssl.create_default_context(cafile=settings.s3_ca_file),
        ),
    )


def is_addressable(key: str) -> bool:
    """Whether a key is its own address: HTTP takes segments `.` and `..` for other places."""
    return {".", ".."}.isdisjoint(key.split("/"))


async def fetch_referenced(store: ObjectStore, reference: ResultReference) -> bytes:
    """Get what was too large for a message.

    Raises:
        StoreError: it is not there any more, or not what was stored.
        StoreAway: no answer to rely on; try again.
    """
    bucket, key = reference.bucket, reference.key
    stored = await store.fetch(bucket, key, None, reference.size_bytes)
    if hashlib.sha256(stored.data).hexdigest() != reference.sha256:
        raise ObjectAltered(f"{bucket}/{key} is not what was stored there")
    return stored.data


def announces(client: Minio, bucket: str, key: str) -> bool:
    """Whether the store itself tells somebody of a new object with this key."""
    try:
        rules = client.get_bucket_notification(bucket_name=bucket)
    except MinioException:
        return False
    configured: Iterable[object] = rules.queue_config_list or ()
    return any(_applies(rule, key) for rule in configured)


def _applies(rule: object, key: str) -> bool:
    prefix = getattr(getattr(rule, "prefix_filter_rule", None), "value", "") or ""
    suffix = getattr(getattr(rule, "suffix_filter_rule", None), "value", "") or ""
    events = getattr(rule, "events", ())
    created = any(str(event).startswith("s3:ObjectCreated:") for event in events)
    return created and key.startswith(prefix) and key.endswith(suffix)
