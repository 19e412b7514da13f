"""How commands talk: results on standard output, everything else on standard error."""

from collections.abc import Iterable
from pathlib import Path

import orjson
import typer
from rich.console import Console

console = Console()
"""Standard output, for people."""

errors = Console(stderr=True)
"""Standard error: progress, warnings, faults."""


def say(message: str) -> None:
    """Print a plain line on standard error."""
    errors.print(message, markup=False, highlight=False, soft_wrap=True)


def print_json(document: object) -> None:
    """Print one JSON document and nothing else on standard output."""
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    console.file.write(text.decode())
    console.file.flush()


def expand_paths(paths: Iterable[Path]) -> list[Path]:
    """Files as given, folders as the files in them, each once; anything else is wrong usage."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(entry for entry in path.iterdir() if entry.is_file())
        elif path.is_file():
            files.append(path)
        else:
            raise typer.BadParameter(f"there is no file or folder {path}")
    if not files:
        raise typer.BadParameter("there are no files to read in what was given")
    return list(dict.fromkeys(files))
