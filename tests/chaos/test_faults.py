"""Every fault of the list, one after the other; the table comes at the end of the run.

The schedule is drawn from a seed, which a failing test's parameters show.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from tests.chaos.conftest import ACCOUNTS
from tests.chaos.run import DOCUMENTS_IN_FLIGHT, Run, open_run
from tests.servers.kafka import KafkaServer
from tests.servers.minio import MinioServer
from tests.stream import open_stream

pytestmark = pytest.mark.real_servers

EVENT_COUNT = 300
SESSION_S = 6
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
    await run.strike()
    os.kill(run.kafka.process.pid, signal.SIGKILL)
    await asyncio.sleep(run.random.uniform(5, 12))
    await asyncio.to_thread(run.kafka.restart)


async def freeze_broker(run: Run) -> None:
    """Freeze the broker past the sessions of its clients."""
    await run.strike()
    run.kafka.process.pause()
    await asyncio.sleep(2 * SESSION_S)
    run.kafka.process.resume()


async def restart_store(run: Run) -> None:
    """Kill the store, leave it away, start it again."""
    os.kill(run.store.process.pid, signal.SIGKILL)
    await asyncio.sleep(run.random.uniform(5, 12))
    await asyncio.to_thread(run.store.restart)


async def freeze_store(run: Run) -> None:
    """Freeze the store."""
    run.store.process.pause()
    await asyncio.sleep(run.random.uniform(5, 12))
    run.store.process.resume()


async def change_crew(run: Run) -> None:
    """Add and remove workers under load."""
    for _ in range(2):
        run.ready(run.start_worker())
        await asyncio.sleep(run.random.uniform(0.2, 1.0))
        await run.terminate(run.random.choice(list(run.workers)))


async def terminate_without_store(run: Run) -> None:
    """SIGTERM while the store is away."""
    run.store.process.pause()
    await asyncio.sleep(2)
    await run.terminate(run.random.choice(list(run.workers)))
    run.store.process.resume()
    run.start_worker()


async def rebalance_without_store(run: Run) -> None:
    """A worker joins while the store is away."""
    await run.strike()
    os.kill(run.store.process.pid, signal.SIGKILL)
    await asyncio.sleep(1)
    run.start_worker()
    await asyncio.sleep(SESSION_S)
    await asyncio.to_thread(run.store.restart)


async def restart_broker_with_frozen_worker(run: Run) -> None:
    """The broker restarts while a worker is frozen."""
    process, _ = run.workers[run.random.choice(list(run.workers))]
    await run.strike()
    os.kill(process.pid, signal.SIGSTOP)
    await asyncio.sleep(2)
    os.kill(run.kafka.process.pid, signal.SIGKILL)
    await asyncio.sleep(3)
    await asyncio.to_thread(run.kafka.restart)
    await asyncio.sleep(SESSION_S)
    os.kill(process.pid, signal.SIGCONT)


FAULTS: tuple[Fault, ...] = (
    *(kill_workers, terminate_in_mid_batch, roll, freeze_worker, restart_broker, freeze_broker),
    *(restart_store, freeze_store, change_crew, terminate_without_store),
    *(rebalance_without_store, restart_broker_with_frozen_worker),
)


async def start(run: Run, worker_count: int) -> None:
    """Start the crew."""
    for name in [run.start_worker() for _ in range(worker_count)]:
        await asyncio.to_thread(run.ready, name)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_nothing_is_lost(
    fault: Fault,
    addresses: ServerAddresses,
    kafka: KafkaServer,
    store: MinioServer,
    tmp_path: Path,
    seed: int,
) -> None:
    """Every event has its outcome, repeats are identical and few, and no fault is buried."""
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    stream = await open_stream(addresses, max_documents_in_flight=str(DOCUMENTS_IN_FLIGHT))
    async with open_run(stream, kafka, store, tmp_path, seed) as run:
        await start(run, 2)
        await run.send(EVENT_COUNT)
        await run.until(run.random.randrange(10, 60))
        await fault(run)
        run.fault_ended()
        account = await run.account(fault.__name__)
        ACCOUNTS.append(account)
        run.check(account)


@pytest.mark.parametrize("partition_count", [1, 8])
async def test_partitions_fewer_and_more_than_workers(
    partition_count: int,
    addresses: ServerAddresses,
    kafka: KafkaServer,
    store: MinioServer,
    tmp_path: Path,
    seed: int,
) -> None:
    """Idle workers and workers with several partitions lose nothing when one is killed."""
    stream = await open_stream(
        addresses,
        partition_count=partition_count,
        max_documents_in_flight=str(DOCUMENTS_IN_FLIGHT),
    )
    async with open_run(stream, kafka, store, tmp_path, seed) as run:
        await start(run, 3)
        await run.send(EVENT_COUNT)
        await run.until(20)
        await run.strike()
        run.kill(next(iter(run.workers)))
        run.fault_ended()
        account = await run.account(f"worker killed, {partition_count} partition(s), 3 workers")
        ACCOUNTS.append(account)
        run.check(account)


async def test_poison_among_good_ones(
    addresses: ServerAddresses, kafka: KafkaServer, store: MinioServer, tmp_path: Path, seed: int
) -> None:
    """One event in ten is broken; each ends as its own dead letter, and only those."""
    stream = await open_stream(addresses, max_documents_in_flight=str(DOCUMENTS_IN_FLIGHT))
    async with open_run(stream, kafka, store, tmp_path, seed) as run:
        await start(run, 2)
        names = await run.send(EVENT_COUNT, dict.fromkeys(range(0, EVENT_COUNT, 10), "broken"))
        run.expected |= dict.fromkeys(names[::10], "corrupt_document")
        poison = {"not json": b"{", "gone": stream.event("gone")[1]}
        await stream.publish(*((key.encode(), value) for key, value in poison.items()))
        run.expected |= {"not json": "malformed_event", "gone": "object_missing"}
        account = await run.account("one event in ten is poison")
        ACCOUNTS.append(account)
        run.check(account)


async def test_document_that_kills_the_worker(
    addresses: ServerAddresses, kafka: KafkaServer, store: MinioServer, tmp_path: Path, seed: int
) -> None:
    """It becomes `engine_crash`; its neighbours are read, whoever restarts the workers."""
    stream = await open_stream(addresses, max_documents_in_flight=str(DOCUMENTS_IN_FLIGHT))
    async with open_run(stream, kafka, store, tmp_path, seed) as run:
        await start(run, 1)
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
        account = await run.account("a document aborts the process")
        ACCOUNTS.append(account)
        run.check(account)


async def test_same_event_a_hundred_times(
    addresses: ServerAddresses, kafka: KafkaServer, store: MinioServer, tmp_path: Path, seed: int
) -> None:
    """It is read once, and answered a hundred times with the same result."""
    stream = await open_stream(addresses, max_documents_in_flight=str(DOCUMENTS_IN_FLIGHT))
    async with open_run(stream, kafka, store, tmp_path, seed) as run:
        await start(run, 2)
        (name,) = await run.send(1)
        await stream.publish(*[stream.event(name)] * 99)
        async with asyncio.timeout(60):
            for _ in iter(lambda: len(run.outcomes.results[name]) < 100, False):
                await asyncio.sleep(0.1)
        run.struck_in_flight = 50
        account = await run.account("the same event 100 times")
        ACCOUNTS.append(account)
        run.check(account)
