"""Real receipts through the full stream, scored against their truth."""

from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from tests.labelled import DATA, agreement, read_labels
from tests.stream import open_stream, worker_process

RECEIPTS = DATA / "sroie"
WORD_F1_MIN = 0.950


@pytest.mark.skipif(
    not RECEIPTS.is_dir(), reason=f"labelled receipts are absent ({RECEIPTS}): accuracy NOT tested"
)
async def test_stream_reads_receipts_with_default_settings(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """Word F1 on the first 20 receipts of SROIE, upload to result, is at least 0.950."""
    stream = await open_stream(servers)
    pictures = read_labels(RECEIPTS, limit=20)
    for picture in pictures:
        stream.upload(picture.path, picture.path.name)
    with worker_process(stream, tmp_path):
        await stream.publish(*(stream.event(picture.path.name) for picture in pictures))
        results = await stream.read(stream.settings.results_topic, len(pictures), timeout_s=300)
    texts = {result["source"]["key"]: str(result["text"]) for result in results}  # type: ignore[index]
    assert texts.keys() == {picture.path.name for picture in pictures}
    found = agreement((picture.text, texts[picture.path.name]) for picture in pictures)
    assert found.f1 >= WORD_F1_MIN
