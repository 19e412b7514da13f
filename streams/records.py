"""Reading topics beside the consumer group: to their end, one record, or on and on."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from streams.errors import BrokerAway, TopicRefused
from streams.kafka import client_options
from streams.settings import Settings

FETCH_TIMEOUT_S = 5.0
"""A record that does not come within this time is not there, or the broker is away."""

NEAR_BYTES_MAX = 32 * 2**20
"""What came along with the records that were asked for, and is likely to be asked for next."""

REOPEN_PAUSE_S = 1.0

STOP_TIMEOUT_S = 1.0

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
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await _stop(consumer)

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
                records = found.get(partition, [])
                if not records:
                    await _make_sure_there_is_none(consumer, partition, offset)
        except BaseException as err:
            await self.close()  # the next one begins anew
            if isinstance(err, KafkaError | OSError | TimeoutError):
                raise BrokerAway(f"a record of {self._topic} did not come: {err!r}") from err
            raise
        for record in records:
            self._keep((record.partition, record.offset), record.value or b"")

    def _keep(self, place: tuple[int, int], value: bytes) -> None:
        self._near_bytes += len(value) - len(self._near.pop(place, b""))
        self._near[place] = value
        while self._near_bytes > NEAR_BYTES_MAX and len(self._near) > 1:
            self._near_bytes -= len(self._near.popitem(last=False)[1])

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = _consumer(self._settings)
            try:
                await consumer.start()
            except BaseException:
                await _stop(consumer)
                raise
            self._consumer = consumer
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
        self._position: int | None = None

    async def open(self) -> None:
        """Take what is there, then go on in the background.

        Raises:
            BrokerAway: the broker does not answer.
            TopicRefused: there is no such topic, or we may not read it.
        """
        self._consumer = await self._connected(None)
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Follow no longer."""
        if self._following is not None:
            self._following.cancel()
        if self._consumer is not None:
            await _stop(self._consumer)

    async def _connected(self, position: int | None) -> AIOKafkaConsumer:
        """Take everything from a position, or from as far back as we begin, up to the end."""
        consumer = _consumer(self._settings)
        try:
            await consumer.start()
            partition = TopicPartition(self._topic, 0)
            consumer.assign([partition])
            begin = (await consumer.beginning_offsets([partition]))[partition]
            end = (await consumer.end_offsets([partition]))[partition]
            first = end - self._messages_max if position is None else position
            consumer.seek(partition, min(max(begin, first), end))
            while await consumer.position(partition) < end:
                await self._take_next(consumer)
        except BaseException as err:
            await _stop(consumer)
            if isinstance(err, TopicAuthorizationFailedError):
                raise TopicRefused(f"{self._topic} may not be read") from err
            if isinstance(err, KafkaError | OSError):
                raise BrokerAway(f"the broker at {self._settings.kafka_brokers}: {err!r}") from err
            raise
        return consumer

    async def _follow(self) -> None:
        while True:
            try:
                if self._consumer is None:
                    self._consumer = await self._connected(self._position)
                await self._take_next(self._consumer)
            except Exception as err:  # noqa: BLE001 - whatever it was, go on where we were
                logger.warning("following %s: %r", self._topic, err)
                consumer, self._consumer = self._consumer, None
                if consumer is not None:
                    await _stop(consumer)
                await asyncio.sleep(REOPEN_PAUSE_S)

    async def _take_next(self, consumer: AIOKafkaConsumer) -> None:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            for record in records:
                self._take(record.value, record.timestamp / 1000)
                self._position = record.offset + 1


async def _make_sure_there_is_none(
    consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int
) -> None:
    """Tell a record that is not there from a broker that does not give it.

    Raises:
        BrokerAway: it is there.
    """
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    if begin <= offset < end:
        raise BrokerAway(f"the record {offset} of {partition} did not come")


def _consumer(settings: Settings, *topics: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *topics, **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )


async def _stop(consumer: AIOKafkaConsumer) -> None:
    with suppress(TimeoutError, KafkaError, OSError):
        await asyncio.wait_for(consumer.stop(), STOP_TIMEOUT_S)
