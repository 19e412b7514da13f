"""The seed, the servers of the suite's own, and the table at the end."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from pathlib import Path

import pytest

from streams.embedded import LOOPBACK, free_ports
from tests.chaos.run import DOCUMENTS_IN_FLIGHT, Account, Run, Servers, open_run
from tests.proxy import proxy_to
from tests.servers.kafka import Listener, apache_kafka
from tests.servers.minio import minio
from tests.stream import PARTITION_COUNT, open_stream

ACCOUNTS: list[Account] = []
"""One per fault, in order; printed when all is done."""

SEED = int(os.environ.get("OCRSTREAM_TEST_CHAOS_SEED") or random.SystemRandom().randrange(10**6))
"""Printed with the table; `OCRSTREAM_TEST_CHAOS_SEED` repeats a run's schedule."""

StartRun = Callable[..., AbstractAsyncContextManager[Run]]


@pytest.fixture(scope="session")
def seed() -> int:
    """Of every schedule."""
    return SEED


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A broker and a store that may be killed, behind proxies that may break connections."""
    kafka_folder = tmp_path_factory.mktemp("chaos-kafka")
    (behind_proxy,) = free_ports(1)
    with ExitStack() as stack:
        kafka_proxy = stack.enter_context(proxy_to(f"kafka://{LOOPBACK}:{behind_proxy}"))
        listener = Listener("PROXIED", behind_proxy, kafka_proxy.port)
        kafka = stack.enter_context(apache_kafka(kafka_folder, listener))
        store_folder = tmp_path_factory.mktemp("chaos-minio")
        store = stack.enter_context(minio(store_folder, kafka.brokers, "chaos-notifications"))
        store_proxy = stack.enter_context(proxy_to(store.addresses.s3_endpoint))
        yield Servers(kafka, store, kafka_proxy, store_proxy)


@pytest.fixture
def start_run(
    attacked: Servers, tmp_path: Path, seed: int, request: pytest.FixtureRequest
) -> StartRun:
    """Begin a run on a stream of its own, with its workers ready."""

    @asynccontextmanager
    async def start(
        worker_count: int | None = None, partition_count: int = PARTITION_COUNT, **worker: str
    ) -> AsyncIterator[Run]:
        stream = await open_stream(
            attacked.addresses,
            partition_count=partition_count,
            max_documents_in_flight=str(DOCUMENTS_IN_FLIGHT),
        )
        schedule = f"{seed}:{request.node.name}"
        async with open_run(stream, attacked, tmp_path, schedule) as run:
            count = worker_count or run.random.choice((2, 3, 4))
            for name in [run.start_worker(**worker) for _ in range(count)]:
                await asyncio.to_thread(run.ready, name)
            yield run

    return start


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what every fault cost."""
    if not ACCOUNTS:
        return
    write = terminalreporter.write_line
    terminalreporter.section(f"chaos, seed {SEED}")
    write(
        f"{'fault':<48}{'events':>8}{'results':>9}{'dead':>6}{'repeated/max':>14}"
        f"{'lost':>6}{'back s':>8}{'MiB':>7}"
    )
    for row in ACCOUNTS:
        back = "-" if row.recovered_s is None else f"{row.recovered_s:.1f}"
        write(
            f"{row.fault:<48}{row.events:>8}{row.results:>9}{row.dead_letters:>6}"
            f"{f'{row.repeated}/{row.repeated_max}':>14}{row.lost:>6}{back:>8}{row.grown_mib:>7.1f}"
        )
