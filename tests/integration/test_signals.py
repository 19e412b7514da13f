"""How a worker ends that is at work, or not yet."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from tests.stream import open_stream, wait_until, worker_process

READ_S = 60
AT_ONCE_S = 10


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_second_signal_ends_at_once(
    servers: ServerAddresses, tmp_path: Path, number: signal.Signals
) -> None:
    """The first waits for the document in work, the second does not, and nothing is committed."""
    stream = await open_stream(servers)
    reads = tmp_path / "reads"
    reads.touch()
    more = {"OCRSTREAM_TEST_READ_MS": str(READ_S * 1000), "OCRSTREAM_TEST_READS": str(reads)}
    stream = replace(stream, environment={**stream.environment, **more})
    (tmp_path / "slow").write_text("slow")
    stream.upload(tmp_path / "slow", "slow")
    with worker_process(stream, tmp_path, program=("tests.quick_worker",)) as worker:
        await stream.publish(stream.event("slow"))
        assert await wait_until(lambda: "slow" in reads.read_text(), timeout_s=60)
        os.kill(worker.pid, number)
        await asyncio.sleep(1.0)
        assert worker.is_running()
        os.kill(worker.pid, number)
        assert worker.wait(AT_ONCE_S) == 130
    assert await stream.committed() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_ends_at_once_while_models_are_opened(
    servers: ServerAddresses, tmp_path: Path, number: signal.Signals
) -> None:
    """Nothing is in work yet, and opening takes seconds, on a GPU minutes."""
    stream = await open_stream(servers)
    opening = tmp_path / "opening"
    more = {"OCRSTREAM_TEST_OPEN_FILE": str(opening)}
    stream = replace(stream, environment={**stream.environment, **more})
    with worker_process(stream, tmp_path, wait=False, program=("tests.quick_worker",)) as worker:
        assert await wait_until(opening.exists, timeout_s=60)
        os.kill(worker.pid, number)
        assert worker.wait(AT_ONCE_S) == 0
