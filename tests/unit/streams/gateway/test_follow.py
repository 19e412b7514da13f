"""Whoever waits for a document is woken when it is done, and forgotten when it gives up."""

import asyncio
from datetime import UTC, datetime

import pytest

from schemas.codecs import encode
from schemas.deletions import DocumentDeleted
from schemas.progress import DocumentProgressed, ProgressState
from streams.gateway import follow
from streams.gateway.follow import STEPS_MAX
from streams.places import JSON, Owned
from tests.fakes.gateway import MemoryGateway

OWNED = Owned("", "0" * 32)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def step(state: ProgressState, page_number: int | None = None) -> bytes:
    """A message on the topic."""
    told = DocumentProgressed(
        document_id=OWNED.document_id, state=state, page_number=page_number, occurred_at=NOW
    )
    return encode(told)


async def finish(memory: MemoryGateway) -> None:
    """Something becomes of the document."""
    bucket = memory.gateway.settings.results_bucket
    outcome = DocumentDeleted(document_id=OWNED.document_id, bucket="b", key="k", occurred_at=NOW)
    await memory.store.put(bucket, OWNED.outcome_key, encode(outcome), JSON)


async def test_waiting_ends_with_the_last_step() -> None:
    """Long before one would look again; steps in between and other documents' wake nobody."""
    memory = MemoryGateway.of()
    follower = memory.gateway.follower
    waiting = asyncio.create_task(follower.outcome(OWNED, 60))
    await asyncio.sleep(0.01)
    follower.hear(step(ProgressState.READING, 1), 0.0)
    follower.hear(b"no json", 0.0)
    follower.hear(None, 0.0)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await finish(memory)
    follower.hear(step(ProgressState.DONE), 0.0)
    async with asyncio.timeout(1):
        assert isinstance(await waiting, DocumentDeleted)
    assert memory.listener_count == 0


async def test_waiting_needs_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are not promised to come; it looks now and then, and ends with its time."""
    monkeypatch.setattr(follow, "LOOK_INTERVAL_S", 0.02)
    memory = MemoryGateway.of()
    assert await memory.gateway.follower.outcome(OWNED, 0.1) is None
    waiting = asyncio.create_task(memory.gateway.follower.outcome(OWNED, 60))
    await asyncio.sleep(0.05)
    await finish(memory)
    async with asyncio.timeout(1):
        assert await waiting is not None


async def test_whoever_gives_up_is_forgotten() -> None:
    """One of two, then the other."""
    memory = MemoryGateway.of()
    tasks = [asyncio.create_task(memory.gateway.follower.outcome(OWNED, 60)) for _ in range(2)]
    await asyncio.sleep(0.01)
    for left, task in zip((1, 0), tasks, strict=True):
        task.cancel()
        await asyncio.wait({task})
        assert memory.listener_count == left


async def test_slow_listener_hears_the_latest() -> None:
    """What it is too far behind for is dropped from the front."""
    follower = MemoryGateway.of().gateway.follower
    with follower.listening(OWNED.document_id) as steps:
        for page_number in range(1, STEPS_MAX + 11):
            follower.hear(step(ProgressState.READING, page_number), 0.0)
        assert steps.qsize() == STEPS_MAX
        assert (await steps.get()).page_number == 11
