"""The order of the stages, and nothing else.

`Pipeline.read` is one coroutine per document. It runs pixel work in threads and hands crops to the
batchers, where they meet those of other documents.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from processors.assemble import assemble
from processors.classify import DOUBTFUL_BELOW, Classifier
from processors.confidence import confidence
from processors.decoding.decoders import DocumentOpener, EncodedPage, OpenDocument
from processors.detect import (
    Detector,
    find_regions,
    resize_for_detection,
    side_for_small_text,
    whole_page,
)
from processors.enhance import candidates, enhance
from processors.errors import (
    CorruptDocument,
    DecoderFailed,
    DocumentError,
    InvalidRegion,
    NoSuchPage,
    ProcessorError,
    TooManyPages,
    TooManyPixels,
    UnsupportedFormat,
)
from processors.gate import Gate
from processors.geometry import crop_polygon, turn_further, turn_page
from processors.orientation import STANDING_MIN, page_rotation, sample_glyphs
from processors.page_ranges import PageRanges
from processors.quality import measure_quality
from processors.reading_order import is_vertical_page
from processors.recognizers import Chosen, LineReader, Recognizers
from processors.trial import GAIN_MIN, legibility, sample_places
from processors.values import (
    CropArray,
    DocumentReading,
    EncodedDocument,
    Enhanced,
    Enhancement,
    LineCrop,
    Page,
    PageArray,
    Quality,
    ReaderLoad,
    Reading,
    ReadOptions,
    Rotation,
    TextLine,
    TextRegion,
    Warned,
)
from processors.verdict import judge
from processors.words import words_of
from schemas.options import EnhanceMode

T = TypeVar("T")

LANGUAGE_GAIN_MIN = 0.02
"""By so much another recogniser must read a page better than the default one."""

READ_AGAIN_BELOW = 0.7
"""Confidence below which a line is read once more, cut closer; docs/accuracy.md."""

_TRIMMED = 12
"""What part of its height a line is cut closer by, above and below."""

TALL = 1.5
"""A crop this many times higher than wide is turned to be read (PaddleOCR `get_rotate_crop`)."""


class Pipeline:
    """Reads documents with one set of models.

    Args:
        documents: From bytes to pages.
        pages_max: Pages that are read of a document; a longer one is refused.
        detector: Finds lines.
        classifier: Finds lines that are upside down.
        recognizers: Read lines, each in its languages.
        pixel_threads: Where pictures are worked on.
        pixel_gate: How many pixels of pages may be in memory.
    """

    def __init__(
        self,
        documents: DocumentOpener,
        pages_max: int,
        detector: Detector,
        classifier: Classifier,
        recognizers: Recognizers,
        pixel_threads: Executor,
        pixel_gate: Gate,
    ) -> None:
        self._documents = documents
        self._pages_max = pages_max
        self._detector = detector
        self._classifier = classifier
        self._recognizers = recognizers
        self._pixel_threads = pixel_threads
        self._pixel_gate = pixel_gate

    @property
    def load(self) -> ReaderLoad:
        """What is in work."""
        stages = (self._detector, self._classifier, self._recognizers)
        return ReaderLoad(self._pixel_gate.held, max(stage.busy_s for stage in stages))

    async def read(self, document: EncodedDocument, options: ReadOptions) -> DocumentReading:
        """Read all pages that `options.pages` asks for.

        Raises:
            UnsupportedLanguage: no recogniser reads `options.languages`.
            DocumentError: the document cannot be read, now or later.
            EngineError: the inference engine failed.
        """
        chosen = await self._recognizers.choose(options.languages if options.recognize else ())
        run = _Run(options, chosen)
        media_type = self._documents.media_type(document)
        with self._documents.open(document, options.all_frames) as opened:
            pages, faults = await self._read_pages(opened, run)
            run.warnings += opened.remarks()
        if not pages:
            raise faults[0]
        return DocumentReading(
            media_type,
            tuple(pages),
            bool(faults) or run.is_incomplete,
            tuple(run.warnings),
            run.timings_ms,
            recognizer="+".join(run.names or [chosen.first.name]),
        )

    async def _read_pages(
        self, opened: OpenDocument, run: "_Run"
    ) -> tuple[list[Page], list[ProcessorError]]:
        """Read the pages that were asked for; one that cannot be decoded costs only itself.

        Returns:
            The pages, and why others could not be read; at least one of either.
        """
        pages: list[Page] = []
        faults: list[ProcessorError] = []
        for number in PageRanges.parse(run.options.pages).numbers():
            if number > self._pages_max:
                raise self._too_many_pages()
            encoded = None
            try:
                with run.timed("decode"):
                    encoded = await self._in_thread(
                        lambda: _guarded(lambda: opened.page(number))  # noqa: B023 - awaited here
                    )
                if run.options.pages is None and (opened.page_count or 0) > self._pages_max:
                    raise self._too_many_pages()
                if encoded is None:
                    if run.options.pages is not None:
                        run.warn("page_missing", f"the document has no page {number}", None)
                    break
                async with self._pixel_gate.hold(encoded.pixel_count):
                    pages.append(await self._read_page(encoded, run))
                continue
            except TooManyPages:
                raise
            except (DocumentError, DecoderFailed) as fault:
                faults.append(fault)
                run.warn("page_unreadable", str(fault), number)
            if _hides_the_rest(faults[-1], encoded, opened):
                break
        if not pages and not faults:
            count = "too few" if opened.page_count is None else opened.page_count
            wanted = run.options.pages
            faults.append(NoSuchPage(f"the document has {count} page(s), none of them is {wanted}"))
        return pages, faults

    def _too_many_pages(self) -> TooManyPages:
        return TooManyPages(
            f"only the first {self._pages_max} pages of a document are read; "
            "ask for fewer of them, or raise the limit"
        )

    async def _read_page(self, encoded: EncodedPage, run: "_Run") -> Page:
        """Read one page; one that turns out to lie on its side or head is turned and read again."""
        with run.timed("decode"):
            image = await self._in_thread(lambda: _guarded(encoded.decode))
        run.warnings += image.warnings
        run.is_incomplete |= image.is_incomplete
        with run.timed("enhance"):
            quality = await self._in_thread(lambda: measure_quality(image.pixels))
        run.line_reader = run.chosen.first.reader
        enhanced, picture = await self._enhance(image.pixels, quality, run)
        await self._choose_language(picture, run)
        lines, pixels = await self._read_lines(picture, run), picture.pixels
        upright, rotation = image.upright, await self._rotation(pixels, lines, run)
        if rotation:
            upright = turn_further(upright, rotation, pixels.shape[1], pixels.shape[0])
            turned = turn_page(image.pixels, rotation)
            enhanced, picture = await self._enhance(turned, quality, run)
            await self._choose_language(picture, run)
            lines, pixels = await self._read_lines(picture, run), picture.pixels
        if run.reader_name not in run.names:
            run.names.append(run.reader_name)
        if image.is_incomplete:
            if not lines:
                raise CorruptDocument(
                    "the file is damaged or ends early, and what is left of the page holds no "
                    "text; upload it again from its source"
                )
            detail = "the file is damaged or ends early; what could be decoded of the page was read"
            run.warn("page_incomplete", detail, image.page_number)
        elif not lines:
            run.warn("no_text", "no text was found on the page", image.page_number)
        lines = run.drop_uncertain(lines, image.page_number)
        with run.timed("assemble"):
            assembled = await self._in_thread(lambda: assemble(lines))
            verdict = judge(quality, assembled.lines, pixels, image.is_incomplete)
            ordered = assembled.lines
            if run.options.words:
                ordered = tuple(replace(line, words=words_of(line)) for line in ordered)
        return Page(
            page_number=image.page_number,
            width=pixels.shape[1],
            height=pixels.shape[0],
            upright=upright,
            source_width=image.source_width,
            source_height=image.source_height,
            dpi=image.dpi,
            quality=quality,
            verdict=verdict,
            enhanced=enhanced,
            lines=ordered,
            text=assembled.text,
            paragraphs=assembled.paragraphs,
        )

    async def _rotation(self, pixels: PageArray, lines: list[TextLine], run: "_Run") -> Rotation:
        """Tell how a page must be turned.

        Columns of ideographs and lines of them that lie on their sides look alike, and are read
        alike; as it stands, a character alone is only read in a column.
        """
        if not is_vertical_page(lines):
            return page_rotation(lines)
        glyphs = await self._in_thread(lambda: sample_glyphs(pixels, lines))
        crops = [glyph.standing for glyph in glyphs]
        readings = await asyncio.gather(*map(run.line_reader.read, crops))
        standing = sum(
            reading.text == glyph.character for reading, glyph in zip(readings, glyphs, strict=True)
        )
        return page_rotation(lines, columns_lie=standing < STANDING_MIN * len(glyphs))

    async def _enhance(
        self, pixels: PageArray, quality: Quality, run: "_Run"
    ) -> tuple[Enhanced, "Picture"]:
        """Try what may help a page, and choose the picture that reads best."""
        mode = run.options.enhance
        pixel_count = pixels.shape[0] * pixels.shape[1]
        wanted = candidates(quality, pixel_count) if mode is not EnhanceMode.OFF else []
        if not wanted:
            return Enhanced(), await self._picture(pixels, run)
        if mode is EnhanceMode.ALWAYS or not run.options.recognize:
            return Enhanced(wanted[-1]), await self._enhanced(pixels, wanted[-1], quality, run)
        plain = await self._picture(pixels, run)
        pictures = [plain]
        for enhancements in wanted:
            pictures.append(await self._enhanced(pixels, enhancements, quality, run))
        with run.timed("enhance"):
            places = sample_places([picture.regions for picture in pictures])
            readings = await asyncio.gather(
                *(
                    self._try_places(picture, [place[number] for place in places], run)
                    for number, picture in enumerate(pictures)
                )
            )
        before, *after = legibility(readings)
        gain = max(after) - before
        if gain < GAIN_MIN:
            return Enhanced((), tuple(wanted), 0.0), plain
        best = after.index(max(after))
        return Enhanced(wanted[best], tuple(wanted), gain), pictures[best + 1]

    async def _choose_language(self, picture: "Picture", run: "_Run") -> None:
        """Where nobody knows the language, choose the recogniser that reads some lines best."""
        named = run.chosen.first
        if run.chosen.candidates:
            places = [place[0] for place in sample_places([picture.regions])]
            readings = []
            for candidate in run.chosen.candidates:
                run.line_reader = candidate.reader
                readings.append(await self._try_places(picture, places, run))
                picture.read.clear()
            first, *others = legibility(readings)
            best = max(others, default=0.0)
            if best - first >= LANGUAGE_GAIN_MIN:
                named = run.chosen.candidates[1 + others.index(best)]
        run.line_reader, run.reader_name = named.reader, named.name

    async def _enhanced(
        self,
        pixels: PageArray,
        enhancements: tuple[Enhancement, ...],
        quality: Quality,
        run: "_Run",
    ) -> "Picture":
        with run.timed("enhance"):
            better = await self._in_thread(lambda: enhance(pixels, enhancements, quality))
        return await self._picture(better, run)

    async def _try_places(
        self, picture: "Picture", places: list[TextRegion | None], run: "_Run"
    ) -> list[Reading | None]:
        """Read a picture at some places; None where it has nothing. What was read, it keeps."""
        found = [region for region in places if region is not None]
        cuts = await self._in_thread(lambda: cut_out(picture.pixels, found))
        lines = await asyncio.gather(*(self._read_line(cut, run) for cut in cuts))
        picture.read |= {id(cut.region): line for cut, line in zip(cuts, lines, strict=True)}
        known = [picture.read.get(id(region)) for region in places]
        return [None if line is None else line.reading for line in known]

    async def _picture(self, pixels: PageArray, run: "_Run") -> "Picture":
        with run.timed("detect"):
            return Picture(pixels, await self._detect(pixels, run.options))

    async def _read_lines(self, picture: "Picture", run: "_Run") -> list[TextLine]:
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
        return await self._in_thread(lambda: find_regions(probabilities, width, height, options))

    async def _classify(self, cuts: "list[Cut]", options: ReadOptions) -> list[TextLine]:
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

    async def _read_line(self, cut: "Cut", run: "_Run") -> TextLine:
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


def _hides_the_rest(fault: ProcessorError, page: EncodedPage | None, opened: OpenDocument) -> bool:
    """Whether what is behind a page that failed cannot be found, or should not be looked for.

    Args:
        fault: Why it failed.
        page: The page, if it was found.
        opened: Where the number of pages is not known, each page tells where the next one is; one
            with too many pixels, or too few, still does.
    """
    if isinstance(fault, DecoderFailed):  # it may do so page after page
        return True
    was_found = page is not None or isinstance(fault, (TooManyPixels, UnsupportedFormat))
    return opened.page_count is None and not was_found


def _guarded(decode: Callable[[], T]) -> T:
    """Decode something; what no decoder foresaw is not the engine's fault."""
    try:
        return decode()
    except ProcessorError:
        raise
    except Exception as err:
        raise DecoderFailed(f"the decoder failed unexpectedly ({type(err).__name__})") from err


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
            crop = crop_polygon(pixels, region.polygon)
        except InvalidRegion:
            continue
        turned = crop.shape[0] >= TALL * crop.shape[1]
        if turned:
            crop = crop.transpose(1, 0, 2)[::-1]
        cuts.append(Cut(region, LineCrop(crop, turned)))
    return cuts


def cut_closer(pixels: CropArray) -> CropArray:
    """Cut a little off above and below a line: regions are grown beyond the writing."""
    trim = pixels.shape[0] // _TRIMMED
    return np.ascontiguousarray(pixels[trim : pixels.shape[0] - trim])


@dataclass(slots=True)
class _Run:
    """What is collected while one document is read."""

    options: ReadOptions
    chosen: Chosen
    line_reader: LineReader = field(init=False)
    reader_name: str = ""
    names: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    is_incomplete: bool = False

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started_at = time.perf_counter()
        try:
            yield
        finally:
            elapsed_ms = (time.perf_counter() - started_at) * 1000
            self.timings_ms[stage] = self.timings_ms.get(stage, 0.0) + elapsed_ms

    def warn(self, code: str, detail: str, page_number: int | None) -> None:
        """Tell whoever reads the result."""
        self.warnings.append(Warned(code, detail, page_number))

    def drop_uncertain(self, lines: list[TextLine], page_number: int) -> list[TextLine]:
        """Keep what reaches `min_confidence`, and tell how much did not."""
        limit = self.options.min_confidence
        kept = [one for one in lines if one.reading is None or confidence(one.reading) >= limit]
        if len(kept) < len(lines):
            detail = f"{len(lines) - len(kept)} line(s) below the confidence {limit} were dropped"
            self.warn("lines_dropped", detail, page_number)
        return kept
