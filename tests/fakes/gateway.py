"""A gateway in this process, with a store, topics and keys in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from processors.decoding.media_types import MEDIA_TYPES
from streams.access.access import Access
from streams.access.known_keys import KnownKeys
from streams.access.rate_limits import RateLimiter
from streams.embedded import LOOPBACK
from streams.gateway.app import build_api, protect
from streams.gateway.bodies import Room
from streams.gateway.follow import Follower
from streams.gateway.server import listen, server_of
from streams.gateway.service import Gateway
from streams.gateway_documents import GatewayDocuments
from streams.metrics import Metrics
from streams.progress import Progress
from streams.settings import Settings
from tests.fakes.key_records import MemoryKeyRecords
from tests.fakes.publisher import ListPublisher
from tests.fakes.store import MemoryObjectStore
from tests.stream import wait_until


@dataclass(frozen=True, slots=True)
class MemoryGateway:
    """A gateway and what it stands on.

    Attributes:
        gateway: Itself.
        store: Where its documents are.
        publisher: What it has announced.
        keys: Who may ask; nobody: everybody on this machine.
    """

    gateway: Gateway
    store: MemoryObjectStore
    publisher: ListPublisher
    keys: MemoryKeyRecords = field(default_factory=MemoryKeyRecords)

    @classmethod
    def of(cls, **settings: object) -> "MemoryGateway":
        """A new one; settings by field name."""
        own = Settings.from_environment(**settings)
        store = MemoryObjectStore(buckets={own.uploads_bucket, own.results_bucket})
        publisher, keys = ListPublisher(), MemoryKeyRecords()
        documents = GatewayDocuments(own, store, publisher)
        gateway = Gateway(
            settings=own,
            store=store,
            documents=documents,
            publisher=publisher,
            progress=Progress(own.progress_topic, publisher),
            follower=Follower(documents),
            access=Access(KnownKeys(keys), None),
            limiter=RateLimiter(),
            room=Room(own.gateway_bytes_max),
            metrics=Metrics(),
            media_types=MEDIA_TYPES,
        )
        return cls(gateway, store, publisher, keys)

    @property
    def requests_in_work(self) -> int:
        """Requests that were not answered yet."""
        labels = {"kind": "requests"}
        value = self.gateway.metrics.registry.get_sample_value("ocrstream_in_flight", labels)
        return int(value or 0)

    @property
    def listener_count(self) -> int:
        """Documents that somebody waits for."""
        return len(self.gateway.follower._listeners)

    def leftovers(self) -> dict[str, object]:
        """What requests have left behind; nothing but empty values where all is well."""
        return {
            "objects": sorted(self.store.objects),
            "held_bytes": self.gateway.room.held_bytes,
            "requests": self.requests_in_work,
            "listeners": self.listener_count,
        }


NOTHING_LEFT: dict[str, object] = {"objects": [], "held_bytes": 0, "requests": 0, "listeners": 0}


@asynccontextmanager
async def serve(memory: MemoryGateway) -> AsyncIterator[int]:
    """Serve a gateway on loopback; gives its port."""
    gateway = memory.gateway
    listening = listen(LOOPBACK, 0)
    server = server_of(protect(build_api(gateway), gateway), gateway.settings, LOOPBACK)
    running = asyncio.create_task(server._serve([listening]))
    assert await wait_until(lambda: server.started, 5)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await running
        listening.close()
