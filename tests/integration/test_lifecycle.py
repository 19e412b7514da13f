"""Lifecycle rules of a store: made once, kept apart from those of others."""

from xml.etree import ElementTree

import pytest
from minio.commonconfig import ENABLED, Filter
from minio.error import S3Error
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule

from streams.cli.doctor import find_rules
from streams.embedded import ServerAddresses
from streams.provision import TopicPlan, provision
from streams.retention.lifecycle import has_rules, planned_rules
from streams.retention.rules import RetentionRules
from streams.settings import Settings
from tests.stream import Stream, open_stream

RETAIN = {
    "retain_uploads_s": 86_400.0,
    "retain_results_s": 86_400.0,
    "retain_dead_letters_s": 172_800.0,
    "retain_pictures_s": 0.0,
}
FOREIGN = Rule(
    status=ENABLED,
    rule_filter=Filter(prefix="logs/"),
    rule_id="somebody's",
    expiration=Expiration(days=9),
)


async def steps_of(settings: Settings, dry_run: bool = False) -> dict[str, str]:
    """What `setup` says of lifecycle rules, by bucket."""
    steps = await provision(settings, TopicPlan(1, 1), dry_run)
    return {
        step.what.removeprefix("lifecycle of "): step.outcome
        for step in steps
        if step.what.startswith("lifecycle of ")
    }


def keeping(stream: Stream, **ages_s: float | None) -> Settings:
    """The stream's settings with other retention."""
    return stream.settings.model_copy(update=ages_s)


async def test_setup_sets_rules_once_and_keeps_those_of_others(servers: ServerAddresses) -> None:
    """New settings change ours, none take them away, and somebody's rule is there all the time."""
    stream = await open_stream(servers)
    client, bucket = stream.store, stream.settings.uploads_bucket
    client.set_bucket_lifecycle(bucket, LifecycleConfig([FOREIGN]))
    settings = keeping(stream, **RETAIN)
    assert (await steps_of(settings, dry_run=True))[bucket] == "would be set, 1 rule(s)"
    assert (await steps_of(settings))[bucket] == "set, 1 rule(s)"
    told = await steps_of(settings)
    assert told[bucket] == "exists, 1 rule(s)"
    assert told[stream.settings.results_bucket] == "exists, 5 rule(s)"
    longer = keeping(stream, **{**RETAIN, "retain_uploads_s": 9 * 86_400.0})
    assert (await steps_of(longer))[bucket] == "set, 1 rule(s)"
    there = client.get_bucket_lifecycle(bucket)
    assert there is not None
    days = {rule.rule_id: rule.expiration.days for rule in there.rules if rule.expiration}
    assert days.pop("somebody's") == 9
    assert [*days.values()] == [17]  # a week for what may be unread
    await steps_of(stream.settings)
    there = client.get_bucket_lifecycle(bucket)
    assert there is not None
    assert [rule.rule_id for rule in there.rules] == ["somebody's"]


async def test_rules_of_others_are_kept_to_the_letter(
    servers: ServerAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what the SDK does not know of them: without its condition a rule deletes more."""
    stream = await open_stream(servers)
    condition = "<ObjectSizeGreaterThan>1000</ObjectSizeGreaterThan>"
    foreign = (
        "<LifecycleConfiguration><Rule><ID>theirs</ID><Status>Enabled</Status><Filter><And>"
        f"<Prefix>x/</Prefix>{condition}</And></Filter>"
        "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"
    )
    sent: list[bytes] = []
    whole = stream.store._execute

    class Answer:
        data = foreign.encode()

    def execute(client: object, method: str, *args: object, **kwargs: object) -> object:
        if "lifecycle" not in (kwargs.get("query_params") or {}):  # type: ignore[operator]
            return whole(method, *args, **kwargs)  # type: ignore[arg-type]
        if method == "PUT":
            body = kwargs["body"]
            assert isinstance(body, bytes)
            sent.append(body)
        return Answer

    monkeypatch.setattr("minio.Minio._execute", execute)
    await steps_of(keeping(stream, **RETAIN))
    assert len(sent) == 2
    assert all(condition in ElementTree.canonicalize(body.decode()) for body in sent)


async def test_store_without_rules_is_no_failure(
    servers: ServerAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`setup` and `doctor` say that it is left to the sweep."""
    stream = await open_stream(servers)
    settings = keeping(stream, **RETAIN)
    whole = stream.store._execute

    def refuse(client: object, method: str, *args: object, **kwargs: object) -> object:
        if "lifecycle" in (kwargs.get("query_params") or {}):  # type: ignore[operator]
            raise S3Error(None, "NotImplemented", "m", "r", "i", "h")  # type: ignore[arg-type]
        return whole(method, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("minio.Minio._execute", refuse)
    told = await steps_of(settings)
    assert "left to `retention sweep`" in told[settings.uploads_bucket]
    findings = await find_rules(settings)
    assert all(finding.works for finding in findings)
    assert all("retention sweep" in finding.detail for finding in findings)


async def test_doctor_says_whether_the_rules_are_there(servers: ServerAddresses) -> None:
    """Missing rules are a failure with a remedy; without settings there is nothing to say."""
    stream = await open_stream(servers)
    assert await find_rules(stream.settings) == []
    settings = keeping(stream, **RETAIN)
    missing = await find_rules(settings)
    assert [finding.works for finding in missing] == [False, False]
    assert all("setup" in finding.remedy for finding in missing)
    await steps_of(settings)
    assert [finding.works for finding in await find_rules(settings)] == [True, True]
    planned = planned_rules(RetentionRules.of(settings))
    bucket = settings.results_bucket
    assert has_rules(stream.store, bucket, planned[bucket])
    assert not has_rules(stream.store, bucket, planned[bucket][1:])
