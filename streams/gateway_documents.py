"""Documents that come through the gateway: what it and the workers agree upon.

The gateway puts an upload at `Owned.upload_key` with its id as metadata, and announces it by an
event of its own. A document that lies in the store already gets an object there too, which names
it. That object may go when the document was read, see `streams.retention`; that its owner deleted
the document is noted at `Owned.tombstone_key` before anything else, and whoever finds that note
after it published a result takes everything back.
"""

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.codecs import encode
from schemas.dead_letters import DocumentDeadLettered
from schemas.deletions import DocumentDeleted
from schemas.events import Bucket, DocumentUploaded, ObjectKey
from schemas.progress import DocumentProgressed, ProgressState
from schemas.readings import ReadingsChanged
from schemas.results import DocumentRecognized, DocumentSource
from streams.errors import ObjectMissing, SourceRefused, StoreError
from streams.places import (
    ID_NAME,
    JSON,
    PICTURE_BYTES_MAX,
    RAW_RESULTS_PREFIX,
    READING_NAME,
    REFERENCE_NAME,
    RESULTS_PREFIX,
    UPLOADS_PREFIX,
    Owned,
)
from streams.publisher import OutgoingMessage, ResultPublisher
from streams.reading_log import forgotten
from streams.settings import Settings
from streams.store.object_store import FetchedObject, ObjectStore, fetch_referenced, is_addressable
from streams.store.transfers import NO_METADATA, Metadata

OUTCOME_BYTES_MAX = 64 * 2**20
"""Results beyond a message's size are stored elsewhere; this bounds what anybody else put there."""

REFERENCE_BYTES_MAX = 16_384

PARSED_AT_ONCE_BYTES_MAX = 100_000
"""A larger outcome is parsed in a thread: others wait for the event loop."""


Finished = DocumentRecognized | DocumentDeadLettered
Outcome = Finished | DocumentDeleted


class Reference(BaseModel):
    """The place of a document that lay in the store before the gateway heard of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: Bucket
    key: ObjectKey
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayDocuments:
    """What is known of the gateway's documents, and how they go.

    Attributes:
        settings: Buckets and topics.
        store: Where everything lies.
        publisher: Tells others that a document was deleted.
    """

    settings: Settings
    store: ObjectStore
    publisher: ResultPublisher

    def announces(self, bucket: str, key: str) -> bool:
        """Whether an object has an event of the gateway's, so that the store's own is ignored."""
        return bucket == self.settings.uploads_bucket and key.startswith(UPLOADS_PREFIX)

    def may_refer(self, tenant: str, bucket: str, key: str) -> bool:
        """Whether a tenant's document may be an object that lies in the store already.

        Keys with segments `.` and `..` are nobody's: on their way to the store they may become
        others.
        """
        own_buckets = (self.settings.results_bucket, self.settings.keys_bucket)
        return (
            self.settings.allows(bucket, key)
            and bucket not in own_buckets
            and not self.announces(bucket, key)
            and is_addressable(key)
            and self.settings.tenant_of(bucket, key) == tenant
        )

    def owned(self, upload: DocumentUploaded) -> Owned | None:
        """The gateway's document that an event is about, None where it is somebody else's."""
        if upload.bucket != self.settings.uploads_bucket:
            return None
        return Owned.of_upload(upload.key)

    async def follow(
        self, upload: DocumentUploaded, owned: Owned, metadata: Metadata, data: bytes
    ) -> DocumentUploaded:
        """The upload itself, or, where it stands for an object elsewhere, that one.

        Args:
            upload: The event.
            owned: What it is about.
            metadata: Of the object at `upload`.
            data: The object.

        Raises:
            SourceRefused: the gateway did not put it there, or it names what is not the owner's.
        """
        if metadata.get(ID_NAME) != owned.document_id:
            raise SourceRefused(
                f"objects below {UPLOADS_PREFIX} are the gateway's, and this one has not its mark; "
                "put it elsewhere in the bucket, or upload it through the gateway"
            )
        if REFERENCE_NAME not in metadata:
            return upload
        try:
            reference = Reference.model_validate_json(data)
        except ValidationError as err:
            raise SourceRefused("the object that names another one cannot be understood") from err
        if not self.may_refer(owned.tenant, reference.bucket, reference.key):
            raise SourceRefused(
                "the object that is named is not its tenant's; OCRSTREAM_ALLOWED_SOURCES and "
                "OCRSTREAM_TENANT_SOURCES, the same for gateways and workers, say whose it is"
            )
        place = {"bucket": reference.bucket, "key": reference.key}
        return upload.model_copy(update={**place, "version_id": reference.version_id})

    async def is_there(self, owned: Owned) -> bool:
        """Whether what was submitted is there still: not deleted, and not settled long ago.

        Raises:
            StoreAway: no answer to rely on.
        """
        facts = await self.store.stat(self.settings.uploads_bucket, owned.upload_key)
        return facts is not None

    async def outcome(self, owned: Owned) -> tuple[Outcome | None, Metadata]:
        """What became of a document, None where nothing is known yet, and the stored metadata.

        Raises:
            StoreAway: no answer to rely on.
        """
        bucket = self.settings.results_bucket
        try:
            stored = await self.store.fetch(bucket, owned.outcome_key, None, OUTCOME_BYTES_MAX)
        except ObjectMissing:
            return None, NO_METADATA
        if len(stored.data) < PARSED_AT_ONCE_BYTES_MAX:
            return _parse_outcome(stored.data), stored.metadata
        return await asyncio.to_thread(_parse_outcome, stored.data), stored.metadata

    async def whole(self, result: DocumentRecognized) -> DocumentRecognized:
        """A result with its pages, also where it was too large for a message.

        Raises:
            StoreError: they are not there any more.
            StoreAway: no answer to rely on.
        """
        if result.result_ref is None:
            return result
        data = await fetch_referenced(self.store, result.result_ref)
        return await asyncio.to_thread(DocumentRecognized.model_validate_json, data)

    async def picture(self, owned: Owned, page_number: int) -> bytes:
        """A page's picture, personal data blackened.

        Raises:
            ObjectMissing: there is none.
            StoreAway: no answer to rely on.
        """
        bucket, key = self.settings.results_bucket, owned.picture_key(page_number)
        return (await self.store.fetch(bucket, key, None, PICTURE_BYTES_MAX)).data

    async def was_deleted(self, owned: Owned) -> bool:
        """Whether a document was deleted by its owner.

        Raises:
            StoreAway: no answer to rely on.
        """
        bucket = self.settings.results_bucket
        return await self.store.stat(bucket, owned.tombstone_key) is not None

    async def was_read(self, owned: Owned) -> bool:
        """Whether a document has a result.

        Raises:
            StoreAway: no answer to rely on.
        """
        outcome, _ = await self.outcome(owned)
        return isinstance(outcome, DocumentRecognized)

    async def delete(self, owned: Owned) -> None:
        """Delete a document and everything that came of it, and tell everybody. May be repeated.

        Raises:
            StoreAway: some of it may still be there; do it again.
            BrokerAway: the same, or not everybody was told.
        """
        results = self.settings.results_bucket
        await self.store.put(results, owned.tombstone_key, b"", JSON)
        outcome, metadata = await self._outcome_if_readable(owned)
        bucket, key = await self._delete_upload(owned)
        if isinstance(outcome, DocumentRecognized):
            bucket, key = outcome.source.bucket, outcome.source.key
            await self._delete_source(owned, outcome.source)
        elif isinstance(outcome, DocumentDeleted):
            bucket, key = outcome.bucket, outcome.key
        deleted = DocumentDeleted(
            document_id=owned.document_id, bucket=bucket, key=key, occurred_at=datetime.now(UTC)
        )
        await self.store.delete(results, owned.outcome_key)  # its older versions and their keys
        await self.store.put(results, owned.outcome_key, encode(deleted), JSON)
        for prefix in (RESULTS_PREFIX, RAW_RESULTS_PREFIX):
            await self._delete_below(f"{prefix}{owned.document_id}/")
        await self._delete_below(owned.pictures_prefix)
        if READING_NAME in metadata:
            await self._forget_reading(metadata[READING_NAME])
        await self._tell(deleted)

    async def _delete_upload(self, owned: Owned) -> tuple[str, str]:
        """Delete what was uploaded, wherever it lies; gives the place of its bytes."""
        bucket, key = self.settings.uploads_bucket, owned.upload_key
        place = bucket, key
        with suppress(StoreError):
            facts = await self.store.stat(bucket, key)
            if facts is not None and REFERENCE_NAME in facts.metadata:
                stored = await self.store.fetch(bucket, key, None, REFERENCE_BYTES_MAX)
                with suppress(ValidationError):
                    reference = Reference.model_validate_json(stored.data)
                    if self.may_refer(owned.tenant, reference.bucket, reference.key):
                        await self._delete_version(
                            reference.bucket, reference.key, reference.version_id
                        )
                        place = reference.bucket, reference.key
        await self.store.delete(bucket, key)
        return place

    async def _delete_source(self, owned: Owned, source: DocumentSource) -> None:
        """Delete what was read, where it did not come through the gateway and is its owner's."""
        if self.may_refer(owned.tenant, source.bucket, source.key):
            await self._delete_version(source.bucket, source.key, source.version_id)

    async def _delete_version(self, bucket: str, key: str, version_id: str | None) -> None:
        """Delete one version of an object, or all where the bucket keeps none."""
        if version_id is None:
            await self.store.delete(bucket, key)
        else:
            await self.store.delete_fetched(FetchedObject(bucket, key, version_id, None))

    async def _outcome_if_readable(self, owned: Owned) -> tuple[Outcome | None, Metadata]:
        """The outcome as far as it can be made out: what cannot must go all the same."""
        try:
            return await self.outcome(owned)
        except StoreError:
            return None, NO_METADATA

    async def _delete_below(self, prefix: str) -> None:
        bucket = self.settings.results_bucket
        for key in await self.store.list(bucket, prefix):
            await self.store.delete(bucket, key)

    async def _forget_reading(self, reading_id: str) -> None:
        """Let no worker answer equal content with a result that was deleted."""
        change = forgotten(reading_id, uuid.uuid4().hex)
        topic, value = self.settings.readings_topic, encode(ReadingsChanged(changes=(change,)))
        await self.publisher.publish(OutgoingMessage(topic, None, value, partition=0))

    async def _tell(self, deleted: DocumentDeleted) -> None:
        """Tell readers of results, then make compacted topics forget."""
        key = f"{deleted.bucket}/{deleted.key}".encode()
        for topic in {self.settings.results_topic, self.settings.cached_topic}:
            await self.publisher.publish(OutgoingMessage(topic, key, encode(deleted)))
            await self.publisher.publish(OutgoingMessage(topic, key, None))


def progress_of(owned: Owned, outcome: Outcome | None) -> DocumentProgressed:
    """How far a document is, as its outcome tells."""
    states: dict[type[Outcome], ProgressState] = {
        DocumentRecognized: ProgressState.DONE,
        DocumentDeadLettered: ProgressState.FAILED,
        DocumentDeleted: ProgressState.DELETED,
    }
    state = ProgressState.QUEUED if outcome is None else states[type(outcome)]
    now = datetime.now(UTC)
    return DocumentProgressed(document_id=owned.document_id, state=state, occurred_at=now)


def _parse_outcome(data: bytes) -> Outcome | None:
    """What a stored outcome says; None where it is nothing of ours."""
    for model in (DocumentRecognized, DocumentDeadLettered, DocumentDeleted):
        with suppress(ValidationError):
            return model.model_validate_json(data)
    return None
