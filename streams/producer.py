"""A `ResultPublisher` for programs that are no Faust workers: aiokafka's producer."""

import asyncio
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from schemas.readings import RecordPlace
from streams.errors import BrokerAway, PublishRejected
from streams.kafka import client_options
from streams.publisher import OutgoingMessage
from streams.settings import Settings

LINGER_MS = 2
"""Messages of requests at the same time share a batch."""

PUBLISH_TIMEOUT_S = 10.0


class Producer:
    """Publishes messages, for as long as it is open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = AIOKafkaProducer(
            **client_options(settings),
            acks="all",
            linger_ms=LINGER_MS,
            request_timeout_ms=int(PUBLISH_TIMEOUT_S * 1000),
            max_request_size=max(1_048_576, 2 * settings.message_bytes_max),
        )

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerAway: the broker does not answer, or refuses us.
        """
        try:
            await self._producer.start()
        except (KafkaError, OSError) as err:
            await self._producer.stop()
            raise BrokerAway(f"the broker at {self._settings.kafka_brokers}: {err}") from err
        return self

    async def __aexit__(self, *_: object) -> None:
        """Send what waits, and disconnect."""
        await self._producer.stop()

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """See `ResultPublisher`."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                sent = await self._producer.send_and_wait(
                    message.topic,
                    message.value,
                    message.key,
                    partition=message.partition,
                    headers=list(message.headers),
                )
        except (MessageSizeTooLargeError, RecordListTooLargeError) as err:
            raise PublishRejected(f"a message is too large for {message.topic}") from err
        except (KafkaError, OSError, TimeoutError) as err:
            raise BrokerAway(f"{message.topic} did not take a message: {err!r}") from err
        return RecordPlace(partition=sent.partition, offset=sent.offset)
