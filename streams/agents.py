"""The Faust side: one agent on the uploads topic, a few lines around `Intake.accept`.

`stream.noack().events()` is the one way of consuming in which Faust acknowledges nothing by itself,
and nothing is ever acknowledged to Faust: at a rebalance it would drop what it had not committed
yet, and then commit nothing more. Offsets are committed by `DocumentConsumer.commit_offsets`.
Values stay bytes: what Faust fails to decode it would acknowledge.
"""

import time
import types
from collections.abc import Coroutine, Generator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, cast

import faust
from faust import streams as faust_streams
from faust.streams import Stream
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from mode.services import WaitArgT, WaitResults
from mode.utils.times import Seconds

from streams.acknowledge import Partition
from streams.errors import SettingsError
from streams.intake import Intake
from streams.kafka import ssl_context
from streams.messages import IncomingEvent
from streams.settings import Settings

BUFFERED_EVENTS_MAX = 64
"""Events waiting in memory per stream; Faust's default is 4,096."""

PUBLISH_TIMEOUT_S = 20.0
"""Faust's default is 20 minutes."""

POLL_INTERVAL_MAX_S = 300.0
"""A worker that neither fetches nor shows life for so long leaves its group, see `show_life`."""


class FaustMessage(Protocol):
    """What is used of a Faust message."""

    topic: str
    partition: int
    offset: int
    timestamp: float | None
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] | list[tuple[str, bytes]] | None
    generation_id: int | None


def build_app(settings: Settings, intake: Intake) -> faust.App:
    """A Faust app whose only agent hands every event to `intake`."""
    _require_compiled_streams()
    app = faust.App(settings.consumer_group, **faust_options(settings))  # type: ignore[arg-type]
    app.transport.Consumer = DocumentConsumer  # type: ignore[misc]
    uploads = app.topic(
        settings.uploads_topic,
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
        allow_empty=True,
        acks=True,
    )

    @app.agent(uploads, name="ocrstream.uploads")
    async def read_uploads(stream: faust.StreamT[bytes]) -> None:
        async for event in cast(Stream[bytes], stream).noack().events():
            try:
                await intake.accept(
                    _incoming(event.message), is_current=partial(_is_current, app, event.message)
                )
            except Exception as error:  # noqa: BLE001 - Faust would acknowledge the event
                await intake.break_down(error)

    return app


class DocumentConsumer(Consumer):
    """Faust's consumer, told what to commit, which also goes back where nothing was committed yet.

    After a rebalance Faust throws away what it had fetched and seeks to the committed offsets; for
    a partition without one it stays where it was, and what it threw away would be passed over.
    """

    async def perform_seek(self) -> None:
        """Seek every partition to its committed offset, or to its beginning."""
        await super().perform_seek()
        fresh = [tp for tp in self.assignment() if not self._committed_offset.get(tp)]
        if fresh:
            partitions = (self._new_topicpartition(tp.topic, tp.partition) for tp in fresh)
            await self._thread.seek_to_beginning(*partitions)
            self._read_offset.update(dict.fromkeys(fresh))

    async def wait_first(
        self,
        *coros: WaitArgT,
        timeout: Seconds = None,  # type: ignore[assignment]  # noqa: ASYNC109 - as Faust has it
    ) -> WaitResults:
        """Begin the delivery of a message at once; where that waits, go on as Faust does.

        For every message Faust waits for its delivery or for a rebalance, whichever comes first,
        with four tasks: a tenth of what delivering costs. Nearly always nothing keeps a message.
        """
        if len(coros) == 2 and isinstance(coros[0], Coroutine):
            delivery, interruption = coros[0], cast(Coroutine[None, None, None], coros[1])
            try:
                waits_for = delivery.send(None)
            except BaseException as end:
                interruption.close()
                if isinstance(end, StopIteration):
                    return WaitResults([], [], False)
                raise
            coros = _rest_of(delivery, waits_for), interruption
        return await super().wait_first(*coros, timeout=timeout)

    @property
    def is_member(self) -> bool:
        """Whether the group still knows us; False after a silence longer than the session."""
        return int(self._thread._ensure_consumer()._coordinator.generation) >= 0

    def show_life(self) -> None:
        """Count as fetching, though a full worker fetches nothing, however long a document takes.

        Kafka's clients take a consumer for dead that does not ask for records, and leave the group.
        """
        subscription = self._thread._ensure_consumer()._subscription
        subscription._last_fetch_ended = time.monotonic()

    async def commit_offsets(self, offsets: Mapping[Partition, int]) -> bool:
        """Commit the next offset to read of each partition; False if the broker did not take it."""
        by_partition = {TP(p.topic, p.number): offset for p, offset in offsets.items()}
        if not await self._commit(by_partition):
            return False
        self._committed_offset.update(by_partition)
        return True


async def _rest_of(begun: Coroutine[object, object, None], waits_for: object) -> None:
    """What is left of a coroutine that was begun by hand and now waits for a future."""

    @types.coroutine
    def go_on(waits_for: object) -> Generator[object, object, None]:
        while True:
            try:
                answer = yield waits_for
            except BaseException as error:  # noqa: BLE001 - whatever comes is its own
                step = partial(begun.throw, error)
            else:
                step = partial(begun.send, answer)
            try:
                waits_for = step()
            except StopIteration:
                return

    await go_on(waits_for)


def _require_compiled_streams() -> None:
    """Faust's stream in Python acknowledges what it skips after a rebalance; its Cython does not.

    Raises:
        SettingsError: Faust runs without its compiled part.
    """
    if faust_streams._CStreamIterator is None:  # type: ignore[attr-defined]
        raise SettingsError(
            "Faust runs without its compiled part, which loses events at rebalances; unset "
            "NO_CYTHON and install a binary wheel of faust-streaming"
        )


def faust_options(settings: Settings) -> dict[str, object]:
    """Faust's configuration; every value that differs from its default has its reason here."""
    session_s = settings.kafka_session_timeout_s
    return {
        "broker": [f"aiokafka://{address}" for address in settings.kafka_brokers.split(",")],
        "broker_credentials": _credentials(settings),
        "broker_session_timeout": session_s,
        "broker_heartbeat_interval": session_s / 4,
        "broker_rebalance_timeout": 2 * session_s,
        "broker_request_timeout": max(15.0, session_s),
        "broker_max_poll_interval": POLL_INTERVAL_MAX_S,
        "consumer_auto_offset_reset": "earliest",
        "datadir": settings.data_dir / "faust",
        "producer_acks": -1,
        "producer_request_timeout": PUBLISH_TIMEOUT_S,
        "producer_max_request_size": max(1_048_576, 2 * settings.message_bytes_max),
        "stream_buffer_maxsize": BUFFERED_EVENTS_MAX,
        # Faust would wait without a limit; `Intake.drain` has one.
        "stream_wait_empty": False,
        "table_standby_replicas": 0,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
    }


def _credentials(settings: Settings) -> object:
    context = ssl_context(settings)
    if settings.kafka_security_protocol.startswith("SASL"):
        password = settings.kafka_password
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=password.get_secret_value() if password else None,
            ssl_context=context,
            mechanism=settings.kafka_sasl_mechanism,
        )
    return faust.SSLCredentials(context=context) if context else None


def consumer_lag(app: faust.App, partition: TP) -> float:
    """Events of a partition that are not committed yet, as far as the broker has told its end."""
    consumer = cast(Consumer, app.consumer)
    end = consumer.highwater(partition)
    done = consumer._committed_offset.get(partition) or 0
    return float(max(0, (end or 0) - done))


def _is_current(app: faust.App, message: FaustMessage) -> bool:
    return message.generation_id == app.consumer_generation_id


def _incoming(message: FaustMessage) -> IncomingEvent:
    headers = message.headers or ()
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return IncomingEvent(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=_time(message.timestamp),
        key=message.key,
        value=message.value,
        headers=tuple(pairs),
    )


def _time(timestamp_s: float | None) -> datetime | None:
    """What a producer said the time was, None where that is no time at all."""
    if timestamp_s is None or timestamp_s <= 0:
        return None
    try:
        return datetime.fromtimestamp(timestamp_s, UTC)
    except (ValueError, OverflowError, OSError):
        return None
