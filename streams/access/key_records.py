"""Where keys are kept: `access/keys/<id>.json` in the results bucket.

Whoever may write there may make keys, and whoever may delete there revokes them: so does a rule of
the bucket that lets objects expire, unless it leaves `access/` out.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import islice
from typing import Protocol, Self, TypeVar

from minio.error import S3Error

from streams.access.keys import ID_PATTERN, KeyRecord, parse_record
from streams.errors import StoreAway
from streams.settings import Settings
from streams.store.object_store import SDK_CONNECTIONS, connect

FOLDER = "access/keys/"

KEYS_MAX = 10_000
"""Keys beyond it are not known: a listing is held in memory by every replica."""

_RECORD_BYTES_MAX = 16_384
_SUFFIX = ".json"
_MISSING = "NoSuchKey"

T = TypeVar("T")


class KeyRecords(Protocol):
    """The keys that there are. Every method raises StoreAway where the store gives no answer."""

    async def ids(self) -> frozenset[str]:
        """Ids of all keys, readable records or not; at most `KEYS_MAX`."""
        ...

    async def get(self, key_id: str) -> KeyRecord | None:
        """Look a key up; None if there is none.

        Raises:
            BrokenRecord: what is there is no record of that key.
        """
        ...

    async def put(self, record: KeyRecord) -> None:
        """Store a record, in place of an earlier one."""
        ...

    async def delete(self, key_id: str) -> bool:
        """Remove whatever is at a key's place; says whether there was something."""
        ...


class StoredKeyRecords:
    """`KeyRecords` in the object store. Calls are rare, and take a thread each."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)
        self._bucket = settings.results_bucket
        self._threads = ThreadPoolExecutor(SDK_CONNECTIONS, "keys")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of the threads; what they are at ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ids(self) -> frozenset[str]:
        """See `KeyRecords`."""

        def list_names() -> frozenset[str]:
            listing = self._client.list_objects(bucket_name=self._bucket, prefix=FOLDER)
            names = (entry.object_name or "" for entry in islice(listing, KEYS_MAX))
            return frozenset(filter(None, map(_key_id, names)))

        return await self._call(list_names)

    async def get(self, key_id: str) -> KeyRecord | None:
        """See `KeyRecords`."""

        def fetch() -> bytes | None:
            try:
                answer = self._client.get_object(
                    bucket_name=self._bucket, object_name=_place(key_id)
                )
            except S3Error as err:
                if err.code != _MISSING:
                    raise
                return None
            try:
                return answer.read(_RECORD_BYTES_MAX)
            finally:
                answer.close()  # what is larger is not read on, so the connection is of no use

        data = await self._call(fetch)
        return None if data is None else parse_record(key_id, data)

    async def put(self, record: KeyRecord) -> None:
        """See `KeyRecords`."""
        data = record.model_dump_json().encode()

        def put() -> None:
            self._client.put_object(
                bucket_name=self._bucket,
                object_name=_place(record.id),
                data=BytesIO(data),
                length=len(data),
                content_type="application/json",
            )

        await self._call(put)

    async def delete(self, key_id: str) -> bool:
        """See `KeyRecords`."""

        def delete() -> bool:
            place = _place(key_id)
            try:
                self._client.stat_object(bucket_name=self._bucket, object_name=place)
            except S3Error as err:
                if err.code != _MISSING:
                    raise
                return False
            self._client.remove_object(bucket_name=self._bucket, object_name=place)
            return True

        return await self._call(delete)

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except S3Error as err:
            raise StoreAway(
                f"the keys in the bucket {self._bucket} cannot be used; the store says "
                f"{err.code}: {err.message}"
            ) from err
        except Exception as err:
            # Whatever a failing store or a proxy before it sends, it says nothing about a key.
            raise StoreAway(f"no answer to rely on ({type(err).__name__}): {err}") from err


def _place(key_id: str) -> str:
    return f"{FOLDER}{key_id}{_SUFFIX}"


def _key_id(name: str) -> str | None:
    """The key whose place an object is at; None if it lies there by mistake."""
    key_id = name.removeprefix(FOLDER).removesuffix(_SUFFIX)
    return key_id if name == _place(key_id) and re.fullmatch(ID_PATTERN, key_id) else None
