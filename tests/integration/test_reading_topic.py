"""Workers that share what they read, over a real topic."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import pytest
from aiokafka import AIOKafkaProducer

from schemas.readings import RecordPlace
from streams.embedded import ServerAddresses
from streams.kafka import client_options
from streams.provision import existing_topics
from streams.publisher import OutgoingMessage
from streams.reading_log import ReadingLog
from streams.reading_topic import ReadingTopic
from streams.settings import Settings
from tests.stream import Stream, open_stream


@dataclass(frozen=True, slots=True)
class ProducerPublisher:
    """A `ResultPublisher` by a producer of its own."""

    producer: AIOKafkaProducer

    async def publish(self, message: OutgoingMessage) -> RecordPlace:
        """See `ResultPublisher`."""
        sent = await self.producer.send_and_wait(
            message.topic, message.value, message.key, message.partition
        )
        return RecordPlace(partition=sent.partition, offset=sent.offset)


@pytest.fixture
async def stream(servers: ServerAddresses) -> Stream:
    """A stream of its own."""
    return await open_stream(servers)


@pytest.fixture
async def publisher(stream: Stream) -> AsyncIterator[ProducerPublisher]:
    """Puts messages onto its topics."""
    producer = AIOKafkaProducer(**client_options(stream.settings))
    await producer.start()
    yield ProducerPublisher(producer)
    await producer.stop()


@asynccontextmanager
async def open_topic(
    settings: Settings, publisher: ProducerPublisher
) -> AsyncIterator[ReadingTopic]:
    """The topic as one worker sees it."""
    topic = ReadingTopic(settings, publisher)
    assert await topic.open()
    try:
        yield topic
    finally:
        await topic.close()


def _knows(log: ReadingLog, place: RecordPlace) -> bool:
    state = log.state("r")
    return state is not None and state.result == place


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_workers_agree(stream: Stream, publisher: ProducerPublisher) -> None:
    """One of several claims wins; all hear of the result, and who comes later as well."""
    async with AsyncExitStack() as stack:
        topics = [
            await stack.enter_async_context(open_topic(stream.settings, publisher))
            for _ in range(3)
        ]
        tokens = await asyncio.gather(
            *(topic.log.claim("r", None, f"t/{n}") for n, topic in enumerate(topics))
        )
        assert sum(token is not None for token in tokens) == 1
        place = RecordPlace(partition=2, offset=5)
        topics[0].log.note_result("r", "", place)
        await topics[0].flush()
        late = await stack.enter_async_context(open_topic(stream.settings, publisher))
        for topic in (*topics, late):
            await _until(partial(_knows, topic.log, place))


async def test_topic_is_created_where_it_is_missing(
    stream: Stream, publisher: ProducerPublisher
) -> None:
    """A worker needs no `setup` of its own for it; there is one partition, whose order counts."""
    settings = stream.settings.model_copy(
        update={"results_topic": f"{stream.settings.results_topic}.b"}
    )
    assert settings.readings_topic not in await existing_topics(settings)
    async with open_topic(settings, publisher):
        assert (await existing_topics(settings))[settings.readings_topic] == 1


@pytest.mark.real_servers
async def test_topic_that_is_refused_means_no_cache(
    stream: Stream, publisher: ProducerPublisher
) -> None:
    """The worker reads all the same; here the topic's name is too long for the broker."""
    settings = stream.settings.model_copy(update={"results_topic": "r" * 245})
    topic = ReadingTopic(settings, publisher)
    assert not await topic.open()
    await topic.close()


async def test_result_is_found_at_its_place(stream: Stream, publisher: ProducerPublisher) -> None:
    """Any record of the results topic can be had, in any order; what is not there is None."""
    settings = stream.settings
    places = [
        await publisher.publish(
            OutgoingMessage(settings.results_topic, None, f"{number}".encode(), number % 2)
        )
        for number in range(20)
    ]
    async with open_topic(settings, publisher) as topic:
        for number in (7, 3, 18, 0, 19, 7):
            assert await topic.result_at(places[number]) == f"{number}".encode()
        assert await topic.result_at(RecordPlace(partition=0, offset=1000)) is None
        assert await topic.result_at(places[4]) == b"4"


async def test_cancelled_look_up_costs_nobody_else_anything(
    stream: Stream, publisher: ProducerPublisher
) -> None:
    """A document that is handed back in the middle of a look-up leaves the others their results."""
    place = await publisher.publish(OutgoingMessage(stream.settings.results_topic, None, b"r", 0))
    async with open_topic(stream.settings, publisher) as topic:
        for pause_s in (0.0, 0.001, 0.01):
            looking = asyncio.create_task(topic.result_at(place))
            await asyncio.sleep(pause_s)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        assert await topic.result_at(place) == b"r"
