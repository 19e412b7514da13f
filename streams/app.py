"""The composition root: everything a worker is made of is put together here, and nowhere else."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import NoReturn, cast

from processors.gate import Gate
from processors.reader import open_reader
from schemas.dead_letters import Stage
from streams.admission import DocumentGate, DocumentPlace, Turns
from streams.agents import DocumentConsumer, build_app, consumer_lag
from streams.assignment import DocumentReader
from streams.breaker import Breaker
from streams.errors import BrokerAway, WorkerFailed
from streams.gateway_documents import GatewayDocuments
from streams.handler import DocumentHandler
from streams.health import Health, serve_health
from streams.intake import Intake
from streams.journal import CrashJournal
from streams.masking import open_masker
from streams.messages import IncomingEvent
from streams.metrics import Metrics
from streams.outcomes import Outcomes
from streams.page_pictures import PagePictures
from streams.progress import Progress
from streams.provision import buckets, existing_topics, topics
from streams.publisher import FaustPublisher
from streams.quarantine import Quarantine
from streams.reading_topic import ReadingTopic
from streams.result_cache import ResultCache
from streams.retention.repeats import Repeats
from streams.retention.rules import RetentionRules
from streams.retention.settled_uploads import SettledUploads
from streams.retry import Dead, Retrier
from streams.settings import Settings
from streams.store.sealed_store import OpenStore

logger = logging.getLogger(__name__)

STOP_LIMIT_S = 5.0
"""What Faust may take to leave its group after everything was drained."""

DELETE_LIMIT_S = 1.0
"""What deleting settled uploads may take of that; the others are left to the sweep."""

WINDOW_FACTOR = 4
"""Events delivered and not acknowledged, as a multiple of the documents in flight."""

COMMIT_PAUSE_S = 0.05
"""Least time between commits; what is settled and not committed is repeated after a crash."""

COMMIT_AGAIN_S = 1.0
"""What the broker did not take is sent again after so long, also if nothing more was settled."""

SHOW_LIFE_INTERVAL_S = 1.0
"""How often a worker that makes progress says so to its Kafka client."""

LOOK_INTERVAL_S = 15.0
"""How often broker and store are asked whether they are there, for `/readyz` of an idle worker."""

REVOKE_SHARE = 0.4
"""Share of the rebalance timeout (twice the session timeout) that documents may still take."""


class Worker:
    """A Faust app with everything around it.

    Args:
        settings: All settings.
        reader: From bytes to text; the tests bring their own.
        metrics: What the reader reports to as well.
    """

    def __init__(self, settings: Settings, reader: DocumentReader, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._failure: BaseException | None = None
        self._failed = asyncio.Event()
        self._journal = CrashJournal(settings.data_dir)
        connections = settings.max_documents_in_flight
        self._store = OpenStore(settings, connections)
        bytes_gate = Gate(settings.bytes_in_flight_max)
        documents_gate = DocumentGate(settings.max_documents_in_flight)
        metrics.in_flight.labels("documents").set_function(lambda: documents_gate.held)
        metrics.in_flight.labels("bytes").set_function(lambda: bytes_gate.held)
        metrics.in_flight.labels("pixels").set_function(lambda: reader.load.pixel_count)
        self._health = Health(metrics, lambda: reader.load.busy_s)
        self._beside: list[asyncio.Task[None]] = []
        self._committable = asyncio.Event()
        self._intake = Intake(
            self._handle,
            documents_gate,
            metrics,
            self._fail,
            window=WINDOW_FACTOR * settings.max_documents_in_flight,
            committable=self._committable.set,
        )
        self._app = build_app(settings, self._intake)
        self._app.on_partitions_revoked.connect(self._on_revoked)
        self._app.on_partitions_assigned.connect(self._on_assigned)
        publisher = FaustPublisher(self._app)
        masker = open_masker(settings)
        self._readings = ReadingTopic(settings, publisher)
        self._cache = ResultCache(
            self._readings.log,
            self._readings.result_at,
            self._store,
            metrics,
            settings.cache_age_s,
        )
        self._settled = SettledUploads(self._store, RetentionRules.of(settings))
        documents = GatewayDocuments(settings, self._store, publisher)
        self._handler = DocumentHandler(
            settings=settings,
            reader=reader,
            store=self._store,
            outcomes=Outcomes(settings, self._store, publisher, masker),
            gateway=documents,
            progress=Progress(settings.progress_topic, publisher),
            pictures=(
                PagePictures(settings.results_bucket, self._store, masker)
                if masker is not None and settings.page_pictures
                else None
            ),
            retrier=Retrier(
                self._health.note_away,
                self._health.note_back,
                lambda stage: metrics.retries.labels(stage).inc(),
            ),
            metrics=metrics,
            bytes_gate=bytes_gate,
            cache=self._cache,
            turns=Turns(),
            quarantine=Quarantine(self._journal),
            breaker=Breaker(settings.breaker_limit, self._health.note_breaker),
            settled=self._settled,
            repeats=Repeats(settings, documents, self._settled),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Read events until `stop` is set, then drain.

        Raises:
            WorkerFailed: Faust or the code of ours broke down.
        """
        async with serve_health(self._health, self._metrics, self._settings):
            self._journal.watch()
            try:
                if await self._wait_for_dependencies(stop):
                    await self._read_until(stop)
            finally:
                self._journal.close()
                await self._readings.close()
                await self._store.close()

    async def _read_until(self, stop: asyncio.Event) -> None:
        try:
            if await _done_before(stop, self._app.start()):
                logger.info("reading %s", self._settings.uploads_topic)
                self._beside = [
                    asyncio.create_task(self._commit_soon()),
                    asyncio.create_task(self._cache.keep_renewing()),
                    asyncio.create_task(self._look_around()),
                    asyncio.create_task(self._show_life()),
                    asyncio.create_task(self._settled.keep_deleting()),
                ]
                await self._until_stopped(stop)
        finally:
            await self._stop()

    async def _look_around(self) -> None:
        """Notice a server that goes away while there is nothing to do."""
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            with suppress(Dead):  # an answer of another kind than "away" says nothing here
                await self._handler.retrier.run(Stage.EVENT, self._reach_dependencies)

    async def _show_life(self) -> None:
        """Stay in the group while there is progress; an engine that hangs is to lose its events."""
        while True:
            if self._health.stall() is None:
                self._consumer.show_life()
            await asyncio.sleep(SHOW_LIFE_INTERVAL_S)

    async def _commit_soon(self) -> None:
        """Commit whenever a document was settled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._committable.wait(), COMMIT_AGAIN_S)
            self._committable.clear()
            await self._commit()
            await asyncio.sleep(COMMIT_PAUSE_S)

    async def _commit(self) -> None:
        await self._intake.commit(self._consumer.commit_offsets, self._settled.release)

    @property
    def _consumer(self) -> DocumentConsumer:
        return cast(DocumentConsumer, self._app.consumer)

    async def _handle(self, event: IncomingEvent, place: DocumentPlace) -> None:
        await self._handler.handle(event, place)

    async def _wait_for_dependencies(self, stop: asyncio.Event) -> bool:
        """Wait until the broker has our topics and the store our bucket; False: stopped before."""
        return await _done_before(
            stop, self._handler.retrier.run(Stage.EVENT, self._check_dependencies)
        )

    async def _check_dependencies(self) -> None:
        await self._reach_dependencies()
        if self._cache.is_open:
            self._cache.is_open = await self._readings.open()

    async def _reach_dependencies(self) -> None:
        there = await existing_topics(self._settings)
        missing = [name for name in topics(self._settings) if name not in there]
        if missing:
            raise BrokerAway(f"no topic {', '.join(missing)}; `ocrstream setup` creates topics")
        for bucket in buckets(self._settings):
            await self._store.check(bucket)

    async def _until_stopped(self, stop: asyncio.Event) -> None:
        ends = [
            asyncio.ensure_future(end)
            for end in (stop.wait(), self._failed.wait(), self._watch_app())
        ]
        endless = [*self._beside, *filter(None, [self._readings.sending])]
        await asyncio.wait({*ends, *endless}, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        for task in endless:
            if task.done():
                self._failure = task.exception()
        if not stop.is_set():
            cause = self._failure or self._app.crash_reason
            raise WorkerFailed(f"the worker broke down: {cause!r}") from cause

    async def _watch_app(self) -> bool:
        """Return when Faust stopped or crashed; the reason is kept in `crash_reason`."""
        with suppress(Exception):
            await self._app.wait_until_stopped()
        return True

    async def _stop(self) -> None:
        """Finish what is in work within the limit, commit, leave the group."""
        self._health.is_draining = True
        self._intake.suspend()
        await self._intake.drain(self._settings.drain_timeout_s)
        for task in self._beside:
            task.cancel()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await self._commit()
                await self._readings.flush()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._settled.delete_due(), DELETE_LIMIT_S)
                await self._app.stop()
        except TimeoutError:
            logger.warning("the broker does not answer the farewell; offsets may be read again")
            # Faust's tasks wait for the broker and cannot be cancelled.
            self._journal.close()
            leave(1 if self._failed.is_set() or self._app.crashed else 0)

    async def _on_revoked(self, *_: object, **__: object) -> None:
        """Before a rebalance: finish what can be finished in time, commit, forget the rest.

        Where the group threw us out, others have our documents by now, and nothing is finished.
        """
        limit_s = 2 * self._settings.kafka_session_timeout_s * REVOKE_SHARE
        self._intake.suspend()
        self._readings.log.is_alone = False
        if self._consumer.is_member:
            await self._intake.drain(min(limit_s, self._settings.drain_timeout_s))
            await self._commit()
        else:
            await self._intake.drain(0)
        self._intake.forget()
        self._settled.forget()

    async def _on_assigned(self, *_: object, **__: object) -> None:
        self._intake.resume()
        self._health.is_assigned = True
        self._metrics.lag.clear()
        assignment = self._consumer.assignment()
        partition_count = self._consumer.topic_partitions(self._settings.uploads_topic)
        self._readings.log.is_alone = len(assignment) == partition_count
        for partition in assignment:
            self._metrics.lag.labels(str(partition.partition)).set_function(
                partial(consumer_lag, self._app, partition)
            )

    def _fail(self, error: BaseException) -> None:
        logger.critical("a fault of ocrstream itself", exc_info=error)
        self._failure = error
        self._failed.set()


async def _done_before(stop: asyncio.Event, work: Coroutine[object, object, object]) -> bool:
    """Do something that may take long; False: stopped before, and it was cancelled."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
    for task in (working, stopping):
        task.cancel()
    await asyncio.wait({working, stopping}, timeout=STOP_LIMIT_S)
    return not stop.is_set()


def leave(code: int) -> NoReturn:
    """End at once, without waiting for threads and tasks that wait for a server that is away."""
    logging.shutdown()
    os._exit(code)


OpenReader = Callable[[Settings, Metrics], AbstractContextManager[DocumentReader]]
"""Opens what reads, for the time of a `with` block."""


def open_models(settings: Settings, metrics: Metrics) -> AbstractContextManager[DocumentReader]:
    """The reader of a worker: the models on their engine, prepared for whatever may come."""
    return open_reader(settings.reader_options(), metrics.observe_batch, every_shape=True)


async def run_worker(settings: Settings, open_documents: OpenReader = open_models) -> None:
    """Open the models and read events until SIGTERM or SIGINT; a second one ends at once.

    While the models are opened, in a thread, nothing is in work, and the first one ends at once.

    Args:
        settings: All settings.
        open_documents: Opens the reader, in a thread; the chaos suite brings a quick one.

    Raises:
        ModelError: a model, the engine or the device is missing or unfit.
        WorkerFailed: the worker broke down.
    """
    stop = asyncio.Event()

    def on_early_signal() -> None:
        logger.info("stopped before the models were open")
        leave(0)

    def on_signal() -> None:
        if stop.is_set():
            logger.warning("stopped at once; what was in work will be read again")
            leave(130)
        logger.info("draining; a second signal ends at once")
        stop.set()

    _handle_signals(on_early_signal)
    metrics = Metrics()
    opened = await asyncio.to_thread(open_documents, settings, metrics)
    _handle_signals(on_signal)  # after Paddle, which takes handlers away when it is imported
    with opened as reader:
        info = reader.info
        models = ", ".join(info.models.values())
        place = f"{info.device}, {info.precision}"
        logger.info("engine %s on %s, models %s", info.engine, place, models)
        await Worker(settings, reader, metrics).run(stop)


def _handle_signals(handler: Callable[[], None]) -> None:
    """Have SIGTERM and SIGINT call something, in place of what they called before."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, handler)
