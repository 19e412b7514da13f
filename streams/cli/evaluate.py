"""`ocrstream evaluate`: read labelled pictures and say how well that went."""

import asyncio
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.progress import Progress
from rich.table import Table

from processors.confidence import confidence
from processors.decoding.sandbox import Sandbox
from processors.describe import describe_page
from processors.errors import DecoderFailed, DocumentError, EngineError
from processors.evaluation import ReadLine, Scores, score
from processors.reader import Reader, open_reader
from processors.values import DocumentReading, EncodedDocument, ReadOptions
from schemas.options import DocumentOptions
from streams.cli.console import console, errors, print_json, say
from streams.cli.drawing import drawn
from streams.datasets import LabelledDocument, read_dataset
from streams.errors import DatasetError
from streams.evaluation_page import JudgedDocument, page
from streams.settings import Settings

IN_FLIGHT_MAX = 8

_SHOWN = {
    "word_f1": "word F1",
    "word_recall": "word recall",
    "detection_hmean": "detection Hmean",
    "character_error_rate": "CER",
    "exact_lines": "exact lines",
    "reading_order": "order",
    "auroc": "AUROC",
    "calibration_error": "ECE",
}


WORST_SHOWN = 20
"""Documents on the page for people, of each set."""


@dataclass(slots=True)
class Judged:
    """What came of one document; `reading` is None where it could not be read."""

    document: LabelledDocument
    scores: Scores
    reading: DocumentReading | None
    text: str

    @property
    def share(self) -> float:
        """Of its words that were read rightly."""
        f1 = self.scores.word_f1
        recall = self.scores.found_words / max(1, self.scores.true_words)
        return recall if f1 is None else f1


@dataclass(slots=True)
class Evaluation:
    """What came of one set."""

    name: str
    scores: Scores = field(default_factory=Scores)
    judged: list[Judged] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Everything, in plain values."""
        figures = self.scores.figures()
        rounded = {n: round(v, 4) if isinstance(v, float) else v for n, v in figures.items()}
        return {
            "dataset": self.name,
            **rounded,
            "failures": self.failures,
            "seconds": round(self.seconds, 1),
        }


def evaluate(
    datasets: Annotated[list[Path], typer.Argument(help="Folders with labels.jsonl.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Documents of each set, from the first on.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with the documents that were read worst.")
    ] = None,
) -> None:
    """Read labelled pictures and say how well that went; needs no broker and no store.

    A document that cannot be read counts as one of which nothing was read.
    """
    settings = Settings.from_environment()
    labelled = {folder: read_dataset(folder, limit) for folder in datasets}
    with open_reader(settings.reader_options()) as reader:
        options = settings.read_options(DocumentOptions())
        evaluations = [
            asyncio.run(_evaluate(reader, folder.name, documents, options))
            for folder, documents in labelled.items()
        ]
        info = reader.info
    if html is not None:
        _write_page(html, evaluations, settings)
    if as_json:
        sets = [evaluation.as_json() for evaluation in evaluations]
        print_json({"pipeline": info.model_dump(mode="json"), "datasets": sets})
    else:
        _print(evaluations)
    if any(evaluation.failures for evaluation in evaluations):
        sys.exit(1)


async def _evaluate(
    reader: Reader, name: str, documents: list[LabelledDocument], options: ReadOptions
) -> Evaluation:
    evaluation = Evaluation(name)
    places = asyncio.Semaphore(IN_FLIGHT_MAX)
    started_at = time.perf_counter()
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(name, total=len(documents))

        async def one(document: LabelledDocument) -> None:
            lines, text, reading = [], "", None
            async with places:
                try:
                    data = await asyncio.to_thread(document.path.read_bytes)
                    reading = await reader.read(EncodedDocument(data), options)
                    lines, text = _lines(reading), "\n".join(p.text or "" for p in reading.pages)
                except (DocumentError, DecoderFailed, EngineError, OSError) as error:
                    text = str(error)
                    evaluation.failures.append({"path": str(document.path), "message": text})
            read = "" if reading is None else text
            scores = score(document.lines, lines, read, document.is_complete)
            evaluation.scores += scores
            evaluation.judged.append(Judged(document, scores, reading, text))
            progress.advance(task)

        await asyncio.gather(*map(one, documents))
    evaluation.seconds = time.perf_counter() - started_at
    return evaluation


def _lines(reading: DocumentReading) -> list[ReadLine]:
    return [
        ReadLine(line.reading.text, line.polygon, confidence(line.reading), page.page_number)
        for page in reading.pages
        for line in page.lines
        if line.reading is not None
    ]


def _print(evaluations: list[Evaluation]) -> None:
    table = Table("", *(evaluation.name for evaluation in evaluations))
    rows = {
        "documents": [str(evaluation.scores.documents) for evaluation in evaluations],
        "failed": [str(len(evaluation.failures)) for evaluation in evaluations],
        "seconds": [f"{evaluation.seconds:.1f}" for evaluation in evaluations],
    }
    figures = [evaluation.scores.figures() for evaluation in evaluations]
    for name, title in _SHOWN.items():
        values = [each[name] for each in figures]
        rows[title] = ["-" if value is None else f"{value:.4f}" for value in values]
    for title, cells in rows.items():
        table.add_row(title, *cells)
    console.print(table)
    for evaluation in evaluations:
        for failure in evaluation.failures:
            say(f"{failure['path']}: {failure['message']}")


def _write_page(path: Path, evaluations: list[Evaluation], settings: Settings) -> None:
    """Show the documents that were read worst."""
    judged = [
        one
        for evaluation in evaluations
        for one in sorted(evaluation.judged, key=lambda one: one.share)[:WORST_SHOWN]
    ]
    with closing(Sandbox(settings.reader_options().decoding, 1)) as sandbox:
        documents = [
            JudgedDocument(
                one.document.path,
                one.share,
                "\n".join(line.text for line in one.document.lines if not line.is_ignored),
                one.text,
                _picture(sandbox, one),
            )
            for one in judged
        ]
    names = ", ".join(evaluation.name for evaluation in evaluations)
    try:
        path.write_text(page(f"{names}: read worst, by word F1", documents), encoding="utf-8")
    except OSError as err:
        raise DatasetError(f"{path} cannot be written: {err.strerror}") from err


def _picture(sandbox: Sandbox, judged: Judged) -> Image.Image | None:
    """The first page that was read, with its boxes."""
    if judged.reading is None:
        return None
    first = describe_page(judged.reading.pages[0])
    pictures = drawn(sandbox, judged.document.path.read_bytes(), [first])
    return next((picture for _, picture in pictures), None)
