"""The topic on which workers agree on who reads what: followed and written by every worker."""

import asyncio
import logging
from contextlib import suppress

from schemas.readings import RecordPlace
from streams.errors import TopicRefused
from streams.provision import create_readings_topic
from streams.publisher import OutgoingMessage, ResultPublisher
from streams.reading_log import ReadingLog
from streams.records import RecordLookup, TopicFollower
from streams.settings import Settings

FLUSH_TIMEOUT_S = 2.0

logger = logging.getLogger(__name__)


class ReadingTopic:
    """A `ReadingLog` on its topic, and the results that it leads to.

    Args:
        settings: Names of topics, bounds.
        publisher: Puts messages onto topics.
    """

    def __init__(self, settings: Settings, publisher: ResultPublisher) -> None:
        self._settings = settings
        self._publisher = publisher
        self.log = ReadingLog(self._send, settings.cache_entries_max)
        self._results = RecordLookup(settings, settings.cached_topic)
        self._follower = TopicFollower(
            settings, settings.readings_topic, self.log.apply, settings.cache_entries_max
        )
        self._sending: asyncio.Task[None] | None = None

    async def open(self) -> bool:
        """Create the topic if it is missing, take what is on it, and follow it from now on.

        Returns:
            False: the broker lets us neither create nor read it, and will not by itself.

        Raises:
            BrokerAway: it does not answer; try again.
        """
        try:
            await create_readings_topic(self._settings)
            await self._follower.open()
        except TopicRefused as err:
            logger.warning("equal content is read again and again: %s", err)
            return False
        self._sending = asyncio.create_task(self.log.keep_sending())
        return True

    async def result_at(self, place: RecordPlace) -> bytes | None:
        """The message at a place of the results topic, None where there is none any more.

        Raises:
            BrokerAway: the broker does not answer.
        """
        return await self._results.value(place.partition, place.offset)

    @property
    def sending(self) -> asyncio.Task[None] | None:
        """The task that tells; it ends only by a fault of ours."""
        return self._sending

    async def flush(self) -> None:
        """Tell what is still to be told, if that can be done soon."""
        if self._sending is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.log.flush(), FLUSH_TIMEOUT_S)

    async def close(self) -> None:
        """Follow no longer."""
        if self._sending is not None:
            self._sending.cancel()
        await asyncio.gather(self._follower.close(), self._results.close())

    async def _send(self, value: bytes) -> None:
        await self._publisher.publish(
            OutgoingMessage(self._settings.readings_topic, None, value, partition=0)
        )
