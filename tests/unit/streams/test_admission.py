"""Documents wait for room, and for earlier uploads of the same object."""

import asyncio

import pytest

from streams.admission import Company, DocumentGate, Turns


async def test_gate_lets_in_no_more_than_its_limit() -> None:
    """The third of two waits until one leaves."""
    gate = DocumentGate(2)
    await gate.enter()
    second = await gate.enter()
    third, fourth = (asyncio.create_task(gate.enter()) for _ in range(2))
    await asyncio.sleep(0)
    assert not third.done()
    second.leave()
    second.leave()  # once is enough
    await asyncio.wait_for(third, 1)
    await asyncio.sleep(0)
    assert not fourth.done()
    assert gate.held == 2
    fourth.cancel()


async def test_turns_keep_holders_of_a_key_in_order() -> None:
    """Holders of one key never overlap and go in the order of asking; other keys do not wait."""
    turns, log = Turns(), []

    async def hold(key: str, name: str, sleep_s: float) -> None:
        async with turns.turn(key):
            log.append(f"+{name}")
            await asyncio.sleep(sleep_s)
            log.append(f"-{name}")

    tasks = [hold("a", "1", 0.03), hold("a", "2", 0.0), hold("b", "3", 0.0), hold("a", "4", 0.0)]
    await asyncio.gather(*tasks)
    same_key = [entry for entry in log if entry[1] != "3"]
    assert same_key == ["+1", "-1", "+2", "-2", "+4", "-4"]
    assert log.index("-3") < log.index("-1")


async def test_turns_skip_a_cancelled_holder_without_overtaking() -> None:
    """Who waits behind a cancelled waiter still waits for the one in front of it."""
    turns, released, entered = Turns(), asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with turns.turn("a"):
            await released.wait()

    async def later() -> None:
        async with turns.turn("a"):
            entered.set()

    holding = asyncio.create_task(first())
    await asyncio.sleep(0)
    cancelled, waiting = asyncio.create_task(later()), asyncio.create_task(later())
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert not entered.is_set()
    released.set()
    await asyncio.wait_for(asyncio.gather(holding, waiting), 1)
    assert entered.is_set()


async def test_turns_forget_keys_that_nobody_holds() -> None:
    """Memory is bounded by what is in flight."""
    turns = Turns()
    for number in range(100):
        async with turns.turn(str(number)):
            pass
    assert not turns._last


async def test_alone_waits_for_the_others_and_keeps_them_out() -> None:
    """Nobody works beside one who is alone, and who waits to be alone goes first."""
    company, log = Company(), []

    async def beside(name: str) -> None:
        async with company.beside_others():
            log.append(f"{name} in")
            await asyncio.sleep(0.01)
            log.append(f"{name} out")

    async def alone() -> None:
        async with company.alone():
            log.append("alone in")
            await asyncio.sleep(0.01)
            log.append("alone out")

    tasks = [asyncio.create_task(beside("a")), asyncio.create_task(beside("b"))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(alone()))
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(beside("c")))
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert log == ["a in", "b in", "a out", "b out", "alone in", "alone out", "c in", "c out"]


async def test_cancelled_wish_to_be_alone_lets_the_others_in() -> None:
    """A worker that drains leaves nobody waiting."""
    company = Company()
    async with company.beside_others():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), company.alone():
                pass
        async with asyncio.timeout(5), company.beside_others():
            pass
