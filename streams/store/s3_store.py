"""An `ObjectStore` on any store that speaks S3: MinIO, SeaweedFS, AWS."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self, TypeVar

import urllib3
from minio.error import MinioException, S3Error

from streams.errors import (
    ObjectChanged,
    ObjectExists,
    ObjectForbidden,
    ObjectMissing,
    ObjectTooLarge,
    StoreAway,
    StreamError,
)
from streams.settings import Settings
from streams.store.object_store import (
    PART_BYTES,
    SDK_CONNECTIONS,
    Admit,
    Condition,
    FetchedObject,
    ObjectFacts,
    StoredDocument,
    connect,
    is_addressable,
)
from streams.store.transfers import (
    METADATA_PREFIX,
    NO_METADATA,
    Answer,
    Metadata,
    Request,
    StoreRefusal,
    Transfers,
    metadata_of,
)

T = TypeVar("T")

_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
"""MethodNotAllowed is the answer for a version that is a delete marker."""

_EXISTS = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
"""The latter is AWS's, while another request about the same key is in work."""

_REFUSED = frozenset(
    {
        *("InvalidArgument", "InvalidObjectState", "InvalidRequest", "InvalidURI"),
        *("KeyTooLongError", "XMinioInvalidObjectName"),
    }
)
"""Definitive answers about one object: a wrong name or version, archived, encrypted by a key."""

_NO_VERSION = frozenset({"", "null"})

_IF_MATCH = "if-match"


class S3ObjectStore:
    """An `ObjectStore` by the minio SDK.

    Objects come and go on the event loop, see `transfers`. Everything else is rare, and takes a
    thread.

    Args:
        settings: Where the store is, and how it knows us.
        connections: Transfers at the same time.
    """

    def __init__(self, settings: Settings, connections: int) -> None:
        self._transfers = Transfers(settings, connections)
        self._encryption = settings.s3_encryption_headers()
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
        if not is_addressable(key):
            raise ObjectMissing("a key with a segment `.` or `..` cannot be asked for over HTTP")
        try:
            async with self._transfers.open(bucket, key, version_id) as arriving:
                size_bytes, version = arriving.size_bytes, arriving.version_id
                if size_bytes > bytes_max:
                    raise ObjectTooLarge(
                        f"the object has {size_bytes} bytes, the limit is {bytes_max}"
                    )
                if admit is not None:
                    await admit(size_bytes)
                data = await arriving.receive()
                return StoredDocument(
                    data,
                    None if version in _NO_VERSION else version,
                    arriving.etag or None,
                    arriving.metadata,
                )
        except StoreRefusal as err:
            raise await self._sort(err.code, err.message, bucket) from err

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
        """See `ObjectStore`."""
        headers = self._headers(content_type, metadata) | _condition_headers(condition)
        answer = await self._write(Request("PUT", bucket, key, headers=headers, body=data))
        await self._require_encrypted(answer, bucket, key, condition)

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
        """See `ObjectStore`."""
        parts = _in_parts(chunks)
        first, is_all = await anext(parts)
        if is_all:
            await self.put(bucket, key, first, content_type, metadata, condition=condition)
            return
        headers = self._headers(content_type, metadata)
        begun = await self._write(Request("POST", bucket, key, {"uploads": ""}, headers))
        upload_id = begun.element("UploadId")
        try:
            tags = [await self._put_part(bucket, key, upload_id, 1, first)]
            del first
            async for part, _ in parts:
                tags.append(await self._put_part(bucket, key, upload_id, len(tags) + 1, part))
            await self._complete(bucket, key, upload_id, tags, condition)
            if self._encryption:  # not every store says so before
                answer = await self._write(Request("HEAD", bucket, key))
                await self._require_encrypted(answer, bucket, key, condition)
        except BaseException:
            with suppress(StreamError, asyncio.CancelledError):
                await asyncio.shield(
                    self._write(Request("DELETE", bucket, key, {"uploadId": upload_id}))
                )
            raise

    async def _put_part(
        self, bucket: str, key: str, upload_id: str, number: int, part: bytes
    ) -> str:
        """Send one part; gives its tag."""
        query = {"partNumber": str(number), "uploadId": upload_id}
        answer = await self._write(Request("PUT", bucket, key, query, body=part))
        return answer.headers.get("etag", "")

    async def _complete(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        tags: list[str],
        condition: Condition | None,
    ) -> None:
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            for number, tag in enumerate(tags, 1)
        )
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        headers = _condition_headers(condition)
        request = Request("POST", bucket, key, {"uploadId": upload_id}, headers, body)
        (await self._write(request)).element("ETag")  # whatever else comes with status 200

    def _headers(self, content_type: str, metadata: Metadata) -> dict[str, str]:
        return {
            "content-type": content_type,
            **{f"{METADATA_PREFIX}{name}": value for name, value in metadata.items()},
            **self._encryption,
        }

    async def _require_encrypted(
        self, answer: Answer, bucket: str, key: str, condition: Condition | None
    ) -> None:
        """Take the store's word for it, and nothing less: what it did not encrypt is deleted.

        But for what took the place of a certain object: that one would be lost as well.

        Raises:
            StoreAway: what was asked for was not done.
        """
        for name, value in self._encryption.items():
            if answer.headers.get(name, "").rpartition("/")[2] != value.rpartition("/")[2]:
                if condition is None or condition.etag is None:
                    await self.delete(bucket, key)
                raise StoreAway(
                    "the store did not encrypt what it was to encrypt: it must offer what "
                    "OCRSTREAM_S3_SSE asks for"
                )

    async def stat(self, bucket: str, key: str) -> ObjectFacts | None:
        """See `ObjectStore`."""
        if not is_addressable(key):
            return None
        try:
            answer = await self._transfers.ask(Request("HEAD", bucket, key))
        except StoreRefusal as err:
            refusal = await self._sort(err.code, err.message, bucket)
            if isinstance(refusal, ObjectMissing):
                return None
            raise refusal from err
        return ObjectFacts(
            int(answer.headers.get("content-length", 0)),
            answer.headers.get("content-type", ""),
            metadata_of(answer.headers),
            answer.headers.get("etag", "").strip('"') or None,
        )

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectStore`."""
        if not is_addressable(key):
            return
        try:
            answer = await self._write(Request("DELETE", bucket, key))
        except ObjectMissing:
            return
        if "x-amz-version-id" in answer.headers or "x-amz-delete-marker" in answer.headers:
            await self._call(lambda: self._delete_versions(bucket, key), bucket)

    async def delete_fetched(self, fetched: FetchedObject) -> None:
        """See `ObjectStore`."""
        bucket, key, version_id = fetched.bucket, fetched.key, fetched.version_id
        if version_id is not None:
            with suppress(ObjectMissing):
                await self._write(Request("DELETE", bucket, key, {"versionId": version_id}))
            return
        facts = await self.stat(bucket, key)
        if facts is not None and facts.etag == fetched.etag:
            await self.delete(bucket, key)

    async def list(self, bucket: str, prefix: str) -> list[str]:
        """See `ObjectStore`."""

        def find() -> list[str]:
            found = self._client.list_objects(bucket_name=bucket, prefix=prefix, recursive=True)
            return [entry.object_name for entry in found if entry.object_name]

        return await self._call(find, bucket)

    def _delete_versions(self, bucket: str, key: str) -> None:
        """Delete every version of one object, and the markers of its deletions.

        The markers go last: without them an earlier version would be the object again.
        """
        listed = self._client.list_objects(
            bucket_name=bucket, prefix=key, include_version=True, recursive=True
        )
        found = [version for version in listed if version.object_name == key]
        for version in sorted(found, key=lambda version: bool(version.is_delete_marker)):
            self._client.remove_object(
                bucket_name=bucket, object_name=key, version_id=version.version_id
            )

    async def _write(self, request: Request) -> Answer:
        """Change something in the store.

        Raises:
            ObjectMissing: of what was to be deleted.
            ObjectExists: of what was to be new.
            ObjectChanged: of what was to be replaced.
            StoreAway: nothing may have changed.
        """
        try:
            return await self._transfers.ask(request)
        except StoreRefusal as err:
            refusal = await self._sort(err.code, err.message, request.bucket)
            if isinstance(refusal, ObjectMissing) and request.method == "DELETE":
                raise refusal from err
            if _IF_MATCH in request.headers and isinstance(refusal, ObjectExists | ObjectMissing):
                raise ObjectChanged(str(refusal)) from err
            if isinstance(refusal, ObjectExists):
                raise refusal from err
            raise StoreAway(
                f"nothing can be changed in the bucket {request.bucket}: {refusal}"
            ) from err

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
        await self._transfers.close()

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
        if code in _EXISTS:
            return ObjectExists(said)
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


def _condition_headers(condition: Condition | None) -> dict[str, str]:
    if condition is None:
        return {}
    return {"if-none-match": "*"} if condition.etag is None else {_IF_MATCH: f'"{condition.etag}"'}


async def _in_parts(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[bytes, bool]]:
    """The same bytes in parts of `PART_BYTES`, the last one shorter; at least one.

    With each, whether it is the last.
    """
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) > PART_BYTES:  # a full one waits: it may be the last
            part = bytes(memoryview(waiting)[:PART_BYTES])
            del waiting[:PART_BYTES]
            yield part, False
            del part
    yield bytes(waiting), True
