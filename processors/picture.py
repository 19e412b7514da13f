"""Finding lines in one picture of a page, and reading them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from processors.classify import DOUBTFUL_BELOW, Classifier
from processors.confidence import confidence
from processors.detect import (
    Detector,
    bends,
    find_regions,
    resize_for_detection,
    side_for_small_text,
    whole_page,
    with_curved,
)
from processors.errors import InvalidRegion
from processors.geometry import cut_line
from processors.run import Run
from processors.values import (
    CropArray,
    LineCrop,
    PageArray,
    Reading,
    ReadOptions,
    TextLine,
    TextRegion,
)

T = TypeVar("T")

READ_AGAIN_BELOW = 0.7
"""Confidence below which a line is read once more, cut closer; docs/accuracy.md."""

_TRIMMED = 12
"""What part of its height a line is cut closer by, above and below."""


@dataclass(slots=True, eq=False)
class Picture:
    """A page, perhaps enhanced, and where text was found on it.

    Attributes:
        pixels: The page.
        regions: Where there is text.
        read: What was read already, by the identity of its region.
    """

    pixels: PageArray
    regions: list[TextRegion]
    read: dict[int, TextLine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """A region and what was cut out of it."""

    region: TextRegion
    crop: LineCrop


def cut_out(pixels: PageArray, regions: list[TextRegion]) -> list[Cut]:
    """Cut the regions out of a page; what is too small to be cut out holds no text."""
    cuts = []
    for region in regions:
        try:
            cuts.append(Cut(region, cut_line(pixels, region.polygon)))
        except InvalidRegion:
            continue
    return cuts


def cut_closer(pixels: CropArray) -> CropArray:
    """Cut a little off above and below a line: regions are grown beyond the writing."""
    trim = pixels.shape[0] // _TRIMMED
    return np.ascontiguousarray(pixels[trim : pixels.shape[0] - trim])


class PictureReader:
    """Reads pictures with one detector and one classifier; the recogniser is the document's.

    Args:
        detector: Finds lines.
        classifier: Finds lines that are upside down.
        pixel_threads: Where pictures are worked on.
    """

    def __init__(self, detector: Detector, classifier: Classifier, pixel_threads: Executor) -> None:
        self._detector = detector
        self._classifier = classifier
        self._pixel_threads = pixel_threads

    @property
    def busy_s(self) -> float:
        """For how long the oldest batch of either has been worked on."""
        return max(self._detector.busy_s, self._classifier.busy_s)

    async def look(self, pixels: PageArray, run: Run) -> Picture:
        """Find the lines of a page."""
        with run.timed("detect"):
            return Picture(pixels, await self._detect(pixels, run.options))

    async def try_places(
        self, picture: Picture, places: list[TextRegion | None], run: Run
    ) -> list[Reading | None]:
        """Read a picture at some places; None where it has nothing. What was read, it keeps."""
        found = [region for region in places if region is not None]
        cuts = await self._in_thread(lambda: cut_out(picture.pixels, found))
        lines = await asyncio.gather(*(self._read_line(cut, run) for cut in cuts))
        picture.read |= {id(cut.region): line for cut, line in zip(cuts, lines, strict=True)}
        known = [picture.read.get(id(region)) for region in places]
        return [None if line is None else line.reading for line in known]

    async def read_lines(self, picture: Picture, run: Run) -> list[TextLine]:
        """Read all lines that were found; with recognition off, tell which stand on their heads."""
        options = run.options
        regions = [region for region in picture.regions if id(region) not in picture.read]
        with run.timed("crop"):
            cuts = await self._in_thread(lambda: cut_out(picture.pixels, regions))
        if not options.recognize:
            with run.timed("classify"):
                return await self._classify(cuts, options)
        with run.timed("recognize"):
            lines = await asyncio.gather(*(self._read_line(cut, run) for cut in cuts))
        lines += picture.read.values()
        return [line for line in lines if line.reading and line.reading.text.strip()]

    async def _detect(self, pixels: PageArray, options: ReadOptions) -> list[TextRegion]:
        height, width = pixels.shape[:2]
        if not options.detect:
            return [whole_page(width, height)]
        regions = await self._detect_at(None, pixels, options)
        side = side_for_small_text(regions, width, height)
        return regions if side is None else await self._detect_at(side, pixels, options)

    async def _detect_at(
        self, side: int | None, pixels: PageArray, options: ReadOptions
    ) -> list[TextRegion]:
        height, width = pixels.shape[:2]
        resized = await self._in_thread(lambda: resize_for_detection(pixels, side))
        probabilities = await self._detector.probability_map(resized)
        regions = await self._in_thread(lambda: find_regions(probabilities, width, height, options))
        if not await self._in_thread(lambda: bends(probabilities, options)):
            return regions
        on_head = await self._detector.probability_map(np.ascontiguousarray(resized[::-1, ::-1]))
        upright = np.ascontiguousarray(on_head[::-1, ::-1])
        return await self._in_thread(
            lambda: with_curved(regions, find_regions(upright, width, height, options))
        )

    async def _classify(self, cuts: list[Cut], options: ReadOptions) -> list[TextLine]:
        """Lines without text, but with the classifier's opinion."""
        flags = [False] * len(cuts)
        if options.classify:
            flags = await asyncio.gather(
                *(self._classifier.is_upside_down(cut.crop.pixels) for cut in cuts)
            )
        return [
            TextLine(cut.region.polygon, None, cut.crop.turned, flag)
            for cut, flag in zip(cuts, flags, strict=True)
        ]

    async def _read_line(self, cut: Cut, run: Run) -> TextLine:
        """Read a line; a doubtful one again, cut closer or, if it may lie so, on its head."""
        pixels = cut.crop.pixels
        reading, flipped = await run.line_reader.read(pixels), False
        if (
            run.options.classify
            and reading.score < DOUBTFUL_BELOW
            and await self._classifier.is_upside_down(pixels)
        ):
            on_its_head = await run.line_reader.read(np.ascontiguousarray(pixels[::-1, ::-1]))
            if on_its_head.score > reading.score:
                reading, flipped = on_its_head, True
        if 0 < confidence(reading) < READ_AGAIN_BELOW:
            closer = cut_closer(pixels[::-1, ::-1] if flipped else pixels)
            reading = max(reading, await run.line_reader.read(closer), key=confidence)
        return TextLine(cut.region.polygon, reading, cut.crop.turned, flipped)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pixel_threads, work)
