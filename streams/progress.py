"""Telling on `ocr.progress` how far documents are. Best effort: no document waits for it."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime

from schemas.codecs import encode
from schemas.progress import DocumentProgressed, ProgressState
from streams.errors import BrokerAway, PublishRejected
from streams.publisher import Headers, OutgoingMessage, ResultPublisher

WAITING_MAX = 1_000
"""Steps that the broker has not acknowledged; what comes beyond is not told."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """Publishes steps in the background, those of one document in their order.

    Attributes:
        topic: Where they go.
        publisher: Brings them there.
    """

    topic: str
    publisher: ResultPublisher
    _last: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def tell(
        self,
        document_id: str,
        state: ProgressState,
        headers: Headers = (),
        page_number: int | None = None,
        page_count: int | None = None,
    ) -> None:
        """Tell one step, some time soon."""
        if len(self._last) >= WAITING_MAX:
            return
        step = DocumentProgressed(
            document_id=document_id,
            state=state,
            page_number=page_number,
            page_count=page_count,
            occurred_at=datetime.now(UTC),
        )
        message = OutgoingMessage(self.topic, document_id.encode(), encode(step), 0, headers)
        task = asyncio.create_task(self._publish(message, self._last.get(document_id)))
        self._last[document_id] = task
        task.add_done_callback(lambda done: self._forget(document_id, done))

    def _forget(self, document_id: str, task: asyncio.Task[None]) -> None:
        if self._last.get(document_id) is task:
            del self._last[document_id]

    async def _publish(self, message: OutgoingMessage, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            await self.publisher.publish(message)
        except (BrokerAway, PublishRejected) as err:
            logger.debug("a step was not told: %s", err)
