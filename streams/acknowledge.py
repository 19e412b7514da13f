"""Offsets are given back in order: only over a contiguous prefix of settled events.

Documents complete in any order, but a broker remembers one number per partition. `PrefixLedger`
holds an event back until everything before it in its partition is settled as well.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of one topic."""

    topic: str
    number: int


class Arrival(Enum):
    """What a delivered event is to the ledger."""

    NEW = auto()
    IN_FLIGHT = auto()
    SETTLED = auto()


@dataclass(slots=True)
class _Entry:
    acknowledge: Callable[[], None]
    is_settled: bool = False


class PrefixLedger:
    """What was delivered, what is settled, and what may be acknowledged.

    It also keeps the strong references that Faust does not: its set of unacknowledged messages is
    weak.
    """

    def __init__(self) -> None:
        self._entries: dict[Partition, OrderedDict[int, _Entry]] = {}
        self._acknowledged_below: dict[Partition, int] = {}

    def track(self, partition: Partition, offset: int, acknowledge: Callable[[], None]) -> Arrival:
        """Note a delivered event; offsets of a partition arrive in ascending order.

        Args:
            partition: Where it came from.
            offset: Its place there.
            acknowledge: Called once, when it and all before it are settled.

        Returns:
            NEW if it is to be worked on; otherwise it was delivered a second time, and is in work
            or already acknowledged.
        """
        entries = self._entries.setdefault(partition, OrderedDict())
        if offset in entries:
            entries[offset].acknowledge = acknowledge
            return Arrival.IN_FLIGHT
        if offset < self._acknowledged_below.get(partition, 0):
            acknowledge()
            return Arrival.SETTLED
        entries[offset] = _Entry(acknowledge)
        return Arrival.NEW

    def settle(self, partition: Partition, offset: int) -> int:
        """Note that an event has its outcome; acknowledge the prefix that is now complete.

        Returns:
            How many events were acknowledged. An event that was forgotten settles nothing.
        """
        entries = self._entries.get(partition, OrderedDict())
        if offset not in entries:
            return 0
        entries[offset].is_settled = True
        count = 0
        while entries and next(iter(entries.values())).is_settled:
            settled_offset, entry = entries.popitem(last=False)
            entry.acknowledge()
            self._acknowledged_below[partition] = settled_offset + 1
            count += 1
        return count

    def forget(self, partitions: Iterable[Partition] | None = None) -> None:
        """Drop partitions that were taken away; without an argument all of them."""
        for partition in list(self._entries if partitions is None else partitions):
            self._entries.pop(partition, None)
            self._acknowledged_below.pop(partition, None)

    @property
    def in_flight_count(self) -> int:
        """Events that were delivered and not yet acknowledged."""
        return sum(map(len, self._entries.values()))
