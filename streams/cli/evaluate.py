"""`ocrstream evaluate`: read labelled pictures and say how well that went."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.progress import Progress
from rich.table import Table

from processors.baseline import Baseline
from processors.confidence import confidence
from processors.decoding.decoders import each_page
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

OURS = "ocrstream"

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


@dataclass(frozen=True, slots=True)
class Result:
    """What was read in one document; `reading` only by us."""

    lines: list[ReadLine]
    text: str
    reading: DocumentReading | None = None


Read = Callable[[EncodedDocument], Awaitable[Result]]


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

    @property
    def has_truth(self) -> bool:
        """Whether there is anything to compare with, if only that the page is blank."""
        return bool(self.scores.true_words or self.scores.read_words)

    def as_json(self) -> dict[str, object]:
        """Words of the truth that were read, of the truth, and read where all of it is known."""
        return {
            "path": str(self.document.path),
            "found_words": self.scores.found_words,
            "true_words": self.scores.true_words,
            "read_words": self.scores.read_words,
        }


@dataclass(slots=True)
class Evaluation:
    """What came of one set, read by one program."""

    name: str
    reader: str
    scores: Scores = field(default_factory=Scores)
    judged: list[Judged] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Everything, in plain values; `judged` in the order of paths."""
        figures = self.scores.figures()
        rounded = {n: round(v, 4) if isinstance(v, float) else v for n, v in figures.items()}
        judged = sorted(self.judged, key=lambda one: one.document.path)
        return {
            "dataset": self.name,
            "reader": self.reader,
            **rounded,
            "judged": [one.as_json() for one in judged],
            "failures": self.failures,
            "seconds": round(self.seconds, 1),
        }


def evaluate(
    datasets: Annotated[list[Path], typer.Argument(help="Folders with labels.jsonl.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Documents of each set, from the first on.")
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Read with PaddleOCR as well, on the same weights.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with the documents that were read worst.")
    ] = None,
) -> None:
    """Read labelled pictures and say how well that went; needs no broker and no store.

    A document that cannot be read counts as one of which nothing was read.
    """
    settings = Settings.from_environment()
    if html is not None and not html.parent.is_dir():
        raise DatasetError(f"{html} cannot be written: there is no folder {html.parent}")
    labelled = {folder: read_dataset(folder, limit) for folder in datasets}
    limits = settings.reader_options().decoding
    with (
        open_reader(settings.reader_options()) as reader,
        closing(Sandbox(limits, 1)) as sandbox,
    ):
        readers = {OURS: (_by(reader, settings.read_options(DocumentOptions())), IN_FLIGHT_MAX)}
        if baseline:
            paddleocr = Baseline()
            readers[f"PaddleOCR {paddleocr.version}"] = (_by_baseline(paddleocr, sandbox), 1)
        evaluations = [
            asyncio.run(_evaluate(Evaluation(folder.name, name), documents, read, in_flight))
            for folder, documents in labelled.items()
            for name, (read, in_flight) in readers.items()
        ]
        info = reader.info
    if as_json:
        sets = [evaluation.as_json() for evaluation in evaluations]
        print_json({"pipeline": info.model_dump(mode="json"), "datasets": sets})
    else:
        _print(evaluations)
    if html is not None:
        ours = [evaluation for evaluation in evaluations if evaluation.reader == OURS]
        _write_page(html, ours, settings)
    if any(evaluation.failures for evaluation in evaluations):
        sys.exit(1)


async def _evaluate(
    evaluation: Evaluation, documents: list[LabelledDocument], read: Read, in_flight: int
) -> Evaluation:
    places = asyncio.Semaphore(in_flight)
    started_at = time.perf_counter()
    title = f"{evaluation.name}, {evaluation.reader}"
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(title, total=len(documents))

        async def one(document: LabelledDocument) -> None:
            async with places:
                try:
                    data = await asyncio.to_thread(document.path.read_bytes)
                    result = await read(EncodedDocument(data))
                    shown = result.text
                except (DocumentError, DecoderFailed, EngineError, OSError) as error:
                    result, shown = Result([], ""), str(error)
                    evaluation.failures.append({"path": str(document.path), "message": shown})
            scores = score(document.lines, result.lines, result.text, document.is_complete)
            evaluation.scores += scores
            evaluation.judged.append(Judged(document, scores, result.reading, shown))
            progress.advance(task)

        await asyncio.gather(*map(one, documents))
    evaluation.seconds = time.perf_counter() - started_at
    return evaluation


def _by(reader: Reader, options: ReadOptions) -> Read:
    """Read as a worker does."""

    async def read(document: EncodedDocument) -> Result:
        reading = await reader.read(document, options)
        text = "\n".join(page.text or "" for page in reading.pages)
        return Result(_lines(reading), text, reading)

    return read


def _by_baseline(baseline: Baseline, sandbox: Sandbox) -> Read:
    """Read the pages that our decoders give with PaddleOCR, one after another."""

    def read_all(document: EncodedDocument) -> Result:
        lines = []
        with sandbox.open(document, all_frames=False) as opened:
            for page in each_page(opened):
                for line in baseline.read(page.decode().pixels):
                    lines.append(ReadLine(line.text, line.polygon, line.score, page.page_number))
        return Result(lines, "\n".join(line.text for line in lines))

    async def read(document: EncodedDocument) -> Result:
        return await asyncio.to_thread(read_all, document)

    return read


def _lines(reading: DocumentReading) -> list[ReadLine]:
    return [
        ReadLine(line.reading.text, line.polygon, confidence(line.reading), page.page_number)
        for page in reading.pages
        for line in page.lines
        if line.reading is not None
    ]


def _print(evaluations: list[Evaluation]) -> None:
    table = Table("", *(f"{one.name}\n{one.reader}" for one in evaluations))
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
        for one in sorted(
            (one for one in evaluation.judged if one.has_truth), key=lambda one: one.share
        )[:WORST_SHOWN]
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
