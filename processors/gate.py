"""Limits how much of something is held at once, such as the pixels of pages in memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Gives out shares of a limited amount, first come, first served.

    A share is given whole or waited for. What is larger than the whole limit gets all of it, and so
    runs alone.

    Args:
        limit: The amount that may be held at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def held(self) -> int:
        """The amount given out at present."""
        return self._held

    @asynccontextmanager
    async def hold(self, amount: int) -> AsyncIterator[None]:
        """Hold a share for the time of a block."""
        share = await self.take(amount)
        try:
            yield
        finally:
            self.give_back(share)

    async def take(self, amount: int) -> int:
        """Wait for a share.

        Returns:
            What was taken and is to be given back: `amount`, or the limit if that is less.
        """
        share = min(amount, self._limit)
        if not self._waiting and self._held + share <= self._limit:
            self._held += share
            return share
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((share, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back(share)  # it was given at the very moment of giving up
            else:
                self._waiting.remove((share, turn))
                self._let_in()
            raise
        return share

    def give_back(self, share: int) -> None:
        """Give a share back."""
        self._held -= share
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._held + self._waiting[0][0] <= self._limit:
            share, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._held += share
                turn.set_result(None)
