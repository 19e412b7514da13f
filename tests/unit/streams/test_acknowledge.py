"""The ledger acknowledges a contiguous prefix, each offset once, whatever the order."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from streams.acknowledge import Arrival, Partition, PrefixLedger

P0, P1 = Partition("t", 0), Partition("t", 1)


def ledger_with(*offsets: int) -> tuple[PrefixLedger, list[int]]:
    """A ledger that has been told of these offsets of P0, and the list of what it acknowledges."""
    ledger = PrefixLedger()
    acknowledged: list[int] = []
    for offset in offsets:
        ledger.track(P0, offset, partial(acknowledged.append, offset))
    return ledger, acknowledged


@given(st.permutations(range(8)))
def test_ledger_acknowledges_only_contiguous_prefixes(order: list[int]) -> None:
    """After each completion, exactly the prefix of completed offsets is acknowledged."""
    ledger, acknowledged = ledger_with(*range(8))
    done: set[int] = set()
    for offset in order:
        ledger.settle(P0, offset)
        done.add(offset)
        prefix = next((o for o in range(8) if o not in done), 8)
        assert acknowledged == list(range(prefix))
    assert ledger.in_flight_count == 0


def test_ledger_keeps_partitions_apart() -> None:
    """A gap in one partition holds back nothing in another."""
    ledger, acknowledged = ledger_with(0, 1)
    ledger.track(P1, 5, lambda: acknowledged.append(105))
    ledger.settle(P0, 1)
    ledger.settle(P1, 5)
    assert acknowledged == [105]


def test_ledger_bridges_offsets_that_never_came() -> None:
    """Compaction and transactions leave gaps in offsets; they hold back nothing."""
    ledger, acknowledged = ledger_with(3, 7, 20)
    for offset in (20, 7, 3):
        ledger.settle(P0, offset)
    assert acknowledged == [3, 7, 20]


def test_ledger_does_not_work_twice_on_what_is_in_flight() -> None:
    """A second delivery while the first is in work is not new, and is acknowledged in its place."""
    ledger, acknowledged = ledger_with(0)
    assert ledger.track(P0, 0, lambda: acknowledged.append(1000)) is Arrival.IN_FLIGHT
    ledger.settle(P0, 0)
    assert acknowledged == [1000]


def test_ledger_acknowledges_again_what_was_settled() -> None:
    """A second delivery after the end is acknowledged at once and not worked on."""
    ledger, acknowledged = ledger_with(0)
    ledger.settle(P0, 0)
    assert ledger.track(P0, 0, lambda: acknowledged.append(1000)) is Arrival.SETTLED
    assert acknowledged == [0, 1000]


def test_ledger_forgets_revoked_partitions() -> None:
    """What completes after a revocation is not acknowledged; a redelivery is new."""
    ledger, acknowledged = ledger_with(0, 1)
    ledger.settle(P0, 0)
    ledger.forget()
    assert ledger.settle(P0, 1) == 0
    assert acknowledged == [0]
    assert ledger.track(P0, 0, lambda: None) is Arrival.NEW
