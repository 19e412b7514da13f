"""When documents are held instead of dead-lettered."""

import asyncio

import pytest

from schemas.dead_letters import Category
from streams.breaker import Breaker

LIMIT = 3


def make() -> tuple[Breaker, list[str | None]]:
    """A breaker with quick probes, and what it tells."""
    told: list[str | None] = []
    return Breaker(LIMIT, told.append, probe_first_s=0.01), told


async def fail(breaker: Breaker, category: Category, count: int) -> list[bool]:
    """Let documents fail; tells which became dead letters."""
    return [await breaker.lets_die(category, was_probe=False) for _ in range(count)]


@pytest.mark.parametrize(
    "category", [Category.OBJECT_MISSING, Category.OBJECT_FORBIDDEN, Category.ENGINE_ERROR]
)
async def test_run_beyond_the_limit_is_held(category: Category) -> None:
    """The first ones die, the next is tried again."""
    breaker, told = make()
    assert await fail(breaker, category, LIMIT + 1) == [True] * LIMIT + [False]
    assert told[0] is not None
    assert category in told[0]


async def test_success_between_resets_the_run() -> None:
    """A run is broken by a document of which the same step went well."""
    breaker, told = make()
    for _ in range(5):
        assert all(await fail(breaker, Category.OBJECT_MISSING, LIMIT))
        breaker.note_fetched()
        assert all(await fail(breaker, Category.ENGINE_ERROR, LIMIT))
        breaker.note_read()
    assert told == []


async def test_fetching_does_not_excuse_the_engine() -> None:
    """Objects that are fetched say nothing about a broken model."""
    breaker, told = make()
    for _ in range(LIMIT + 1):
        breaker.note_fetched()
        await breaker.lets_die(Category.ENGINE_ERROR, was_probe=False)
    assert told


async def test_all_that_are_held_go_on_when_one_goes_through() -> None:
    """A success wakes everybody at once, and the worker is ready again."""
    breaker, told = make()
    breaker._probe_s = 60
    await fail(breaker, Category.OBJECT_MISSING, LIMIT)
    held = [asyncio.create_task(fail(breaker, Category.OBJECT_MISSING, 1)) for _ in range(4)]
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in held)
    breaker.note_fetched()
    assert await asyncio.wait_for(asyncio.gather(*held), 5) == [[False]] * 4
    assert told[-1] is None


async def test_limit_zero_holds_nothing() -> None:
    """It can be set off."""
    breaker = Breaker(0, lambda _: None)
    assert all(await fail(breaker, Category.OBJECT_MISSING, 100))
