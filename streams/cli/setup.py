"""`ocrstream setup`: create topics, buckets and the notification."""

import asyncio
from typing import Annotated

import typer

from streams.cli.console import console, say
from streams.provision import Step, TopicPlan, provision_patiently
from streams.settings import Settings

PARTITIONS = TopicPlan().partition_count


def setup(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be created.")
    ] = False,
    partitions: Annotated[
        int, typer.Option(min=1, help="Of missing topics; as many workers can share the work.")
    ] = PARTITIONS,
    replication: Annotated[
        int | None, typer.Option(min=1, help="Replicas; default: 3, or as many as brokers.")
    ] = None,
    retention_days: Annotated[
        int, typer.Option(min=1, help="How long missing topics keep messages.")
    ] = 7,
    wait_s: Annotated[
        float, typer.Option(min=0, help="Wait so many seconds for servers that are starting.")
    ] = 0,
) -> None:
    """Create the topics, buckets and the bucket notification that are missing.

    What is already there is not changed. The notification is made if OCRSTREAM_NOTIFICATION_ARN
    names the store's target for it, such as arn:minio:sqs::OCR:kafka.
    """
    settings = Settings.from_environment()
    plan = TopicPlan(partitions, replication, retention_days * 24 * 3600 * 1000)
    steps = asyncio.run(
        provision_patiently(settings, plan, dry_run, wait_s, lambda error: say(f"waiting: {error}"))
    )
    for step in steps:
        _print(step)


def _print(step: Step) -> None:
    console.print(f"{step.what}: {step.outcome}", markup=False, highlight=False, soft_wrap=True)
