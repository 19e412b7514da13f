"""Stops a worker whose configuration is wrong, before it turns the whole topic into dead letters.

A single missing or forbidden object is its own fault; a long run of them with nothing read in
between means a wrong bucket, a wrong policy or a broken model. Then documents are held instead of
dead-lettered. One at a time, after a wait that doubles, is tried again (half-open): if it goes
through, all that are held are tried again; if it fails again, it becomes its dead letter after all,
so that even a topic of deleted objects gets to its end. Broken uploads never count.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from schemas.dead_letters import Category

PROBE_FIRST_S = 10.0
PROBE_MAX_S = 300.0

_CURED_BY_FETCH = frozenset({Category.OBJECT_MISSING, Category.OBJECT_FORBIDDEN})
_CURED_BY_READING = frozenset({Category.ENGINE_ERROR})

logger = logging.getLogger(__name__)


class Breaker:
    """Counts runs of failures that a wrong configuration causes.

    Args:
        limit: Failures in a row that still become dead letters; 0: the breaker is off.
        changed: Told why the worker holds documents, or None when it holds them no longer.
        probe_first_s: Wait before the first probe.
    """

    def __init__(
        self,
        limit: int,
        changed: Callable[[str | None], None],
        probe_first_s: float = PROBE_FIRST_S,
    ) -> None:
        self._limit = limit
        self._changed = changed
        self._runs: Counter[Category] = Counter()
        self._probe_first_s = probe_first_s
        self._probe_s = probe_first_s
        self._probe = asyncio.Lock()
        self._closed = asyncio.Event()
        self._closed.set()

    def note_fetched(self) -> None:
        """An object was fetched: bucket and policy are right."""
        self._cure(_CURED_BY_FETCH)

    def note_read(self) -> None:
        """A document was read: the engine works."""
        self._cure(_CURED_BY_READING)

    async def lets_die(self, category: Category, was_probe: bool) -> bool:
        """Decide whether a failed document becomes its dead letter.

        Args:
            category: Of its failure.
            was_probe: It was held and tried again already.

        Returns:
            True: it does. False, after a wait: it is to be tried again.
        """
        if not self._limit or category not in _CURED_BY_FETCH | _CURED_BY_READING:
            return True
        self._runs[category] += 1
        if was_probe or self._runs[category] <= self._limit:
            return True
        self._open(category)
        async with self._probe:
            await self._wait()
        return False

    def _open(self, category: Category) -> None:
        if self._closed.is_set():
            self._closed.clear()
            why = (
                f"{self._limit} documents in a row ended with {category}: the configuration seems "
                "wrong, documents are held; check the buckets, their policy and the models"
            )
            logger.error("%s", why)
            self._changed(why)

    async def _wait(self) -> None:
        """Wait for the next probe, or until the breaker is closed."""
        if self._closed.is_set():
            return
        try:
            await asyncio.wait_for(self._closed.wait(), self._probe_s)
        except TimeoutError:
            self._probe_s = min(PROBE_MAX_S, 2 * self._probe_s)

    def _cure(self, categories: frozenset[Category]) -> None:
        for category in categories:
            self._runs.pop(category, None)
        if not self._closed.is_set() and all(run <= self._limit for run in self._runs.values()):
            self._probe_s = self._probe_first_s
            self._closed.set()
            logger.info("documents go through again")
            self._changed(None)
