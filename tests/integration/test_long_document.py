"""A document that takes longer than Kafka's clients wait for the next request for records."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from streams.embedded import ServerAddresses
from tests.stream import open_stream, worker_process

pytestmark = pytest.mark.real_servers

POLL_INTERVAL_S = 2
READ_S = 8
"""Longer than the poll interval and the session (6 s)."""

READ_COUNT = 3
DOCUMENT_COUNT = 200
"""More than are buffered, so that nothing is fetched while a document is read."""


async def test_full_worker_stays_in_its_group(servers: ServerAddresses, tmp_path: Path) -> None:
    """One document at a time, each four poll intervals long: each is read once, in one go."""
    stream = await open_stream(servers, partition_count=1, max_documents_in_flight="1")
    reads = tmp_path / "reads"
    stream = replace(
        stream,
        environment={
            **stream.environment,
            "OCRSTREAM_TEST_POLL_INTERVAL_S": str(POLL_INTERVAL_S),
            "OCRSTREAM_TEST_READ_MS": str(READ_S * 1000),
            "OCRSTREAM_TEST_READS": str(reads),
        },
    )
    texts = [f"long document {number}" for number in range(DOCUMENT_COUNT)]
    for text in texts:
        (tmp_path / text).write_text(text)
        stream.upload(tmp_path / text, text)
    await stream.publish(*(stream.event(text) for text in texts))
    with worker_process(stream, tmp_path, program=("tests.quick_worker",)):
        results = await stream.read(stream.settings.results_topic, READ_COUNT)
        assert await stream.wait_committed(READ_COUNT) == READ_COUNT
        begun = [orjson.loads(line) for line in reads.read_text().splitlines()]
    assert [result["text"] for result in results] == texts[:READ_COUNT]
    assert begun == texts[: READ_COUNT + 1]
