"""`ocrstream dead-letters`: look at what failed for good, and send it again."""

import asyncio
import base64
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from schemas.dead_letters import Category, DocumentDeadLettered
from streams.cli.console import console, print_json, say
from streams.cli.options import parse_options
from streams.cli.times import parse_time
from streams.dead_letters import Replayed, Selection, read_letters, replay
from streams.settings import Settings
from streams.store.sealed_store import OpenStore

app = typer.Typer(help="List, show and replay what failed for good.", no_args_is_help=True)

Categories = Annotated[
    list[Category] | None, typer.Option("--category", help="Only these; may be repeated.")
]
Since = Annotated[str | None, typer.Option(help="Not older: 2h, 3d, or 2026-11-24T08:00Z.")]
Until = Annotated[str | None, typer.Option(help="Not younger, in the same forms.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


@app.command("list")
def list_letters(
    category: Categories = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters, the newest last."""
    letters = _read(_select((), category, since, until))
    shown = letters[-limit:]
    if as_json:
        print_json({"dead_letters": [letter.model_dump(mode="json") for letter in shown]})
        return
    table = Table("id", "time", "category", "stage", "document", "attempts", "replays")
    for letter in shown:
        place = f"{letter.document.bucket}/{letter.document.key}" if letter.document else "-"
        when = letter.occurred_at.astimezone(UTC).isoformat(timespec="seconds")
        numbers = (str(letter.attempts), str(letter.replays))
        table.add_row(letter.dead_letter_id, when, letter.category, letter.stage, place, *numbers)
    console.print(table)
    say(f"{len(letters)} dead letter(s)" + (f", the last {limit}" * (len(letters) > limit)))


@app.command("show")
def show(
    dead_letter_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False
) -> None:
    """Show one dead letter whole, with the event that it is about."""
    (letter,) = _read(_select((dead_letter_id,), None, None, None))
    body = letter.model_dump(mode="json")
    if as_json:
        print_json(body)
        return
    print_json(body)
    if letter.origin.value_base64 is not None:
        value = base64.b64decode(letter.origin.value_base64)
        console.print("the event:", value.decode("utf-8", "backslashreplace"), markup=False)


@app.command("replay")
def replay_letters(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    category: Categories = None,
    since: Since = None,
    until: Until = None,
    all_: Annotated[bool, typer.Option("--all", help="Every dead letter there is.")] = False,
    option: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, wins over the event's own option.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Events per second.")] = 10.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also what was replayed already, or keeps coming back.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send the events of dead letters again, byte for byte."""
    if not (ids or category or since or until or all_):
        raise typer.BadParameter("say which: IDs, --category, --since, --until, or --all")
    options = parse_options(option or ())
    letters = _read(_select(ids or (), category, since, until))
    settings = Settings.from_environment()
    report: list[Replayed] = []

    def tell(done: Replayed) -> None:
        report.append(done)
        what = done.skipped and f"skipped, {done.skipped}"
        say(f"{done.letter.dead_letter_id}: {what or ('would be sent' if dry_run else 'sent')}")

    async def send() -> None:
        async with OpenStore(settings, 2) as store:
            await replay(settings, store, letters, options, rate, again, dry_run, tell)

    asyncio.run(send())
    if as_json:
        rows = [
            {"dead_letter_id": done.letter.dead_letter_id, "skipped": done.skipped}
            for done in report
        ]
        print_json({"dry_run": dry_run, "replayed": rows})


def _read(selection: Selection) -> list[DocumentDeadLettered]:
    """Read what is selected; an ID that is not there ends the command with 1."""
    settings = Settings.from_environment()

    async def read() -> list[DocumentDeadLettered]:
        async with OpenStore(settings, 2) as store:
            return await read_letters(settings, store, selection)

    letters = asyncio.run(read())
    missing = selection.ids - {letter.dead_letter_id for letter in letters}
    if missing:
        say(f"error: {settings.dead_letters_topic} has no {', '.join(sorted(missing))}")
        sys.exit(1)
    return letters


def _select(
    ids: list[str] | tuple[str, ...],
    categories: list[Category] | None,
    since: str | None,
    until: str | None,
) -> Selection:
    return Selection(frozenset(ids), frozenset(categories or ()), _time(since), _time(until))


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text, is_past=True)
