"""Broken, hostile and odd files through the full stream: each ends as a result or a dead letter."""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.embedded import ServerAddresses
from tests.labelled import DATA
from tests.stream import SAMPLES, open_stream, worker_process

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

FILES = DATA / "robustness"

STEP = int(os.environ.get("OCRSTREAM_TEST_ROBUSTNESS_STEP", "4"))
"""Every which file; 1: all, in three minutes."""

DOCUMENT_FAULTS = {
    *("corrupt_document", "decode_timeout", "decode_crash", "encrypted_document"),
    *("too_many_pages", "too_many_pixels", "unsupported_format", "object_too_large"),
}


@pytest.mark.skipif(
    not FILES.is_dir(), reason=f"broken files are absent ({FILES}): robustness NOT tested"
)
async def test_every_file_ends_as_result_or_dead_letter(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """None is lost, none becomes an empty result unsaid, and good documents behind them are read.

    The first two pages of each are asked for: some have thousands.
    """
    rows = [orjson.loads(line) for line in (FILES / "index.jsonl").read_bytes().splitlines()]
    rows = rows[::STEP]
    stream = await open_stream(servers)
    for row in rows:
        stream.upload(FILES / row["file"], row["file"])
    stream.upload(SAMPLES / "shop-sign.jpg", "good.jpg")
    keys = [*(row["file"] for row in rows), "good.jpg"]
    topics = stream.settings.results_topic, stream.settings.dead_letters_topic
    with worker_process(stream, tmp_path):
        await stream.publish(*(stream.event(key, options={"pages": "1-2"}) for key in keys))
        assert await stream.wait_committed(len(keys), timeout_s=600) == len(keys)
    found, dead = [await stream.read(topic, len(keys), timeout_s=5) for topic in topics]
    results: dict[str, dict[str, Any]] = {one["source"]["key"]: one for one in found}  # type: ignore[index]
    letters: dict[str, dict[str, Any]] = {one["document"]["key"]: one for one in dead}  # type: ignore[index]
    assert results.keys().isdisjoint(letters)
    assert results.keys() | letters.keys() == set(keys)
    assert results["good.jpg"]["text"]
    assert {letter["category"] for letter in letters.values()} <= DOCUMENT_FAULTS
    for key, result in results.items():
        for page in result["pages"] or ():
            codes = {warned["code"] for warned in result["warnings"]}
            assert page["lines"] or codes & {"no_text", "page_incomplete"}, key
