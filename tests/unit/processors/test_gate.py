"""Shares of a limited amount: never too much at once, nobody passed over."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.gate import Gate

LIMIT = 10


@given(st.lists(st.tuples(st.integers(1, 15), st.booleans()), max_size=12))
def test_gate_never_gives_out_more_than_its_limit(wanted: list[tuple[int, bool]]) -> None:
    """Whatever is asked for and given up, the limit holds and everything comes back."""

    async def run() -> None:
        gate = Gate(LIMIT)

        async def work(amount: int) -> None:
            async with gate.hold(amount):
                assert gate.held <= LIMIT
                await asyncio.sleep(0)
                await asyncio.sleep(0)

        tasks = [(asyncio.create_task(work(amount)), gives_up) for amount, gives_up in wanted]
        await asyncio.sleep(0)
        for task, gives_up in tasks:
            if gives_up:
                task.cancel()
        await asyncio.wait_for(asyncio.gather(*(t for t, _ in tasks), return_exceptions=True), 5)
        assert gate.held == 0

    asyncio.run(run())


async def test_what_is_larger_than_the_limit_runs_alone() -> None:
    """It is not refused, and nobody works beside it."""
    gate = Gate(LIMIT)
    async with gate.hold(1000):
        assert gate.held == LIMIT
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), gate.hold(1):
                pass
    async with asyncio.timeout(1), gate.hold(1):
        pass


async def test_small_ones_do_not_overtake_a_large_one_for_ever() -> None:
    """First come, first served: who waits for much is not starved."""
    gate, order = Gate(LIMIT), []

    async def work(name: str, amount: int) -> None:
        async with gate.hold(amount):
            order.append(name)
            await asyncio.sleep(0)

    wishes = (("a", 6), ("large", 10), ("b", 1), ("c", 1))
    await asyncio.gather(*(work(name, amount) for name, amount in wishes))
    assert order[:2] == ["a", "large"]
