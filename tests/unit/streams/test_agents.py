"""What is taken over from Faust's messages, and how they are handed over."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

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
def consumer() -> DocumentConsumer:
    """A consumer of which only what `wait_first` looks at is there."""
    consumer = object.__new__(DocumentConsumer)
    flow_control = SimpleNamespace(is_active=lambda: True)
    topics = SimpleNamespace(_tp_to_callback_lock=asyncio.Lock())
    consumer.__dict__.update(
        app=SimpleNamespace(flow_control=flow_control, topics=topics),
        suspend_flow=asyncio.Event(),
        _stopped=asyncio.Event(),
        _crashed=asyncio.Event(),
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


async def test_delivery_that_waits_is_never_taken_for_done(consumer: DocumentConsumer) -> None:
    """Should Faust change, the worker ends with a fault instead of losing messages."""

    async def deliver() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited"):
        await consumer.wait_first(deliver(), consumer.suspend_flow.wait())


@pytest.mark.parametrize("obstacle", ["rebalance", "suspended flow", "locked topics"])
async def test_message_waits_while_partitions_move(
    consumer: DocumentConsumer, obstacle: str
) -> None:
    """Then delivery is Faust's, which a rebalance may interrupt."""
    if obstacle == "rebalance":
        consumer.suspend_flow.set()
    elif obstacle == "suspended flow":
        consumer.app.flow_control.is_active = lambda: False  # type: ignore[method-assign]
    else:
        await consumer.app.topics._tp_to_callback_lock.acquire()  # type: ignore[attr-defined]
    assert not consumer._delivers_at_once()
