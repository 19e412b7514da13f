"""The order of the stages, and nothing else.

`Pipeline.read` is one coroutine per document. It runs pixel work in threads and hands crops to the
batchers, where they meet those of other documents.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeVar

from processors.assemble import assemble
from processors.classify import Classifier
from processors.decoding.decoders import DocumentOpener, EncodedPage, OpenDocument
from processors.detect import Detector
from processors.enhance import candidates, enhance
from processors.errors import (
    CorruptDocument,
    DecoderFailed,
    DocumentError,
    NoSuchPage,
    ProcessorError,
    TooManyPages,
    TooManyPixels,
    UnsupportedFormat,
)
from processors.gate import Gate
from processors.geometry import turn_further, turn_page
from processors.orientation import LEAD_MIN, page_rotation, sample_glyphs
from processors.page_ranges import PageRanges
from processors.picture import Picture, PictureReader
from processors.quality import measure_quality
from processors.recognizers import Recognizers
from processors.run import Run
from processors.trial import GAIN_MIN, LEGIBLE_MIN, legibility, sample_places
from processors.values import (
    CropArray,
    DocumentReading,
    EncodedDocument,
    Enhanced,
    Enhancement,
    Page,
    PageArray,
    PageWatcher,
    Quality,
    ReaderLoad,
    ReadOptions,
    Rotation,
    SeenPage,
    TextLine,
    watch_nothing,
)
from processors.verdict import judge
from processors.words import words_of
from schemas.options import EnhanceMode

T = TypeVar("T")

LANGUAGE_GAIN_MIN = 0.02
"""By so much another recogniser must read a page better than the default one."""


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
        self._pictures = PictureReader(detector, classifier, pixel_threads)
        self._recognizers = recognizers
        self._pixel_threads = pixel_threads
        self._pixel_gate = pixel_gate

    @property
    def load(self) -> ReaderLoad:
        """What is in work."""
        busy_s = max(self._pictures.busy_s, self._recognizers.busy_s)
        return ReaderLoad(self._pixel_gate.held, busy_s)

    async def read(
        self, document: EncodedDocument, options: ReadOptions, watch: PageWatcher = watch_nothing
    ) -> DocumentReading:
        """Read all pages that `options.pages` asks for.

        Raises:
            UnsupportedLanguage: no recogniser reads `options.languages`.
            DocumentError: the document cannot be read, now or later.
            EngineError: the inference engine failed.
        """
        chosen = await self._recognizers.choose(options.languages if options.recognize else ())
        run = Run(options, chosen, watch)
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
        self, opened: OpenDocument, run: Run
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
                    seen = await self._read_page(encoded, opened.page_count, run)
                    await run.watch(seen)
                    pages.append(seen.page)
                    del seen  # its pixels
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

    async def _read_page(self, encoded: EncodedPage, page_count: int | None, run: Run) -> SeenPage:
        """Read one page; one that turns out to lie on its side or head is turned and read again."""
        with run.timed("decode"):
            image = await self._in_thread(lambda: _guarded(encoded.decode))
        run.warnings += image.warnings
        run.is_incomplete |= image.is_incomplete
        with run.timed("enhance"):
            quality = await self._in_thread(lambda: measure_quality(image.pixels))
        run.line_reader = run.chosen.first.reader
        enhanced, pixels, lines = await self._read_as_it_lies(image.pixels, quality, run)
        upright, rotation = image.upright, await self._rotation(pixels, lines, run)
        standing = image.pixels
        if rotation:
            upright = turn_further(upright, rotation, pixels.shape[1], pixels.shape[0])
            standing = turn_page(image.pixels, rotation)
            enhanced, pixels, lines = await self._read_as_it_lies(standing, quality, run)
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
        page = Page(
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
        return SeenPage(page, standing, page_count)

    async def _read_as_it_lies(
        self, pixels: PageArray, quality: Quality, run: Run
    ) -> tuple[Enhanced, PageArray, list[TextLine]]:
        """What was done to a page, the picture that came of it, and its lines."""
        enhanced, picture = await self._enhance(pixels, quality, run)
        await self._choose_language(picture, run)
        return enhanced, picture.pixels, await self._pictures.read_lines(picture, run)

    async def _rotation(self, pixels: PageArray, lines: list[TextLine], run: Run) -> Rotation:
        """Tell how a page must be turned.

        Where that depends on how its ideographs lie, some are read alone: as if the page lay on its
        side, and as if it stood.
        """
        if_stands, if_lies = page_rotation(lines), page_rotation(lines, ideographs_lie=True)
        if if_stands == if_lies:
            return if_stands
        glyphs = await self._in_thread(lambda: sample_glyphs(pixels, lines))

        async def count_read(crops: list[CropArray]) -> int:
            readings = await asyncio.gather(*map(run.line_reader.read, crops))
            pairs = zip(readings, glyphs, strict=True)
            return sum(reading.text == glyph.character for reading, glyph in pairs)

        lead_min = LEAD_MIN * len(glyphs)
        lying = await count_read([glyph.if_lies for glyph in glyphs])
        if not glyphs or lying < lead_min:
            return if_stands
        standing = await count_read([glyph.if_stands for glyph in glyphs])
        return if_lies if lying - standing >= lead_min else if_stands

    async def _enhance(
        self, pixels: PageArray, quality: Quality, run: Run
    ) -> tuple[Enhanced, Picture]:
        """Try what may help a page, and choose the picture that reads best."""
        mode = run.options.enhance
        pixel_count = pixels.shape[0] * pixels.shape[1]
        wanted = candidates(quality, pixel_count) if mode is not EnhanceMode.OFF else []
        if not wanted:
            return Enhanced(), await self._pictures.look(pixels, run)
        if mode is EnhanceMode.ALWAYS or not run.options.recognize:
            return Enhanced(wanted[-1]), await self._enhanced(pixels, wanted[-1], quality, run)
        plain = await self._pictures.look(pixels, run)
        if wanted == [("sharpen",)] and await self._is_legible(plain, run):
            return Enhanced(), plain
        pictures = [plain]
        for enhancements in wanted:
            pictures.append(await self._enhanced(pixels, enhancements, quality, run))
        with run.timed("enhance"):
            places = sample_places([picture.regions for picture in pictures])
            readings = await asyncio.gather(
                *(
                    self._pictures.try_places(picture, [place[number] for place in places], run)
                    for number, picture in enumerate(pictures)
                )
            )
        before, *after = legibility(readings)
        gain = max(after) - before
        if gain < GAIN_MIN:
            return Enhanced((), tuple(wanted), 0.0), plain
        best = after.index(max(after))
        return Enhanced(wanted[best], tuple(wanted), gain), pictures[best + 1]

    async def _is_legible(self, picture: Picture, run: Run) -> bool:
        """Whether a picture's own lines, some of them, are read with so much certainty."""
        with run.timed("enhance"):
            places = [place[0] for place in sample_places([picture.regions])]
            readings = await self._pictures.try_places(picture, places, run)
        return legibility([readings])[0] >= LEGIBLE_MIN

    async def _choose_language(self, picture: Picture, run: Run) -> None:
        """Where nobody knows the language, choose the recogniser that reads some lines best."""
        named = run.chosen.first
        if run.chosen.candidates:
            places = [place[0] for place in sample_places([picture.regions])]
            readings = []
            for candidate in run.chosen.candidates:
                run.line_reader = candidate.reader
                readings.append(await self._pictures.try_places(picture, places, run))
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
        run: Run,
    ) -> Picture:
        with run.timed("enhance"):
            better = await self._in_thread(lambda: enhance(pixels, enhancements, quality))
        return await self._pictures.look(better, run)

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
