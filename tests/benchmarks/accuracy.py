"""How well labelled pictures are read with other thresholds, models and precisions.

    python -m tests.benchmarks.accuracy sroie --limit 20 --side 1280

Prints a Markdown table: set, enhancement, word F1, precision, recall, pages per second, and how
many pages were enhanced or turned. Damaged pictures: `tests.benchmarks.ladder`.
"""

import argparse
import asyncio
import os
import platform
import time
from pathlib import Path

from processors import detect, recognize
from processors.engines.base import Precision
from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import CropArray, DocumentReading, EncodedDocument, ReadOptions
from schemas.options import EnhanceMode
from tests.labelled import DATA, agreement, read_labels

IN_FLIGHT = 4

COLUMNS = (
    *("set", "enhance", "word F1", "precision", "recall"),
    *("pages/s", "enhanced", "turned"),
)


async def read_all(
    reader: Reader, documents: list[EncodedDocument], options: ReadOptions
) -> list[DocumentReading]:
    """Read documents side by side, as a worker does."""
    places = asyncio.Semaphore(IN_FLIGHT)

    async def read_one(document: EncodedDocument) -> DocumentReading:
        async with places:
            return await reader.read(document, options)

    return list(await asyncio.gather(*map(read_one, documents)))


async def measure(reader: Reader, name: str, limit: int | None, mode: EnhanceMode) -> str:
    """One row of the table."""
    pictures = read_labels(DATA / name, limit)
    documents = [EncodedDocument(picture.path.read_bytes()) for picture in pictures]
    started_at = time.perf_counter()
    readings = await read_all(reader, documents, ReadOptions(enhance=mode))
    elapsed_s = time.perf_counter() - started_at
    pages = [page for reading in readings for page in reading.pages]
    result = agreement(
        (picture.text, "\n".join(page.text or "" for page in reading.pages))
        for picture, reading in zip(pictures, readings, strict=True)
    )
    enhanced = sum(bool(page.enhanced.applied) for page in pages)
    turned = sum(page.upright.rotation_degrees != 0 for page in pages)
    return (
        f"| {name} ({len(pictures)}) | {mode} | {result.f1:.4f} "
        f"| {result.precision:.4f} | {result.recall:.4f} | {len(pages) / elapsed_s:.2f} "
        f"| {enhanced} | {turned} |"
    )


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help=f"folders in {DATA}")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--enhance", nargs="+", type=EnhanceMode, default=[EnhanceMode.AUTO])
    parser.add_argument("--side", type=int, default=detect.SIDE_MAX_PX, help="detection, in px")
    parser.add_argument(
        "--small-text",
        type=float,
        default=detect.SMALL_TEXT_PX,
        help="lower lines are looked at again, in px; 0: none",
    )
    parser.add_argument("--squeeze", type=float, help="of long lines, whatever the model's")
    parser.add_argument("--precision", type=Precision, default=Precision.AUTO)
    parser.add_argument("--models", type=Path, help="a folder of local models")
    arguments = parser.parse_args()
    detect.SIDE_MAX_PX = arguments.side
    detect.SMALL_TEXT_PX = arguments.small_text
    if arguments.squeeze is not None:
        fit_line = recognize.fit_line

        def squeezed(pixels: CropArray, squeeze: float = 1.0) -> CropArray:
            del squeeze  # the model's
            return fit_line(pixels, arguments.squeeze)

        recognize.fit_line = squeezed
    options = ReaderOptions(precision=arguments.precision, models_folder=arguments.models)
    with open_reader(options) as reader:
        print(f"{platform.machine()}, {os.cpu_count()} cores, {reader.info.model_dump_json()}")
        print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
        for name in arguments.sets:
            for mode in arguments.enhance:
                row = measure(reader, name, arguments.limit, mode)
                print(asyncio.run(row), flush=True)


if __name__ == "__main__":
    main()
