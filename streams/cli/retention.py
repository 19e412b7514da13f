"""`ocrstream retention`: say what is kept how long, and delete what is kept too long."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from streams.cli.console import console, print_json, say
from streams.retention.rules import RetentionClass, RetentionRules
from streams.retention.sweep import CONNECTIONS, SweepReport, Trace, sweep
from streams.settings import Settings
from streams.store.store_admin import S3Admin

app = typer.Typer(help="How long what lies in the store is kept.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


@app.command("show")
def show(as_json: AsJson = False) -> None:
    """Show what is kept how long, where it lies, and what deletes it."""
    settings = Settings.from_environment()
    rules = RetentionRules.of(settings)
    rows = [_describe(kind, rules) for kind in RetentionClass]
    cache = {"class": "result cache", "kept_s": settings.cache_age_s}
    if as_json:
        print_json({"classes": [*rows, cache]})
        return
    table = Table()
    for heading in ("class", "kept", "where", "deleted by"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        kept, where, nets = (row[name] for name in ("kept_s", "where", "nets"))
        table.add_row(str(row["class"]), _spell(kept), _join(where), _join(nets) or "nothing")
    table.add_row("result cache", _spell(settings.cache_age_s), "the topics", "age (CACHE_AGE_S)")
    console.print(table)
    if RetentionClass.UPLOADS in rules.ages_s and RetentionClass.DEAD_LETTERS not in rules.ages_s:
        say(
            "warning: uploads that ended as dead letters are kept for ever; set "
            "OCRSTREAM_RETAIN_DEAD_LETTERS_S"
        )


@app.command("sweep")
def sweep_store(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is kept too long: data keys, versions, delete markers, unfinished uploads.

    May be repeated, and run beside workers. Exit code 1 if something may be left.
    """
    settings = Settings.from_environment()
    rules = RetentionRules.of(settings)
    report = sweep(S3Admin(settings, CONNECTIONS), rules, datetime.now(UTC), dry_run)
    if as_json:
        print_json(_as_json(report, dry_run))
    else:
        _print(report, dry_run)
    for failure in report.failures:
        say(f"left: {failure}")
    if report.failure_count:
        say(f"error: {report.failure_count} thing(s) may be left; sweep again")
        sys.exit(1)


def _describe(kind: RetentionClass, rules: RetentionRules) -> dict[str, object]:
    age_s = rules.ages_s.get(kind)
    where = [f"{area.bucket}/{area.prefix}" for area in rules.areas if area.kind is kind]
    nets = [] if age_s is None else ["sweep"]
    if rules.store_age_s(kind) is not None:
        nets.insert(0, "the store's lifecycle rules")
    if kind is RetentionClass.UPLOADS and age_s is not None:
        nets.insert(0, "worker")
    return {"class": kind, "kept_s": age_s, "where": where, "nets": nets}


def _as_json(report: SweepReport, dry_run: bool) -> dict[str, object]:
    removed = {
        kind.value: {trace.value.replace(" ", "_"): report.removed[kind, trace] for trace in Trace}
        for kind in RetentionClass
    }
    return {
        "dry_run": dry_run,
        "looked_at": report.looked_at,
        "removed": removed,
        "failure_count": report.failure_count,
        "failures": report.failures,
    }


def _print(report: SweepReport, dry_run: bool) -> None:
    verb = "would delete" if dry_run else "deleted"
    for (kind, trace), count in sorted(report.removed.items()):
        console.print(f"{kind}: {verb} {count} {trace}", markup=False, highlight=False)
    console.print(
        f"{verb} {report.removed.total()} of {report.looked_at}", markup=False, highlight=False
    )


def _join(values: object) -> str:
    assert isinstance(values, list)
    return "\n".join(values)


def _spell(seconds: object) -> str:
    if seconds is None:
        return "for ever"
    assert isinstance(seconds, float)
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= unit:
            return f"{seconds / unit:.4g} {name}(s)"
    return f"{seconds:g} s"
