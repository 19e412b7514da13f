"""ocrstream's pipeline, without broker and store."""

import argparse
import asyncio
from pathlib import Path

from processors.batching import BatchReport
from processors.engines.base import Precision
from processors.reader import open_reader
from processors.reader_options import ReaderOptions
from processors.values import EncodedDocument, ReadOptions
from schemas.options import EnhanceMode
from tests.benchmarks.peers.protocol import serve

IN_FLIGHT = 16
"""As many documents as a worker has in flight."""


class Stages:
    """Adds up what the batchers report."""

    def __init__(self) -> None:
        self._reports: dict[str, list[BatchReport]] = {}

    def add(self, stage: str, report: BatchReport) -> None:
        """Note one batch."""
        self._reports.setdefault(stage, []).append(report)

    def take(self) -> dict[str, dict[str, float]]:
        """Seconds, batches, items and mean fill of each stage since the last call."""
        reports, self._reports = self._reports, {}
        return {
            stage: {
                "run_s": sum(batch.run_s for batch in batches),
                "batches": len(batches),
                "items": sum(batch.size for batch in batches),
                "fill": sum(batch.fill for batch in batches) / len(batches),
            }
            for stage, batches in reports.items()
        }


def main() -> None:
    """Open the reader and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--precision", type=Precision, default=Precision.AUTO)
    parser.add_argument("--models", type=Path, help="a folder of local models")
    parser.add_argument("--enhance", type=EnhanceMode, default=EnhanceMode.AUTO)
    arguments = parser.parse_args()
    options = ReaderOptions(
        engine=arguments.engine, precision=arguments.precision, models_folder=arguments.models
    )
    asked = ReadOptions(enhance=arguments.enhance)
    stages = Stages()
    with open_reader(options, stages.add) as reader, asyncio.Runner() as runner:
        places = asyncio.Semaphore(IN_FLIGHT)

        async def read(picture: bytes) -> str:
            async with places:
                reading = await reader.read(EncodedDocument(picture), asked)
            return "\n".join(page.text or "" for page in reading.pages)

        async def read_all(pictures: list[bytes]) -> list[str]:
            return await asyncio.gather(*map(read, pictures))

        info = reader.info
        about = {"version": info.version, "engine": info.engine, "precision": str(info.precision)}
        serve(lambda pictures: runner.run(read_all(pictures)), about, stages=stages.take)


if __name__ == "__main__":
    main()
