"""`ocrstream keys`: make, list and revoke the API keys of the gateway."""

import asyncio
import re
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError

from streams.access.caller import DEFAULT_TENANT, TENANT_PATTERN, Scope
from streams.access.errors import BrokenRecord
from streams.access.key_records import KEYS_MAX, StoredKeyRecords
from streams.access.keys import (
    ID_PATTERN,
    NOTE_CHARACTERS_MAX,
    RATE_PER_S_MAX,
    ApiKey,
    KeyRecord,
    create_key,
)
from streams.access.known_keys import AGE_MAX_S
from streams.cli.console import console, print_json, say
from streams.cli.times import parse_time
from streams.settings import Settings

app = typer.Typer(help="The API keys of the gateway.", no_args_is_help=True)

_SECRETS = {"salt", "salted_sha256"}
"""Nobody who lists keys needs these."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


@app.command("create")
def create(
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be repeated.")],
    tenant: Annotated[str, typer.Option(help="Whose documents it is for.")] = DEFAULT_TENANT,
    expires: Annotated[
        str | None, typer.Option(help="Good until: 90d, or 2027-01-01. Absent: until revoked.")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, max=RATE_PER_S_MAX, help="Requests per second, of each replica."),
    ] = None,
    note: Annotated[str, typer.Option(help="Who has it, for `keys list`.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; it is shown this once and never again."""
    key, record = _make(tenant, scope, _expiry(expires), rate, note)
    asyncio.run(_store(record))
    if as_json:
        print_json({"key": str(key), **_shown(record)})
        return
    _print(str(key))
    say(f"key {key.id} of tenant {tenant}; keep it now, it cannot be shown again")


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys, the newest last."""
    records, broken = asyncio.run(_read())
    if as_json:
        faults = [{"id": key_id, "fault": fault} for key_id, fault in broken.items()]
        print_json({"keys": [_shown(record) for record in records], "broken": faults})
        return
    now = datetime.now(UTC)
    for record in records:
        _print(_describe(record, now))
    for fault in broken.values():
        say(f"warning: {fault}")
    say(f"{len(records)} key(s)")


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Revoke a key; within seconds no replica takes it any more."""
    if not re.fullmatch(ID_PATTERN, key_id):
        raise typer.BadParameter(
            "that is no id of a key, which has 12 letters and digits; `ocrstream keys list` "
            "shows them"
        )
    if not asyncio.run(_delete(key_id)):
        say(f"error: there is no key {key_id}; `ocrstream keys list` shows which there are")
        sys.exit(1)
    say(f"{key_id}: revoked; it works for at most another {AGE_MAX_S:g} s")


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _make(
    tenant: str, scopes: list[Scope], expires_at: datetime | None, rate: float | None, note: str
) -> tuple[ApiKey, KeyRecord]:
    if not re.fullmatch(TENANT_PATTERN, tenant):
        raise typer.BadParameter(
            f"{tenant!r} is no tenant; use small letters, digits and hyphens, 63 at most"
        )
    try:
        return create_key(tenant, scopes, datetime.now(UTC), expires_at, rate, note)
    except ValidationError as err:
        if {fault["loc"][0] for fault in err.errors()} != {"note"}:
            raise
        raise typer.BadParameter(
            f"a note has {NOTE_CHARACTERS_MAX} printable characters at most, on one line"
        ) from err


def _expiry(text: str | None) -> datetime | None:
    if text is None:
        return None
    expires_at = parse_time(text, is_past=False)
    if expires_at <= datetime.now(UTC):
        raise typer.BadParameter(f"{text!r} is over already; use 90d, or a date to come")
    return expires_at


def _shown(record: KeyRecord) -> dict[str, object]:
    return record.model_dump(mode="json", exclude=_SECRETS)


def _spell_expiry(record: KeyRecord, now: datetime) -> str:
    if record.expires_at is None:
        return "good until revoked"
    word = "expired" if record.is_expired(now) else "good until"
    return f"{word} {_spell(record.expires_at)}"


def _spell(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")


def _describe(record: KeyRecord, now: datetime) -> str:
    """A key in a few lines."""
    rate = "" if record.rate_per_s is None else f", {record.rate_per_s:g} requests per second"
    lines = [
        record.id,
        f"tenant {record.tenant}, may {' '.join(record.scopes)}{rate}",
        f"made {_spell(record.created_at)}, {_spell_expiry(record, now)}",
    ]
    return "\n  ".join(lines + [record.note] * bool(record.note))


async def _store(record: KeyRecord) -> None:
    async with StoredKeyRecords(Settings.from_environment()) as records:
        if len(await records.ids()) >= KEYS_MAX:
            say(f"error: there are {KEYS_MAX} keys, which is the limit; revoke some")
            sys.exit(1)
        await records.put(record)


async def _delete(key_id: str) -> bool:
    async with StoredKeyRecords(Settings.from_environment()) as records:
        return await records.delete(key_id)


async def _read() -> tuple[list[KeyRecord], dict[str, str]]:
    """Records, the oldest first, and what is wrong with those that cannot be read, by id."""
    async with StoredKeyRecords(Settings.from_environment()) as records:
        found: list[KeyRecord] = []
        broken: dict[str, str] = {}
        for key_id in sorted(await records.ids()):
            try:
                record = await records.get(key_id)
            except BrokenRecord as err:
                broken[key_id] = str(err)
            else:
                found += [record] if record else []
        return sorted(found, key=lambda record: record.created_at), broken
