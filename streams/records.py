"""Reading topics beside the consumer group: to their end, one record, or on and on."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import BrokerAway
from streams.kafka import client_options
from streams.settings import Settings

FETCH_TIMEOUT_S = 5.0
"""A record that does not come within this time is not there, or the broker is away."""

NEAR_BYTES_MAX = 32 * 2**20
"""What came along with the records that were asked for, and is likely to be asked for next."""

STOP_TIMEOUT_S = 2.0

logger = logging.getLogger(__name__)


async def records_so_far(
    settings: Settings, topic: str, since: datetime | None
) -> AsyncGenerator[ConsumerRecord, None]:
    """Everything on a topic up to where it ends now.

    Args:
        settings: Where the broker is.
        topic: Its name.
        since: Not older; None: from the beginning.

    Raises:
        BrokerAway: the broker does not answer, or there is no such topic.
    """
    consumer = _consumer(settings, topic)
    try:
        await consumer.start()
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise BrokerAway(f"there is no topic {topic}; `ocrstream setup` creates it")
        partitions = [TopicPartition(topic, number) for number in numbers]
        ends = await consumer.end_offsets(partitions)
        if since is not None:
            times = dict.fromkeys(partitions, int(since.timestamp() * 1000))
            for partition, place in (await consumer.offsets_for_times(times)).items():
                consumer.seek(partition, place.offset if place else ends[partition])
        open_ = {p for p in partitions if await consumer.position(p) < ends[p]}
        while open_:
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[partition]:
                        yield record
            open_ = {p for p in open_ if await consumer.position(p) < ends[p]}
    except (KafkaError, OSError) as err:
        raise BrokerAway(f"the broker at {settings.kafka_brokers}: {err!r}") from err
    finally:
        await _stop(consumer)


class RecordLookup:
    """Single records of one topic.

    Args:
        settings: Where the broker is.
        topic: Its name.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._consumer: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()
        self._near: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._near_bytes = 0

    async def value(self, partition: int, offset: int) -> bytes | None:
        """The value of the record at a place; None where there is none, or not any more.

        Raises:
            BrokerAway: the broker does not answer.
        """
        place = (partition, offset)
        async with self._lock:
            if place not in self._near:
                await self._fetch(TopicPartition(self._topic, partition), offset)
            if place in self._near:
                self._near.move_to_end(place)
            return self._near.get(place)

    async def close(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await _stop(self._consumer)

    async def _fetch(self, partition: TopicPartition, offset: int) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                consumer = await self._opened()
                if consumer.assignment() != {partition}:
                    consumer.assign([partition])
                consumer.seek(partition, offset)
                consumer.resume(partition)
                found = await consumer.getmany(partition, timeout_ms=int(FETCH_TIMEOUT_S * 500))
                consumer.pause(partition)
        except (KafkaError, OSError, TimeoutError) as err:
            if self._consumer is not None:  # the next one begins anew
                await _stop(self._consumer)
                self._consumer = None
            raise BrokerAway(f"a record of {self._topic} did not come: {err!r}") from err
        for record in found.get(partition, ()):
            self._keep((record.partition, record.offset), record.value or b"")

    def _keep(self, place: tuple[int, int], value: bytes) -> None:
        self._near_bytes += len(value) - len(self._near.pop(place, b""))
        self._near[place] = value
        while self._near_bytes > NEAR_BYTES_MAX and len(self._near) > 1:
            self._near_bytes -= len(self._near.popitem(last=False)[1])

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = _consumer(self._settings)
            await self._consumer.start()
        return self._consumer


class TopicFollower:
    """Follows the first partition of a topic, for as long as it is open.

    Args:
        settings: Where the broker is.
        topic: Its name.
        take: Given every message's value, and when it was written in seconds since 1970.
        messages_max: How far back it begins.
    """

    def __init__(
        self,
        settings: Settings,
        topic: str,
        take: Callable[[bytes | None, float], None],
        messages_max: int,
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._take = take
        self._messages_max = messages_max
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take what is there, then go on in the background.

        Raises:
            BrokerAway: the broker does not answer, or there is no such topic.
        """
        consumer = _consumer(self._settings)
        try:
            await consumer.start()
            partition = TopicPartition(self._topic, 0)
            consumer.assign([partition])
            begin = (await consumer.beginning_offsets([partition]))[partition]
            end = (await consumer.end_offsets([partition]))[partition]
            consumer.seek(partition, max(begin, end - self._messages_max))
            while await consumer.position(partition) < end:
                await self._take_next(consumer)
        except BaseException as err:
            await _stop(consumer)
            if isinstance(err, KafkaError | OSError):
                raise BrokerAway(f"the broker at {self._settings.kafka_brokers}: {err!r}") from err
            raise
        self._consumer = consumer
        self._following = asyncio.create_task(self._follow(consumer))

    async def close(self) -> None:
        """Follow no longer."""
        if self._following is not None:
            self._following.cancel()
        if self._consumer is not None:
            await _stop(self._consumer)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            try:
                await self._take_next(consumer)
            except (KafkaError, OSError) as err:
                logger.warning("following %s: %r", self._topic, err)
                await asyncio.sleep(1.0)

    async def _take_next(self, consumer: AIOKafkaConsumer) -> None:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            for record in records:
                self._take(record.value, record.timestamp / 1000)


def _consumer(settings: Settings, *topics: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *topics, **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )


async def _stop(consumer: AIOKafkaConsumer) -> None:
    with suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(consumer.stop(), STOP_TIMEOUT_S)
