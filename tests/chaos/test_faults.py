"""Every fault of the list, one after the other; the table comes at the end of the run.

Each schedule is drawn from a seed, which the table's title shows.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.chaos.conftest import ACCOUNTS, StartRun
from tests.chaos.run import Run
from tests.stream import wait_until

pytestmark = pytest.mark.real_servers

EVENT_COUNT = 300
COPIES = 60
LONG_RUN_COUNT = 10_000
SESSION_S = 6
UNAVAILABLE = tuple(
    b"HTTP/1.1 " + answer.replace(b"BODY", b"Connection: close\r\nContent-Length: ")
    for answer in (
        b"503 Slow Down\r\nBODY0\r\n\r\n",
        b"503 X\r\nBODY14\r\n\r\n<html>\xff</html>",
        b"500 X\r\nBODY50\r\n\r\n<?xml version='1.0' encoding='shift_jis'?><a>b</a>",
        b"502 X\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    )
)
Fault = Callable[[Run], Awaitable[None]]


async def kill_workers(run: Run) -> None:
    """SIGKILL a worker at random moments, three times; another one takes its place."""
    for _ in range(3):
        await asyncio.sleep(run.random.uniform(0.3, 1.5))
        await run.strike()
        run.kill(run.random.choice(list(run.workers)))
        run.start_worker()


async def terminate_in_mid_batch(run: Run) -> None:
    """SIGTERM in the middle of the work."""
    await run.terminate(run.random.choice(list(run.workers)))
    run.start_worker()


async def roll(run: Run) -> None:
    """Restart all workers, one after the other: nothing is repeated needlessly."""
    for name in list(run.workers):
        run.ready(run.start_worker())
        await run.terminate(name)


async def freeze_worker(run: Run) -> None:
    """Freeze a worker past its session, and wake it again."""
    process, _ = run.workers[run.random.choice(list(run.workers))]
    await run.strike()
    os.kill(process.pid, signal.SIGSTOP)
    await asyncio.sleep(SESSION_S + 4)
    os.kill(process.pid, signal.SIGCONT)


async def restart_broker(run: Run) -> None:
    """Kill the broker, leave it away, start it again."""
    await run.note_memory()
    os.kill(run.servers.kafka.process.pid, signal.SIGKILL)
    await asyncio.sleep(run.random.uniform(5, 12))
    await run.strike()
    await asyncio.to_thread(run.servers.kafka.restart)


async def freeze_broker(run: Run) -> None:
    """Freeze the broker past the sessions of its clients.

    The workers go on meanwhile with what they have; the partitions change hands when it wakes.
    """
    await run.note_memory()
    run.servers.kafka.process.pause()
    await asyncio.sleep(2 * SESSION_S)
    await run.strike()
    run.servers.kafka.process.resume()


async def restart_store(run: Run) -> None:
    """Kill the store, leave it away, start it again."""
    os.kill(run.servers.store.process.pid, signal.SIGKILL)
    await asyncio.sleep(run.random.uniform(5, 12))
    await asyncio.to_thread(run.servers.store.restart)


async def freeze_store(run: Run) -> None:
    """Freeze the store."""
    run.servers.store.process.pause()
    await asyncio.sleep(run.random.uniform(5, 12))
    run.servers.store.process.resume()


async def change_crew(run: Run) -> None:
    """Add and remove workers under load."""
    for _ in range(2):
        run.ready(run.start_worker())
        await asyncio.sleep(run.random.uniform(0.2, 1.0))
        await run.terminate(run.random.choice(list(run.workers)))


async def terminate_without_store(run: Run) -> None:
    """SIGTERM while the store is away."""
    run.servers.store.process.pause()
    await asyncio.sleep(2)
    await run.terminate(run.random.choice(list(run.workers)))
    run.servers.store.process.resume()
    run.start_worker()


async def rebalance_without_store(run: Run) -> None:
    """A worker joins while the store is away."""
    await run.strike()
    os.kill(run.servers.store.process.pid, signal.SIGKILL)
    await asyncio.sleep(1)
    run.start_worker()
    await asyncio.sleep(SESSION_S)
    await asyncio.to_thread(run.servers.store.restart)


async def restart_broker_with_frozen_worker(run: Run) -> None:
    """The broker restarts while a worker is frozen."""
    process, _ = run.workers[run.random.choice(list(run.workers))]
    await run.strike()
    os.kill(process.pid, signal.SIGSTOP)
    await asyncio.sleep(2)
    os.kill(run.servers.kafka.process.pid, signal.SIGKILL)
    await asyncio.sleep(3)
    await asyncio.to_thread(run.servers.kafka.restart)
    await asyncio.sleep(SESSION_S)
    os.kill(process.pid, signal.SIGCONT)


async def refuse_in_store(run: Run) -> None:
    """The store answers 503, 500 and 502, with and without a body, readable or not."""
    for answer in UNAVAILABLE:
        run.servers.store_proxy.answer = answer
        run.servers.store_proxy.reset()
        await asyncio.sleep(run.random.uniform(1, 4))
    run.servers.store_proxy.answer = None


async def slow_store(run: Run) -> None:
    """The store answers at 1 kB/s."""
    run.servers.store_proxy.pause_s = 0.125
    await asyncio.sleep(run.random.uniform(5, 12))
    run.servers.store_proxy.pause_s = 0.0


async def tear_store(run: Run) -> None:
    """The store's connections break in the middle of answers."""
    run.servers.store_proxy.tear_after = lambda: run.random.randrange(1, 4000)
    run.servers.store_proxy.reset()
    await asyncio.sleep(run.random.uniform(5, 12))
    run.servers.store_proxy.tear_after = None
    run.servers.store_proxy.reset()


async def reset_store(run: Run) -> None:
    """All connections to the store are reset, again and again."""
    for _ in range(20):
        run.servers.store_proxy.reset()
        await asyncio.sleep(run.random.uniform(0, 0.5))


async def reset_broker(run: Run) -> None:
    """All connections to the broker are reset, again and again.

    Each of them may cost the workers their places in the group, which takes a second to form anew:
    so what is in flight may be taken away once for every four of them.
    """
    for number in range(20):
        if number % 4 == 0:
            await run.strike()
        run.servers.kafka_proxy.reset()
        await asyncio.sleep(run.random.uniform(0, 0.5))


async def store_away_for_minutes(run: Run) -> None:
    """Kill the store and leave it away for as long as a node takes to be replaced."""
    os.kill(run.servers.store.process.pid, signal.SIGKILL)
    await asyncio.sleep(run.random.uniform(120, 180))
    await asyncio.to_thread(run.servers.store.restart)


async def broker_away_for_minutes(run: Run) -> None:
    """Kill the broker and leave it away for as long as a node takes to be replaced."""
    await run.strike()
    os.kill(run.servers.kafka.process.pid, signal.SIGKILL)
    await asyncio.sleep(run.random.uniform(120, 180))
    await asyncio.to_thread(run.servers.kafka.restart)


LONG_FAULTS: tuple[Fault, ...] = (store_away_for_minutes, broker_away_for_minutes)
FAULTS: tuple[Fault, ...] = (
    *(kill_workers, terminate_in_mid_batch, roll, freeze_worker, restart_broker, freeze_broker),
    *(reset_broker, restart_store, freeze_store, refuse_in_store, slow_store, tear_store),
    *(reset_store, change_crew, terminate_without_store, rebalance_without_store),
    restart_broker_with_frozen_worker,
)


@pytest.mark.parametrize(
    "fault",
    [*FAULTS, *(pytest.param(fault, marks=pytest.mark.takes_minutes) for fault in LONG_FAULTS)],
    ids=lambda fault: fault.__name__,
)
async def test_nothing_is_lost(fault: Fault, start_run: StartRun) -> None:
    """Every event has its outcome, repeats are identical and few, and no fault is buried."""
    async with start_run() as run:
        await run.send(EVENT_COUNT)
        await run.until(run.random.randrange(10, 60))
        await fault(run)
        run.fault_ended()
        await settle(run, fault.__name__)


@pytest.mark.parametrize("partition_count", [1, 8])
async def test_partitions_fewer_and_more_than_workers(
    partition_count: int, start_run: StartRun
) -> None:
    """Idle workers and workers with several partitions lose nothing when one is killed."""
    async with start_run(worker_count=3, partition_count=partition_count) as run:
        await run.send(EVENT_COUNT)
        await run.until(20)
        await run.strike()
        run.kill(next(iter(run.workers)))
        run.fault_ended()
        await settle(run, f"kill a worker, {partition_count} partition(s), 3 workers")


async def test_poison_among_good_ones(start_run: StartRun) -> None:
    """One event in ten is broken; each ends as its own dead letter, and only those."""
    async with start_run() as run:
        names = await run.send(EVENT_COUNT, dict.fromkeys(range(0, EVENT_COUNT, 10), "broken"))
        run.expected |= dict.fromkeys(names[::10], "corrupt_document")
        poison = {"not json": b"{", "gone": run.stream.event("gone")[1]}
        await run.stream.publish(*((key.encode(), value) for key, value in poison.items()))
        run.expected |= {"not json": "malformed_event", "gone": "object_missing"}
        await settle(run, "one event in ten is poison")


async def test_document_that_kills_the_worker(start_run: StartRun) -> None:
    """It becomes `engine_crash`; its neighbours are read, whoever restarts the workers."""
    async with start_run(worker_count=1) as run:
        names = await run.send(60, {20: "abort"})
        run.expected[names[20]] = "engine_crash"
        for _ in range(60):
            await run.until(len(names), timeout_s=2)
            for name, (process, _) in list(run.workers.items()):
                if not process.is_running():
                    await run.strike()
                    run.kill(name)
                    run.start_worker()
            if not run.lost:
                break
        await settle(run, "a document aborts the process")


async def test_same_event_a_hundred_times(start_run: StartRun) -> None:
    """It is read once, and answered a hundred times with the same result."""
    async with start_run() as run:
        (name,) = await run.send(1)
        await run.stream.publish(*[run.stream.event(name)] * 99)
        assert await wait_until(lambda: len(run.outcomes.results[name]) == 100, timeout_s=60)
        run.repeats_max = 99
        await settle(run, "the same event 100 times")
        assert run.reads().total() == 1


async def test_copies_at_two_workers_at_once(start_run: StartRun) -> None:
    """Equal documents under different keys are read once, wherever they arrive."""
    async with start_run(worker_count=2) as run:
        await run.send(COPIES, dict.fromkeys(range(COPIES), "the same content"))
        await settle(run, f"{COPIES} documents of equal content")
        assert run.reads().total() == 1


async def test_ten_thousand_events_in_a_row(start_run: StartRun) -> None:
    """A long run ends with the memory that it had near its beginning."""
    async with start_run(worker_count=2, OCRSTREAM_TEST_READ_MS="0") as run:
        await run.send(LONG_RUN_COUNT)
        await run.until(LONG_RUN_COUNT // 5)
        await run.note_memory()
        await settle(run, f"{LONG_RUN_COUNT} events in a row")


async def settle(run: Run, title: str) -> None:
    """Wait for the end of a run, add its row to the table, and check it."""
    account = await run.account(title)
    ACCOUNTS.append(account)
    run.check(account)
