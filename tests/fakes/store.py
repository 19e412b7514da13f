"""An object store in memory."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from streams.errors import ObjectChanged, ObjectExists, ObjectMissing, ObjectTooLarge, StoreAway
from streams.store.object_store import Admit, Condition, FetchedObject, ObjectFacts, StoredDocument
from streams.store.transfers import NO_METADATA, Metadata


async def nothing() -> None:
    """What happens meanwhile where nothing is said."""


@dataclass
class MemoryObjectStore:
    """An `ObjectStore`; it is away for the next `away_count` calls.

    Attributes:
        meanwhile: Happens when an object has arrived, before it is stored.
    """

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    buckets: set[str] = field(default_factory=set)
    away_count: int = 0
    modified: dict[tuple[str, str], float] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    facts: dict[tuple[str, str], ObjectFacts] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[object]] = nothing

    async def fetch(
        self,
        bucket: str,
        key: str,
        version_id: str | None,
        bytes_max: int,
        admit: Admit | None = None,
    ) -> StoredDocument:
        """See `ObjectStore`."""
        self._answer()
        data = self.objects.get((bucket, key))
        if data is None or version_id is not None:
            raise ObjectMissing(f"there is no {bucket}/{key}")
        if len(data) > bytes_max:
            raise ObjectTooLarge(f"{len(data)} bytes, the limit is {bytes_max}")
        if admit is not None:
            await admit(len(data))
        self.fetched.append(key)
        facts = self.facts.get((bucket, key))
        metadata = facts.metadata if facts else NO_METADATA
        return StoredDocument(data, None, _etag(data), metadata)

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
        await self.meanwhile()
        self._answer()
        if bucket not in self.buckets:
            raise StoreAway(f"there is no bucket {bucket}")
        if condition is not None:
            self._require(condition, bucket, key)
        self.objects[bucket, key] = data
        self.facts[bucket, key] = ObjectFacts(len(data), content_type, metadata, _etag(data))

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
        data = b"".join([chunk async for chunk in chunks])
        await self.put(bucket, key, data, content_type, metadata, condition=condition)

    async def stat(self, bucket: str, key: str) -> ObjectFacts | None:
        """See `ObjectStore`."""
        self._answer()
        data = self.objects.get((bucket, key))
        if data is None:
            return None
        facts = self.facts.get((bucket, key))
        return facts or ObjectFacts(len(data), "", NO_METADATA, _etag(data))

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectStore`."""
        self._answer()
        self.objects.pop((bucket, key), None)
        self.facts.pop((bucket, key), None)

    async def delete_fetched(self, fetched: FetchedObject) -> None:
        """See `ObjectStore`."""
        facts = await self.stat(fetched.bucket, fetched.key)
        if facts is not None and facts.etag == fetched.etag:
            await self.delete(fetched.bucket, fetched.key)

    async def list(self, bucket: str, prefix: str) -> list[str]:
        """See `ObjectStore`."""
        self._answer()
        return sorted(k for b, k in self.objects if b == bucket and k.startswith(prefix))

    async def check(self, bucket: str) -> None:
        """See `ObjectStore`."""
        self._answer()
        if bucket not in self.buckets:
            raise StoreAway(f"there is no bucket {bucket}")

    def _require(self, condition: Condition, bucket: str, key: str) -> None:
        there = self.objects.get((bucket, key))
        if condition.etag is None and there is not None:
            raise ObjectExists(f"there is a {bucket}/{key}")
        if condition.etag is not None and (there is None or _etag(there) != condition.etag):
            raise ObjectChanged(f"{bucket}/{key} is another one, or gone")

    def _answer(self) -> None:
        if self.away_count > 0:
            self.away_count -= 1
            raise StoreAway("away for the sake of a test")


def _etag(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()
