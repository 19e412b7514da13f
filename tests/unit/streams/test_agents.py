"""What is taken over from Faust's messages, and how they are handed over."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from streams.agents import DocumentConsumer, _incoming


@dataclass
class Message:
    """The parts of a Faust message that are used."""

    timestamp: float | None = 1.5
    headers: object = field(default_factory=list)
    topic: str = "t"
    partition: int = 1
    offset: int = 2
    key: bytes | None = None
    value: bytes | None = None
    generation_id: int | None = 0


@pytest.mark.parametrize("timestamp", [None, -1.0, 0.0, 10.0**14, float("nan"), float("inf")])
def test_incoming_survives_timestamps_that_are_no_times(timestamp: float | None) -> None:
    """A producer may send microseconds for milliseconds; its event is read all the same."""
    assert _incoming(Message(timestamp)).timestamp is None  # type: ignore[arg-type]


def test_incoming_keeps_repeated_headers() -> None:
    """Kafka's headers are a list; a name may come twice."""
    pairs = [("a", b"1"), ("a", b"2")]
    assert _incoming(Message(headers=pairs)).headers == (("a", b"1"), ("a", b"2"))  # type: ignore[arg-type]


@pytest.fixture
async def consumer() -> DocumentConsumer:
    """A consumer of which only what `wait_first` looks at is there."""
    consumer = object.__new__(DocumentConsumer)
    consumer.__dict__.update(
        suspend_flow=asyncio.Event(),
        _stopped=asyncio.Event(),
        _crashed=asyncio.Event(),
        _loop=asyncio.get_running_loop(),
    )
    return consumer


async def test_message_is_handed_over_at_once(consumer: DocumentConsumer) -> None:
    """It has arrived when the call returns; no task is made for it, and none is left."""
    arrived = []

    async def deliver() -> None:
        arrived.append("message")

    tasks = asyncio.all_tasks()
    await consumer.wait_first(deliver(), consumer.suspend_flow.wait())
    assert arrived == ["message"]
    assert asyncio.all_tasks() == tasks


async def test_delivery_that_waits_is_waited_for(consumer: DocumentConsumer) -> None:
    """It was begun by hand, and goes on as if it had not been."""
    steps = []
    gate = asyncio.Event()

    async def deliver() -> None:
        steps.append("begun")
        await gate.wait()
        with suppress(ZeroDivisionError):
            await asyncio.gather(asyncio.sleep(0), fail())
        steps.append("done")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    waiting = asyncio.create_task(consumer.wait_first(deliver(), consumer.suspend_flow.wait()))
    await asyncio.sleep(0.01)
    assert (steps, waiting.done()) == (["begun"], False)
    gate.set()
    await asyncio.wait_for(waiting, 5)
    assert steps == ["begun", "done"]


async def test_rebalance_interrupts_a_delivery_that_waits(consumer: DocumentConsumer) -> None:
    """What was not delivered then is cancelled, and never arrives later."""
    arrived = []
    gate = asyncio.Event()

    async def deliver() -> None:
        await gate.wait()
        arrived.append("message")

    waiting = asyncio.create_task(consumer.wait_first(deliver(), consumer.suspend_flow.wait()))
    await asyncio.sleep(0.01)
    consumer.suspend_flow.set()
    await asyncio.wait_for(waiting, 5)
    gate.set()
    await asyncio.sleep(0.01)
    assert arrived == []


async def test_fault_in_a_delivery_is_raised(consumer: DocumentConsumer) -> None:
    """At once, or after it waited."""

    async def deliver(pause: bool) -> None:
        if pause:
            await asyncio.sleep(0)
        raise ZeroDivisionError

    for pause in (False, True):
        with pytest.raises(ZeroDivisionError):
            await consumer.wait_first(deliver(pause), consumer.suspend_flow.wait())
