"""Calls are shared by whoever waits, and end whoever gives up."""

import asyncio

import pytest

from streams.access.shared_calls import SharedCalls


class Work:
    """Waits for a sign, then answers how often it ran."""

    def __init__(self) -> None:
        self.run_count = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        """Run."""
        self.run_count += 1
        await self.may_end.wait()
        if self.run_count > 1:
            raise ValueError("once only")
        return self.run_count


async def test_call_shares_one_answer_per_key() -> None:
    """Callers of a key wait together, callers of another do not."""
    calls: SharedCalls[str, int] = SharedCalls()
    work, other = Work(), Work()
    waiting = [asyncio.create_task(calls.call("a", work)) for _ in range(3)]
    waiting.append(asyncio.create_task(calls.call("b", other)))
    await asyncio.sleep(0)
    work.may_end.set()
    other.may_end.set()
    assert await asyncio.gather(*waiting) == [1, 1, 1, 1]
    assert (work.run_count, other.run_count) == (1, 1)


async def test_call_raises_to_all_and_then_runs_anew() -> None:
    """An error is not kept, and a later call is another one."""
    calls: SharedCalls[str, int] = SharedCalls()
    work = Work()
    work.may_end.set()
    assert await calls.call("a", work) == 1
    failed = await asyncio.gather(
        *(calls.call("a", work) for _ in range(2)), return_exceptions=True
    )
    assert [type(error) for error in failed] == [ValueError, ValueError]
    assert work.run_count == 2


async def test_call_goes_on_when_a_caller_gives_up() -> None:
    """One cancelled request takes the answer from nobody."""
    calls: SharedCalls[str, int] = SharedCalls()
    work = Work()
    first, second = (asyncio.create_task(calls.call("a", work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    work.may_end.set()
    assert await second == 1
