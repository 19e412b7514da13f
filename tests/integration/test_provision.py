"""`setup` creates what is missing and changes nothing that is there."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.embedded import ServerAddresses
from streams.errors import BrokerAway
from streams.kafka import client_options
from streams.provision import TopicPlan, existing_topics, provision
from streams.settings import Settings
from tests.stream import open_stream


async def test_provision_creates_everything_once(servers: ServerAddresses) -> None:
    """A second run with other wishes leaves topics and buckets as they are."""
    stream = await open_stream(servers)
    before = await existing_topics(stream.settings)
    steps = await provision(stream.settings, TopicPlan(9, 1), dry_run=False)
    assert [step.outcome for step in steps if step.what.startswith("bucket")] == ["exists"] * 2
    assert all("exists" in step.outcome for step in steps if step.what.startswith("topic"))
    after = await existing_topics(stream.settings)
    assert after[stream.settings.uploads_topic] == before[stream.settings.uploads_topic] == 3


async def test_provision_dry_run_creates_nothing(servers: ServerAddresses) -> None:
    """What would be created is named, and not there afterwards."""
    stream = await open_stream(servers)
    other = stream.settings.model_copy(
        update={"results_topic": "dry-run", "results_bucket": "dry-run-bucket"}
    )
    steps = await provision(other, TopicPlan(), dry_run=True)
    planned = {step.what for step in steps if step.outcome == "would be created"}
    assert planned == {"topic dry-run", "topic dry-run.readings", "bucket dry-run-bucket"}
    assert "dry-run" not in await existing_topics(other)
    assert not stream.store.bucket_exists(bucket_name="dry-run-bucket")


async def test_provision_without_a_broker_says_so() -> None:
    """A broker that does not answer is told with its address."""
    settings = Settings.from_environment(kafka_brokers="127.0.0.1:9")
    with pytest.raises(BrokerAway, match=r"127\.0\.0\.1:9"):
        await provision(settings, TopicPlan(), dry_run=False)


@pytest.mark.real_servers
async def test_provision_keeps_other_notifications(servers: ServerAddresses) -> None:
    """The notification is made once; a second run finds it."""
    assert servers.notification_arn
    stream = await open_stream(servers, notification_arn=servers.notification_arn)
    steps = await provision(stream.settings, TopicPlan(), dry_run=False)
    assert steps[-1].outcome == "exists"
    rules = stream.store.get_bucket_notification(bucket_name=stream.settings.uploads_bucket)
    assert len(rules.queue_config_list or ()) == 1


@pytest.mark.parametrize(
    ("age_s", "retention_ms", "segment_ms"),
    [
        (None, 604_800_000, None),
        (10**9, 604_800_000, None),
        (86_400, 86_400_000, 21_600_000),
        (0, 60_000, 60_000),
    ],
)
def test_topic_plan_keeps_messages_no_longer(
    age_s: float | None, retention_ms: int, segment_ms: int | None
) -> None:
    """Shorter where results are to be kept shorter, but long enough to be consumed."""
    plan = TopicPlan().no_longer_than(age_s)
    assert (plan.retention_ms, plan.segment_ms) == (retention_ms, segment_ms)


@pytest.mark.real_servers
async def test_provision_makes_topics_of_results_that_keep_no_more(
    servers: ServerAddresses,
) -> None:
    """Results and readings go with the stored results; uploads stay a week."""
    stream = await open_stream(servers, retain_results_s="7200")
    settings = stream.settings
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        names = (settings.results_topic, settings.readings_topic, settings.uploads_topic)
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        answers = await admin.describe_configs(wanted)
    finally:
        await admin.close()
    kept = {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}["retention.ms"]
        for answer in answers
        for resource in answer.resources
    }
    assert [kept[name] for name in names] == ["7200000", "7200000", "604800000"]
