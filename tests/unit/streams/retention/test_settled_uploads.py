"""Uploads go when they are settled, on a clock that goes when it is told to."""

import orjson
import pytest

from schemas import ids
from schemas.replays import HEADER
from streams.acknowledge import Partition
from streams.gateway_documents import GatewayDocuments, Reference
from streams.places import ID_NAME, REFERENCE_NAME, Owned, failed_upload_key
from streams.retention.settled_uploads import AGAIN_S, ATTEMPTS_MAX
from streams.settings import Settings
from tests.desk import DEAD, RESULTS, Desk

UPLOADS_S, LETTERS_S = 100.0, 1000.0
RETAIN: dict[str, object] = {
    "retain_uploads_s": UPLOADS_S,
    "retain_dead_letters_s": LETTERS_S,
}
OWNED = Owned("", "ab" * 16)
FILES = "uploads"


def desk_with(**settings: object) -> Desk:
    """A handler that deletes uploads."""
    return Desk(settings=Settings.from_environment(**{**RETAIN, **settings}))


def uploads(desk: Desk) -> list[str]:
    """Keys of what lies in the uploads bucket."""
    return sorted(key for bucket, key in desk.store.objects if bucket == FILES)


def commit(desk: Desk) -> None:
    """Have the broker take everything."""
    desk.settled_uploads.release({Partition("ocr.uploads", 2): desk.offset + 1})


async def after(desk: Desk, seconds: float) -> list[str]:
    """What lies in the uploads bucket after so long."""
    desk.clock.time_s += seconds
    await desk.settled_uploads.delete_due()
    return uploads(desk)


async def submit(desk: Desk, text: str, metadata: dict[str, str] | None = None) -> None:
    """Upload a document as the gateway does."""
    mark = {ID_NAME: OWNED.document_id, **(metadata or {})}
    await desk.store.put(FILES, OWNED.upload_key, text.encode(), "a/b", mark)


async def test_upload_goes_when_its_time_is_over() -> None:
    """Not before its event was committed, and not before it was kept long enough."""
    desk = desk_with()
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png")
    assert await after(desk, UPLOADS_S + 1) == ["a.png"]
    commit(desk)
    assert await after(desk, 0) == []
    desk.upload("b.png", "text")
    await desk.handle_upload("b.png")
    commit(desk)
    assert await after(desk, UPLOADS_S - 1) == ["b.png"]
    assert await after(desk, 1) == []


async def test_upload_goes_at_once_where_it_is_to_be_kept_for_no_time() -> None:
    """As soon as its event is committed."""
    desk = desk_with(retain_uploads_s=0)
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png")
    commit(desk)
    assert await after(desk, 0) == []


async def test_uploads_stay_without_the_setting() -> None:
    """Absent means for ever, and nothing is noted in the store either."""
    desk = desk_with(retain_uploads_s=None)
    for key, text in (("a.png", "text"), ("b.png", "broken")):
        desk.upload(key, text)
        await desk.handle_upload(key)
    commit(desk)
    assert await after(desk, 10**9) == ["a.png", "b.png"]
    assert not await desk.store.list("ocr-results", "dead-letters/")


async def test_what_was_put_there_meanwhile_stays() -> None:
    """Another upload at the same key has its own event, and its own time."""
    desk = desk_with()
    desk.upload("a.png", "first")
    await desk.handle_upload("a.png")
    commit(desk)
    desk.upload("a.png", "second")
    assert await after(desk, UPLOADS_S) == ["a.png"]
    await desk.handle_upload("a.png")
    commit(desk)
    assert await after(desk, UPLOADS_S) == []


async def test_what_failed_is_kept_for_replays() -> None:
    """As long as dead letters; the sweep is told, until it was read after all."""
    desk = desk_with()
    note = failed_upload_key(FILES, "a.png")
    desk.upload("a.png", "broken")
    await desk.handle_upload("a.png")
    commit(desk)
    assert await after(desk, LETTERS_S - 1) == ["a.png"]
    assert await desk.store.list("ocr-results", "dead-letters/") == [note]
    desk.upload("a.png", "fine")
    body = {"type": "document.uploaded", "version": 1, "bucket": FILES, "key": "a.png"}
    replay = orjson.dumps({"dead_letter_id": "x", "replays": 1})
    await desk.handle(orjson.dumps(body), headers=((HEADER, replay),))
    assert len(desk.publisher.on(RESULTS)) == 1
    assert await desk.store.list("ocr-results", "dead-letters/") == []


async def test_what_is_too_large_is_kept_for_replays() -> None:
    """It was never fetched, and may be with another limit."""
    desk = desk_with(document_bytes_max=1024)
    desk.upload("a.png", "x" * 2000)
    await desk.handle_upload("a.png")
    note = failed_upload_key(FILES, "a.png")
    assert await desk.store.list("ocr-results", "dead-letters/") == [note]


async def test_what_no_class_has_is_left_alone() -> None:
    """An event cannot make us delete or keep what is not ours."""
    desk = desk_with(allowed_sources="uploads/in/")
    desk.upload("out/a.png", "text")
    await desk.handle_upload("out/a.png")
    commit(desk)
    assert await after(desk, 10**9) == ["out/a.png"]
    assert not await desk.store.list("ocr-results", "dead-letters/")


async def test_repeated_event_of_a_deleted_upload_alarms_nobody() -> None:
    """However many: no dead letter, and no breaker that opens. One of another upload is missed."""
    desk = desk_with(retain_uploads_s=0)
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png")
    commit(desk)
    await after(desk, 0)
    for _ in range(10):
        await desk.handle_upload("a.png")
    assert desk.publisher.on(DEAD) == []
    assert desk.breaker == []
    assert desk.settled("ignored") == 10
    await desk.handle_upload("a.png", etag="of something else")
    assert [letter["category"] for letter in desk.publisher.on(DEAD)] == ["object_missing"]


async def test_repeated_event_finds_the_gateways_outcome() -> None:
    """Whichever worker read the document and deleted it."""
    desk = desk_with()
    await submit(desk, "text")
    await desk.handle_upload(OWNED.upload_key)
    await desk.store.delete(FILES, OWNED.upload_key)
    await desk.handle_upload(OWNED.upload_key)
    assert desk.publisher.on(DEAD) == []
    assert desk.settled("ignored") == 1


async def test_repeated_event_finds_the_outcome_of_its_version() -> None:
    """A version alone tells the document's id; one that was never read is missing."""
    desk = desk_with()
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png")
    (key,) = await desk.store.list("ocr-results", "documents/")
    document = desk.store.objects["ocr-results", key]
    own = Owned("", ids.document_id("", FILES, "a.png", "v1", "its content is gone"))
    await desk.store.put("ocr-results", own.outcome_key, document, "a/b")
    for version_id in ("v1", "v2"):
        await desk.handle_upload("a.png", version_id=version_id)
    assert desk.settled("ignored") == 1
    assert [letter["category"] for letter in desk.publisher.on(DEAD)] == ["object_missing"]


async def test_references_go_and_leave_what_they_stand_for() -> None:
    """What is named is its producer's, and may be named again."""
    desk = desk_with()
    desk.upload("in/a.png", "text")
    reference = Reference(bucket=FILES, key="in/a.png").model_dump_json()
    await submit(desk, reference, {REFERENCE_NAME: "1"})
    await desk.handle_upload(OWNED.upload_key)
    commit(desk)
    assert await after(desk, UPLOADS_S) == ["in/a.png"]


@pytest.mark.parametrize("owner_deletes", [False, True])
async def test_result_is_taken_back_only_if_its_owner_deleted_the_document(
    owner_deletes: bool,
) -> None:
    """An upload that another worker settled and deleted meanwhile leaves its result alone."""
    desk = desk_with()
    documents = GatewayDocuments(desk.settings, desk.store, desk.publisher)

    async def delete(_: str) -> None:
        if owner_deletes:
            await documents.delete(OWNED)
        else:
            await desk.store.delete(FILES, OWNED.upload_key)

    desk.reader.before = delete
    await submit(desk, "text")
    await desk.handle_upload(OWNED.upload_key)
    stored = orjson.loads(desk.store.objects["ocr-results", OWNED.outcome_key])
    expected = "document.deleted" if owner_deletes else "document.recognized"
    assert stored["type"] == expected


async def test_deletion_is_tried_again_and_then_left_to_the_sweep() -> None:
    """A store that is away holds nobody up."""
    desk = desk_with(retain_uploads_s=0)
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png")
    commit(desk)
    desk.store.away_count = ATTEMPTS_MAX - 1
    for _ in range(ATTEMPTS_MAX - 1):
        assert await after(desk, AGAIN_S) == ["a.png"]
    assert await after(desk, AGAIN_S) == []
    desk.upload("b.png", "text")
    await desk.handle_upload("b.png")
    commit(desk)
    desk.store.away_count = ATTEMPTS_MAX
    for _ in range(ATTEMPTS_MAX + 1):
        await after(desk, AGAIN_S)
    assert uploads(desk) == ["b.png"]


async def test_what_was_not_committed_is_forgotten_with_its_partition() -> None:
    """Whoever has the partition next settles it and deletes it."""
    desk = desk_with()
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png")
    desk.settled_uploads.forget()
    commit(desk)
    assert await after(desk, UPLOADS_S) == ["a.png"]


async def test_what_is_noted_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes beyond is left to the sweep; room comes back when something goes."""
    monkeypatch.setattr("streams.retention.settled_uploads.UPLOADS_MAX", 2)
    desk = desk_with()
    for key in ("a", "b", "c"):
        desk.upload(key, "text")
        await desk.handle_upload(key)
    commit(desk)
    assert await after(desk, UPLOADS_S) == ["c"]
    await desk.handle_upload("c")
    commit(desk)
    assert await after(desk, UPLOADS_S) == []


async def test_an_event_that_asks_for_something_else_is_no_repeat() -> None:
    """Other options, or another event, of an upload that is gone end as a dead letter."""
    desk = desk_with()
    desk.upload("a.png", "text")
    await desk.handle_upload("a.png", event_id="one")
    commit(desk)
    assert await after(desk, UPLOADS_S) == []
    await desk.handle_upload("a.png", event_id="one")
    assert desk.publisher.on(DEAD) == []
    await desk.handle_upload("a.png", event_id="one", options={"pages": "2"})
    await desk.handle_upload("a.png", event_id="two")
    categories = [letter["category"] for letter in desk.publisher.on(DEAD)]
    assert categories == ["object_missing", "object_missing"]
