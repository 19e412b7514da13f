"""The ledger against a broker's log, under every order of what can happen to a worker.

The model is one partition's log, the offset that is committed, and which events have an outcome.
The rules are what happens: delivery, completion in any order, a commit, revocation with and without
a last commit, and a crash. What must hold: no event is committed past before it has its outcome,
and in the end every event has one.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.acknowledge import Arrival, Partition, PrefixLedger

PARTITIONS = [Partition("t", 0), Partition("t", 1)]
EVENT_COUNT = 12


class Delivery(RuleBasedStateMachine):
    """A worker, its broker, and everything that comes between them."""

    def __init__(self) -> None:
        super().__init__()
        self.committed = dict.fromkeys(PARTITIONS, 0)
        self.outcomes: dict[Partition, set[int]] = {p: set() for p in PARTITIONS}
        self.most_in_flight = 0

    @initialize()
    def assign(self) -> None:
        """A worker gets the partitions, and reads on from what is committed."""
        self.ledger = PrefixLedger()
        self.position = dict(self.committed)
        self.in_work: set[tuple[Partition, int]] = set()

    @rule(partition=st.sampled_from(PARTITIONS))
    def deliver(self, partition: Partition) -> None:
        """The next event comes."""
        offset = self.position[partition]
        if offset == EVENT_COUNT:
            return
        assert self.ledger.track(partition, offset) is Arrival.NEW
        self.position[partition] += 1
        self.in_work.add((partition, offset))

    @precondition(lambda self: self.in_work)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        """Any event in work gets its outcome."""
        place = data.draw(st.sampled_from(sorted(self.in_work, key=str)))
        self._complete(*place)

    def _complete(self, partition: Partition, offset: int) -> None:
        self.outcomes[partition].add(offset)
        self.in_work.discard((partition, offset))
        self.ledger.settle(partition, offset)

    @precondition(lambda self: self.in_work)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """An event in work comes a second time: it is not worked on twice."""
        partition, offset = data.draw(st.sampled_from(sorted(self.in_work, key=str)))
        assert self.ledger.track(partition, offset) is Arrival.IN_FLIGHT

    @rule(is_answered=st.booleans())
    def commit(self, is_answered: bool) -> None:
        """What may be committed is committed; the broker's answer may get lost."""
        offsets = self.ledger.committable()
        self.committed |= offsets
        if is_answered:
            self.ledger.note_committed(offsets)

    @rule(partition=st.sampled_from(PARTITIONS), commits=st.booleans())
    def revoke(self, partition: Partition, commits: bool) -> None:
        """A partition is taken away and comes back; its work may go on into the void."""
        if commits:
            self.committed |= self.ledger.committable()
        self.ledger.forget([partition])
        self.position[partition] = self.committed[partition]
        for place in [place for place in self.in_work if place[0] == partition]:
            self.in_work.discard(place)
            self.outcomes[partition].add(place[1])  # a late answer
            assert self.ledger.settle(*place) == 0

    @rule()
    def crash(self) -> None:
        """The process dies; another one takes over."""
        self.assign()

    @invariant()
    def nothing_is_passed_over(self) -> None:
        """All below the committed offset has its outcome."""
        for partition, offset in self.committed.items():
            assert set(range(offset)) <= self.outcomes[partition]

    @invariant()
    def memory_is_bounded_by_what_is_in_flight(self) -> None:
        """The ledger holds what was delivered and is not done with, and nothing else."""
        if hasattr(self, "ledger"):
            done = self.committed | self.ledger.committable()
            open_count = sum(self.position[p] - done[p] for p in PARTITIONS)
            assert self.ledger.in_flight_count == open_count

    def teardown(self) -> None:
        """Left alone, the worker brings everything to its outcome and commits it."""
        if not hasattr(self, "ledger"):
            return
        for partition in PARTITIONS:
            while self.position[partition] < EVENT_COUNT:
                self.deliver(partition)
        for place in sorted(self.in_work, key=str, reverse=True):
            self._complete(*place)
        self.commit(is_answered=True)
        assert self.committed == dict.fromkeys(PARTITIONS, EVENT_COUNT)
        assert all(len(outcomes) == EVENT_COUNT for outcomes in self.outcomes.values())
        assert self.ledger.in_flight_count == 0


Delivery.TestCase.settings = settings(max_examples=300, stateful_step_count=60, deadline=None)
TestDelivery = Delivery.TestCase
