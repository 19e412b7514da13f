"""A store with versions and unfinished uploads, in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from streams.errors import StoreAway
from streams.store.store_admin import ObjectVersion, UnfinishedUpload

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MemoryStoreAdmin:
    """A `StoreAdmin`.

    Attributes:
        buckets: What is in each bucket, in order of their keys, the newest version first.
        parts: Unfinished uploads of each bucket.
        stubborn: Keys that cannot be removed.
        mute: Keys that cannot be asked about, and buckets that cannot be listed.
        removed: Keys in the order in which they were removed.
        batch_max: The most that was removed at once.
    """

    buckets: dict[str, list[ObjectVersion]] = field(default_factory=dict)
    parts: dict[str, list[UnfinishedUpload]] = field(default_factory=dict)
    stubborn: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)
    batch_max: int = 0

    def put(self, bucket: str, key: str, at: datetime = START, is_marker: bool = False) -> None:
        """Add a version."""
        versions = self.buckets.setdefault(bucket, [])
        versions.insert(0, ObjectVersion(key, f"v{len(versions)}", at, is_marker))
        versions.sort(key=lambda version: version.key)

    def keys(self, bucket: str) -> list[str]:
        """Keys of all versions that are there."""
        return [version.key for version in self.buckets.get(bucket, [])]

    def has_bucket(self, bucket: str) -> bool:
        """See `StoreAdmin`."""
        return bucket in self.buckets

    def versions(self, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
        """See `StoreAdmin`."""
        if bucket in self.mute:
            raise StoreAway("mute for the sake of a test")
        yield from [v for v in self.buckets[bucket] if v.key.startswith(prefix)]

    def remove(self, bucket: str, versions: Sequence[ObjectVersion]) -> dict[ObjectVersion, str]:
        """See `StoreAdmin`."""
        self.batch_max = max(self.batch_max, len(versions))
        failed = {version: "stubborn" for version in versions if version.key in self.stubborn}
        gone = {version for version in versions if version not in failed}
        self.buckets[bucket] = [v for v in self.buckets[bucket] if v not in gone]
        self.removed += [version.key for version in versions if version in gone]
        return failed

    def modified_at(self, bucket: str, key: str) -> datetime | None:
        """See `StoreAdmin`."""
        if key in self.mute:
            raise StoreAway("mute for the sake of a test")
        latest = next((v for v in self.buckets.get(bucket, []) if v.key == key), None)
        return None if latest is None or latest.is_marker else latest.modified_at

    def unfinished(self, bucket: str) -> Iterator[UnfinishedUpload]:
        """See `StoreAdmin`."""
        yield from [*self.parts.get(bucket, [])]

    def abort(self, bucket: str, upload: UnfinishedUpload) -> None:
        """See `StoreAdmin`."""
        if upload.key in self.stubborn:
            raise StoreAway("stubborn for the sake of a test")
        self.parts[bucket] = [one for one in self.parts[bucket] if one != upload]
