"""A publisher into a list."""

from dataclasses import dataclass, field

import orjson

from schemas.readings import RecordPlace
from streams.errors import BrokerAway, PublishRejected
from streams.publisher import OutgoingMessage


@dataclass
class ListPublisher:
    """A `ResultPublisher`; it is away for the next `away_count` messages."""

    bytes_max: int = 1_000_000
    away_count: int = 0
    messages: list[OutgoingMessage] = field(default_factory=list)

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """See `ResultPublisher`."""
        if self.away_count > 0:
            self.away_count -= 1
            raise BrokerAway("away for the sake of a test")
        if len(message.value or b"") > self.bytes_max:
            raise PublishRejected(f"{len(message.value or b'')} bytes are too many")
        self.messages.append(message)
        return RecordPlace(partition=message.partition or 0, offset=len(self.messages) - 1)

    def on(self, topic: str) -> list[dict[str, object]]:
        """The bodies of what was published on a topic."""
        return [orjson.loads(m.value) for m in self.messages if m.topic == topic and m.value]
