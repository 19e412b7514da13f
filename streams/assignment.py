"""One document on its way through a worker: what it was announced as, and what is known of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from processors.values import (
    DocumentReading,
    EncodedDocument,
    PageWatcher,
    ReaderLoad,
    ReadOptions,
)
from schemas.events import DocumentUploaded
from schemas.results import PipelineInfo
from streams.messages import ResultIds
from streams.places import Owned
from streams.publisher import Headers
from streams.store.object_store import FetchedObject, StoredDocument


def do_nothing() -> None:
    """Nothing."""


class DocumentReader(Protocol):
    """What the handler needs of `processors.reader.Reader`."""

    @property
    def info(self) -> PipelineInfo:
        """What reads."""
        ...

    @property
    def load(self) -> ReaderLoad:
        """What is in work."""
        ...

    async def read(
        self, document: EncodedDocument, options: ReadOptions, watch: PageWatcher
    ) -> DocumentReading:
        """Read one document; `watch` is shown each page."""
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """One document to bring to its outcome.

    Attributes:
        upload: What was announced.
        origin: The place of its event and its record there, the same when it is delivered again.
        replays: How often its event was replayed from a dead letter.
        headers: What its result is to carry on.
        owned: What the gateway called it, None where it did not come through the gateway.
        was_read: To be called as soon as it is read, before it is published.
        places: Buckets and keys of what is fetched for it: the upload, and what it stands for.
        fetched: What was fetched there.
    """

    upload: DocumentUploaded
    origin: str
    replays: int
    headers: Headers
    owned: Owned | None
    was_read: Callable[[], None]
    places: list[tuple[str, str]] = field(default_factory=list)
    fetched: list[FetchedObject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document in memory, where it lay, and everything that decides what will be read in it."""

    upload: DocumentUploaded
    stored: StoredDocument
    options: ReadOptions
    names: ResultIds
    fetch_ms: float
