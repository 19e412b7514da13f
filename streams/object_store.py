"""Fetching and putting objects. Only plain S3 calls, so that any store works."""

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import Protocol, Self, TypeVar

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from schemas.results import ResultReference
from streams.download import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, Downloads, StoreRefusal
from streams.errors import (
    ObjectAltered,
    ObjectForbidden,
    ObjectMissing,
    ObjectTooLarge,
    StoreAway,
    StreamError,
)
from streams.settings import Settings

T = TypeVar("T")

SDK_CONNECTIONS = 4
"""Of the SDK, at the same time."""

_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""MethodNotAllowed is the answer for a version that is a delete marker."""

_REFUSED = frozenset(
    {
        *("InvalidArgument", "InvalidObjectState", "InvalidRequest", "InvalidURI"),
        *("KeyTooLongError", "XMinioInvalidObjectName"),
    }
)
"""Definitive answers about one object: a wrong name or version, archived, encrypted by a key."""

_NO_VERSION = frozenset({"", "null"})


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """An object as the store gave it; `version_id` is None in a bucket without versions."""

    data: bytes = field(repr=False)
    version_id: str | None
    etag: str | None


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

    async def put(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """Store an object.

        Raises:
            StoreAway: it was not stored; try again.
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


class S3ObjectStore:
    """An `ObjectStore` by the minio SDK.

    Documents are fetched on the event loop, see `streams.download`. Everything else is rare, and
    takes a thread.

    Args:
        settings: Where the store is, and how it knows us.
        connections: Transfers at the same time.
    """

    def __init__(self, settings: Settings, connections: int) -> None:
        self._downloads = Downloads(settings, connections)
        self._client = connect(settings)
        self._threads = ThreadPoolExecutor(SDK_CONNECTIONS, "store")

    async def fetch(
        self,
        bucket: str,
        key: str,
        version_id: str | None,
        bytes_max: int,
        admit: Admit | None = None,
    ) -> StoredDocument:
        """See `ObjectStore`."""
        if not {".", ".."}.isdisjoint(key.split("/")):
            raise ObjectMissing("a key with a segment `.` or `..` cannot be asked for over HTTP")
        try:
            async with self._downloads.open(bucket, key, version_id) as arriving:
                size_bytes, version = arriving.size_bytes, arriving.version_id
                if size_bytes > bytes_max:
                    raise ObjectTooLarge(
                        f"the object has {size_bytes} bytes, the limit is {bytes_max}"
                    )
                if admit is not None:
                    await admit(size_bytes)
                data = await arriving.receive()
                return StoredDocument(
                    data, None if version in _NO_VERSION else version, arriving.etag or None
                )
        except StoreRefusal as err:
            raise await self._sort(err.code, err.message, bucket) from err

    async def put(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """See `ObjectStore`."""

        def put() -> None:
            self._client.put_object(
                bucket_name=bucket,
                object_name=key,
                data=BytesIO(data),
                length=len(data),
                content_type=content_type,
            )

        try:
            await self._call(put, bucket)
        except (ObjectMissing, ObjectForbidden) as err:
            raise StoreAway(f"nothing can be stored in the bucket {bucket}: {err}") from err

    async def check(self, bucket: str) -> None:
        """See `ObjectStore`."""
        try:
            found = await self._call(lambda: self._client.bucket_exists(bucket_name=bucket), bucket)
        except ObjectForbidden as err:
            raise StoreAway(f"the bucket {bucket} may not be used: {err}") from err
        if not found:
            raise StoreAway(f"there is no bucket {bucket}; `ocrstream setup` creates it")

    async def close(self) -> None:
        """Let go of connections and threads; what they are at ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self._downloads.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, work: Callable[[], T], bucket: str) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, work)
        except StreamError:
            raise
        except S3Error as err:
            raise await self._sort(str(err.code), str(err.message), bucket) from err
        except Exception as err:
            # Whatever a failing store or a proxy before it sends, it is no answer about an object.
            raise StoreAway(f"no answer to rely on ({type(err).__name__}): {err}") from err

    async def _sort(self, code: str, message: str, bucket: str) -> StreamError:
        """Tell a definitive answer about one object from a store that cannot be relied on."""
        said = f"the store says {code}: {message}"
        if code in _MISSING:
            return ObjectMissing(said)
        if code in _REFUSED:
            return ObjectForbidden(said)
        if code == "AccessDenied" and await asyncio.get_running_loop().run_in_executor(
            self._threads, self._may_use, bucket
        ):
            return ObjectForbidden("the store denies access to this object")
        return StoreAway(said)

    def _may_use(self, bucket: str) -> bool:
        """Whether the bucket as a whole is open to us; if not, its objects are not to blame."""
        try:
            return self._client.bucket_exists(bucket_name=bucket)
        except (MinioException, urllib3.exceptions.HTTPError, OSError):
            return False


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
