"""A batcher on an engine that can be watched, held and made to fail."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.errors import OutOfMemory

T = TypeVar("T")

ITEMS_MAX, WEIGHT_MAX = 4, 10.0


@dataclass(frozen=True)
class Item:
    """Something to be worked on; `pause` is how many turns of the loop it comes later."""

    index: int
    bucket: str = "a"
    weight: float = 1.0
    pause: int = 0


@dataclass
class Engine:
    """Doubles indices, and keeps what it was given.

    Attributes:
        fails_on: Indices that no batch may hold.
        fits: Items that its memory holds.
        memory: Weight that it holds.
        gate: Cleared, it lets nothing through.
        batches: All that it was given, in order, failed ones too.
        working_max: Batches that it was given at the same time.
    """

    fails_on: frozenset[int] = frozenset()
    fits: int = 1000
    memory: float = math.inf
    gate: threading.Event = field(default_factory=threading.Event)
    batches: list[list[Item]] = field(default_factory=list)
    working_max: int = 0
    _working: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    def run(self, items: Sequence[Item]) -> list[int]:
        """Work on a batch."""
        with self._lock:
            self.batches.append(list(items))
            self._working += 1
            self.working_max = max(self.working_max, self._working)
        try:
            time.sleep(0.0002)
            assert self.gate.wait(timeout=10)
            if len(items) > self.fits or sum(item.weight for item in items) > self.memory:
                raise OutOfMemory("too many")
            if any(item.index in self.fails_on for item in items):
                raise ValueError("an item that fails")
            return [item.index * 2 for item in items]
        finally:
            with self._lock:
                self._working -= 1

    @property
    def indices(self) -> list[list[int]]:
        """Of the items of each batch."""
        return [[item.index for item in batch] for batch in self.batches]


@dataclass
class Bench:
    """A batcher on an engine, with its reports and the order in which items were submitted."""

    engine: Engine
    batcher: MicroBatcher[Item, int]
    executor: ThreadPoolExecutor
    reports: list[BatchReport]
    submitted: list[Item] = field(default_factory=list)

    async def submit(self, item: Item) -> int:
        """Submit an item after its pause."""
        for _ in range(item.pause):
            await asyncio.sleep(0)
        self.submitted.append(item)
        return await self.batcher.submit(item)

    async def submit_all(self, items: Iterable[Item]) -> list[int | BaseException]:
        """What became of each item."""
        waiting = asyncio.gather(*map(self.submit, items), return_exceptions=True)
        return await asyncio.wait_for(waiting, timeout=20)


def bench(
    engine: Engine,
    concurrency: int = 1,
    wait_s: float = 0.0,
    threads: int = 0,
    run: Callable[[Sequence[Item]], list[int]] | None = None,
    sizes: tuple[int, ...] = (),
) -> Bench:
    """Build one; `threads` are as many as `concurrency` where nothing else is said."""
    executor = ThreadPoolExecutor(threads or concurrency)
    reports: list[BatchReport] = []
    batcher = MicroBatcher[Item, int](
        run or engine.run,
        BatchLimits(ITEMS_MAX, WEIGHT_MAX, wait_s, concurrency, sizes),
        bucket=lambda item: item.bucket,
        weight=lambda item: item.weight,
        executor=executor,
        report=reports.append,
    )
    return Bench(engine, batcher, executor, reports)


def finish(test: Bench, work: Coroutine[None, None, T]) -> T:
    """Run a coroutine in a loop of its own, and let go of the threads."""
    try:
        return asyncio.run(work)
    finally:
        test.executor.shutdown()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what a thread does."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - threads cannot set an asyncio.Event
            await asyncio.sleep(0.001)


async def behind_closed_gate(test: Bench, items: Sequence[Item]) -> list["asyncio.Task[int]"]:
    """Submit items; the first is held in the engine while the others queue."""
    test.engine.gate.clear()
    tasks = [asyncio.create_task(test.submit(items[0]))]
    await until(lambda: bool(test.engine.batches))
    tasks += [asyncio.create_task(test.submit(item)) for item in items[1:]]
    await asyncio.sleep(0.001)
    return tasks
