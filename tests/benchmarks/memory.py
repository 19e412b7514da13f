"""Whether memory stays: thousands of pages of mixed sizes, then one very large page.

    python -m tests.benchmarks.memory --pages 3000

The pages are pieces of the samples on white, of sides between 100 and 2,500 px, from a fixed seed.
The reader is prepared as a worker's is. Prints resident memory on the way, in MiB, and its ratio to
that after 500 pages.
"""

import argparse
import asyncio
import random
from pathlib import Path

import cv2
import numpy as np

from processors.engines.base import Precision
from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import EncodedDocument, PageArray, ReadOptions
from tests.stream import SAMPLES

SEED = 1
SIDE_MIN_PX, SIDE_MAX_PX = 100, 2500
PIECE_MAX_PX = 500
IN_FLIGHT = 4
STEP = 100
COMPARED_AT = 500
LARGE_WIDTH_PX, LARGE_HEIGHT_PX = 4000, 6000


def make_page(samples: list[PageArray], width: int, height: int, chance: random.Random) -> bytes:
    """A page with one piece of a sample on it, as JPEG."""
    page = np.full((height, width, 3), 255, dtype=np.uint8)
    sample = chance.choice(samples)
    piece_width = min(width, sample.shape[1], chance.randint(80, PIECE_MAX_PX))
    piece_height = min(height, sample.shape[0], chance.randint(30, PIECE_MAX_PX // 4))
    left = chance.randint(0, sample.shape[1] - piece_width)
    top = chance.randint(0, sample.shape[0] - piece_height)
    x, y = chance.randint(0, width - piece_width), chance.randint(0, height - piece_height)
    page[y : y + piece_height, x : x + piece_width] = sample[
        top : top + piece_height, left : left + piece_width
    ]
    return cv2.imencode(".jpg", page)[1].tobytes()


def resident_mib() -> float:
    """Memory of this process, as the kernel counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


async def measure(reader: Reader, page_count: int) -> None:
    """Read the pages a few at a time, and print memory."""
    chance = random.Random(SEED)
    paths = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in (".png", ".jpg")]
    samples = [np.asarray(cv2.imread(str(path)), dtype=np.uint8) for path in paths]
    print(f"before the first page: {resident_mib():.0f} MiB\n")
    print("| pages | MiB | of that after 500 |\n| --- | --- | --- |")
    at_500 = 0.0
    for start in range(0, page_count, IN_FLIGHT):
        sizes = [
            (chance.randint(SIDE_MIN_PX, SIDE_MAX_PX), chance.randint(SIDE_MIN_PX, SIDE_MAX_PX))
            for _ in range(IN_FLIGHT)
        ]
        pages = [make_page(samples, width, height, chance) for width, height in sizes]
        await asyncio.gather(*(reader.read(EncodedDocument(page), ReadOptions()) for page in pages))
        done = start + IN_FLIGHT
        if done % STEP == 0:
            now = resident_mib()
            at_500 = now if done == COMPARED_AT else at_500
            ratio = f"{now / at_500:.3f}" if at_500 else ""
            print(f"| {done} | {now:.0f} | {ratio} |", flush=True)
    before = resident_mib()
    for _ in range(3):
        large = make_page(samples, LARGE_WIDTH_PX, LARGE_HEIGHT_PX, chance)
        await reader.read(EncodedDocument(large), ReadOptions())
    small = make_page(samples, SIDE_MIN_PX, SIDE_MIN_PX, chance)
    await reader.read(EncodedDocument(small), ReadOptions())
    print(
        f"\nafter three pages of {LARGE_WIDTH_PX} x {LARGE_HEIGHT_PX} px: "
        f"{resident_mib():.0f} MiB, before: {before:.0f} MiB"
    )


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--precision", type=Precision, default=Precision.AUTO)
    arguments = parser.parse_args()
    options = ReaderOptions(engine=arguments.engine, precision=arguments.precision)
    with open_reader(options, every_shape=True) as reader:
        print(f"{reader.info.engine}, {reader.info.device}, {reader.info.precision}")
        asyncio.run(measure(reader, arguments.pages))


if __name__ == "__main__":
    main()
