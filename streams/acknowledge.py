"""Offsets are given back in order: only over a contiguous prefix of settled events.

Documents complete in any order, but a broker remembers one number per partition. `PrefixLedger`
holds an event back until everything before it in its partition is settled as well.
"""

from collections.abc import Iterable, Mapping
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


class PrefixLedger:
    """What was delivered, what is settled, and up to where everything may be committed."""

    def __init__(self) -> None:
        self._settled: dict[Partition, dict[int, bool]] = {}
        """Of every offset in flight, in ascending order: whether it is settled."""
        self._done_below: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}

    def track(self, partition: Partition, offset: int) -> Arrival:
        """Note a delivered event; offsets of a partition arrive in ascending order.

        Where they go back, the partition is read anew from there: what came before is forgotten.

        Returns:
            NEW if it is to be worked on; otherwise it was delivered a second time, and is in work
            or already done with.
        """
        if offset < self._done_below.get(partition, 0):
            return Arrival.SETTLED
        settled = self._settled.setdefault(partition, {})
        if offset in settled:
            return Arrival.IN_FLIGHT
        if settled and offset < next(reversed(settled)):
            settled.clear()
        settled[offset] = False
        return Arrival.NEW

    def settle(self, partition: Partition, offset: int) -> int:
        """Note that an event has its outcome.

        Returns:
            How many events are done with for it: those of the prefix that is now complete. An event
            that was forgotten settles nothing.
        """
        settled = self._settled.get(partition, {})
        if offset not in settled:
            return 0
        settled[offset] = True
        count = 0
        while settled and settled[first := next(iter(settled))]:
            del settled[first]
            self._done_below[partition] = first + 1
            count += 1
        return count

    def committable(self) -> dict[Partition, int]:
        """The next offset to read of every partition that has more done than is committed."""
        return {
            partition: offset
            for partition, offset in self._done_below.items()
            if offset != self._committed.get(partition)
        }

    def note_committed(self, offsets: Mapping[Partition, int]) -> None:
        """Note what the broker took."""
        self._committed.update(offsets)

    def forget(self, partitions: Iterable[Partition] | None = None) -> None:
        """Drop partitions that were taken away; without an argument all of them."""
        known = {*self._settled, *self._done_below, *self._committed}
        for partition in known if partitions is None else partitions:
            for notes in (self._settled, self._done_below, self._committed):
                notes.pop(partition, None)

    @property
    def in_flight_count(self) -> int:
        """Events that were delivered and are not done with."""
        return sum(map(len, self._settled.values()))
