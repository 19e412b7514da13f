"""What the sweep asks of a store: every version, every unfinished upload, and their removal.

By the minio SDK, whose calls block: it is used from threads and from commands, never on an event
loop.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from minio.datatypes import ListMultipartUploadsResult
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from streams.errors import StoreAway
from streams.settings import Settings
from streams.store.object_store import connect

T = TypeVar("T")

PAGE_COUNT = 1_000
"""Unfinished uploads that are asked for at once."""

_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "NoSuchUpload", "MethodNotAllowed"})


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object, or the marker of its deletion.

    Attributes:
        key: Of the object.
        version_id: `null` in a bucket without versions.
        modified_at: When it was put.
        is_marker: It stands for a deletion and has no bytes.
    """

    key: str
    version_id: str | None
    modified_at: datetime
    is_marker: bool


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """A multipart upload that was begun."""

    key: str
    upload_id: str
    begun_at: datetime


class StoreAdmin(Protocol):
    """A store with everything that is in it.

    All methods raise `StoreAway` where there is no answer to rely on.
    """

    def has_bucket(self, bucket: str) -> bool:
        """Whether there is such a bucket."""
        ...

    def versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        """Every version and marker below a prefix, page by page."""
        ...

    def remove(self, bucket: str, versions: Sequence[ObjectVersion]) -> dict[ObjectVersion, str]:
        """Remove at most 1000 versions for good; gives those that may still be there, and why."""
        ...

    def modified_at(self, bucket: str, key: str) -> datetime | None:
        """When an object was put, None where there is none."""
        ...

    def unfinished(self, bucket: str) -> Iterator[UnfinishedUpload]:
        """Every multipart upload that was neither completed nor aborted, page by page."""
        ...

    def abort(self, bucket: str, upload: UnfinishedUpload) -> None:
        """Forget a multipart upload and its parts; one that is gone is forgotten already."""
        ...


class S3Admin:
    """A `StoreAdmin` by the minio SDK.

    Args:
        settings: Where the store is, and how it knows us.
        connections: Requests at the same time.
    """

    def __init__(self, settings: Settings, connections: int) -> None:
        self._client = connect(settings, connections)

    def has_bucket(self, bucket: str) -> bool:
        """See `StoreAdmin`."""
        return _ask(lambda: self._client.bucket_exists(bucket_name=bucket))

    def versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        """See `StoreAdmin`."""
        found = self._client.list_objects(
            bucket_name=bucket, prefix=prefix, recursive=True, include_version=True
        )
        while (entry := _ask(lambda: next(found, None))) is not None:
            if entry.object_name is None or entry.last_modified is None:
                raise StoreAway(f"the store lists something without name or time in {bucket}")
            is_marker = bool(entry.is_delete_marker)
            yield ObjectVersion(entry.object_name, entry.version_id, entry.last_modified, is_marker)

    def remove(self, bucket: str, versions: Sequence[ObjectVersion]) -> dict[ObjectVersion, str]:
        """See `StoreAdmin`."""
        wanted = [DeleteObject(version.key, version.version_id) for version in versions]
        faults = _ask(
            lambda: list(self._client.remove_objects(bucket_name=bucket, delete_object_list=wanted))
        )
        why = {(fault.name, fault.version_id or None): f"{fault.code}" for fault in faults}
        failed = {v: why.get((v.key, v.version_id)) or why.get((v.key, None)) for v in versions}
        return {version: reason for version, reason in failed.items() if reason is not None}

    def modified_at(self, bucket: str, key: str) -> datetime | None:
        """See `StoreAdmin`."""
        try:
            facts = _ask(lambda: self._client.stat_object(bucket_name=bucket, object_name=key))
        except StoreAway as err:
            if isinstance(err.__cause__, S3Error) and err.__cause__.code in _MISSING:
                return None
            raise
        return facts.last_modified

    def unfinished(self, bucket: str) -> Iterator[UnfinishedUpload]:
        """See `StoreAdmin`. Without a prefix: MinIO takes one for a whole key."""
        markers: dict[str, str] = {}
        while True:
            page = _ask(partial(self._page_of_unfinished, bucket, markers))
            for entry in page.uploads:
                if entry.upload_id is None or entry.initiated_time is None:
                    raise StoreAway(f"the store lists an upload without id or time in {bucket}")
                yield UnfinishedUpload(entry.object_name, entry.upload_id, entry.initiated_time)
            if not page.is_truncated or not page.uploads:
                return
            # The SDK drops NextUploadIdMarker, which is the last one's; SeaweedFS, in whose list
            # they stand by their ids, names no next key.
            markers = {"upload-id-marker": page.uploads[-1].upload_id or ""}
            if page.next_key_marker:
                markers["key-marker"] = page.next_key_marker

    def _page_of_unfinished(
        self, bucket: str, markers: Mapping[str, str]
    ) -> ListMultipartUploadsResult:
        """The SDK has a method for it, which asks for encoded keys; SeaweedFS sends them plain."""
        query: dict[str, str | list[str] | tuple[str]] = {"uploads": "", **markers}
        query["max-uploads"] = str(PAGE_COUNT)
        answer = self._client._execute("GET", bucket, query_params=query)
        return ListMultipartUploadsResult(answer)

    def abort(self, bucket: str, upload: UnfinishedUpload) -> None:
        """See `StoreAdmin`."""
        try:
            _ask(lambda: self._client._abort_multipart_upload(bucket, upload.key, upload.upload_id))
        except StoreAway as err:
            if not (isinstance(err.__cause__, S3Error) and err.__cause__.code in _MISSING):
                raise


def _ask(request: Callable[[], T]) -> T:
    """Make a request of the SDK.

    Raises:
        StoreAway: it failed; its cause is what the store said.
    """
    try:
        return request()
    except (MinioException, HTTPError, OSError, ValueError) as err:
        raise StoreAway(f"the store refuses or does not answer: {err}") from err
