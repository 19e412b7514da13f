"""Trying again, as long as `failures.py` says."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from schemas.dead_letters import Category, Stage
from streams.errors import DependencyAway
from streams.failures import Kind, sort_failure

T = TypeVar("T")

BACK_OFF_FIRST_S = 0.2
BACK_OFF_MAX_S = 10.0

logger = logging.getLogger(__name__)


class Dead(Exception):
    """A step failed for good: its event ends as a dead letter."""

    def __init__(self, category: Category, stage: Stage, message: str, attempts: int) -> None:
        super().__init__(message)
        self.category = category
        self.stage = stage
        self.message = message
        self.attempts = attempts


class Retrier:
    """Runs the steps of documents until they succeed or are given up.

    Args:
        away: Told of every failure of a dependency.
        back: Told the last such failure of a step when that step is not held any longer.
        retried: Told the stage of every further try.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        away: Callable[[DependencyAway], None],
        back: Callable[[DependencyAway], None],
        retried: Callable[[Stage], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._away = away
        self._back = back
        self._retried = retried
        self._sleep = sleep

    async def run(self, stage: Stage, step: Callable[[], Awaitable[T]]) -> T:
        """Run one step, again and again if need be.

        Raises:
            Dead: it failed for good.
        """
        held: dict[type[DependencyAway], DependencyAway] = {}
        try:
            return await self._run(stage, step, held)
        finally:  # also where the step is given up or cancelled: it holds no longer
            for away in held.values():
                self._back(away)

    async def _run(
        self,
        stage: Stage,
        step: Callable[[], Awaitable[T]],
        held: dict[type[DependencyAway], DependencyAway],
    ) -> T:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await step()
            except DependencyAway as away:
                held[type(away)] = away
                self._away(away)
            except Exception as error:  # noqa: BLE001 - the one place that decides, see failures.py
                _give_up_in_time(stage, error, attempt)
            self._retried(stage)
            await self._sleep(back_off_s(attempt))


def _give_up_in_time(stage: Stage, error: Exception, attempt: int) -> None:
    """Raise `Dead` where there is nothing left to try."""
    verdict = sort_failure(error)
    if verdict.kind is Kind.READER:
        logger.error("%s failed, attempt %d", stage, attempt, exc_info=error)
    if verdict.attempts_max is not None and attempt >= verdict.attempts_max:
        assert verdict.category is not None
        raise Dead(verdict.category, stage, _describe(error), attempt) from error


def back_off_s(attempt: int) -> float:
    """Seconds before the next try: doubled each time up to a limit, half of it by chance."""
    limit = min(BACK_OFF_MAX_S, BACK_OFF_FIRST_S * 2.0 ** min(attempt, 16))
    return limit * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


def _describe(error: Exception) -> str:
    """Our own messages are fit to publish; those of strangers may hold anything."""
    package = type(error).__module__.partition(".")[0]
    if package in ("schemas", "processors", "streams"):
        return str(error)[:2000]
    return f"an unexpected {type(error).__name__}; the worker's log has the details"
