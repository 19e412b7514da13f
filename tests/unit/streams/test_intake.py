"""Events in work: limited, settled in order, handed back when time is up."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.acknowledge import Partition
from streams.admission import DocumentGate, DocumentPlace
from streams.intake import Intake
from streams.messages import IncomingEvent
from streams.metrics import Metrics


@dataclass
class Desk:
    """An intake whose events are brought to their ends by the test."""

    events_max: int = 4
    ends: dict[int, asyncio.Event] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)
    is_broker_there: bool = True
    failures: list[BaseException] = field(default_factory=list)
    current: bool = True

    def __post_init__(self) -> None:
        self.metrics = Metrics()
        gate = DocumentGate(self.events_max)
        self.intake = Intake(self._handle, gate, self.metrics, self.failures.append)

    async def _handle(self, event: IncomingEvent, place: DocumentPlace) -> None:
        if event.value == b"bug":
            raise KeyError("a bug")
        await self.ends.setdefault(event.offset, asyncio.Event()).wait()

    async def accept(self, offset: int, value: bytes = b"") -> None:
        """Deliver one event and let its task begin."""
        event = IncomingEvent("t", 0, offset, None, None, value, ())
        await self.intake.accept(event, lambda: self.current)
        await asyncio.sleep(0)

    async def commit(self) -> dict[int, int]:
        """Commit what can be committed; returns all that is committed."""
        await self.intake.commit(self._send)
        return self.committed

    async def _send(self, offsets: Mapping[Partition, int]) -> bool:
        if self.is_broker_there:
            self.committed |= {partition.number: offset for partition, offset in offsets.items()}
        return self.is_broker_there

    async def end(self, offset: int) -> None:
        """Let the work on one event end."""
        self.ends[offset].set()
        await asyncio.sleep(0.01)


async def test_intake_commits_in_order_of_offsets() -> None:
    """A later event that ends first is committed with the earlier one."""
    desk = Desk()
    await desk.accept(0)
    await desk.accept(1)
    await desk.end(1)
    assert await desk.commit() == {}
    await desk.end(0)
    assert await desk.commit() == {0: 2}


async def test_intake_commits_again_what_the_broker_did_not_take() -> None:
    """A commit that failed is part of the next one."""
    desk = Desk()
    await desk.accept(0)
    await desk.end(0)
    desk.is_broker_there = False
    assert await desk.commit() == {}
    desk.is_broker_there = True
    assert await desk.commit() == {0: 1}


async def test_intake_takes_no_more_than_there_is_room_for() -> None:
    """With the gate full, accepting waits: that is what makes Faust stop fetching."""
    desk = Desk(events_max=1)
    await desk.accept(0)
    waiting = asyncio.create_task(desk.accept(1))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await desk.end(0)
    await asyncio.wait_for(waiting, 1)
    await desk.end(1)
    assert await desk.commit() == {0: 2}


async def test_intake_works_once_on_an_event_delivered_twice() -> None:
    """The second delivery takes no room and starts no work."""
    desk = Desk(events_max=2)
    await desk.accept(0)
    await desk.accept(0)
    await desk.accept(1)
    await desk.end(0)
    await desk.end(1)
    assert await desk.commit() == {0: 2}


async def test_intake_drops_what_does_not_end_in_time() -> None:
    """Draining keeps what ends within the limit, and commits nothing of the rest."""
    desk = Desk()
    for offset in range(3):
        await desk.accept(offset)
    desk.ends[0].set()
    assert await desk.intake.drain(0.05) == 2
    assert await desk.commit() == {0: 1}
    desk.intake.forget()
    assert desk.metrics.registry.get_sample_value("ocrstream_events_in_flight") == 0
    await desk.accept(1)
    await desk.end(1)
    assert await desk.commit() == {0: 2}


async def test_intake_commits_nothing_for_another_owner() -> None:
    """After a rebalance the event belongs to somebody else: its end is kept to ourselves."""
    desk = Desk()
    await desk.accept(0)
    desk.intake.forget()
    await desk.end(0)
    assert await desk.commit() == {}


async def test_intake_takes_nothing_between_revocation_and_assignment() -> None:
    """What comes then is delivered again; what is tracked begins anew."""
    desk = Desk()
    await desk.accept(0)
    desk.intake.suspend()
    await desk.accept(1)
    assert await desk.intake.drain(0) == 1
    desk.intake.forget()
    desk.intake.resume()
    for offset in (0, 1):
        await desk.accept(offset)
        await desk.end(offset)
    assert await desk.commit() == {0: 2}


async def test_intake_breaks_down_without_going_on() -> None:
    """A fault in the agent's loop is reported, and the loop stands still."""
    desk = Desk()
    stuck = asyncio.create_task(desk.intake.break_down(KeyError("a bug")))
    await asyncio.sleep(0.01)
    assert not stuck.done()
    assert len(desk.failures) == 1
    stuck.cancel()


async def test_intake_ignores_events_of_a_partition_it_lost() -> None:
    """An event that waited for room during a rebalance is not worked on."""
    desk = Desk()
    desk.current = False
    await desk.accept(0)
    assert desk.ends == {}


async def test_intake_reports_a_bug_and_commits_nothing() -> None:
    """A fault of our own ends the worker; the event will be delivered again."""
    desk = Desk()
    await desk.accept(0, b"bug")
    await asyncio.sleep(0.01)
    assert [type(error) for error in desk.failures] == [KeyError]
    assert await desk.commit() == {}
