"""A handler of documents with everything around it in memory."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from processors.gate import Gate
from schemas.dead_letters import Stage
from streams.admission import DocumentGate, Turns
from streams.breaker import Breaker
from streams.errors import DependencyAway
from streams.gateway_documents import GatewayDocuments
from streams.handler import DocumentHandler
from streams.journal import CrashJournal
from streams.messages import IncomingEvent
from streams.metrics import Metrics
from streams.outcomes import Outcomes
from streams.progress import Progress
from streams.publisher import Headers
from streams.quarantine import Quarantine
from streams.result_cache import ResultCache
from streams.retention.repeats import Repeats
from streams.retention.rules import RetentionRules
from streams.retention.settled_uploads import SettledUploads
from streams.retry import Retrier
from streams.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.publisher import ListPublisher
from tests.fakes.reader import FakeReader
from tests.fakes.readings import MemoryTopics
from tests.fakes.store import MemoryObjectStore

RESULTS, ALERTS, DEAD = "ocr.results", "ocr.alerts", "ocr.dead-letters"


@dataclass
class Desk:
    """A handler with its surroundings."""

    settings: Settings = field(default_factory=Settings)
    store: MemoryObjectStore = field(default_factory=MemoryObjectStore)
    publisher: ListPublisher = field(default_factory=ListPublisher)
    reader: FakeReader = field(default_factory=FakeReader)
    away: list[DependencyAway] = field(default_factory=list)
    back: list[DependencyAway] = field(default_factory=list)
    retried: list[Stage] = field(default_factory=list)
    breaker: list[str | None] = field(default_factory=list)
    data_dir: Path = field(default_factory=lambda: Path(tempfile.mkdtemp()))
    offset: int = 0
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.store.buckets |= {self.settings.uploads_bucket, self.settings.results_bucket}
        self.metrics = Metrics()
        topics = MemoryTopics()
        self.gate = DocumentGate(100)

        async def no_sleep(_: float) -> None:
            await asyncio.sleep(0)

        documents = GatewayDocuments(self.settings, self.store, self.publisher)
        rules = RetentionRules.of(self.settings)
        self.settled_uploads = SettledUploads(self.store, rules, self.clock)
        self.handler = DocumentHandler(
            self.settings,
            self.reader,
            self.store,
            Outcomes(self.settings, self.store, self.publisher),
            documents,
            Progress(self.settings.progress_topic, self.publisher),
            None,
            Retrier(self.away.append, self.back.append, self.retried.append, no_sleep),
            self.metrics,
            Gate(10**9),
            ResultCache(topics.log(), topics.result_at, self.store, self.metrics, age_max_s=0),
            Turns(),
            Quarantine(CrashJournal(self.data_dir)),
            Breaker(3, self.breaker.append, probe_first_s=0.05),
            self.settled_uploads,
            Repeats(self.settings, documents, self.settled_uploads),
        )

    def upload(self, key: str, text: str) -> None:
        """Put a document into the store."""
        self.store.objects["uploads", key] = text.encode()

    async def handle(
        self, value: bytes | None, key: bytes | None = b"k", headers: Headers = (("h", b"\xff"),)
    ) -> None:
        """Hand over the bytes of one event."""
        self.offset += 1
        at = datetime(2026, 1, 2, tzinfo=UTC)
        event = IncomingEvent("ocr.uploads", 2, self.offset, at, key, value, headers)
        place = await self.gate.enter()
        try:
            await self.handler.handle(event, place)
        finally:
            place.leave()

    async def handle_upload(self, key: str, **more: object) -> None:
        """Hand over an event of our own kind."""
        body = {"type": "document.uploaded", "version": 1, "bucket": "uploads", "key": key}
        await self.handle(orjson.dumps({**body, **more}))

    def settled(self, outcome: str, category: str = "") -> float:
        """How often the metrics counted an outcome."""
        labels = {"outcome": outcome, "category": category}
        name = "ocrstream_documents_settled_total"
        return self.metrics.registry.get_sample_value(name, labels) or 0.0
