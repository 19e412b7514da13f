"""Items that many coroutines submit, worked on together.

`MicroBatcher` hides batching behind `await batcher.submit(item)`: the coroutine of one document
does not know that its lines are read beside another's. Under load it adds no wait: whenever the
engine is free it takes what is queued. When the engine is idle it waits a few milliseconds from the
first item for company. Items of different shapes never share a batch; the oldest item goes first.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from processors.errors import EngineError, OutOfMemory

In = TypeVar("In")
Out = TypeVar("Out")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """When a batch is closed.

    Attributes:
        items_max: Most items in a batch.
        weight_max: Most weight, summed over a batch; a heavier item runs alone.
        wait_s: Longest wait for company when the engine is idle.
        concurrency: Batches worked on at the same time.
        sizes: Sizes that a batch may have, in rising order, the first 1; empty: any.
    """

    items_max: int
    weight_max: float
    wait_s: float
    concurrency: int
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch was like.

    Attributes:
        size: Items in it.
        fill: Share of the limits that it used, by count or by weight, whichever is more, 0-1.
        wait_s: How long its oldest item had waited.
        run_s: How long the engine took.
    """

    size: int
    fill: float
    wait_s: float
    run_s: float


@dataclass(slots=True, eq=False)
class _Queued(Generic[In, Out]):
    item: In
    weight: float
    submitted_at: float
    done: "asyncio.Future[Out]"


class MicroBatcher(Generic[In, Out]):
    """Collects items into batches and runs them on an executor.

    Args:
        run: Works on a batch, in a thread of `executor`; returns one output per item, in order.
        limits: When a batch is closed.
        bucket: Items with equal buckets may share a batch.
        weight: What an item counts against `limits.weight_max`, above 0: the memory that it takes.
        executor: At least `limits.concurrency` threads.
        report: Called after every batch.
    """

    def __init__(
        self,
        run: Callable[[Sequence[In]], Sequence[Out]],
        limits: BatchLimits,
        *,
        bucket: Callable[[In], Hashable],
        weight: Callable[[In], float],
        executor: Executor,
        report: Callable[[BatchReport], None] = lambda _: None,
    ) -> None:
        self._run = run
        self._limits = limits
        self._weight_max = limits.weight_max
        self._bucket = bucket
        self._weight = weight
        self._executor = executor
        self._report = report
        self._queues: dict[Hashable, deque[_Queued[In, Out]]] = {}
        self._running: dict[asyncio.Task[None], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def submit(self, item: In) -> Out:
        """Have one item worked on, beside others of its shape.

        Raises:
            Exception: whatever `run` raised for this item.
        """
        loop = asyncio.get_running_loop()
        queued = _Queued[In, Out](item, self._weight(item), loop.time(), loop.create_future())
        self._queues.setdefault(self._bucket(item), deque()).append(queued)
        self._dispatch()
        return await queued.done

    @property
    def busy_s(self) -> float:
        """For how long the oldest batch at work has been worked on."""
        return time.monotonic() - min(self._running.values()) if self._running else 0.0

    def _dispatch(self, patient: bool = True) -> None:
        """Start batches while the engine is free and something is due.

        Args:
            patient: Let an idle engine wait for company; not where it has just become idle.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._drop_cancelled() and len(self._running) < self._limits.concurrency:
            queue = min(self._queues.values(), key=lambda waiting: waiting[0].submitted_at)
            due_in_s = queue[0].submitted_at + self._limits.wait_s - loop.time()
            is_idle = patient and not self._running
            if is_idle and due_in_s > 0 and self._fill(queue) < 1:
                self._timer = loop.call_later(due_in_s, self._dispatch)
                return
            batch = self._take(queue)
            task = loop.create_task(self._work(batch))
            self._running[task] = time.monotonic()
            task.add_done_callback(partial(self._finish, batch))

    def _fill(self, items: Collection[_Queued[In, Out]]) -> float:
        """How much of a batch these make, by count or by weight, at most 1."""
        return min(1.0, max(len(items) / self._limits.items_max, _weight(items) / self._weight_max))

    def _drop_cancelled(self) -> bool:
        """Forget items whose submitter is gone; tell whether any item is left."""
        for bucket, queue in list(self._queues.items()):
            while queue and queue[0].done.done():
                queue.popleft()
            if not queue:
                del self._queues[bucket]
        return bool(self._queues)

    def _take(self, queue: deque[_Queued[In, Out]]) -> list[_Queued[In, Out]]:
        """Close a batch: the oldest items of one bucket within the limits, in order."""
        batch: list[_Queued[In, Out]] = []
        weight = 0.0
        while queue and len(batch) < self._limits.items_max:
            if queue[0].done.done():
                queue.popleft()
                continue
            weight += queue[0].weight
            if batch and weight > self._weight_max:
                break
            batch.append(queue.popleft())
        size = max((n for n in self._limits.sizes if n <= len(batch)), default=len(batch))
        while len(batch) > size:
            queue.appendleft(batch.pop())
        return batch

    def _finish(self, batch: list[_Queued[In, Out]], task: "asyncio.Task[None]") -> None:
        """Go on with what waits; whoever has no answer yet was cut off by a shutdown."""
        self._running.pop(task, None)
        for queued in batch:
            _fail(queued, EngineError("the engine was closed before its work was done"))
        self._dispatch(patient=False)
        if not task.cancelled():
            task.result()

    async def _work(self, batch: list[_Queued[In, Out]]) -> None:
        """Run a batch; where it fails, run its items alone, so that only the culprit fails."""
        loop = asyncio.get_running_loop()
        wait_s, started_at = loop.time() - batch[0].submitted_at, time.perf_counter()
        try:
            outputs = await loop.run_in_executor(
                self._executor, self._run_checked, [queued.item for queued in batch]
            )
        except Exception as error:  # noqa: BLE001 - handed to whoever submitted the item
            if len(batch) == 1:
                _fail(batch[0], error)
                return
            await self._split(batch, error)
            return
        run_s = time.perf_counter() - started_at
        # Called by the loop: where it fails, its fault is the loop's to tell, not the documents'.
        loop.call_soon(self._report, BatchReport(len(batch), self._fill(batch), wait_s, run_s))
        for queued, output in zip(batch, outputs, strict=True):
            if not queued.done.done():
                queued.done.set_result(output)

    def _run_checked(self, items: Sequence[In]) -> Sequence[Out]:
        outputs = self._run(items)
        if len(outputs) != len(items):
            raise EngineError(f"the engine gave {len(outputs)} answers to {len(items)} items")
        return outputs

    async def _split(self, batch: list[_Queued[In, Out]], error: Exception) -> None:
        """Halve a batch that was too large, for good; take any other failed one apart.

        What is limited is weight, so that a batch of wide lines teaches nothing about narrow ones.
        """
        task = asyncio.current_task()
        assert task is not None
        if isinstance(error, OutOfMemory):
            half = (len(batch) + 1) // 2
            parts = [batch[:half], batch[half:]]
            self._weight_max = min(self._weight_max, max(map(_weight, parts)))
            logger.warning("batches weigh at most %g now: %s", self._weight_max, error)
        else:
            parts = [[queued] for queued in batch]
        for part in parts:
            self._running[task] = time.monotonic()
            await self._work(part)


def _weight(items: Iterable[_Queued[In, Out]]) -> float:
    return sum(queued.weight for queued in items)


def _fail(queued: _Queued[In, Out], error: Exception) -> None:
    if not queued.done.done():
        queued.done.set_exception(error)
