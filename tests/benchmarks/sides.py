"""How often pages of ideographs are turned upright, in rows or in columns, whichever way they lie.

    python -m tests.benchmarks.sides --fonts /usr/share/fonts
    python -m tests.benchmarks.sides --sets multiscript_eye
    python -m tests.benchmarks.sides --sets multiscript_eye --cost

Reads pages that `tests.benchmarks.ideographs` draws, or labelled pictures whose text has
ideographs, each as it is and turned by a quarter, a half and three quarters. Prints a Markdown
table of the shares that were turned upright, and each page that was not. With `--cost` reads the
pages as they are, in turns with and without the characters that are read alone to tell.
"""

import argparse
import asyncio
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from unittest.mock import patch

from PIL import Image, ImageOps

from processors import pipeline
from processors.geometry import ROTATIONS, turn_page
from processors.orientation import Glyph, sample_glyphs
from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.reading_order import is_ideographic
from processors.values import EncodedDocument, PageArray, ReadOptions, TextLine
from tests.benchmarks.ideographs import TEXTS, WrittenPage, make_pages, pixels_of
from tests.labelled import DATA, read_labels
from tests.unit.processors.pictures import encode_page

COST_PAGES, COST_ROUNDS = 30, 5

SampleGlyphs = Callable[[PageArray, Sequence[TextLine]], list[Glyph]]


def labelled_pages(name: str) -> Iterator[WrittenPage]:
    """Labelled pictures with ideographs, turned as their files say."""
    for picture in read_labels(DATA / name):
        if is_ideographic(picture.text):
            with Image.open(picture.path) as image:
                turned = ImageOps.exif_transpose(image).convert("RGBA")
            paper = Image.new("RGBA", turned.size, "white")
            paper.alpha_composite(turned)
            yield WrittenPage(picture.path.name, name, pixels_of(paper))


async def read_rotation(reader: Reader, document: EncodedDocument) -> int:
    """By how much a page was turned clockwise to be upright, in degrees."""
    reading = await reader.read(document, ReadOptions())
    return reading.pages[0].upright.rotation_degrees


async def measure(reader: Reader, pages: Iterable[WrittenPage]) -> None:
    """Print the table, and what was turned wrongly."""
    right: Counter[tuple[str, int]] = Counter()
    counts: Counter[str] = Counter()
    for page in pages:
        counts[page.kind] += 1
        for turn in ROTATIONS:
            document = encode_page(turn_page(page.pixels, turn))
            rotation = await read_rotation(reader, document)
            right[page.kind, turn] += (rotation + turn) % 360 == 0
            if (rotation + turn) % 360:
                print(f"{page.kind}, {page.name}, turned by {turn}: turned by {rotation}")
    print("| pages | | " + " | ".join(f"turned by {turn}" for turn in ROTATIONS) + " |")
    print("| --- | --- |" + " --- |" * len(ROTATIONS))
    for kind, count in counts.items():
        shares = " | ".join(f"{right[kind, turn] / count:.3f}" for turn in ROTATIONS)
        print(f"| {kind} | {count} | {shares} |", flush=True)


async def measure_cost(reader: Reader, pages: Iterable[WrittenPage]) -> None:
    """Print how much longer it takes to read pages because characters are read alone."""
    documents = [encode_page(page.pixels) for page in pages]
    took_s: dict[SampleGlyphs, list[float]] = {sample_glyphs: [], lambda *_: []: []}
    for _ in range(1 + COST_ROUNDS):
        for sample, times_s in took_s.items():
            with patch.object(pipeline, "sample_glyphs", sample):
                began_s = time.perf_counter()
                for document in documents:
                    await read_rotation(reader, document)
                times_s.append((time.perf_counter() - began_s) / len(documents))
    more_s, less_s = (median(times_s[1:]) for times_s in took_s.values())
    print(f"{len(documents)} pages: {1000 * more_s:.1f} ms, without telling {1000 * less_s:.1f} ms")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"))
    parser.add_argument("--half", choices=[*TEXTS], default="reporting")
    parser.add_argument("--seeds", type=int, default=2, help="so often all pages are drawn")
    parser.add_argument("--sets", nargs="*", help=f"labelled pictures instead: folders in {DATA}")
    parser.add_argument("--cost", action="store_true", help="print what telling costs instead")
    arguments = parser.parse_args()
    with open_reader(ReaderOptions()) as reader:
        print(f"{platform.machine()}, {os.cpu_count()} cores, {reader.info.model_dump_json()}")
        if arguments.sets:
            pages = [page for name in arguments.sets for page in labelled_pages(name)]
        else:
            seeds = range(arguments.seeds)
            drawn = (make_pages(arguments.half, seed, arguments.fonts) for seed in seeds)
            pages = list(chain.from_iterable(drawn))
        if arguments.cost:
            asyncio.run(measure_cost(reader, pages[:COST_PAGES]))
        else:
            asyncio.run(measure(reader, pages))


if __name__ == "__main__":
    main()
