"""An object store in memory."""

import hashlib
from dataclasses import dataclass, field

from streams.errors import ObjectMissing, ObjectTooLarge, StoreAway
from streams.object_store import Admit, StoredDocument


@dataclass
class MemoryObjectStore:
    """An `ObjectStore`; it is away for the next `away_count` calls."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    buckets: set[str] = field(default_factory=set)
    away_count: int = 0
    modified: dict[tuple[str, str], float] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

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
        return StoredDocument(data, None, hashlib.md5(data).hexdigest())

    async def put(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """See `ObjectStore`."""
        self._answer()
        if bucket not in self.buckets:
            raise StoreAway(f"there is no bucket {bucket}")
        self.objects[bucket, key] = data

    async def check(self, bucket: str) -> None:
        """See `ObjectStore`."""
        self._answer()
        if bucket not in self.buckets:
            raise StoreAway(f"there is no bucket {bucket}")

    def _answer(self) -> None:
        if self.away_count > 0:
            self.away_count -= 1
            raise StoreAway("away for the sake of a test")
