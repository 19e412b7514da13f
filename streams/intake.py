"""Events in work: one task each, settled in order, handed back on a rebalance or at the end.

The agent's loop calls `accept` for every event; nothing else of a document happens in that loop.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from streams.acknowledge import Arrival, Partition, PrefixLedger
from streams.admission import DocumentGate, DocumentPlace
from streams.messages import IncomingEvent
from streams.metrics import Metrics

logger = logging.getLogger(__name__)


class Intake:
    """Starts, settles and, where time is up, drops the work on events.

    Args:
        handle: Brings one event to its outcome, and gives its place back as soon as its documents
            are read, see `DocumentHandler.handle`.
        gate: How many documents may be in work.
        metrics: What is counted.
        failed: Called if `handle` raised, which is a fault of ours: the worker must end.
        window: How many events may be delivered and not yet done with. It bounds what is kept
            behind a slow document, and what is delivered again after a crash.
        committable: Called when more events can be committed.
    """

    def __init__(
        self,
        handle: Callable[[IncomingEvent, DocumentPlace], Awaitable[None]],
        gate: DocumentGate,
        metrics: Metrics,
        failed: Callable[[BaseException], None],
        window: int = 10_000,
        committable: Callable[[], None] = lambda: None,
    ) -> None:
        self._handle = handle
        self._gate = gate
        self._failed = failed
        self._window = window
        self._committable = committable
        self._moved = asyncio.Event()
        self._ledger = PrefixLedger()
        self._tasks: set[asyncio.Task[None]] = set()
        self._suspended = False
        metrics.events_in_flight.set_function(lambda: self._ledger.in_flight_count)

    async def accept(self, event: IncomingEvent, is_current: Callable[[], bool]) -> None:
        """Take an event as soon as there is room for it.

        Args:
            event: What was delivered.
            is_current: Whether the partition is still the one it was delivered from; after a
                rebalance the event is somebody else's, or will be delivered again.
        """
        while not self._suspended and self._ledger.in_flight_count >= self._window:
            self._moved.clear()
            await self._moved.wait()
        place = await self._gate.enter()
        if self._suspended or not is_current():
            place.leave()
            return
        partition = Partition(event.topic, event.partition)
        if self._ledger.track(partition, event.offset) is not Arrival.NEW:
            place.leave()
            return
        task = asyncio.get_running_loop().create_task(self._work(event, partition, place))
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def suspend(self) -> None:
        """Accept no more events, until `resume`: the partitions are being taken away."""
        self._suspended = True
        self._moved.set()

    def forget(self) -> None:
        """Forget every event: the partitions are somebody else's, or will be read anew."""
        self._ledger.forget()

    def resume(self) -> None:
        """Accept events again, of the partitions that are ours from now on."""
        self._suspended = False

    async def drain(self, limit_s: float) -> int:
        """Let what is in work finish, then drop the rest.

        Args:
            limit_s: Seconds until the rest is dropped.

        Returns:
            How many events were dropped; they will be delivered again.
        """
        pending = await _finished_within(set(self._tasks), limit_s)
        for task in pending:
            task.cancel()
        await _finished_within(pending, 1.0)
        if pending:
            logger.warning("%d event(s) were handed back unfinished", len(pending))
        return len(pending)

    async def commit(
        self,
        send: Callable[[Mapping[Partition, int]], Awaitable[bool]],
        committed: Callable[[Mapping[Partition, int]], None] = lambda _: None,
    ) -> None:
        """Commit what is done with and not committed yet.

        Args:
            send: Tells the broker the next offset to read of each partition; says whether it took
                them. What it did not take is sent again the next time.
            committed: Told what it took.
        """
        offsets = self._ledger.committable()
        if offsets and await send(offsets):
            self._ledger.note_committed(offsets)
            committed(offsets)

    async def break_down(self, error: BaseException) -> None:
        """Report a fault of ours in the agent's loop and keep that loop from going on."""
        self._failed(error)
        await asyncio.Event().wait()

    async def _work(self, event: IncomingEvent, partition: Partition, place: DocumentPlace) -> None:
        try:
            await self._handle(event, place)
            if self._ledger.settle(partition, event.offset):
                self._moved.set()
                self._committable()
        finally:
            place.leave()

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)


async def _finished_within(
    tasks: set[asyncio.Task[None]], limit_s: float
) -> set[asyncio.Task[None]]:
    """Wait for tasks; return those that are not done when time is up."""
    if not tasks:
        return set()
    _, pending = await asyncio.wait(tasks, timeout=limit_s)
    return pending
