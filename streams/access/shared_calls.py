"""Whoever asks for what is being asked already waits for the same answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SharedCalls(Generic[K, V]):
    """At most one call per key at a time, so that a crowd asks a server once."""

    def __init__(self) -> None:
        self._running: dict[K, asyncio.Task[V]] = {}

    async def call(self, key: K, work: Callable[[], Awaitable[V]]) -> V:
        """Run the work, or wait for whoever runs it; one who gives up does not stop it.

        Raises:
            Exception: what the work raised, to all who waited.
        """
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._run(key, work))
            task.add_done_callback(_heed)
            self._running[key] = task
        return await asyncio.shield(task)

    async def _run(self, key: K, work: Callable[[], Awaitable[V]]) -> V:
        try:
            return await work()
        finally:
            del self._running[key]


def _heed(task: asyncio.Task[V]) -> None:
    """An error is everybody's who waited, and nobody's if all have given up."""
    if not task.cancelled():
        task.exception()
