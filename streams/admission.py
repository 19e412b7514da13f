"""How much is in work at once, and in which order.

A document waits while too many are in flight. Uploads of the same object are read one after
another; others do not wait for them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class DocumentGate:
    """Limits the documents in flight."""

    def __init__(self, documents_max: int) -> None:
        self._free = asyncio.Semaphore(documents_max)

    async def enter(self) -> None:
        """Wait for a place."""
        await self._free.acquire()

    def leave(self) -> None:
        """Give the place back."""
        self._free.release()


class Turns:
    """Lets holders of the same key go one after another, in the order in which they asked."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait until all earlier holders of `key` are done, then hold it."""
        before = self._last.get(key)
        mine = self._last[key] = asyncio.get_running_loop().create_future()
        try:
            if before is not None:
                await asyncio.shield(before)
            yield
        finally:
            if before is None or before.done():
                mine.set_result(None)
            else:  # cancelled while waiting: whoever comes next waits for the one before
                before.add_done_callback(lambda _: mine.set_result(None))
            if self._last.get(key) is mine:
                del self._last[key]
