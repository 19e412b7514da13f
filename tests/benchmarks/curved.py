"""How well lines that bend are read: followed along their bend, against taken as straight.

    python -m tests.benchmarks.curved

The lines are rendered with Pillow's own sans serif, letter by letter, on arcs and waves; each is a
page of its own. Prints a Markdown table: the share of words that were read exactly (cases and
punctuation do not count), and how many of the lines were followed along a bend.
"""

import argparse
import asyncio
import os
import platform
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from unittest.mock import patch

from processors import detect
from processors.evaluation import words
from processors.geometry import is_curved
from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import PageArray, ReadOptions
from tests.unit.processors.curved_lines import arched, straight, waved
from tests.unit.processors.pictures import encode_page

TEXTS = (
    "North Harbour Brewery",
    "Limited Edition 1987",
    "Made by Hand in Wales",
    "Quality Guaranteed",
    "BEST BEFORE MARCH",
    "Royal Mail Bristol",
    "PASSED INSPECTION 42",
    "Sunflower Honey Farm",
)
"""None of them was looked at when thresholds were chosen; that was done on twelve others."""

ARC_DEGREES = (15, 30, 45, 60, 90, 120, 150, 180)
TURN_DEGREES = (-60, 30, 90)
WAVE_PX = (8, 16, 24, 32)

Draw = Callable[[str], PageArray]

SHAPES: dict[str, Draw] = {
    "straight": straight,
    **{f"standing arc {by}": partial(arched, arc_degrees=by) for by in ARC_DEGREES},
    **{f"hanging arc {by}": partial(arched, arc_degrees=by, is_hanging=True) for by in ARC_DEGREES},
    **{
        f"arc 60 turned by {turn}": partial(arched, arc_degrees=60, turn_degrees=turn)
        for turn in TURN_DEGREES
    },
    **{f"wave {height}": partial(waved, height_px=height) for height in WAVE_PX},
}


def as_straight() -> AbstractContextManager[object]:
    """Take every line as straight."""
    return patch.multiple(detect, find_bend=lambda _: None, is_hollow=lambda _: False)


async def measure(reader: Reader, pages: list[PageArray]) -> tuple[float, int]:
    """Share of words read exactly, and number of lines that were followed along a bend."""
    found = total = bent = 0
    for text, page in zip(TEXTS, pages, strict=True):
        reading = await reader.read(encode_page(page), ReadOptions())
        truth = words(text)
        read = words("\n".join(one.text or "" for one in reading.pages))
        found += (truth & read).total()
        total += truth.total()
        bent += sum(is_curved(line.polygon) for one in reading.pages for line in one.lines)
    return found / total, bent


def main() -> None:
    """Parse, measure, print."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with open_reader(ReaderOptions()) as reader:
        print(f"{platform.machine()}, {os.cpu_count()} cores, {reader.info.model_dump_json()}")
        print(f"{len(TEXTS)} lines, {sum(words(text).total() for text in TEXTS)} words per shape")
        print(
            "| shape | as straight | along its bend | lines that bend |\n| --- | --- | --- | --- |"
        )
        for shape, draw in SHAPES.items():
            pages = [draw(text) for text in TEXTS]
            with as_straight():
                before, _ = asyncio.run(measure(reader, pages))
            after, bent = asyncio.run(measure(reader, pages))
            print(f"| {shape} | {before:.3f} | {after:.3f} | {bent} |", flush=True)


if __name__ == "__main__":
    main()
