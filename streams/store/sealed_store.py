"""An `ObjectStore` that holds only what it cannot read: envelope encryption around another one.

The wrapped data key of an object lies in KEYS_BUCKET at `<bucket>/<key>/<data key id>`, and is
stored before the object. To delete an object its data keys go first, so that every copy of it that
cannot be deleted (older versions, backups) is unreadable from then on.

Objects that others put there in the clear are taken as they are. Without master keys nothing is
sealed, and what is sealed cannot be opened.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Self

from streams.errors import (
    DataKeyDestroyed,
    DecryptionFailed,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
)
from streams.settings import Settings
from streams.store.envelope import Envelope
from streams.store.master_keys import MasterKeys
from streams.store.object_store import (
    Admit,
    Condition,
    FetchedObject,
    ObjectFacts,
    ObjectStore,
    StoredDocument,
)
from streams.store.s3_store import S3ObjectStore
from streams.store.sealing import (
    CHUNK_BYTES,
    HEADER_BYTES,
    DataKey,
    Sealer,
    find_key_id,
    open_sealed,
    plain_size,
    sealed_size,
)
from streams.store.transfers import NO_METADATA, Metadata

SEALED_NAME = "ocrstream-data-key"
"""Metadata of a sealed object: the id of its data key."""

RECORD_PLACE = re.compile(r"(?P<bucket>[^/]+)/(?P<key>.+)/(?P<key_id>[0-9a-f]{32})", re.DOTALL)
"""Where the record of a data key lies."""

RECORD_BYTES_MAX = 1_024
RECORD_TYPE = "application/octet-stream"
_KEY_ID = re.compile("[0-9a-f]{32}")


class SealedStore:
    """See the module.

    Args:
        inner: Where sealed objects and wrapped keys lie.
        envelope: Seals and opens; None: there are no master keys.
        keys_bucket: For wrapped keys.
    """

    def __init__(self, inner: ObjectStore, envelope: Envelope | None, keys_bucket: str) -> None:
        self._inner = inner
        self._envelope = envelope
        self._keys_bucket = keys_bucket

    async def fetch(
        self,
        bucket: str,
        key: str,
        version_id: str | None,
        bytes_max: int,
        admit: Admit | None = None,
    ) -> StoredDocument:
        """See `ObjectStore`.

        Raises:
            DecryptionFailed: it was altered, or its key was destroyed.
            MasterKeyUnknown: it needs a master key that we have not.
        """
        stored = await self._inner.fetch(bucket, key, version_id, sealed_size(bytes_max), admit)
        key_id = find_key_id(stored.data[:HEADER_BYTES])
        if key_id is None and SEALED_NAME in stored.metadata:
            raise DecryptionFailed("the object was encrypted by us and is not any more")
        if key_id is None:
            if len(stored.data) > bytes_max:
                raise ObjectTooLarge(
                    f"the object has {len(stored.data)} bytes, the limit is {bytes_max}"
                )
            return stored
        if self._envelope is None:
            raise DecryptionFailed(
                "the object is encrypted, and OCRSTREAM_MASTER_KEYS_FILE is not set"
            )
        data_key = await self._data_key(self._envelope, bucket, key, key_id)
        data = await asyncio.to_thread(open_sealed, stored.data, data_key)
        return replace(stored, data=data)

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
        if self._envelope is not None:
            sealer, metadata = await self._begin(self._envelope, bucket, key, metadata)
            data = await asyncio.to_thread(_seal, sealer, data)
        async with self._unless_it_exists(bucket, key, metadata):
            await self._inner.put(bucket, key, data, content_type, metadata, condition=condition)

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
        if self._envelope is not None:
            sealer, metadata = await self._begin(self._envelope, bucket, key, metadata)
            chunks = _sealed(sealer, chunks)
        async with self._unless_it_exists(bucket, key, metadata):
            await self._inner.put_stream(
                bucket, key, chunks, content_type, metadata, condition=condition
            )

    async def stat(self, bucket: str, key: str) -> ObjectFacts | None:
        """See `ObjectStore`; the size is that of what was put."""
        facts = await self._inner.stat(bucket, key)
        if facts is None or SEALED_NAME not in facts.metadata:
            return facts
        with suppress(DecryptionFailed):  # it was cut short: there it is all the same
            return replace(facts, size_bytes=plain_size(facts.size_bytes))
        return facts

    async def delete(self, bucket: str, key: str) -> None:
        """See `ObjectStore`; its keys go first, those of its earlier versions too."""
        if self._envelope is not None:
            place = f"{bucket}/{key}/"
            for record in await self._inner.list(self._keys_bucket, place):
                if _KEY_ID.fullmatch(record.removeprefix(place)):  # else another object's
                    await self._inner.delete(self._keys_bucket, record)
        await self._inner.delete(bucket, key)

    async def delete_fetched(self, fetched: FetchedObject) -> None:
        """See `ObjectStore`; its key goes first."""
        key_id = fetched.metadata.get(SEALED_NAME, "")
        if _KEY_ID.fullmatch(key_id):
            place = f"{fetched.bucket}/{fetched.key}/{key_id}"
            await self._inner.delete(self._keys_bucket, place)
        await self._inner.delete_fetched(fetched)

    async def list(self, bucket: str, prefix: str) -> list[str]:
        """See `ObjectStore`."""
        return await self._inner.list(bucket, prefix)

    async def check(self, bucket: str) -> None:
        """See `ObjectStore`."""
        await self._inner.check(bucket)

    async def _begin(
        self, envelope: Envelope, bucket: str, key: str, metadata: Metadata
    ) -> tuple[Sealer, Metadata]:
        """Store a new data key; gives what seals with it, and the object's metadata."""
        sealer, wrapped = envelope.seal(context_of(bucket, key))
        place = f"{bucket}/{key}/{wrapped.key_id}"
        await self._inner.put(self._keys_bucket, place, wrapped.encode(), RECORD_TYPE)
        return sealer, {**metadata, SEALED_NAME: wrapped.key_id}

    @asynccontextmanager
    async def _unless_it_exists(
        self, bucket: str, key: str, metadata: Metadata
    ) -> AsyncIterator[None]:
        """Take the data key back where another object is in the way of the one to be stored.

        It stays where that is the very same, of which an answer was lost: that is no failure. It
        also stays where nothing is to be seen, for the sweep: what is stored might still come.
        """
        try:
            yield
        except (ObjectExists, ObjectChanged):
            key_id = metadata.get(SEALED_NAME)
            facts = None if key_id is None else await self._inner.stat(bucket, key)
            if facts is None:
                raise
            if facts.metadata.get(SEALED_NAME) != key_id:
                await self._inner.delete(self._keys_bucket, f"{bucket}/{key}/{key_id}")
                raise

    async def _data_key(self, envelope: Envelope, bucket: str, key: str, key_id: str) -> DataKey:
        try:
            record = await self._inner.fetch(
                self._keys_bucket, f"{bucket}/{key}/{key_id}", None, RECORD_BYTES_MAX
            )
        except ObjectMissing as err:
            raise DataKeyDestroyed("the object's data key was destroyed") from err
        return envelope.unwrap(record.data, context_of(bucket, key))


class OpenStore(SealedStore):
    """The store that the settings name, for as long as it is open.

    Args:
        settings: Where it is, how it knows us, master keys.
        connections: Transfers at the same time.

    Raises:
        SettingsError: the master keys cannot be read.
    """

    def __init__(self, settings: Settings, connections: int) -> None:
        file = settings.master_keys_file
        envelope = None if file is None else Envelope(MasterKeys.read(file))
        self._store = S3ObjectStore(settings, connections)
        super().__init__(self._store, envelope, settings.keys_bucket)

    async def close(self) -> None:
        """Let go of connections and threads."""
        await self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def context_of(bucket: str, key: str) -> bytes:
    """What a data key is bound to: an object that is moved elsewhere does not open there."""
    return f"{bucket}/{key}".encode()


def _seal(sealer: Sealer, data: bytes) -> bytes:
    pieces = [
        sealer.update(data[start : start + CHUNK_BYTES])
        for start in range(0, len(data), CHUNK_BYTES)
    ]
    return b"".join([*pieces, sealer.finish()])


async def _sealed(sealer: Sealer, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield sealer.update(chunk)
    yield sealer.finish()
