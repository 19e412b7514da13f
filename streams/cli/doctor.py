"""`ocrstream doctor`: what works, what does not, and what to do about it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from minio import Minio
from minio.error import MinioException
from rich.markup import escape
from urllib3.exceptions import HTTPError

from processors.errors import ProcessorError
from processors.reader import open_reader
from streams.cli.console import console, print_json
from streams.errors import LifecycleUnsupported, StreamError
from streams.provision import buckets, existing_topics, topics
from streams.retention.lifecycle import PlannedRule, has_rules, planned_rules
from streams.retention.rules import RetentionRules
from streams.settings import Settings, unknown_variables
from streams.store.object_store import connect
from streams.store.sealed_store import OpenStore


@dataclass(frozen=True, slots=True)
class Finding:
    """One part that was looked at; `remedy` is empty where it works."""

    part: str
    works: bool
    detail: str
    remedy: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check broker, topics, store, buckets, models and device; say what to do where one fails.

    Exit code 0 if everything works, else 1.
    """
    settings = Settings.from_environment()
    findings = asyncio.run(_examine(settings))
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _print(findings)
    if not all(finding.works for finding in findings):
        sys.exit(1)


async def _examine(settings: Settings) -> list[Finding]:
    findings = [_settings()]
    examinations: tuple[Callable[[Settings], Awaitable[list[Finding]]], ...] = (
        _kafka,
        _store,
        find_rules,
        _models,
    )
    for examine in examinations:
        findings += await examine(settings)
    return findings


def _settings() -> Finding:
    strangers = unknown_variables(os.environ)
    detail = "; ".join(strangers) or "every OCRSTREAM_ variable is known"
    return Finding("settings", not strangers, detail, "correct the names" if strangers else "")


async def _kafka(settings: Settings) -> list[Finding]:
    try:
        there = await existing_topics(settings)
    except StreamError as error:
        remedy = "start the broker, or correct OCRSTREAM_KAFKA_BROKERS and its security settings"
        return [Finding("broker", False, str(error), remedy)]
    findings = [Finding("broker", True, f"answers at {settings.kafka_brokers}")]
    for name in topics(settings):
        if name in there:
            findings.append(Finding(f"topic {name}", True, f"{there[name]} partition(s)"))
        else:
            remedy = "run `ocrstream setup`, or correct its name"
            findings.append(Finding(f"topic {name}", False, "is not there", remedy))
    return findings


async def _store(settings: Settings) -> list[Finding]:
    findings = []
    async with OpenStore(settings, connections=1) as store:
        for name in buckets(settings):
            try:
                await store.check(name)
            except StreamError as error:
                remedy = "start the store, correct OCRSTREAM_S3_*, or run `ocrstream setup`"
                findings.append(Finding(f"bucket {name}", False, str(error), remedy))
            else:
                detail = f"is there, at {settings.s3_endpoint}"
                findings.append(Finding(f"bucket {name}", True, detail))
    return findings


async def find_rules(settings: Settings) -> list[Finding]:
    """Whether buckets have the lifecycle rules that the settings ask for."""
    client = connect(settings)
    planned = planned_rules(RetentionRules.of(settings))
    return [
        await asyncio.to_thread(_find_rules, client, bucket, rules)
        for bucket, rules in planned.items()
        if rules and (bucket != settings.keys_bucket or settings.master_keys_file)
    ]


def _find_rules(client: Minio, bucket: str, planned: list[PlannedRule]) -> Finding:
    part = f"lifecycle of {bucket}"
    try:
        if has_rules(client, bucket, planned):
            return Finding(part, True, f"{len(planned)} rule(s)")
    except LifecycleUnsupported as err:
        return Finding(part, True, f"{err}; run `ocrstream retention sweep` every day")
    except (MinioException, HTTPError, OSError) as err:
        return Finding(part, False, str(err), "start the store, or correct OCRSTREAM_S3_*")
    return Finding(part, False, "rules are missing or old", "run `ocrstream setup`")


async def _models(settings: Settings) -> list[Finding]:
    try:
        with open_reader(settings.reader_options()) as reader:
            info = reader.info
    except ProcessorError as error:
        remedy = "correct OCRSTREAM_ENGINE, _DEVICE or _PRECISION, or install what is missing"
        return [Finding("models and device", False, str(error), remedy)]
    place = f"{info.engine}, {info.device}, {info.precision}"
    detail = f"{', '.join(info.models.values())} on {place}"
    return [Finding("models and device", True, detail)]


def _print(findings: list[Finding]) -> None:
    width = max(len(finding.part) for finding in findings)
    for finding in findings:
        mark = "[green]works[/]" if finding.works else "[red]FAILS[/]"
        console.print(f"{mark}  {finding.part:<{width}}  {escape(finding.detail)}", soft_wrap=True)
        if finding.remedy:
            console.print(f"{'':<{width + 9}}-> {escape(finding.remedy)}", soft_wrap=True)
