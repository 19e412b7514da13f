"""Topics in memory, so that workers can share what they read without a broker."""

import time
from dataclasses import dataclass, field

from schemas.readings import RecordPlace
from streams.errors import BrokerAway
from streams.reading_log import ReadingLog


@dataclass
class MemoryTopics:
    """The readings topic and the results topic of any number of workers.

    Attributes:
        away_count: For so many messages the broker is away.
        clock_s: Added to the time of every message.
        results: What stands on the results topic, by offset.
    """

    away_count: int = 0
    clock_s: float = 0.0
    results: list[bytes | None] = field(default_factory=list)
    _logs: list[ReadingLog] = field(default_factory=list)
    _messages: list[tuple[bytes, float]] = field(default_factory=list)

    def log(self, entries_max: int = 1000) -> ReadingLog:
        """The log of another worker, which knows all that was told before."""
        log = ReadingLog(self._send, entries_max)
        for value, noted_at_s in self._messages:
            log.apply(value, noted_at_s)
        self._logs.append(log)
        return log

    async def result_at(self, place: RecordPlace) -> bytes | None:
        """The message at a place of the results topic."""
        return self.results[place.offset]

    async def _send(self, value: bytes) -> None:
        if self.away_count > 0:
            self.away_count -= 1
            raise BrokerAway("away for the sake of a test")
        message = (value, time.time() + self.clock_s)
        self._messages.append(message)
        for log in self._logs:
            log.apply(*message)
