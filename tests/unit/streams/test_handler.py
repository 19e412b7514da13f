"""The path of one document, with everything around it in memory."""

import asyncio
import base64
import gc
import re

import orjson
import pytest

from schemas.alerts import DocumentLowConfidence
from schemas.dead_letters import DocumentDeadLettered, Stage
from schemas.readings import RecordPlace
from schemas.results import DocumentRecognized
from streams.journal import CrashJournal
from streams.publisher import OutgoingMessage
from streams.settings import Settings
from streams.store.object_store import StoredDocument
from tests.desk import ALERTS, DEAD, RESULTS, Desk
from tests.fakes.publisher import ListPublisher
from tests.fakes.reader import FakeReader


async def test_handler_publishes_a_valid_result() -> None:
    """A good document becomes one result on its topic, keyed by bucket and key."""
    desk = Desk()
    desk.upload("a.png", "TOTAL 1.00")
    await desk.handle_upload("a.png", event_id="e1")
    (message,) = desk.publisher.messages
    assert (message.topic, message.key) == (RESULTS, b"uploads/a.png")
    result = DocumentRecognized.model_validate_json(message.value or b"")
    assert result.text == "TOTAL 1.00"
    assert result.source.event_id == "e1"
    assert desk.settled("recognized") == 1


async def test_handler_gives_the_same_ids_to_a_repeat() -> None:
    """A redelivered event is answered with the same document_id and result_id."""
    desk = Desk()
    desk.upload("a.png", "x")
    await desk.handle_upload("a.png")
    await desk.handle_upload("a.png")
    first, second = desk.publisher.on(RESULTS)
    assert first["result_id"] == second["result_id"]
    assert first["document_id"] == second["document_id"]


async def test_handler_tells_options_apart_in_the_result_id() -> None:
    """The same document read with other options is another result of the same document."""
    desk = Desk()
    desk.upload("a.png", "x")
    await desk.handle_upload("a.png")
    await desk.handle_upload("a.png", options={"enhance": "off"})
    first, second = desk.publisher.on(RESULTS)
    assert first["result_id"] != second["result_id"]
    assert first["document_id"] == second["document_id"]


async def test_handler_raises_an_alert_below_the_threshold() -> None:
    """An uncertain line becomes an alert with its place and scores, without its text."""
    desk = Desk(reader=FakeReader(score=0.5))
    desk.upload("a.png", "secret words")
    await desk.handle_upload("a.png")
    (body,) = desk.publisher.on(ALERTS)
    alert = DocumentLowConfidence.model_validate(body)
    assert alert.uncertain_line_count == 1
    assert {*alert.reasons} == {"line_below_threshold", "mean_below_threshold"}
    assert "secret" not in str(body)


async def test_handler_raises_no_alert_above_the_threshold() -> None:
    """A sure result is no alert."""
    desk = Desk()
    desk.upload("a.png", "x")
    await desk.handle_upload("a.png")
    assert desk.publisher.on(ALERTS) == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        b'{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}',
        b'{"Records":[{"eventName":"s3:ObjectRemoved:Delete",'
        b'"s3":{"bucket":{"name":"uploads"},"object":{"key":"a"}}}]}',
    ],
)
async def test_handler_ignores_what_is_no_upload(value: bytes | None) -> None:
    """Tombstones, test events and removals are settled without a word."""
    desk = Desk()
    await desk.handle(value)
    assert desk.publisher.messages == []
    assert desk.settled("ignored") == 1


async def test_handler_keeps_the_event_in_its_dead_letter() -> None:
    """A dead letter carries key, value, headers and place of the event, byte for byte."""
    desk = Desk()
    await desk.handle(b"\x00not json", key=b"\xfe")
    (body,) = desk.publisher.on(DEAD)
    letter = DocumentDeadLettered.model_validate(body)
    assert letter.category == "malformed_event"
    assert letter.origin.model_dump(include={"topic", "partition", "offset", "key"}) == {
        "topic": "ocr.uploads",
        "partition": 2,
        "offset": 1,
        "key": "/g==",
    }
    assert letter.origin.value_base64 == "AG5vdCBqc29u"
    assert letter.origin.headers == (("h", "/w=="),)


async def test_handler_dead_letters_each_record_on_its_own() -> None:
    """Of an event with two records the good one is read, the broken one buried."""
    desk = Desk()
    desk.upload("good", "fine")
    desk.upload("bad", "broken")
    records = [
        {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "uploads"}, "object": {"key": key}},
        }
        for key in ("bad", "good")
    ]
    await desk.handle(orjson.dumps({"Records": records}))
    assert [r["text"] for r in desk.publisher.on(RESULTS)] == ["fine"]
    (letter,) = desk.publisher.on(DEAD)
    assert (letter["category"], letter["stage"]) == ("corrupt_document", "read")


async def test_handler_lets_go_of_the_document_before_it_publishes() -> None:
    """While the broker is away, results wait in memory, and not the documents with them."""

    class Watching(ListPublisher):
        async def publish(self, message: OutgoingMessage) -> RecordPlace:
            gc.collect()
            in_memory.append(sum(isinstance(o, StoredDocument) for o in gc.get_objects()))
            return await super().publish(message)

    in_memory: list[int] = []
    desk = Desk(publisher=Watching())
    desk.upload("a", "text")
    await desk.handle_upload("a")
    assert in_memory == [0]


async def test_handler_needs_no_place_to_publish() -> None:
    """With the last document of an event read, another event may come in."""

    class Watching(ListPublisher):
        async def publish(self, message: OutgoingMessage) -> RecordPlace:
            held.append(desk.gate.held)
            return await super().publish(message)

    held: list[int] = []
    desk = Desk(publisher=Watching())
    for key in ("one", "two"):
        desk.upload(key, key)
    entities = [{"bucket": {"name": "uploads"}, "object": {"key": key}} for key in ("one", "two")]
    records = [{"eventName": "ObjectCreated:Put", "s3": entity} for entity in entities]
    await desk.handle(orjson.dumps({"Records": records}))
    assert held == [1, 0]


async def test_handler_holds_while_the_store_is_away() -> None:
    """Nothing is dead-lettered because the store does not answer; it goes on by itself."""
    desk = Desk()
    desk.upload("a.png", "x")
    desk.store.away_count = 30
    await desk.handle_upload("a.png")
    assert len(desk.publisher.on(RESULTS)) == 1
    assert desk.publisher.on(DEAD) == []
    assert desk.retried == [Stage.FETCH] * 30
    assert len(desk.away) == 30
    assert desk.back == desk.away[-1:]


async def test_handler_holds_while_the_broker_is_away() -> None:
    """A result that is not acknowledged by the broker is sent again."""
    desk = Desk()
    desk.upload("a.png", "x")
    desk.publisher.away_count = 7
    await desk.handle_upload("a.png")
    assert len(desk.publisher.on(RESULTS)) == 1


async def test_handler_asks_again_for_a_missing_object() -> None:
    """A store may announce an object before it shows it."""
    desk = Desk()
    await desk.handle_upload("never.png")
    (letter,) = desk.publisher.on(DEAD)
    assert letter["category"] == "object_missing"
    assert letter["attempts"] == 4


async def test_handler_gives_the_engine_three_tries_and_no_secrets_away() -> None:
    """A failure of ours is retried, then buried without what a stranger's error says."""
    desk = Desk()
    desk.upload("a.png", "crash")
    await desk.handle_upload("a.png")
    (letter,) = desk.publisher.on(DEAD)
    assert (letter["category"], letter["attempts"]) == ("engine_error", 3)
    assert "secret" not in str(letter["message"])
    assert desk.settled("dead_lettered", "engine_error") == 1


async def test_handler_refuses_sources_that_are_not_allowed() -> None:
    """Nothing is fetched from a bucket that is not on the allow-list."""
    desk = Desk(settings=Settings(allowed_sources="uploads/in/"))
    desk.upload("out/a.png", "x")
    desk.upload("in/a.png", "y")
    await desk.handle_upload("out/a.png")
    await desk.handle_upload("in/a.png")
    assert [letter["category"] for letter in desk.publisher.on(DEAD)] == ["source_refused"]
    assert desk.store.fetched == ["in/a.png"]


async def test_handler_stores_a_result_too_large_for_a_message() -> None:
    """The message announces where the whole result lies."""
    desk = Desk(settings=Settings(message_bytes_max=10_000))
    desk.upload("a.png", "long " * 4000)
    await desk.handle_upload("a.png")
    (body,) = desk.publisher.on(RESULTS)
    announced = DocumentRecognized.model_validate(body)
    assert announced.pages is None
    assert announced.result_ref is not None
    stored = desk.store.objects["ocr-results", announced.result_ref.key]
    assert len(stored) == announced.result_ref.size_bytes
    assert DocumentRecognized.model_validate_json(stored).text == "long " * 4000


async def test_handler_stores_a_dead_letters_value_too_large_for_a_message() -> None:
    """The dead letter points to the event's value, byte for byte."""
    desk = Desk(settings=Settings(message_bytes_max=10_000))
    value = b"x" * 20_000
    await desk.handle(value)
    (body,) = desk.publisher.on(DEAD)
    letter = DocumentDeadLettered.model_validate(body)
    assert letter.origin.value_base64 is None
    assert letter.origin.value_ref is not None
    assert desk.store.objects["ocr-results", letter.origin.value_ref.key] == value


async def test_handler_stores_a_dead_letter_whose_key_is_too_large() -> None:
    """Key and headers of any size end in a dead letter: the whole of it lies in the store."""
    desk = Desk(settings=Settings(message_bytes_max=10_000))
    await desk.handle(b"not json", key=b"k" * 20_000)
    (message,) = desk.publisher.messages
    letter = DocumentDeadLettered.model_validate_json(message.value or b"")
    assert message.key == b""
    assert letter.origin.key is None
    assert letter.letter_ref is not None
    stored = desk.store.objects["ocr-results", letter.letter_ref.key]
    whole = DocumentDeadLettered.model_validate_json(stored)
    assert base64.b64decode(whole.origin.key or "") == b"k" * 20_000
    assert whole.origin.value_ref is not None
    assert desk.store.objects["ocr-results", whole.origin.value_ref.key] == b"not json"


async def test_handler_stores_a_result_that_the_topic_refuses() -> None:
    """A topic with a smaller limit than ours gets the announcement."""
    desk = Desk(publisher=ListPublisher(bytes_max=3000))
    desk.upload("a.png", "long " * 1000)
    await desk.handle_upload("a.png")
    (body,) = desk.publisher.on(RESULTS)
    assert body["result_ref"] is not None
    assert desk.publisher.on(DEAD) == []


async def test_handler_reads_uploads_of_one_object_in_order() -> None:
    """A slow first upload is read before a quick second one of the same key; others overtake."""
    slow = asyncio.Event()

    async def wait_for_slow(text: str) -> None:
        if text == "slow":
            await slow.wait()

    desk = Desk(reader=FakeReader(before=wait_for_slow))
    desk.upload("a", "slow")
    first = asyncio.create_task(desk.handle_upload("a"))
    await asyncio.sleep(0.01)
    desk.upload("a", "quick")
    second = asyncio.create_task(desk.handle_upload("a"))
    desk.upload("b", "other")
    await desk.handle_upload("b")
    assert desk.reader.read_texts == ["other"]
    slow.set()
    await asyncio.gather(first, second)
    assert desk.reader.read_texts == ["other", "slow", "quick"]


async def test_breaker_holds_documents_when_many_in_a_row_are_missing() -> None:
    """Beyond the limit a missing object is held, and read once it is there after all."""
    desk = Desk()
    for number in range(3):
        await desk.handle_upload(f"gone-{number}")
    held = asyncio.create_task(desk.handle_upload("late"))
    await asyncio.sleep(0.005)
    assert desk.breaker
    desk.upload("late", "here I am")
    await held
    assert len(desk.publisher.on(DEAD)) == 3
    assert [result["text"] for result in desk.publisher.on(RESULTS)] == ["here I am"]
    assert desk.breaker[-1] is None


async def test_breaker_lets_400_broken_files_pass() -> None:
    """Broken uploads are nobody's configuration."""
    desk = Desk()
    for number in range(400):
        desk.upload(f"{number}", "broken")
        await desk.handle_upload(f"{number}")
    assert len(desk.publisher.on(DEAD)) == 400
    assert not desk.breaker


async def test_topic_of_missing_objects_comes_to_its_end() -> None:
    """Every probe that fails becomes its dead letter, so that nothing is held for ever."""
    desk = Desk()
    for number in range(5):
        await desk.handle_upload(f"gone-{number}")
    assert len(desk.publisher.on(DEAD)) == 5


async def test_document_that_killed_the_worker_twice_is_not_read() -> None:
    """A condemned document becomes `engine_crash` without being read."""
    desk = Desk()
    desk.upload("a", "deadly")
    for _ in range(2):
        journal = CrashJournal(desk.data_dir)
        await _die_while_reading(desk, journal)
    desk.__post_init__()
    await desk.handle_upload("a")
    assert [letter["category"] for letter in desk.publisher.on(DEAD)] == ["engine_crash"]
    assert desk.reader.read_texts == []


async def _die_while_reading(desk: Desk, journal: CrashJournal) -> None:
    """Leave behind what a process leaves that crashes while it reads `a`."""
    desk.__post_init__()
    seen: list[str] = []

    async def note(_: str) -> None:
        for readings in desk.data_dir.glob("journal/*/readings"):
            seen.extend(re.findall(r"(?:alone|beside) (\w+)", readings.read_text()))
        raise asyncio.CancelledError

    desk.reader.before = note
    with pytest.raises(asyncio.CancelledError):
        await desk.handle_upload("a")
    (reading_id,) = seen
    journal.begin(reading_id, alone=False)
    crash(journal)
    desk.reader = FakeReader()


def crash(journal: CrashJournal) -> None:
    """Let go of a journal the way a crashing process does."""
    journal._trace.write("Fatal Python error: Aborted\n")
    journal._trace.close()
    assert journal._lock is not None
    journal._lock.close()
