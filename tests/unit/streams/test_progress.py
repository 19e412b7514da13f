"""Steps are told in their order, and no document waits for it."""

import asyncio
from dataclasses import dataclass, field

from schemas.progress import ProgressState
from schemas.readings import RecordPlace
from streams import progress
from streams.progress import Progress
from streams.publisher import OutgoingMessage
from tests.fakes.publisher import ListPublisher


@dataclass
class SlowPublisher(ListPublisher):
    """The earlier a message, the longer it takes."""

    delays_s: list[float] = field(default_factory=lambda: [0.03, 0.02, 0.01])

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """See `ResultPublisher`."""
        await asyncio.sleep(self.delays_s.pop(0) if self.delays_s else 0.0)
        return await super().publish(message)


async def settle(told: Progress) -> None:
    """Wait for the background."""
    while told._last:
        await asyncio.wait({*told._last.values()})
        await asyncio.sleep(0)


async def test_steps_of_a_document_keep_their_order() -> None:
    """Though the first one takes longest; each with its headers."""
    publisher = SlowPublisher()
    told = Progress("p", publisher)
    told.tell("d", ProgressState.QUEUED, (("x-request-id", b"r"),))
    told.tell("d", ProgressState.READING, page_number=1, page_count=2)
    told.tell("d", ProgressState.DONE)
    await settle(told)
    states = [step["state"] for step in publisher.on("p")]
    assert states == ["queued", "reading", "done"]
    assert publisher.messages[0].headers == (("x-request-id", b"r"),)


async def test_step_that_the_broker_does_not_take_is_dropped() -> None:
    """The next one is told."""
    publisher = ListPublisher(away_count=1)
    told = Progress("p", publisher)
    told.tell("d", ProgressState.READING)
    told.tell("d", ProgressState.DONE)
    await settle(told)
    assert [step["state"] for step in publisher.on("p")] == ["done"]


async def test_steps_that_wait_are_limited() -> None:
    """What comes beyond is not told, and nothing piles up."""
    publisher = SlowPublisher(delays_s=[0.05] * 2_000)
    told = Progress("p", publisher)
    for number in range(progress.WAITING_MAX + 10):
        told.tell(str(number), ProgressState.QUEUED)
    assert len(told._last) == progress.WAITING_MAX
    await settle(told)
    assert len(publisher.messages) == progress.WAITING_MAX
    assert not told._last
