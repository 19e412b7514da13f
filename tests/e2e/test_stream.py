"""Documents in, text out: the worker as a process, real models, real input."""

import base64
import io
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from PIL import Image

from processors.models.registry import DEFAULTS
from streams.embedded import ServerAddresses
from tests.proxy import Proxy, proxy_to
from tests.stream import SAMPLES, Stream, open_stream, worker_process

READABLE = ("invoice.png", "faded-receipt.jpg", "turned-form.png", "price-table.png")
"""Samples of which every character is read; the others are in test_demo."""


def words(text: str) -> Counter[str]:
    """The words of a text with their counts."""
    return Counter(text.split())


def upload_signs(stream: Stream, count: int) -> list[str]:
    """Upload one quick sample many times; returns the keys."""
    return [stream.upload(SAMPLES / "shop-sign.jpg", f"{number}.jpg") for number in range(count)]


async def test_worker_reads_samples_word_for_word(servers: ServerAddresses, tmp_path: Path) -> None:
    """Uploaded samples come out as the text that was rendered into them."""
    stream = await open_stream(servers)
    for name in READABLE:
        stream.upload(SAMPLES / name, name)
    with worker_process(stream, tmp_path):
        await stream.publish(*(stream.event(name) for name in READABLE))
        results = await stream.read(stream.settings.results_topic, len(READABLE))
    texts = {result["source"]["key"]: result["text"] for result in results}  # type: ignore[index]
    assert texts.keys() == set(READABLE)
    engine = os.environ.get("OCRSTREAM_ENGINE", "openvino")
    assert {result["pipeline"]["engine"] for result in results} == {engine}  # type: ignore[index]
    (model,) = {result["pipeline"]["models"]["recognize"] for result in results}  # type: ignore[index]
    for name in READABLE:
        expected = (SAMPLES / name).with_suffix(".txt").read_text(encoding="utf-8")
        text = str(texts[name])
        if model == DEFAULTS["recognize"]:
            assert words(text) == words(expected), name
        else:  # an older one, see `--engine paddle`: it loses blanks of faded text
            found, truth = Counter("".join(text.split())), Counter("".join(expected.split()))
            assert (found & truth).total() >= 0.97 * truth.total(), name


async def test_worker_dead_letters_bad_input_and_reads_on(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """Each kind of bad input ends as its own dead letter, and good input behind it is read."""
    stream = await open_stream(servers)
    whole = (SAMPLES / "faded-receipt.jpg").read_bytes()
    pixel = io.BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "PNG")
    for key, data in {
        "empty.png": b"",
        "text.png": b"Just some words in a file of the wrong name.\n",
        "truncated.jpg": whole[:500],
        "pixel.png": pixel.getvalue(),
    }.items():
        stream.store.put_object(
            bucket_name=stream.settings.uploads_bucket,
            object_name=key,
            data=io.BytesIO(data),
            length=len(data),
        )
    stream.upload(SAMPLES / "shop-sign.jpg", "good.jpg")
    expected = {
        "not-json": "malformed_event",
        "unknown-type": "malformed_event",
        "unknown-version": "malformed_event",
        "bad-option": "invalid_options",
        "klingon": "unsupported_language",
        "elsewhere": "source_refused",
        "missing.png": "object_missing",
        "empty.png": "corrupt_document",
        "text.png": "unsupported_format",
        "truncated.jpg": "corrupt_document",
        "pixel.png": "unsupported_format",
    }
    elsewhere = orjson.dumps(
        {"type": "document.uploaded", "version": 1, "bucket": "not-ours", "key": "a.png"}
    )
    special: dict[str, bytes] = {
        "not-json": b'{"type": "document.uplo',
        "unknown-type": stream.event("x", type="document.sung")[1],
        "unknown-version": stream.event("x", version=2)[1],
        "bad-option": stream.event("x", options={"enhance": "sometimes"})[1],
        "klingon": stream.event("good.jpg", options={"languages": ["tlh"]})[1],
        "elsewhere": elsewhere,
    }
    with worker_process(stream, tmp_path):
        await stream.publish(
            *((name.encode(), special.get(name, stream.event(name)[1])) for name in expected)
        )
        await stream.publish(stream.event("good.jpg"))
        letters = await stream.read(stream.settings.dead_letters_topic, len(expected))
        results = await stream.read(stream.settings.results_topic, 1)
        committed = await stream.wait_committed(len(expected) + 1)
    found = {_origin_key(letter): letter["category"] for letter in letters}
    assert found == expected
    assert [result["source"]["key"] for result in results] == ["good.jpg"]  # type: ignore[index]
    assert committed == len(expected) + 1


def _origin_key(letter: dict[str, object]) -> str:
    return base64.b64decode(letter["origin"]["key"]).decode()  # type: ignore[index]


async def test_worker_killed_in_mid_stream_loses_nothing(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """After SIGKILL in mid-stream a second worker brings every event to its result."""
    stream = await open_stream(servers, max_documents_in_flight="4", cache_age_s="0")
    keys = upload_signs(stream, 24)
    await stream.publish(*(stream.event(key) for key in keys))
    with worker_process(stream, tmp_path, "first") as first:
        before = await stream.read(stream.settings.results_topic, 5)
        os.kill(first.pid, signal.SIGKILL)
    assert 5 <= len(before) < len(keys)
    with worker_process(stream, tmp_path, "second", wait=False):
        found = await stream.read_ids(stream.settings.results_topic, keys, timeout_s=180)
        assert await stream.wait_committed(len(keys)) == len(keys)
    assert found == set(keys)


async def test_worker_drains_on_sigterm(servers: ServerAddresses, tmp_path: Path) -> None:
    """SIGTERM finishes what is in work, commits it and ends with 0."""
    stream = await open_stream(servers, max_documents_in_flight="2", cache_age_s="0")
    keys = upload_signs(stream, 12)
    with worker_process(stream, tmp_path) as worker:
        await stream.publish(*(stream.event(key) for key in keys))
        await stream.read(stream.settings.results_topic, 2)
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(timeout_s=30) == 0
    results = await stream.read(stream.settings.results_topic, len(keys), timeout_s=3)
    assert 2 <= len(results) < len(keys)
    assert await stream.committed() == len(results)


async def test_worker_joining_in_mid_stream_loses_nothing(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """A rebalance in mid-stream leaves every event with its result, repeats being identical."""
    stream = await open_stream(servers, max_documents_in_flight="4", cache_age_s="0")
    keys = upload_signs(stream, 30)
    with worker_process(stream, tmp_path, "first"):
        await stream.publish(*(stream.event(key) for key in keys))
        await stream.read(stream.settings.results_topic, 3)
        with worker_process(stream, tmp_path, "second", wait=False):
            found = await stream.read_ids(stream.settings.results_topic, keys, timeout_s=180)
            assert found == set(keys)
            assert await stream.wait_committed(len(keys)) == len(keys)
    results = await stream.read(stream.settings.results_topic, 1000, timeout_s=3)
    assert len({str(result["result_id"]) for result in results}) == len(keys)
    assert len(results) < 2 * len(keys)


async def test_equal_content_is_answered_from_the_cache(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """A copy, a redelivery and a second worker get what the first worker read."""
    stream = await open_stream(servers)
    for key in ("a.jpg", "b.jpg"):
        stream.upload(SAMPLES / "shop-sign.jpg", key)
    with worker_process(stream, tmp_path, "first"):
        await stream.publish(stream.event("a.jpg"))
        (first,) = await stream.read(stream.settings.results_topic, 1)
    with worker_process(stream, tmp_path, "second"):
        await stream.publish(stream.event("a.jpg"), stream.event("b.jpg"))
        results = await stream.read(stream.settings.results_topic, 3)
    assert [result["cached"] for result in results] == [False, True, True]
    assert {str(result["text"]) for result in results} == {first["text"]}
    by_key = {result["source"]["key"]: result for result in results[1:]}  # type: ignore[index]
    assert by_key["a.jpg"]["result_id"] == first["result_id"]
    assert by_key["b.jpg"]["result_id"] != first["result_id"]


@pytest.mark.parametrize("fault", [Proxy.cut, Proxy.freeze])
async def test_worker_holds_while_the_store_is_away_and_still_ends_on_sigterm(
    servers: ServerAddresses, tmp_path: Path, fault: Callable[[Proxy], None]
) -> None:
    """Without the store nothing is settled or buried; SIGTERM ends all the same, with 0."""
    with proxy_to(servers.s3_endpoint) as proxy:
        stream = await open_stream(servers)
        path = SAMPLES / "shop-sign.jpg"
        stream.upload(path, "a.jpg")
        overrides = {
            "OCRSTREAM_S3_ENDPOINT": f"http://127.0.0.1:{proxy.port}",
            "OCRSTREAM_DRAIN_TIMEOUT_S": "3",
        }
        behind = Stream({**stream.environment, **overrides}, stream.settings)
        with worker_process(behind, tmp_path) as worker:
            fault(proxy)
            await stream.publish(stream.event("a.jpg"))
            assert await stream.read(stream.settings.results_topic, 1, timeout_s=4) == []
            os.kill(worker.pid, signal.SIGTERM)
            assert worker.wait(timeout_s=15) == 0
        assert await stream.committed() == 0
        proxy.open()
        with worker_process(behind, tmp_path, "second"):
            results = await stream.read(stream.settings.results_topic, 1)
        assert len(results) == 1
        assert await stream.read(stream.settings.dead_letters_topic, 1, timeout_s=2) == []


@pytest.mark.real_servers
async def test_store_notification_needs_no_publisher(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """An object put into the bucket by plain S3 comes out as text: the store tells Kafka itself."""
    assert servers.notification_arn, "set OCRSTREAM_TEST_NOTIFICATION_ARN for external servers"
    stream = await open_stream(
        servers, uploads_topic="ocr.uploads", notification_arn=servers.notification_arn
    )
    with worker_process(stream, tmp_path):
        stream.upload(SAMPLES / "shop-sign.jpg", "a folder/é +1.jpg")
        (result,) = await stream.read(stream.settings.results_topic, 1)
    assert result["source"]["key"] == "a folder/é +1.jpg"  # type: ignore[index]
    assert "HARBOUR LANE" in str(result["text"])
