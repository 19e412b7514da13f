"""How much is in work at once, and in which order.

A document waits while too many are in flight. Uploads of the same object are read one after
another; others do not wait for them. A document that may kill the worker is read alone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from processors.gate import Gate


class DocumentGate:
    """Limits the documents in flight: those that are fetched and read.

    Attributes:
        held: How many there are.
    """

    def __init__(self, documents_max: int) -> None:
        self._free = asyncio.Semaphore(documents_max)
        self.held = 0

    async def enter(self) -> "DocumentPlace":
        """Wait for a place."""
        await self._free.acquire()
        self.held += 1
        return DocumentPlace(self)

    def _leave(self) -> None:
        self.held -= 1
        self._free.release()


class DocumentPlace:
    """One document's place behind the gate."""

    def __init__(self, gate: DocumentGate) -> None:
        self._gate: DocumentGate | None = gate

    def leave(self) -> None:
        """Give the place back; once is enough, more does no harm."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate._leave()


class Reservation:
    """A share of a gate that is held for one document, whatever is tried how often.

    Args:
        gate: Where the share is from.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._share = 0

    async def hold(self, amount: int) -> None:
        """Hold so much, and no longer what was held before."""
        self.release()
        self._share = await self._gate.take(amount)

    def release(self) -> None:
        """Give back what is held."""
        share, self._share = self._share, 0
        if share:
            self._gate.give_back(share)


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


class Company:
    """Lets many work beside each other, or one alone; who waits to be alone goes first."""

    def __init__(self) -> None:
        self._changed: asyncio.Future[None] | None = None
        self._present = 0
        self._alone = False
        self._wish_alone = 0

    @asynccontextmanager
    async def beside_others(self) -> AsyncIterator[None]:
        """Work beside others."""
        while self._alone or self._wish_alone:
            await self._change()
        self._present += 1
        try:
            yield
        finally:
            self._present -= 1
            self._wake()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Work while nobody else does."""
        self._wish_alone += 1
        try:
            while self._alone or self._present:
                await self._change()
            self._alone = True
        finally:
            self._wish_alone -= 1
            self._wake()
        try:
            yield
        finally:
            self._alone = False
            self._wake()

    async def _change(self) -> None:
        """Wait until somebody came or went."""
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._changed)

    def _wake(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set_result(None)
