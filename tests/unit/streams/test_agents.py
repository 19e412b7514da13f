"""What is taken over from Faust's messages."""

from dataclasses import dataclass, field

import pytest

from streams.agents import _incoming


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
