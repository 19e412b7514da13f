"""`python -m tests.quick_worker`: `ocrstream worker` with a recogniser made quick for the purpose.

A document's text is its bytes up to the first NUL; `abort` kills the process, as a native crash
does. Reading takes `OCRSTREAM_TEST_READ_MS` milliseconds; every text that is read is noted in the
file `OCRSTREAM_TEST_READS`, as a line of JSON. `OCRSTREAM_TEST_POLL_INTERVAL_S` shortens the
interval after which Kafka's client leaves its group. `OCRSTREAM_TEST_SAYS` is the text of every
document. `OCRSTREAM_TEST_OPEN_FILE` is a file that is made when the models are to be opened, which
then takes as long as it is there.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import orjson

from streams import agents
from streams.app import leave, run_worker
from streams.assignment import DocumentReader
from streams.log import configure_logging
from streams.metrics import Metrics
from streams.settings import Settings
from tests.fakes.reader import FakeReader


def open_quick_reader(
    _settings: Settings, _metrics: Metrics
) -> AbstractContextManager[DocumentReader]:
    """A reader without models; opening it blocks, as opening models does."""
    open_file = os.environ.get("OCRSTREAM_TEST_OPEN_FILE")
    if open_file:
        Path(open_file).touch()
        while Path(open_file).exists():
            time.sleep(0.05)
    return quick_reader()


@contextmanager
def quick_reader() -> Iterator[DocumentReader]:
    """Reads bytes as text."""
    read_s = float(os.environ.get("OCRSTREAM_TEST_READ_MS", "20")) / 1000

    reads = os.environ.get("OCRSTREAM_TEST_READS")

    async def before(text: str) -> None:
        if reads:
            with open(reads, "ab") as file:  # noqa: ASYNC230 - a short write, whole among processes
                file.write(orjson.dumps(text) + b"\n")
        if text == "abort":
            os.abort()
        await asyncio.sleep(read_s)

    yield FakeReader(before=before, says=os.environ.get("OCRSTREAM_TEST_SAYS"))


def main() -> None:
    """Work until SIGTERM."""
    settings = Settings.from_environment()
    configure_logging(settings.log_format)
    poll_interval_s = os.environ.get("OCRSTREAM_TEST_POLL_INTERVAL_S")
    if poll_interval_s:
        agents.POLL_INTERVAL_MAX_S = float(poll_interval_s)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_worker(settings, open_quick_reader))
    leave(0)


if __name__ == "__main__":
    main()
