"""How well damaged pictures are read: enhancement off, auto, always, at random, and PaddleOCR.

    python -m tests.benchmarks.ladder sroie --limit 40
    .venv-paddle/bin/python -m tests.benchmarks.ladder sroie --limit 40 --readers off auto PaddleOCR

Each picture is damaged in each of the ways and strengths of `tests.benchmarks.damage`. Prints a
Markdown table of word F1, micro-averaged over the pictures, and their mean. `random` chooses by lot
among what would be tried; `undamaged` stands beside the ladder and does not count in its mean.
"""

import argparse
import asyncio
import os
import platform
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np

from processors import pipeline
from processors.baseline import Baseline
from processors.evaluation import Scores, score
from processors.reader import Reader, open_reader
from processors.values import EncodedDocument, PageArray, ReadOptions
from schemas.options import EnhanceMode
from streams.datasets import LabelledDocument, read_dataset
from streams.settings import Settings
from tests.benchmarks.damage import LADDER
from tests.labelled import DATA

IN_FLIGHT = 6

Read = Callable[[PageArray], Awaitable[str]]


def by_ocrstream(reader: Reader, mode: EnhanceMode) -> Read:
    """Read through the whole pipeline."""

    async def read(page: PageArray) -> str:
        _, png = cv2.imencode(".png", page, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        reading = await reader.read(EncodedDocument(png.tobytes()), ReadOptions(enhance=mode))
        return "\n".join(page.text or "" for page in reading.pages)

    return read


def by_lot() -> AbstractContextManager[object]:
    """Let `auto` keep the plain picture, or one that was enhanced, by lot."""
    lot = random.Random(1)
    return patch.object(pipeline, "legibility", lambda pictures: [lot.random() for _ in pictures])


def by_paddleocr() -> Read:
    """PaddleOCR, one page after another."""
    baseline = Baseline()

    async def read(page: PageArray) -> str:
        return "\n".join(line.text for line in baseline.read(page))

    return read


async def measure(read: Read, documents: list[LabelledDocument], pages: list[PageArray]) -> Scores:
    """Read pages and compare them with their truth."""
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(document: LabelledDocument, page: PageArray) -> Scores:
        async with places:
            text = await read(page)
        return score(document.lines, [], text, document.is_complete)

    scores = Scores()
    for each in await asyncio.gather(*map(one, documents, pages)):
        scores += each
    return scores


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", type=Path, help=f"folders, by path or in {DATA}")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--step", type=int, default=1, help="every which picture")
    parser.add_argument("--damages", nargs="+", default=list(LADDER), choices=LADDER)
    parser.add_argument("--strengths", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--readers", nargs="+", default=["off", "auto", "always", "random"])
    arguments = parser.parse_args()
    documents = [
        document
        for name in arguments.sets
        for document in read_dataset(name if name.is_dir() else DATA / name, arguments.limit)
    ][:: arguments.step]
    whole = [np.asarray(cv2.imread(str(one.path)), dtype=np.uint8) for one in documents]
    f1s: dict[str, list[float]] = defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    with open_reader(Settings.from_environment().reader_options()) as reader:
        readers: dict[str, Read] = {}
        for name in arguments.readers:
            if name == "PaddleOCR":
                readers[name] = by_paddleocr()
            elif name == "random":
                readers[name] = by_ocrstream(reader, EnhanceMode.AUTO)
            else:
                readers[name] = by_ocrstream(reader, EnhanceMode(name))
        print(f"{platform.machine()}, {os.cpu_count()} cores, {len(documents)} pictures")
        print(f"| damage | {' | '.join(readers)} |\n|{' --- |' * (len(readers) + 1)}", flush=True)

        def row(title: str, pages: list[PageArray]) -> list[float]:
            cells = []
            for name, read in readers.items():
                started_at = time.perf_counter()
                with by_lot() if name == "random" else nullcontext():
                    scores = asyncio.run(measure(read, documents, pages))
                seconds[name] += time.perf_counter() - started_at
                cells.append(scores.word_f1 or 0.0)
            print(f"| {title} | {' | '.join(f'{cell:.4f}' for cell in cells)} |", flush=True)
            return cells

        row("undamaged", whole)
        seconds.clear()
        for damage in arguments.damages:
            spoil, strengths = LADDER[damage]
            for number in arguments.strengths:
                strength = strengths[number - 1]
                cells = row(f"{damage} {strength:g}", [spoil(page, strength) for page in whole])
                for name, cell in zip(readers, cells, strict=True):
                    f1s[name].append(cell)
    means = [sum(f1s[name]) / len(f1s[name]) for name in readers]
    print(f"| mean of the ladder | {' | '.join(f'{mean:.4f}' for mean in means)} |")
    print(f"| seconds | {' | '.join(f'{seconds[name]:.0f}' for name in readers)} |")


if __name__ == "__main__":
    main()
