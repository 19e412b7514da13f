"""What the gateway does, without HTTP: takes documents, finds them, deletes them."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.deletions import DocumentDeleted
from schemas.events import DocumentUploaded
from schemas.options import DocumentOptions
from schemas.progress import ProgressState
from schemas.results import DocumentRecognized
from streams.access.access import Access
from streams.access.caller import Caller
from streams.access.rate_limits import RateLimiter
from streams.errors import ObjectExists, ObjectMissing
from streams.gateway.bodies import Arriving, Room
from streams.gateway.follow import Follower
from streams.gateway.models import StoredObject
from streams.gateway.problems import Gone, NotFound, Overloaded, Problem, Unacceptable
from streams.gateway_documents import Finished, GatewayDocuments, Reference
from streams.metrics import Metrics
from streams.places import BYTES, ID_NAME, REFERENCE_NAME, Owned, tenant_of_name
from streams.progress import Progress
from streams.publisher import Headers, OutgoingMessage, ResultPublisher
from streams.settings import Settings
from streams.store.object_store import ONLY_NEW, ObjectStore
from streams.store.transfers import NO_METADATA, Metadata

REFERENCE_TYPE = "application/vnd.ocrstream.reference+json"

IDEMPOTENCY_KEY_MIN = 16
"""Characters: an id is made from the key, and nobody is to guess it."""


@dataclass(frozen=True, slots=True)
class Submission:
    """How a document is submitted.

    Attributes:
        caller: By whom.
        headers: Carried on to its result.
        idempotency_key: A second submission under the same one is the same document.
    """

    caller: Caller
    headers: Headers
    idempotency_key: str | None = None

    def owned(self) -> Owned:
        """A new document, or the one that was submitted under the same key before."""
        tenant = tenant_of_name(self.caller.tenant)
        if self.idempotency_key is None:
            return Owned(tenant, secrets.token_hex(16))
        parts = ("idempotency", self.caller.tenant, self.caller.subject, self.idempotency_key)
        return Owned(tenant, hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32])


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that requests need.

    Attributes:
        settings: Buckets, topics, limits.
        store: Where documents lie.
        documents: What became of them.
        publisher: To Kafka.
        progress: Tells that a document waits.
        follower: Waits for documents.
        access: Who asks.
        limiter: How often they may.
        room: For bodies on their way.
        metrics: What is counted.
        media_types: What is taken.
    """

    settings: Settings
    store: ObjectStore
    documents: GatewayDocuments
    publisher: ResultPublisher
    progress: Progress
    follower: Follower
    access: Access
    limiter: RateLimiter
    room: Room
    metrics: Metrics
    media_types: frozenset[str]

    def arriving(self) -> Arriving:
        """A document that is about to arrive."""
        return Arriving(self.room, self.settings.document_bytes_max, self.media_types)

    async def take(
        self, submission: Submission, arriving: Arriving, body: AsyncIterator[bytes]
    ) -> Owned:
        """Store a document while it arrives; it is read once it is announced.

        Raises:
            Problem: it is none that we take, or not the one that the idempotency key stands for.
            StoreAway: it could not be stored.
        """
        async with aclosing(arriving.chunks(body)) as chunks:
            return await self._put(submission, chunks, BYTES)

    async def refer(self, submission: Submission, stored: StoredObject) -> Owned:
        """Take a document that lies in the store already.

        Raises:
            Unacceptable: it is not there, or not the caller's.
            Gone: of the idempotency key: it was taken before, and deleted.
            StoreAway: no answer to rely on.
        """
        bucket, key = stored.bucket, stored.key
        tenant = tenant_of_name(submission.caller.tenant)
        is_theirs = self.documents.may_refer(tenant, bucket, key)
        if not is_theirs or await self.store.stat(bucket, key) is None:
            raise Unacceptable(
                404,
                "not-found",
                "there is no such object among those that this tenant may have read; "
                "OCRSTREAM_ALLOWED_SOURCES and OCRSTREAM_TENANT_SOURCES say which these are",
            )
        reference = Reference(bucket=bucket, key=key, version_id=stored.version_id)
        chunks = _whole(reference.model_dump_json().encode())
        return await self._put(submission, chunks, REFERENCE_TYPE, {REFERENCE_NAME: "1"})

    async def announce(
        self, owned: Owned, submission: Submission, options: DocumentOptions
    ) -> None:
        """Have a document read.

        Raises:
            BrokerAway: it will not be, until it is announced again.
        """
        bucket, key = self.settings.uploads_bucket, owned.upload_key
        event = DocumentUploaded(
            type="document.uploaded",
            version=1,
            bucket=bucket,
            key=key,
            event_id=owned.document_id,
            occurred_at=datetime.now(UTC),
            options=options,
        )
        value = event.model_dump_json(exclude_none=True).encode()
        topic = self.settings.uploads_topic
        message = OutgoingMessage(
            topic, f"{bucket}/{key}".encode(), value, headers=submission.headers
        )
        await self.publisher.publish(message)
        self.progress.tell(owned.document_id, ProgressState.QUEUED, submission.headers)

    async def find(self, caller: Caller, document_id: str, wait_s: float) -> Finished | None:
        """What became of a document of the caller's, None while nothing has.

        Raises:
            NotFound: there is no such document.
            Gone: it was deleted.
            StoreAway: no answer to rely on.
        """
        owned = Owned(tenant_of_name(caller.tenant), document_id)
        outcome = await self.follower.outcome(owned, 0)
        if outcome is None:
            if not await self.documents.is_there(owned):
                raise NotFound
            outcome = await self.follower.outcome(owned, wait_s) if wait_s else None
        if isinstance(outcome, DocumentDeleted):
            raise Gone(document_id)
        return outcome

    async def delete(self, caller: Caller, document_id: str) -> None:
        """Delete a document of the caller's and all that came of it; once more does no harm.

        Raises:
            NotFound: there is no such document.
            StoreAway: some of it may still be there.
            BrokerAway: some of it may still be there.
        """
        owned = Owned(tenant_of_name(caller.tenant), document_id)
        outcome, _ = await self.documents.outcome(owned)
        if outcome is None and not await self.documents.is_there(owned):
            raise NotFound
        await self.documents.delete(owned)
        self.progress.tell(document_id, ProgressState.DELETED)

    async def _put(
        self,
        submission: Submission,
        chunks: AsyncIterator[bytes],
        content_type: str,
        marks: Metadata = NO_METADATA,
    ) -> Owned:
        """Store what was submitted; under an idempotency key only if nothing else was before.

        Raises:
            Problem: of the key: it stands for other bytes, or for what was deleted.
            StoreAway: it was not stored.
        """
        owned = submission.owned()
        bucket, key = self.settings.uploads_bucket, owned.upload_key
        metadata = {ID_NAME: owned.document_id, **marks}
        if submission.idempotency_key is None:
            await self.store.put_stream(bucket, key, chunks, content_type, metadata)
            return owned
        sha256 = hashlib.sha256()
        hashed = _hashed(chunks, sha256.update)
        if not await self._was_taken(owned):
            try:
                await self.store.put_stream(
                    bucket, key, hashed, content_type, metadata, condition=ONLY_NEW
                )
            except ObjectExists as err:  # another request was faster
                if not await self._was_taken(owned):
                    raise _in_work() from err
            else:
                await self._confirm(owned, sha256.hexdigest())
                return owned
        async for _ in hashed:
            pass
        self._compare(owned, await self._sha256(owned), sha256.hexdigest())
        return owned

    async def _confirm(self, owned: Owned, sha256: str) -> None:
        """Make sure that what was just stored is the first that its idempotency key stands for.

        While it arrived another may have been stored, and have gone again: deleted, or read.

        Raises:
            Problem: so it was; what was stored is deleted.
        """
        try:
            if await self.documents.was_deleted(owned):
                raise Gone(owned.document_id)
            self._compare(owned, await self._sha256_read(owned), sha256)
        except Problem:
            await self.store.delete(self.settings.uploads_bucket, owned.upload_key)
            raise

    async def _was_taken(self, owned: Owned) -> bool:
        """Whether the document of an idempotency key is there, or was read.

        Raises:
            Gone: it was, and was deleted. What a submission stored after that, and could not take
                back because the store went away, goes now.
        """
        if await self.documents.was_deleted(owned):
            await self.store.delete(self.settings.uploads_bucket, owned.upload_key)
            raise Gone(owned.document_id)
        return await self.documents.is_there(owned) or await self.documents.was_read(owned)

    def _compare(self, owned: Owned, sha256: str | None, sha256_again: str) -> None:
        """Make sure that a repeated submission is a repeated one.

        Raises:
            Unacceptable: it brings other bytes.
        """
        if sha256 is not None and not secrets.compare_digest(sha256, sha256_again):
            raise Unacceptable(
                422,
                "idempotency-key-reused",
                "this Idempotency-Key stands for another document; use a new one for each",
                document_id=owned.document_id,
            )

    async def _sha256(self, owned: Owned) -> str | None:
        """Hash of what was submitted, as its result has it where it is gone; None: nobody knows."""
        bucket, key = self.settings.uploads_bucket, owned.upload_key
        facts = await self.store.stat(bucket, key)
        size_bytes = facts.size_bytes if facts else 0
        self.room.take(size_bytes)
        try:
            stored = await self.store.fetch(bucket, key, None, self.settings.document_bytes_max)
            return await asyncio.to_thread(lambda: hashlib.sha256(stored.data).hexdigest())
        except ObjectMissing:
            return await self._sha256_read(owned)
        finally:
            self.room.give_back(size_bytes)

    async def _sha256_read(self, owned: Owned) -> str | None:
        """Hash of what was read; None: of an object elsewhere that it named, or nothing was."""
        outcome, _ = await self.documents.outcome(owned)
        if isinstance(outcome, DocumentRecognized) and outcome.source.key == owned.upload_key:
            return outcome.source.sha256
        return None


def _in_work() -> Overloaded:
    """The problem of a document that is neither there nor may be stored now."""
    detail = "another request under this Idempotency-Key is in work; try again in a second"
    return Overloaded(503, "overloaded", detail, 1)


async def _hashed(
    chunks: AsyncIterator[bytes], update: Callable[[bytes], None]
) -> AsyncIterator[bytes]:
    """The same chunks, each told to a hash."""
    async for chunk in chunks:
        update(chunk)
        yield chunk


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    """In one chunk."""
    yield data
