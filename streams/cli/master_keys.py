"""`ocrstream master-keys`: what the keys of encrypted objects are wrapped by."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from streams.cli.console import console, say
from streams.store.master_keys import new_line

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
    console.print(line, markup=False, highlight=False, soft_wrap=True)
    say("the first line of MASTER_KEYS_FILE encrypts: put it there, and keep the older ones")
