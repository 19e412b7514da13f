"""Putting results, alerts and dead letters on their topics, each acknowledged by the broker."""

import logging
from dataclasses import dataclass, field
from typing import Protocol

import faust
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from schemas.readings import RecordPlace
from streams.errors import BrokerAway, PublishRejected

Headers = tuple[tuple[str, bytes], ...]
"""Of a message, in order."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message for one topic.

    Attributes:
        topic: Its topic.
        key: Its key.
        value: What it says; None is a tombstone.
        partition: None: the one that its key goes to.
        headers: Go with it.
    """

    topic: str
    key: bytes | None
    value: bytes | None = field(repr=False)
    partition: int | None = None
    headers: Headers = ()


class ResultPublisher(Protocol):
    """Where the worker's messages go."""

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """Send one message and wait until the broker has it.

        Returns:
            Where on its topic it stands.

        Raises:
            PublishRejected: it is too large for the topic.
            BrokerAway: there was no acknowledgement; try again.
        """
        ...


class FaustPublisher:
    """A `ResultPublisher` by Faust's producer.

    It waits for the broker's acknowledgement itself: `Topic.send` gives a future, and where nobody
    awaits that, a message that was not stored is a line in the log.
    """

    def __init__(self, app: faust.App) -> None:
        self._app = app

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """See `ResultPublisher`."""
        try:
            sent = await self._app.producer.send_and_wait(
                message.topic,
                key=message.key,
                value=message.value,
                partition=message.partition,
                timestamp=None,
                headers=list(message.headers) or None,
            )
        except Exception as error:
            cause = error if isinstance(error, KafkaError) else error.__cause__ or error
            if isinstance(cause, MessageSizeTooLargeError | RecordListTooLargeError):
                raise PublishRejected(
                    f"{len(message.value or b'')} bytes are too many for {message.topic}; "
                    "lower OCRSTREAM_MESSAGE_BYTES_MAX or raise the topic's max.message.bytes"
                ) from error
            raise BrokerAway(f"{message.topic} did not take a message: {error!r}") from error
        return RecordPlace(partition=sent.partition, offset=sent.offset)
