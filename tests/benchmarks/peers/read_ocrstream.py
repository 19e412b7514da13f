"""ocrstream's pipeline, without broker and store."""

import argparse
import asyncio
from pathlib import Path

from processors.engines.base import Precision
from processors.reader import ReaderOptions, open_reader
from processors.values import EncodedDocument, ReadOptions
from tests.benchmarks.peers.protocol import serve

IN_FLIGHT = 8


def main() -> None:
    """Open the reader and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--precision", type=Precision, default=Precision.AUTO)
    parser.add_argument("--models", type=Path, help="a folder of local models")
    arguments = parser.parse_args()
    options = ReaderOptions(
        engine=arguments.engine, precision=arguments.precision, models_folder=arguments.models
    )
    with open_reader(options) as reader:
        places = asyncio.Semaphore(IN_FLIGHT)

        async def read(picture: bytes) -> str:
            async with places:
                reading = await reader.read(EncodedDocument(picture), ReadOptions())
            return "\n".join(page.text or "" for page in reading.pages)

        async def read_all(pictures: list[bytes]) -> list[str]:
            return await asyncio.gather(*map(read, pictures))

        with asyncio.Runner() as runner:
            info = reader.info
            about = {"version": info.version, "runtime": info.engine, **info.models}
            serve(lambda pictures: runner.run(read_all(pictures)), about)


if __name__ == "__main__":
    main()
