"""What `ocrstream demo` leaves behind: a table, and JSON and a picture for each document."""

import time
from collections import Counter
from pathlib import Path

import orjson
from rich.markup import escape
from rich.table import Table

from processors.decoding.decoders import DocumentOpener
from schemas.dead_letters import DocumentDeadLettered
from schemas.results import DocumentRecognized
from streams.cli.console import console
from streams.cli.drawing import drawn
from streams.client import Outcome


class Report:
    """Collects outcomes; writes files into a folder and prints a table.

    Args:
        folder: Made if missing; files of the same names are replaced.
        files: What is read.
        opener: Decodes them again, to draw on them.
    """

    def __init__(self, folder: Path, files: list[Path], opener: DocumentOpener) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._names = _distinct_names(files)
        self._opener = opener
        self._started_at: dict[Path, float] = {}
        self._rows: dict[Path, tuple[str, ...]] = {}
        self._good_count = 0

    def started(self, path: Path) -> None:
        """Note that a document was submitted."""
        self._started_at[path] = time.monotonic()

    def add(self, path: Path, outcome: Outcome) -> None:
        """Write a document's files and note its row."""
        seconds = f"{time.monotonic() - self._started_at[path]:.1f}"
        target = self._folder / f"{self._names[path]}.json"
        document = outcome.model_dump(mode="json")
        target.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        name = escape(path.name)
        if isinstance(outcome, DocumentDeadLettered):
            self._rows[path] = (name, "-", "-", f"[red]dead letter: {outcome.category}[/]", seconds)
            return
        self._good_count += 1
        self._draw(path, outcome)
        lines = sum(len(page.lines) for page in outcome.pages or ())
        mean = f"{outcome.confidence.mean:.3f}" if outcome.confidence else "-"
        self._rows[path] = (name, str(len(outcome.pages or ())), str(lines), mean, seconds)

    def print(self) -> None:
        """Print the table in the order in which the documents were given."""
        table = Table("document", "pages", "lines", "mean confidence", "seconds")
        for path in self._names:
            table.add_row(*self._rows.get(path, (escape(path.name), "-", "-", "no outcome", "-")))
        console.print(table)
        where = f"results as JSON, pages with boxes and confidences: {self._folder}/"
        console.print(where, markup=False, highlight=False, soft_wrap=True)

    @property
    def is_complete(self) -> bool:
        """Whether every document became a result."""
        return self._good_count == len(self._names)

    def _draw(self, path: Path, result: DocumentRecognized) -> None:
        pages = result.pages or ()
        for number, picture in drawn(self._opener, path.read_bytes(), pages):
            suffix = "" if len(pages) == 1 else f"-{number}"
            picture.save(self._folder / f"{self._names[path]}{suffix}.png")


def _distinct_names(files: list[Path]) -> dict[Path, str]:
    """File to the name of what is written for it: its own, counted where several share one."""
    counts: Counter[str] = Counter()
    names = {}
    for path in files:
        counts[path.stem] += 1
        count = counts[path.stem]
        names[path] = path.stem if count == 1 else f"{path.stem}-{count}"
    return names
