"""How often a caller may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.access.caller import Caller
from streams.access.rate_limits import RateLimiter
from tests.fakes.clock import FakeClock


def caller(rate_per_s: float | None, subject: str = "somebody") -> Caller:
    """Somebody with this rate."""
    return Caller(subject, "acme", frozenset(), rate_per_s)


def passed(limiter: RateLimiter, who: Caller, count: int) -> int:
    """How many of so many requests pass now."""
    return sum(limiter.take(who) is None for _ in range(count))


@pytest.mark.parametrize(("rate_per_s", "burst"), [(10, 20), (0.5, 1), (0.01, 1), (0.75, 1)])
def test_take_lets_a_burst_pass(rate_per_s: float, burst: int) -> None:
    """Two seconds' worth, at least one."""
    assert passed(RateLimiter(FakeClock()), caller(rate_per_s), 50) == burst


def test_take_says_how_long_to_wait() -> None:
    """Who waits so long passes, who does not, does not."""
    clock = FakeClock()
    limiter = RateLimiter(clock)
    passed(limiter, caller(4), 8)
    assert limiter.take(caller(4)) == pytest.approx(0.25)
    clock.time_s += 0.2
    assert limiter.take(caller(4)) == pytest.approx(0.05)
    clock.time_s += 0.06
    assert limiter.take(caller(4)) is None


def test_take_lets_a_steady_caller_pass_at_its_rate() -> None:
    """Whoever asks ten times as often as allowed passes a tenth of the time."""
    clock = FakeClock()
    limiter = RateLimiter(clock)
    passed(limiter, caller(1), 2)
    count = 0
    for _ in range(1000):
        clock.time_s += 0.1
        count += limiter.take(caller(1)) is None
    assert count == pytest.approx(100, abs=1)


def test_take_counts_nobody_without_a_rate() -> None:
    """No rate is no limit, and no memory."""
    limiter = RateLimiter(FakeClock())
    assert passed(limiter, caller(None), 1000) == 1000
    assert len(limiter._buckets) == 0


def test_take_counts_each_caller_alone() -> None:
    """One that asks too often takes nothing from another."""
    limiter = RateLimiter(FakeClock())
    passed(limiter, caller(1, "a"), 100)
    assert limiter.take(caller(1, "a")) is not None
    assert limiter.take(caller(1, "b")) is None


def test_take_forgets_who_was_silent_for_longest() -> None:
    """Memory is bounded, and whoever keeps asking stays counted."""
    limiter = RateLimiter(FakeClock(), buckets_max=3)
    passed(limiter, caller(1, "busy"), 10)
    for number in range(20):
        limiter.take(caller(1, f"other {number}"))
        assert limiter.take(caller(1, "busy")) is not None
        assert len(limiter._buckets) <= 3


@given(st.floats(0.01, 2), st.lists(st.floats(0, 1), min_size=10, max_size=100))
def test_take_never_lets_more_pass_than_rate_and_burst(
    rate_per_s: float, pauses_s: list[float]
) -> None:
    """Whatever the times between requests are, in any span that starts with the first."""
    clock = FakeClock(0.0)
    limiter = RateLimiter(clock)
    count = 0
    for pause_s in pauses_s:
        clock.time_s += pause_s
        count += limiter.take(caller(rate_per_s)) is None
    assert count <= max(1, 2 * rate_per_s) + rate_per_s * clock.time_s + 1e-6
