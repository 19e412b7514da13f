"""The seed, the servers of the suite's own, and the table at the end."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from tests.chaos.run import Account
from tests.servers.kafka import KafkaServer, apache_kafka
from tests.servers.minio import MinioServer, minio

ACCOUNTS: list[Account] = []
"""One per fault, in order; printed when all is done."""


@pytest.fixture(scope="session")
def seed() -> int:
    """Of the schedule; `OCRSTREAM_TEST_CHAOS_SEED` repeats a run."""
    return int(
        os.environ.get("OCRSTREAM_TEST_CHAOS_SEED") or random.SystemRandom().randrange(10**6)
    )


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker that may be killed."""
    with apache_kafka(tmp_path_factory.mktemp("chaos-kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, kafka: KafkaServer) -> Iterator[MinioServer]:
    """A store that may be killed."""
    folder: Path = tmp_path_factory.mktemp("chaos-minio")
    with minio(folder, kafka.brokers, "chaos-notifications") as server:
        yield server


@pytest.fixture
def addresses(kafka: KafkaServer, store: MinioServer) -> ServerAddresses:
    """Where they are."""
    return replace(store.addresses, kafka_brokers=kafka.brokers)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what every fault cost."""
    if not ACCOUNTS:
        return
    write = terminalreporter.write_line
    terminalreporter.section("chaos")
    write(
        f"{'fault':<48}{'events':>8}{'results':>9}{'dead':>6}{'repeated/max':>14}"
        f"{'lost':>6}{'back s':>8}"
    )
    for row in ACCOUNTS:
        back = "-" if row.recovered_s is None else f"{row.recovered_s:.1f}"
        write(
            f"{row.fault:<48}{row.events:>8}{row.results:>9}{row.dead_letters:>6}"
            f"{f'{row.repeated}/{row.repeated_max}':>14}{row.lost:>6}{back:>8}"
        )
