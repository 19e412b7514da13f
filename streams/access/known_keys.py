"""What one replica knows of the keys, never older than a few seconds.

All ids are listed together, so that an id that does not exist costs the store nothing of its own,
and takes no memory, however many of them strangers make up.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from streams.access.errors import BrokenRecord
from streams.access.key_records import KeyRecords
from streams.access.keys import KeyRecord
from streams.access.shared_calls import SharedCalls
from streams.errors import StoreAway

AGE_MAX_S = 15.0
"""For so long a key that was revoked may still work."""

UNKNOWN_AGE_MAX_S = 1.0
"""A new key is looked for again after so long, and no sooner."""

STORE_TIMEOUT_S = 5.0
"""A request waits no longer for the store before it is told to come again."""

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was at a key's place (None: nothing that can be used) at a time of our clock."""

    record: KeyRecord | None
    at_s: float


class KnownKeys:
    """Records of keys as of the last seconds.

    Args:
        records: Where they are kept.
        clock: Seconds that never go back.
    """

    def __init__(self, records: KeyRecords, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._ids: frozenset[str] = frozenset()
        self._listed_at_s: float | None = None
        self._looked: dict[str, _Looked] = {}
        self._listings: SharedCalls[None, None] = SharedCalls()
        self._lookups: SharedCalls[str, _Looked] = SharedCalls()

    async def find(self, key_id: str) -> KeyRecord | None:
        """Give a key's record; None if there is none, or none that can be read.

        Raises:
            StoreAway: the store gives no answer, and what is known is too old.
        """
        if not await self._exists(key_id):
            return None
        looked = self._looked.get(key_id)
        if looked is None or self._clock() - looked.at_s >= AGE_MAX_S:
            looked = await self._lookups.call(key_id, lambda: self._look_up(key_id))
        return looked.record

    async def exist(self) -> bool:
        """Whether there is any key, readable or not.

        Raises:
            StoreAway: the store gives no answer, and what is known is too old.
        """
        await self._list(AGE_MAX_S)
        return bool(self._ids)

    async def _exists(self, key_id: str) -> bool:
        await self._list(AGE_MAX_S)
        if key_id not in self._ids:
            await self._list(UNKNOWN_AGE_MAX_S)
        return key_id in self._ids

    async def _list(self, age_max_s: float) -> None:
        """List all ids, unless they were listed not so long ago."""
        if self._listed_at_s is None or self._clock() - self._listed_at_s >= age_max_s:
            await self._listings.call(None, self._list_anew)

    async def _list_anew(self) -> None:
        started_at_s = self._clock()
        self._ids = await _in_time(self._records.ids())
        self._listed_at_s = started_at_s
        self._looked = {
            key_id: looked for key_id, looked in self._looked.items() if key_id in self._ids
        }

    async def _look_up(self, key_id: str) -> _Looked:
        started_at_s = self._clock()
        try:
            record = await _in_time(self._records.get(key_id))
        except BrokenRecord as err:
            logger.warning("%s", err)
            record = None
        self._looked[key_id] = _Looked(record, started_at_s)
        return self._looked[key_id]


async def _in_time(answer: Awaitable[T]) -> T:
    """Raises StoreAway if the store takes too long."""
    try:
        async with asyncio.timeout(STORE_TIMEOUT_S):
            return await answer
    except TimeoutError as err:
        raise StoreAway(f"the store does not answer within {STORE_TIMEOUT_S:g} s") from err
