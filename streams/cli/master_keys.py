"""`ocrstream master-keys`: what the keys of encrypted objects are wrapped by."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from streams.cli.console import console, say
from streams.errors import SettingsError
from streams.settings import Settings
from streams.store.master_keys import MasterKeys, new_line
from streams.store.rewrapping import RECORDS_AT_ONCE, Rewrapping, RewrapReport
from streams.store.s3_store import S3ObjectStore
from streams.store.store_admin import S3Admin

app = typer.Typer(help="The keys of MASTER_KEYS_FILE.", no_args_is_help=True)


@app.command("new")
def new(
    master_key_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of a-z, 0-9 and -; default: the date.")
    ] = None,
) -> None:
    """Print a line with a new random key. Nothing keeps it but where you put it."""
    today = datetime.now(UTC).date().isoformat()
    try:
        line = new_line(today if master_key_id is None else master_key_id)
    except ValueError as err:
        raise typer.BadParameter(str(err)) from err
    _print(line)
    say(
        "the first line of MASTER_KEYS_FILE encrypts: put it there, and keep the older ones until "
        "`ocrstream master-keys rewrap` says that nothing needs them"
    )


@app.command("rewrap")
def rewrap(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> None:
    """Wrap all data keys by the first master key, so that older ones can be removed.

    Objects are not touched. May be interrupted, repeated, and run beside workers. Exit code 1 if
    something may still need an older key.
    """
    settings = Settings.from_environment()
    if settings.master_keys_file is None:
        raise SettingsError("OCRSTREAM_MASTER_KEYS_FILE is not set: there is nothing to wrap by")
    keys = MasterKeys.read(settings.master_keys_file)
    report = asyncio.run(_rewrap(settings, keys, dry_run))
    _print_report(report, keys, dry_run)
    if report.failed:
        say(f"error: {report.failed} failed; see to them and run it again")
        sys.exit(1)


async def _rewrap(settings: Settings, keys: MasterKeys, dry_run: bool) -> RewrapReport:
    admin = S3Admin(settings, RECORDS_AT_ONCE)
    async with S3ObjectStore(settings, RECORDS_AT_ONCE) as store:
        await store.check(settings.keys_bucket)
        run = Rewrapping(store, admin.versions, settings.keys_bucket, keys, _tell_failure, dry_run)
        return await run.run()


def _tell_failure(line: str) -> None:
    say(f"failed: {line}")


def _print_report(report: RewrapReport, keys: MasterKeys, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    _print(f"records: {report.anew} {would}wrapped anew, {report.already} were already")
    _print(f"earlier versions of records: {report.removed} {would}deleted")
    known = [key.id for key in keys.keys]
    for name in dict.fromkeys((*known, *sorted(report.needed))):
        stranger = "" if name in known else ", which is not in MASTER_KEYS_FILE"
        _print(f"master key {name}{stranger}: {report.needed[name]} record(s) need it")
    _print(f"failed: {report.failed}")


def _print(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
