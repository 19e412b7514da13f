"""Topics, buckets, their rules and notification: creates what is missing.

What is there is not changed, but for lifecycle rules of ours.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from minio import Minio
from minio.error import MinioException, S3Error
from minio.notificationconfig import NotificationConfig, QueueConfig
from urllib3.exceptions import HTTPError

from streams.errors import BrokerAway, LifecycleUnsupported, StoreAway, StreamError, TopicRefused
from streams.kafka import client_options, why_unreachable
from streams.retention.lifecycle import (
    areas_without_rule,
    has_rules,
    planned_rules,
    set_rules,
)
from streams.retention.rules import RetentionRules
from streams.settings import Settings
from streams.store.object_store import connect

CREATED_EVENTS = "s3:ObjectCreated:*"

_ALREADY_THERE = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})

REPLICATION_DEFAULT = 3
"""Replicas that survive the loss of a broker and the restart of another."""

MESSAGE_BYTES_DEFAULT = 1_048_588
"""Kafka's own `max.message.bytes`."""

MESSAGE_OVERHEAD = 100_000
"""Room for a message's key, headers and framing."""

READINGS_AGE_MIN_S = 3600.0
"""A claim must outlive the reading that it is for."""

PROGRESS_AGE_MS = 3_600_000

RETENTION_MIN_MS = 60_000
"""Results must be on their topic for as long as it takes to consume them."""

SEGMENT_MIN_MS = 60_000
"""Every segment is a few open files of the broker's."""

_WEEK_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """How missing topics are created.

    Attributes:
        partition_count: Of every topic; as many workers can share the uploads.
        replication_factor: None: three, or as many as there are brokers.
        retention_ms: How long messages are kept.
        segment_ms: After how long a file of messages is closed; only closed ones go. None: as the
            broker has it.
    """

    partition_count: int = 6
    replication_factor: int | None = None
    retention_ms: int = _WEEK_MS
    segment_ms: int | None = None

    def no_longer_than(self, age_s: float | None) -> Self:
        """The same, its messages kept no longer than so; None: as long as they are."""
        if age_s is None or age_s * 1000 >= self.retention_ms:
            return self
        age_ms = max(int(age_s * 1000), RETENTION_MIN_MS)
        return replace(self, retention_ms=age_ms, segment_ms=max(age_ms // 4, SEGMENT_MIN_MS))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at, and what became of it."""

    what: str
    outcome: str


async def provision(settings: Settings, plan: TopicPlan, dry_run: bool) -> list[Step]:
    """Create what is missing.

    Args:
        settings: Names of everything.
        plan: How topics are created.
        dry_run: Only say what would be done.

    Raises:
        BrokerAway: the broker does not answer, or refused.
        StoreAway: the store does not answer, or refused.
    """
    steps = await _provision_topics(settings, plan, dry_run)
    client = connect(settings)

    def provision_store() -> list[Step]:
        try:
            return [
                *(_provision_bucket(client, name, dry_run) for name in buckets(settings)),
                *_provision_lifecycle(client, settings, dry_run),
                _provision_notification(client, settings, dry_run),
            ]
        except (MinioException, HTTPError, OSError) as err:
            raise StoreAway(f"the store at {settings.s3_endpoint}: {err}") from err

    return steps + await asyncio.to_thread(provision_store)


def topics(settings: Settings) -> tuple[str, ...]:
    """Every topic that a worker cannot do without."""
    return (
        settings.uploads_topic,
        settings.results_topic,
        settings.alerts_topic,
        settings.dead_letters_topic,
        settings.progress_topic,
        *((settings.raw_results_topic,) if settings.mask else ()),
    )


def buckets(settings: Settings) -> tuple[str, ...]:
    """Every bucket that a worker uses."""
    keys = (settings.keys_bucket,) if settings.master_keys_file else ()
    return (settings.uploads_bucket, settings.results_bucket, *keys)


async def existing_topics(settings: Settings) -> dict[str, int]:
    """Topics of the broker with their partition counts.

    Raises:
        BrokerAway: it does not answer, or refused.
    """
    async with _admin(settings) as admin:
        described = await admin.describe_topics()
        return {entry["topic"]: len(entry["partitions"]) for entry in described}


class _admin:  # noqa: N801 - reads as a function
    """An admin client for the time of a `async with` block; its failures are `BrokerAway`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=15_000)

    async def __aenter__(self) -> AIOKafkaAdminClient:
        try:
            await self._client.start()
        except (KafkaError, OSError) as err:
            await self._client.close()
            reason = await why_unreachable(self._settings) or str(err)
            raise BrokerAway(f"the broker does not answer or refuses us: {reason}") from err
        return self._client

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        await self._client.close()
        if isinstance(error, KafkaError | OSError):
            raise BrokerAway(f"the broker at {self._settings.kafka_brokers}: {error}") from error


async def _provision_topics(settings: Settings, plan: TopicPlan, dry_run: bool) -> list[Step]:
    there = await existing_topics(settings)
    plans = dict.fromkeys(topics(settings), plan)
    plans |= dict.fromkeys(
        {settings.results_topic, settings.cached_topic},
        plan.no_longer_than(settings.retain_results_s),
    )
    plans[settings.progress_topic] = _progress_plan(plan.replication_factor)
    plans[settings.readings_topic] = _readings_plan(settings, plan.replication_factor)
    steps = [
        Step(f"topic {name}", f"exists, {there[name]} partition(s)")
        if name in there
        else Step(f"topic {name}", "would be created" if dry_run else "created")
        for name in plans
    ]
    if not dry_run:
        for name, its_plan in plans.items():
            if name not in there:
                await _create_topic(settings, its_plan, name)
    return steps


async def create_readings_topic(settings: Settings) -> None:
    """Create the topic on which workers agree on who reads what, if it is missing.

    Raises:
        TopicRefused: the broker does not create it.
        BrokerAway: the broker does not answer.
    """
    if settings.readings_topic not in await existing_topics(settings):
        await _create_topic(settings, _readings_plan(settings, None), settings.readings_topic)


def _readings_plan(settings: Settings, replication_factor: int | None) -> TopicPlan:
    """One partition: its order is what workers agree upon."""
    age_ms = int(max(settings.cache_age_s, READINGS_AGE_MIN_S) * 1000)
    retain_s = settings.retain_results_s
    age_max_s = None if retain_s is None else max(retain_s, READINGS_AGE_MIN_S)
    return TopicPlan(1, replication_factor, age_ms).no_longer_than(age_max_s)


def _progress_plan(replication_factor: int | None) -> TopicPlan:
    """One partition, which every replica of the gateway follows; nobody asks for what is past."""
    return TopicPlan(1, replication_factor, PROGRESS_AGE_MS)


async def _create_topic(settings: Settings, plan: TopicPlan, name: str) -> None:
    async with _admin(settings) as admin:
        brokers = (await admin.describe_cluster())["brokers"]
        replicas = plan.replication_factor or min(REPLICATION_DEFAULT, len(brokers))
        bytes_max = max(MESSAGE_BYTES_DEFAULT, settings.message_bytes_max + MESSAGE_OVERHEAD)
        configs = {
            "retention.ms": str(plan.retention_ms),
            "max.message.bytes": str(bytes_max),
        }
        if plan.segment_ms is not None:
            configs["segment.ms"] = str(plan.segment_ms)
        response = await admin.create_topics(
            [NewTopic(name, plan.partition_count, replicas, topic_configs=configs)]
        )
        for _, code, *detail in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise TopicRefused(f"topic {name} was not created: {error.__name__} {detail}")


def _provision_bucket(client: Minio, name: str, dry_run: bool) -> Step:
    what = f"bucket {name}"
    if client.bucket_exists(bucket_name=name):
        return Step(what, "exists")
    if dry_run:
        return Step(what, "would be created")
    try:
        client.make_bucket(bucket_name=name)
    except S3Error as err:
        if err.code not in _ALREADY_THERE:
            raise
    return Step(what, "created")


def _provision_lifecycle(client: Minio, settings: Settings, dry_run: bool) -> list[Step]:
    """Rules of ours that buckets are to have; those of others are kept."""
    rules = RetentionRules.of(settings)
    steps = [
        Step(f"lifecycle of {area.bucket}/{area.prefix}", f"left to `retention sweep`: {why}")
        for area, why in areas_without_rule(rules).items()
    ]
    for bucket, planned in planned_rules(rules).items():
        what = f"lifecycle of {bucket}"
        is_there = client.bucket_exists(bucket_name=bucket)
        is_unused = bucket == settings.keys_bucket and not settings.master_keys_file
        if not is_there and (is_unused or not planned):
            continue
        try:
            if is_there and has_rules(client, bucket, planned):
                steps += [Step(what, f"exists, {len(planned)} rule(s)")] if planned else []
            elif dry_run:
                steps.append(Step(what, f"would be set, {len(planned)} rule(s)"))
            elif is_there:
                set_rules(client, bucket, planned)
                steps.append(Step(what, f"set, {len(planned)} rule(s)"))
            else:
                steps.append(Step(what, "not set: there is no such bucket"))
        except LifecycleUnsupported as err:
            steps += [Step(what, f"left to `retention sweep`: {err}")] if planned else []
    return steps


def _provision_notification(client: Minio, settings: Settings, dry_run: bool) -> Step:
    what = f"notification of {settings.uploads_bucket}"
    arn = settings.notification_arn
    if arn is None:
        return Step(what, "left alone: OCRSTREAM_NOTIFICATION_ARN is not set")
    bucket = settings.uploads_bucket
    if dry_run and not client.bucket_exists(bucket_name=bucket):
        return Step(what, "would be created")
    config = client.get_bucket_notification(bucket_name=bucket)
    if any(rule.queue == arn for rule in config.queue_config_list or ()):
        return Step(what, "exists")
    if dry_run:
        return Step(what, "would be created")
    try:
        _add_rule(client, bucket, config, arn)
    except MinioException as err:
        raise StoreAway(
            f"the store did not take the notification {arn} for {bucket}: {err}; is this target "
            "configured in the store, and does the store support notifications?"
        ) from err
    return Step(what, "created")


def _add_rule(client: Minio, bucket: str, config: NotificationConfig, arn: str) -> None:
    rules = list(config.queue_config_list or ())
    rules.append(QueueConfig(queue=arn, events=[CREATED_EVENTS], config_id="ocrstream"))
    client.set_bucket_notification(
        bucket_name=bucket,
        config=NotificationConfig(
            queue_config_list=rules,
            topic_config_list=config.topic_config_list,
            cloud_func_config_list=config.cloud_func_config_list,
        ),
    )


async def provision_patiently(
    settings: Settings,
    plan: TopicPlan,
    dry_run: bool,
    wait_s: float,
    waiting: Callable[[StreamError], None],
) -> list[Step]:
    """Do the same, but give servers that are just starting up to `wait_s` seconds.

    Raises:
        BrokerAway: the broker does not answer, or refused.
        StoreAway: the store does not answer, or refused.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while True:
        try:
            return await provision(settings, plan, dry_run)
        except (BrokerAway, StoreAway) as error:
            if loop.time() >= deadline:
                raise
            waiting(error)
            await asyncio.sleep(1.0)
