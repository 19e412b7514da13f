"""A document that its owner deletes is gone, whenever that is, and whatever a worker does then."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import orjson
import pytest

from schemas.deletions import DocumentDeleted
from schemas.events import DocumentUploaded
from schemas.progress import ProgressState
from schemas.readings import RecordPlace
from streams.errors import BrokerAway, SourceRefused, StoreAway
from streams.gateway_documents import GatewayDocuments, Reference, progress_of
from streams.places import ID_NAME, JSON, REFERENCE_NAME, Owned
from streams.publisher import OutgoingMessage
from streams.settings import Settings
from streams.store.envelope import Envelope
from streams.store.master_keys import MasterKeys, new_line
from streams.store.object_store import Admit, Condition, ObjectFacts, StoredDocument
from streams.store.sealed_store import SealedStore
from streams.store.transfers import NO_METADATA, Metadata
from tests.desk import RESULTS, Desk
from tests.fakes.publisher import ListPublisher
from tests.fakes.reader import FakeReader
from tests.fakes.store import MemoryObjectStore

OWNED = Owned("", "0" * 32)
ACME = Owned("acme", "1" * 32)
UPLOAD = ("uploads", OWNED.upload_key)


@dataclass
class Steps:
    """Counts what is asked of store and broker, and does something before one of these.

    Attributes:
        at: Before which step.
        act: What to do then.
        count: Steps so far.
    """

    at: int
    act: Callable[[], Awaitable[None]] | None = None
    count: int = 0
    _is_acting: bool = False

    async def step(self) -> None:
        """Count one."""
        if self._is_acting:
            return
        if self.count == self.at and self.act is not None:
            self._is_acting = True
            await self.act()
            self._is_acting = False
        self.count += 1


@dataclass
class SteppedStore(MemoryObjectStore):
    """A store that is counted."""

    steps: Steps = field(default_factory=lambda: Steps(-1))

    async def fetch(
        self,
        bucket: str,
        key: str,
        version_id: str | None,
        bytes_max: int,
        admit: Admit | None = None,
    ) -> StoredDocument:
        """See `ObjectStore`."""
        await self.steps.step()
        return await super().fetch(bucket, key, version_id, bytes_max, admit)

    async def put(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str,
        metadata: Metadata = NO_METADATA,
        *,
        condition: Condition | None = None,
    ) -> None:
        """See `ObjectStore`."""
        await self.steps.step()
        await super().put(bucket, key, data, content_type, metadata, condition=condition)

    async def stat(self, bucket: str, key: str) -> ObjectFacts | None:
        """See `ObjectStore`."""
        await self.steps.step()
        return await super().stat(bucket, key)


@dataclass
class SteppedPublisher(ListPublisher):
    """A publisher that is counted."""

    steps: Steps = field(default_factory=lambda: Steps(-1))

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """See `ResultPublisher`."""
        await self.steps.step()
        return await super().publish(message)


async def put_upload(store: MemoryObjectStore, text: str) -> None:
    """As the gateway does."""
    await MemoryObjectStore.put(store, *UPLOAD, text.encode(), JSON, {ID_NAME: OWNED.document_id})


async def run_with_deletion(text: str, at: int) -> tuple[Desk, Steps]:
    """A worker reads a document that is deleted before one of its steps."""
    steps = Steps(at)
    store, publisher = SteppedStore(steps=steps), SteppedPublisher(steps=steps)

    async def before(_: str) -> None:
        await steps.step()

    reader = FakeReader(score=0.1, before=before)
    settings = Settings.from_environment(message_bytes_max=10_000)
    desk = Desk(settings, store, publisher, reader)
    steps.act = lambda: desk.handler.gateway.delete(OWNED)
    await put_upload(store, text)
    await desk.handle_upload(OWNED.upload_key)
    return desk, steps


@pytest.mark.parametrize("text", ["secret words", "broken", "long " * 4_000])
async def test_delete_at_any_step_of_a_worker_leaves_nothing(text: str) -> None:
    """Nothing is stored but that it was deleted, and the topic's last word is the tombstone."""
    _, whole = await run_with_deletion(text, -1)
    assert whole.count > 4
    for at in range(whole.count):
        desk, steps = await run_with_deletion(text, at)
        assert steps.count > at, "the deletion took place"
        left = {key: data for (_, key), data in desk.store.objects.items()}
        assert set(left) == {OWNED.outcome_key, OWNED.tombstone_key}, at
        assert orjson.loads(left[OWNED.outcome_key])["type"] == "document.deleted", at
        told = [m.value for m in desk.publisher.messages if m.topic == RESULTS]
        assert told[-1] is None, at
        assert text.encode() not in left[OWNED.outcome_key]


async def test_delete_may_be_repeated() -> None:
    """The second time does no harm, and remembers where the document lay."""
    desk = Desk()
    await put_upload(desk.store, "x")
    await desk.handle_upload(OWNED.upload_key)
    documents = desk.handler.gateway
    for _ in range(2):
        await documents.delete(OWNED)
        outcome, _ = await documents.outcome(OWNED)
        assert isinstance(outcome, DocumentDeleted)
        assert (outcome.bucket, outcome.key) == UPLOAD
        assert await documents.was_deleted(OWNED)
        assert not await documents.is_there(OWNED)


@pytest.mark.parametrize("away_after", range(4))
async def test_delete_that_was_cut_short_is_completed_by_the_next(away_after: int) -> None:
    """The store or the broker went away in between."""
    steps = Steps(away_after)
    store, publisher = SteppedStore(steps=steps), SteppedPublisher(steps=steps)
    desk = Desk(store=store, publisher=publisher)
    await put_upload(store, "x")
    steps.at = -1
    await desk.handle_upload(OWNED.upload_key)

    async def go_away() -> None:
        store.away_count = publisher.away_count = 1

    steps.at, steps.act = steps.count + away_after, go_away
    with suppress(StoreAway, BrokerAway):
        await desk.handler.gateway.delete(OWNED)
    store.away_count = publisher.away_count = 0
    steps.at = -1
    await desk.handler.gateway.delete(OWNED)
    assert {key for _, key in store.objects} == {OWNED.outcome_key, OWNED.tombstone_key}
    assert publisher.messages[-1].value is None


async def refer(store: MemoryObjectStore, owned: Owned, place: Reference) -> None:
    """Put what stands for another object, as the gateway does."""
    marks = {ID_NAME: owned.document_id, REFERENCE_NAME: "1"}
    data = place.model_dump_json().encode()
    await store.put("uploads", owned.upload_key, data, JSON, marks)


@pytest.fixture
def tenants() -> GatewayDocuments:
    """One tenant has a prefix of its own."""
    settings = Settings.from_environment(tenant_sources="acme=uploads/acme/")
    store = MemoryObjectStore(buckets={settings.uploads_bucket, settings.results_bucket})
    return GatewayDocuments(settings, store, ListPublisher())


@pytest.mark.parametrize(
    ("tenant", "key", "expected"),
    [
        ("acme", "acme/a.png", True),
        ("", "a.png", True),
        ("acme", "a.png", False),
        ("", "acme/a.png", False),
        ("other", "acme/a.png", False),
        ("acme", "acme/../a.png", False),
        ("acme", "acme/./a.png", False),
        ("acme", "acme/..", False),
        ("acme", "acme/...", True),
        ("", ACME.upload_key, False),
        ("acme", ACME.upload_key, False),
    ],
)
def test_may_refer_knows_whose_an_object_is(
    tenants: GatewayDocuments, tenant: str, key: str, expected: bool
) -> None:
    """By its prefix, as it is written; the gateway's own are nobody's to name."""
    assert tenants.may_refer(tenant, "uploads", key) is expected
    assert not tenants.may_refer(tenant, "elsewhere", key)


@pytest.mark.parametrize("key", ["other/a.png", "acme/../other/a.png", OWNED.upload_key])
async def test_reference_to_what_is_anothers_is_neither_followed_nor_deleted(
    tenants: GatewayDocuments, key: str
) -> None:
    """Even if somebody got it into the store."""
    store = tenants.store
    assert isinstance(store, MemoryObjectStore)
    store.objects["uploads", key] = b"theirs"
    await refer(store, ACME, Reference(bucket="uploads", key=key))
    stored = await store.fetch("uploads", ACME.upload_key, None, 10_000)
    upload = DocumentUploaded(
        type="document.uploaded", version=1, bucket="uploads", key=ACME.upload_key
    )
    with pytest.raises(SourceRefused):
        await tenants.follow(upload, ACME, stored.metadata, stored.data)
    await tenants.delete(ACME)
    assert store.objects["uploads", key] == b"theirs"


def test_progress_of_tells_the_end() -> None:
    """Waiting until there is an outcome."""
    assert progress_of(OWNED, None).state is ProgressState.QUEUED


async def test_delete_takes_what_cannot_be_read_any_more() -> None:
    """A sealed upload that was cut short, and an outcome that does not open, go like any other."""
    below = MemoryObjectStore(buckets={"uploads", "ocr-results", "ocr-keys"})
    sealed = SealedStore(below, Envelope(MasterKeys.parse(new_line("test"))), "ocr-keys")
    documents = GatewayDocuments(Settings.from_environment(), sealed, ListPublisher())
    await sealed.put("uploads", OWNED.upload_key, b"x", "a/b", {ID_NAME: OWNED.document_id})
    await sealed.put("ocr-results", OWNED.outcome_key, b"{}", "a/b")
    for place in (UPLOAD, ("ocr-results", OWNED.outcome_key)):
        below.objects[place] = below.objects[place][:5]
    await documents.delete(OWNED)
    outcome, _ = await documents.outcome(OWNED)
    assert isinstance(outcome, DocumentDeleted)
    assert UPLOAD not in below.objects


async def test_delete_takes_a_direct_upload_too() -> None:
    """What was read goes with its result, where it is its owner's; not what is another's."""
    desk = Desk(settings=Settings.from_environment(tenant_sources="acme=uploads/acme/"))
    for key in ("own.png", "acme/theirs.png"):
        desk.upload(key, "text")
        await desk.handle_upload(key)
    own, theirs = (str(result["document_id"]) for result in desk.publisher.on(RESULTS))
    documents = desk.handler.gateway
    await documents.delete(Owned("", own))
    await documents.delete(Owned("", theirs))
    assert ("uploads", "own.png") not in desk.store.objects
    assert ("uploads", "acme/theirs.png") in desk.store.objects
    await documents.delete(Owned("acme", theirs))
    assert ("uploads", "acme/theirs.png") not in desk.store.objects


async def test_results_and_keys_are_nobodys_to_refer_to() -> None:
    """Whatever the allow-list says: they hold all tenants' documents, and who may ask."""
    settings = Settings.from_environment(allowed_sources="uploads,ocr-results,ocr-keys")
    documents = GatewayDocuments(settings, MemoryObjectStore(), ListPublisher())
    assert documents.may_refer("", "uploads", "a.png")
    for bucket in ("ocr-results", "ocr-keys"):
        assert not documents.may_refer("", bucket, "access/keys/a.json")


async def test_gateways_uploads_are_read_whatever_the_allow_list() -> None:
    """It names what producers put there; the gateway's own prefix need not be in it."""
    desk = Desk(settings=Settings.from_environment(allowed_sources="uploads/scans/"))
    await put_upload(desk.store, "x")
    await desk.handle_upload(OWNED.upload_key)
    assert [result["document_id"] for result in desk.publisher.on(RESULTS)] == [OWNED.document_id]
