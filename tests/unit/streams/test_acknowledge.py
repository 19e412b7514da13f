"""The ledger allows a contiguous prefix to be committed, whatever the order of completion."""

from hypothesis import given
from hypothesis import strategies as st

from streams.acknowledge import Arrival, Partition, PrefixLedger

P0, P1 = Partition("t", 0), Partition("t", 1)


def ledger_with(*offsets: int) -> PrefixLedger:
    """A ledger that has been told of these offsets of P0."""
    ledger = PrefixLedger()
    for offset in offsets:
        ledger.track(P0, offset)
    return ledger


@given(st.permutations(range(8)))
def test_ledger_commits_only_contiguous_prefixes(order: list[int]) -> None:
    """After each completion, exactly the prefix of completed offsets may be committed."""
    ledger = ledger_with(*range(8))
    done: set[int] = set()
    for offset in order:
        ledger.settle(P0, offset)
        done.add(offset)
        prefix = next((o for o in range(8) if o not in done), 8)
        assert ledger.committable() == ({P0: prefix} if prefix else {})
        assert ledger.in_flight_count == 8 - prefix


def test_ledger_keeps_partitions_apart() -> None:
    """A gap in one partition holds back nothing in another."""
    ledger = ledger_with(0, 1)
    ledger.track(P1, 5)
    assert ledger.settle(P0, 1) == 0
    assert ledger.settle(P1, 5) == 1
    assert ledger.committable() == {P1: 6}


def test_ledger_bridges_offsets_that_never_came() -> None:
    """Compaction and transactions leave gaps in offsets; they hold back nothing."""
    ledger = ledger_with(3, 7, 20)
    assert [ledger.settle(P0, offset) for offset in (20, 7, 3)] == [0, 0, 3]
    assert ledger.committable() == {P0: 21}


def test_ledger_offers_again_what_the_broker_did_not_take() -> None:
    """Only what was committed is not offered any more."""
    ledger = ledger_with(0, 1)
    ledger.settle(P0, 0)
    offered = ledger.committable()
    ledger.settle(P0, 1)
    ledger.note_committed(offered)
    assert ledger.committable() == {P0: 2}
    ledger.note_committed({P0: 2})
    assert ledger.committable() == {}


def test_ledger_does_not_work_twice_on_what_is_in_flight() -> None:
    """A second delivery while the first is in work is not new."""
    ledger = ledger_with(0)
    assert ledger.track(P0, 0) is Arrival.IN_FLIGHT
    assert ledger.settle(P0, 0) == 1


def test_ledger_knows_what_was_settled() -> None:
    """A second delivery after the end is not worked on, and takes nothing back."""
    ledger = ledger_with(0)
    ledger.settle(P0, 0)
    assert ledger.track(P0, 0) is Arrival.SETTLED
    assert ledger.committable() == {P0: 1}


def test_ledger_begins_anew_where_a_partition_is_read_again() -> None:
    """Offsets that go back are a new reading: nothing before them is passed over."""
    ledger = ledger_with(5, 6)
    ledger.settle(P0, 6)
    assert ledger.track(P0, 3) is Arrival.NEW
    assert ledger.settle(P0, 5) == 0
    for offset in (4, 5, 6):
        assert ledger.track(P0, offset) is Arrival.NEW
    ledger.settle(P0, 3)
    assert ledger.committable() == {P0: 4}


def test_ledger_forgets_revoked_partitions() -> None:
    """What completes after a revocation is not committed; a redelivery is new."""
    ledger = ledger_with(0, 1)
    ledger.settle(P0, 0)
    ledger.forget()
    assert ledger.settle(P0, 1) == 0
    assert ledger.committable() == {}
    assert ledger.track(P0, 0) is Arrival.NEW
