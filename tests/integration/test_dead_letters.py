"""`ocrstream dead-letters` on broker and store: what is sent again is byte for byte the same."""

import asyncio
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from schemas.codecs import encode
from schemas.dead_letters import Category, DocumentDeadLettered, Stage
from schemas.replays import HEADER, parse_replay
from schemas.results import ResultReference
from streams.embedded import ServerAddresses
from streams.kafka import client_options
from streams.messages import IncomingEvent, dead_lettered, letter_by_reference, value_by_reference
from streams.retry import Dead
from streams.store.s3_store import S3ObjectStore
from tests.stream import ROOT, Stream, open_stream

EVENTS = (
    IncomingEvent("t", 0, 0, None, b"k\xff", b"\x00 not JSON", (("h", b"\xff"), ("h", b"2"))),
    IncomingEvent("t", 0, 1, None, None, b'{"a": 1}', ()),
    IncomingEvent("t", 0, 2, datetime.now(UTC), b"large", b"large value", (("h", b""),)),
    IncomingEvent("t", 0, 3, None, b"huge key", b"huge", ()),
)
CATEGORIES = (
    Category.MALFORMED_EVENT,
    Category.ENGINE_ERROR,
    Category.ENGINE_ERROR,
    Category.OBJECT_MISSING,
)


@dataclass
class Post:
    """A stream with dead letters on it."""

    stream: Stream
    letters: list[DocumentDeadLettered]

    async def run(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """Run the command with `--json`; returns its exit code and what it printed."""
        command = [sys.executable, "-m", "streams.cli", "dead-letters", *arguments, "--json"]
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            env=os.environ | dict(self.stream.environment) | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
            timeout=60,
        )
        return done.returncode, orjson.loads(done.stdout) if done.stdout else {}

    async def sent(self) -> list[ConsumerRecord]:
        """Everything on the uploads topic, in the order of sending."""
        topic = self.stream.settings.uploads_topic
        consumer = AIOKafkaConsumer(
            topic, **client_options(self.stream.settings), auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            batches = await consumer.getmany(timeout_ms=2000)
            records = [record for batch in batches.values() for record in batch]
            return sorted(records, key=lambda record: record.timestamp)
        finally:
            await consumer.stop()


@pytest.fixture
async def post(servers: ServerAddresses) -> Post:
    """Dead letters of every form: whole, with the value in the store, in the store whole."""
    stream = await open_stream(servers, partition_count=1)
    letters = [
        dead_lettered(event, 0, None, Dead(category, Stage.READ, "for a test", 3))
        for event, category in zip(EVENTS, CATEGORIES, strict=True)
    ]
    settings = stream.settings

    async def set_aside(key: str, data: bytes) -> ResultReference:
        async with S3ObjectStore(settings, 1) as store:
            await store.put(settings.results_bucket, key, data, "application/octet-stream")
        digest = hashlib.sha256(data).hexdigest()
        return ResultReference(
            bucket=settings.results_bucket, key=key, sha256=digest, size_bytes=len(data)
        )

    on_topic = list(letters)
    on_topic[2] = value_by_reference(letters[2], await set_aside("v", b"large value"))
    on_topic[3] = letter_by_reference(letters[3], await set_aside("l", encode(letters[3])))
    producer = AIOKafkaProducer(**client_options(settings))
    await producer.start()
    for letter in on_topic:
        await producer.send_and_wait(settings.dead_letters_topic, encode(letter))
    await producer.send_and_wait(settings.dead_letters_topic, b"somebody else's")
    await producer.stop()
    return Post(stream, letters)


async def test_replay_sends_every_event_byte_for_byte(post: Post) -> None:
    """Key, value and headers are the original's; one header more says whose replay it is."""
    code, _ = await post.run("replay", "--all", "--option", "enhance=always", "--rate", "1000")
    assert code == 0
    sent = await post.sent()
    for event, letter, record in zip(EVENTS, post.letters, sent, strict=True):
        assert (record.key, record.value) == (event.key, event.value)
        assert tuple(record.headers[:-1]) == event.headers
        replay = parse_replay({HEADER: dict(record.headers)[HEADER]})
        assert replay is not None
        assert replay.dead_letter_id == letter.dead_letter_id
        assert (replay.attempts, replay.replays) == (3, 1)
        assert replay.options.enhance == "always"


async def test_replay_sends_nothing_twice_unless_asked(post: Post) -> None:
    """A second run skips what the first one sent; `--again` sends it."""
    arguments = ("replay", "--category", "engine_error", "--rate", "1000")
    await post.run(*arguments, "--dry-run")
    assert await post.sent() == []
    await post.run(*arguments)
    _, report = await post.run(*arguments)
    assert [row["skipped"] for row in report["replayed"]] == ["was replayed already"] * 2  # type: ignore[attr-defined]
    assert len(await post.sent()) == 2
    await post.run(*arguments, "--again")
    assert len(await post.sent()) == 4


async def test_attempts_are_counted_across_replays(post: Post) -> None:
    """What comes back tells of all tries, and is again replayed byte for byte."""
    await post.run("replay", post.letters[0].dead_letter_id)
    (record,) = await post.sent()
    event = IncomingEvent("t", 0, 9, None, record.key, record.value, tuple(record.headers))
    letter = dead_lettered(event, 0, None, Dead(Category.MALFORMED_EVENT, Stage.EVENT, "again", 2))
    assert (letter.attempts, letter.replays) == (5, 1)
    assert letter.replay_of == post.letters[0].dead_letter_id
    assert letter.origin.headers == post.letters[0].origin.headers


async def test_list_and_show_tell_everything(post: Post) -> None:
    """Filters go by category and time; a letter that lies in the store is shown whole."""
    _, listed = await post.run("list")
    assert len(listed["dead_letters"]) == 4  # type: ignore[arg-type]
    _, listed = await post.run("list", "--category", "object_missing")
    (letter,) = listed["dead_letters"]  # type: ignore[misc]
    assert letter == post.letters[3].model_dump(mode="json")  # type: ignore[has-type]
    assert (await post.run("list", "--until", "1h"))[1] == {"dead_letters": []}
    assert (await post.run("show", post.letters[1].dead_letter_id))[1] == post.letters[
        1
    ].model_dump(mode="json")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("replay",), 2),
        (("replay", "--all", "--option", "enhance=sometimes"), 2),
        (("replay", "--all", "--option", "colour=red"), 2),
        (("list", "--since", "yesterday"), 2),
        (("show", "no-such-id"), 1),
        (("replay", "no-such-id"), 1),
    ],
)
async def test_wrong_usage_sends_nothing(post: Post, arguments: tuple[str, ...], code: int) -> None:
    """Wrong usage is 2, an unknown id is 1; nothing is sent."""
    assert (await post.run(*arguments))[0] == code
    assert await post.sent() == []
