"""Following documents: whoever waits for one is woken by `ocr.progress`, and looks now and then.

What counts is what lies in the store: a step on the topic only says when to look there.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from pydantic import ValidationError

from schemas.progress import DocumentProgressed
from streams.gateway_documents import GatewayDocuments, Outcome
from streams.places import Owned
from streams.records import TopicFollower
from streams.settings import Settings

LOOK_INTERVAL_S = 3.0
"""How often one looks without having heard anything: steps are not promised to come."""

STEPS_MAX = 1_000
"""Steps that a slow listener may be behind; older ones are dropped."""

Steps = asyncio.Queue[DocumentProgressed]


class Follower:
    """Knows who waits for which document.

    Args:
        documents: What is known of them.
    """

    def __init__(self, documents: GatewayDocuments) -> None:
        self._documents = documents
        self._listeners: defaultdict[str, set[Steps]] = defaultdict(set)

    @asynccontextmanager
    async def following(self, settings: Settings) -> AsyncIterator[None]:
        """Hear of steps within the block.

        Raises:
            BrokerAway: the broker does not answer, or has no such topic.
        """
        topic = TopicFollower(settings, settings.progress_topic, self.hear, messages_max=0)
        await topic.open()
        try:
            yield
        finally:
            await topic.close()

    def hear(self, value: bytes | None, _: float) -> None:
        """Take one message of the topic."""
        with suppress(ValidationError):
            step = DocumentProgressed.model_validate_json(value or b"")
            for listener in self._listeners.get(step.document_id, ()):
                if listener.full():
                    listener.get_nowait()
                listener.put_nowait(step)

    @contextmanager
    def listening(self, document_id: str) -> Iterator[Steps]:
        """Get the steps of one document within the block."""
        steps: Steps = asyncio.Queue(STEPS_MAX)
        self._listeners[document_id].add(steps)
        try:
            yield steps
        finally:
            self._listeners[document_id].discard(steps)
            if not self._listeners[document_id]:
                del self._listeners[document_id]

    async def outcome(self, owned: Owned, wait_s: float) -> Outcome | None:
        """What became of a document, waiting for it no longer than so many seconds.

        Raises:
            StoreAway: no answer to rely on.
        """
        deadline = asyncio.get_running_loop().time() + wait_s
        with self.listening(owned.document_id) as steps:
            while True:
                outcome, _ = await self._documents.outcome(owned)
                left_s = deadline - asyncio.get_running_loop().time()
                if outcome is not None or left_s <= 0:
                    return outcome
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left_s, LOOK_INTERVAL_S)):
                        while not (await steps.get()).state.is_end:
                            pass
