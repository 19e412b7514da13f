"""A reader that reads without looking: a document's text is its bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np

from processors.errors import CorruptDocument
from processors.values import (
    DocumentReading,
    EncodedDocument,
    Enhanced,
    Page,
    PageWatcher,
    Quality,
    ReaderLoad,
    Reading,
    ReadOptions,
    SeenPage,
    TextLine,
    Upright,
    Verdict,
    watch_nothing,
)
from schemas.results import PipelineInfo

INFO = PipelineInfo(
    fingerprint="fake", engine="fake", device="cpu", models={"recognize": "fake"}, version="0"
)


POLYGON = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=np.float32)
UPRIGHT = Upright(np.eye(3), 0)
QUALITY = Quality(1.0, 1.0, 1.0)


async def at_once(_: str) -> None:
    """Take no time over a document."""
    await asyncio.sleep(0)


def reading(text: str, score: float = 0.9) -> Reading:
    """A line that was read, its characters evenly spaced and equally sure."""
    count = len(text)
    return Reading(text, score, (score,) * count, tuple((i + 0.5) / count for i in range(count)))


@dataclass
class FakeReader:
    """A `DocumentReader`: one line per line of the bytes, all with the same score.

    Attributes:
        score: Of every line.
        before: Awaited with the text before each document is read.
        read_texts: What was read, in order of completion.
        says: What it reads in whatever it is given; None: the bytes.
    """

    score: float = 0.99
    before: Callable[[str], Awaitable[None]] = at_once
    read_texts: list[str] = field(default_factory=list)
    says: str | None = None
    info: PipelineInfo = INFO

    @property
    def load(self) -> ReaderLoad:
        """Nothing is ever in work."""
        return ReaderLoad(0, 0.0)

    async def read(
        self, document: EncodedDocument, options: ReadOptions, watch: PageWatcher = watch_nothing
    ) -> DocumentReading:
        """Read the bytes up to the first NUL as UTF-8.

        What ends with `broken` cannot be read, `crash` breaks the engine.
        """
        text = document.data.partition(b"\0")[0].decode()
        await self.before(text)
        if text.endswith("broken"):
            raise CorruptDocument("broken for the sake of a test")
        if text == "crash":
            raise RuntimeError("a secret detail of the engine")
        text = text if self.says is None else self.says
        self.read_texts.append(text)
        lines = tuple(TextLine(POLYGON, reading(line, self.score)) for line in text.split("\n"))
        page = Page(
            page_number=1,
            width=10,
            height=10,
            upright=UPRIGHT,
            source_width=10,
            source_height=10,
            dpi=None,
            quality=QUALITY,
            verdict=Verdict(),
            enhanced=Enhanced(),
            lines=lines,
            text=text,
        )
        await watch(SeenPage(page, np.full((10, 10, 3), 255, np.uint8), 1))
        return DocumentReading("image/png", (page,), False, (), {"recognize": 1.0})
