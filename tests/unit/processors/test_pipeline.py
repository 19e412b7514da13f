"""The order of the stages, on networks that read coloured blocks."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from processors.decoding.decoders import DocumentOpener
from processors.decoding.formats import every_decoder
from processors.engines.base import PictureBatch
from processors.errors import (
    CorruptDocument,
    EngineError,
    ModelError,
    NoSuchPage,
    OutOfMemory,
    TooManyPages,
    UnsupportedLanguage,
)
from processors.models.catalog import Format, Model, Stage, Weights
from processors.models.registry import DEFAULTS, Registry
from processors.reader import (
    Reader,
    RecognizerModels,
    Runners,
    build_reader,
    open_reader,
    warm_up,
)
from processors.reader_options import ReaderOptions
from processors.recognize import WIDTHS_PX
from processors.values import (
    DocumentReading,
    EncodedDocument,
    Enhanced,
    Page,
    PageArray,
    ReadOptions,
)
from schemas.options import EnhanceMode
from schemas.results import PipelineInfo
from tests.fakes.runners import (
    RED,
    SURE,
    UNSURE,
    FakeClassifier,
    FakeDetector,
    FakeRecognizer,
    fake_runners,
)
from tests.unit.processors.pictures import (
    LETTER_HEIGHT_PX,
    draw_word,
    encode,
    encode_page,
    exif,
    page_of_words,
    white_page,
)

OPTIONS = ReadOptions(enhance=EnhanceMode.OFF)
AUTO = ReadOptions(enhance=EnhanceMode.AUTO)
INFO = PipelineInfo(fingerprint="f", engine="fake", device="cpu", models={}, version="0")
MODELS = (
    Model("colours", "recognize", "none", ("en", "zh")),
    Model("more-colours", "recognize", "none", ("en", "ru")),
)

WORDS = ("rgb", "rbg", "rg", "rbgbg")


def open_fake(
    runners: Runners,
    options: ReaderOptions = ReaderOptions(),  # noqa: B008 - frozen
    documents: DocumentOpener | None = every_decoder(4_000_000),  # noqa: B008 - has no state
) -> Reader:
    """A reader on any runners, which decodes in this process unless told otherwise."""
    models = RecognizerModels(MODELS, lambda _: FakeRecognizer())
    return build_reader(runners, models, INFO, options, documents=documents)


@pytest.fixture
def reader() -> Iterator[Reader]:
    """A reader on the fakes."""
    with open_fake(fake_runners(concurrency=2)) as opened:
        yield opened


async def read_page(reader: Reader, page: PageArray, options: ReadOptions = OPTIONS) -> Page:
    """What is read on a page."""
    (read,) = (await reader.read(encode_page(page), options)).pages
    return read


class RecordingDetector(FakeDetector):
    """Notes its calls in a common diary."""

    def __init__(self, diary: list[str]) -> None:
        super().__init__()
        self._diary = diary

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        self._diary.append("detect")
        return super().probability_maps(pages)


class RecordingClassifier(FakeClassifier):
    """Notes its calls in a common diary."""

    def __init__(self, diary: list[str]) -> None:
        super().__init__()
        self._diary = diary

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        self._diary.append("classify")
        return super().upside_down(crops)


class RecordingRecognizer(FakeRecognizer):
    """Notes its calls in a common diary."""

    def __init__(self, diary: list[str]) -> None:
        super().__init__()
        self._diary = diary

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        self._diary.append("recognize")
        return super().best_classes(crops)


async def stages_of(word: str, options: ReadOptions) -> tuple[list[str], DocumentReading]:
    """The networks that a page with one word goes through."""
    diary: list[str] = []
    runners = Runners(
        RecordingDetector(diary), RecordingClassifier(diary), RecordingRecognizer(diary)
    )
    with open_fake(runners) as reader:
        reading = await reader.read(encode_page(page_of_words([word])), options)
    return diary, reading


async def test_pipeline_goes_through_stages_in_order() -> None:
    """Lines are found, then read; what was read with certainty need not be classified."""
    diary, reading = await stages_of("rgb", OPTIONS)
    assert diary == ["detect", "recognize"]
    assert list(reading.timings_ms) == [
        *("decode", "enhance", "detect", "crop", "recognize", "assemble")
    ]
    assert reading.content_type == "image/png"
    assert reading.warnings == ()


async def test_pipeline_reads_page_from_top_to_bottom(reader: Reader) -> None:
    """The text has one row per line, and each line its place."""
    page = await read_page(reader, page_of_words(WORDS))
    assert page.text == "\n".join(WORDS)
    for index, line in enumerate(page.lines):
        assert line.reading is not None
        assert line.reading.score == pytest.approx(SURE)
        assert line.polygon[:, 1].mean() == pytest.approx(72 + 80 * index, abs=2)
    assert (page.width, page.height) == (480, 380)


async def test_pipeline_leaves_out_classifier() -> None:
    """With `classify` off, a line is read as it stands."""
    diary, reading = await stages_of("bgr", replace(OPTIONS, classify=False))
    assert diary == ["detect", "recognize", "recognize"]  # the second time, cut closer
    assert reading.pages[0].text == "bgr"


async def test_pipeline_reads_doubtful_line_both_ways() -> None:
    """What was read badly and may stand on its head is turned; the surer reading is kept."""
    diary, reading = await stages_of("bgr", OPTIONS)
    assert diary == ["detect", "recognize", "classify", "recognize"]
    (line,) = reading.pages[0].lines
    assert line.reading is not None
    assert (line.reading.text, line.flipped) == ("rgb", True)


async def test_pipeline_keeps_line_that_reads_better_as_it_is() -> None:
    """The classifier's word is a suspicion; which way the line reads better decides."""

    class Suspicious(FakeClassifier):
        def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
            return np.ones(len(crops), dtype=np.float32)

    with open_fake(Runners(FakeDetector(), Suspicious(), FakeRecognizer())) as reader:
        page = await read_page(reader, page_of_words(["gbg"]))
    assert page.text == "gbg"
    assert not page.lines[0].flipped


async def test_pipeline_leaves_out_recognizer() -> None:
    """With `recognize` off, there are regions without text."""
    diary, reading = await stages_of("rgb", replace(OPTIONS, recognize=False))
    assert diary == ["detect", "classify"]
    assert reading.pages[0].text is None
    assert [line.reading for line in reading.pages[0].lines] == [None]


async def test_pipeline_leaves_out_detector() -> None:
    """With `detect` off, the picture is one line."""
    crop = white_page(120, LETTER_HEIGHT_PX)
    draw_word(crop, "rgb", 8, 0)
    diary: list[str] = []
    runners = Runners(RecordingDetector(diary), FakeClassifier(), FakeRecognizer())
    with open_fake(runners) as reader:
        page = await read_page(reader, crop, replace(OPTIONS, detect=False))
    assert diary == []
    assert page.text == "rgb"
    assert page.lines[0].polygon.tolist() == [[0, 0], [120, 0], [120, 24], [0, 24]]


async def test_pipeline_turns_single_line_but_not_its_page(reader: Reader) -> None:
    """One line that stands on its head says nothing about the page."""
    page = await read_page(reader, page_of_words(["rgb", "bgr", "rbg", "rgbg"]))
    assert page.text == "rgb\nrgb\nrbg\nrgbg"
    assert [line.flipped for line in page.lines] == [False, True, False, False]
    assert page.upright.rotation_degrees == 0


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
async def test_pipeline_turns_page_upright(reader: Reader, quarter_turns: int) -> None:
    """However the page lies, it is read as a person would, and leads back to the file."""
    words = ["rgbgb", "rbgbg", "rgbgbg", "rbgbgb"]
    stored = np.ascontiguousarray(np.rot90(page_of_words(words), quarter_turns))
    page = await read_page(reader, stored)
    assert page.text == "\n".join(words)
    assert (page.width, page.height) == (480, 380)
    assert page.upright.rotation_degrees == 90 * quarter_turns
    assert (page.source_height, page.source_width) == stored.shape[:2]
    x, y, _ = (page.upright.to_file @ (72, 72, 1)).astype(int)
    assert stored[y, x].tolist() == [0, 0, 255]


async def test_pipeline_adds_its_turn_to_that_of_exif(reader: Reader) -> None:
    """A page that EXIF turned the wrong way is turned again."""
    words = ["rgbgb", "rbgbg", "rgbgbg"]
    rgb = np.ascontiguousarray(page_of_words(words)[:, :, ::-1])
    document = encode(Image.fromarray(rgb), exif=exif(6))
    (page,) = (await reader.read(document, OPTIONS)).pages
    assert page.text == "\n".join(words)
    assert page.upright.rotation_degrees == 0
    np.testing.assert_allclose(page.upright.to_file, np.eye(3), atol=1e-9)


async def test_pipeline_finds_nothing_on_blank_page(reader: Reader) -> None:
    """A blank page was read: it has no lines, and its text is empty."""
    page = await read_page(reader, white_page(200, 100))
    assert page.lines == ()
    assert page.text == ""


async def test_pipeline_drops_uncertain_lines_with_a_warning(reader: Reader) -> None:
    """What is dropped is counted."""
    options = replace(OPTIONS, min_confidence=(SURE + UNSURE) / 2, classify=False)
    reading = await reader.read(encode_page(page_of_words(["rgb", "bgr", "gbr"])), options)
    assert reading.pages[0].text == "rgb"
    (warned,) = reading.warnings
    assert (warned.code, warned.page_number) == ("lines_dropped", 1)
    assert warned.detail.startswith("2 line(s)")


def paled(page: PageArray) -> PageArray:
    """A fifth of the contrast, on paper that is less white."""
    return (200 + (page.astype(np.float32) - 255) / 5).astype(np.uint8)


async def test_pipeline_keeps_what_reads_better(reader: Reader) -> None:
    """It says what was done and what it gained; the quality is that of the page as it came."""
    page = await read_page(reader, paled(page_of_words(WORDS)), AUTO)
    plain = await read_page(reader, paled(page_of_words(WORDS)))
    assert plain.text == ""
    assert page.text == (await read_page(reader, page_of_words(WORDS))).text
    assert page.enhanced.applied == ("contrast",)
    assert page.enhanced.tried == (("contrast",),)
    assert (page.enhanced.gain or 0) > 0.5
    assert page.quality == plain.quality
    assert plain.enhanced == Enhanced()


async def test_pipeline_drops_what_does_not_read_better(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plain picture is read; that something was tried is told."""
    monkeypatch.setattr("processors.pipeline.candidates", lambda *_: [("denoise",), ("sharpen",)])
    page = await read_page(reader, page_of_words(WORDS), AUTO)
    assert page.text == (await read_page(reader, page_of_words(WORDS))).text
    assert page.enhanced == Enhanced((), (("denoise",), ("sharpen",)), 0.0)


async def test_pipeline_sharpens_nothing_that_reads_well(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own lines tell: no second picture is made. One that is hard to read is sharpened."""
    monkeypatch.setattr("processors.pipeline.candidates", lambda *_: [("sharpen",)])
    assert (await read_page(reader, page_of_words(WORDS), AUTO)).enhanced == Enhanced()
    hard = await read_page(reader, paled(page_of_words(WORDS)), AUTO)
    assert hard.enhanced.tried == (("sharpen",),)


async def test_pipeline_enhances_without_a_trial_if_told_to(reader: Reader) -> None:
    """All that the page seems to lack."""
    options = replace(OPTIONS, enhance=EnhanceMode.ALWAYS)
    page = await read_page(reader, paled(page_of_words(WORDS)), options)
    assert page.enhanced == Enhanced(("contrast",))
    assert page.text == (await read_page(reader, page_of_words(WORDS))).text


@pytest.mark.parametrize("pages", ["2", "2-9,4"])
async def test_pipeline_refuses_pages_that_are_not_there(reader: Reader, pages: str) -> None:
    """A result without pages would look like a blank document."""
    with pytest.raises(NoSuchPage, match="has 1 page"):
        await reader.read(encode_page(page_of_words(WORDS)), replace(OPTIONS, pages=pages))


async def test_pipeline_reads_pages_that_are_asked_for(reader: Reader) -> None:
    """Page 1 is in the range."""
    document = encode_page(page_of_words(WORDS))
    assert len((await reader.read(document, replace(OPTIONS, pages="1-3"))).pages) == 1


def tiff_of(pages: Sequence[Image.Image]) -> bytes:
    """A TIFF file of some pages."""
    return encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]).data


def picture(page: PageArray) -> Image.Image:
    """BGR pixels for Pillow."""
    return Image.fromarray(np.ascontiguousarray(page[:, :, ::-1]))


async def test_pipeline_reads_pages_in_rising_order(reader: Reader) -> None:
    """What is asked for and not there is said."""
    pages = [picture(page_of_words([word])) for word in ("rgb", "rbg", "rgbrg")]
    document = EncodedDocument(tiff_of(pages))
    reading = await reader.read(document, OPTIONS)
    assert [page.text for page in reading.pages] == ["rgb", "rbg", "rgbrg"]
    assert reading.warnings == ()
    reading = await reader.read(document, replace(OPTIONS, pages="7,2-3"))
    assert [(page.page_number, page.text) for page in reading.pages] == [(2, "rbg"), (3, "rgbrg")]
    assert [(warned.code, warned.detail) for warned in reading.warnings] == [
        ("page_missing", "the document has no page 7")
    ]


async def test_pipeline_says_that_a_page_is_blank(reader: Reader) -> None:
    """An empty page is no page that could not be read."""
    reading = await reader.read(encode_page(white_page(100, 80)), OPTIONS)
    assert reading.pages[0].text == ""
    assert not reading.is_partial
    assert [(warned.code, warned.page_number) for warned in reading.warnings] == [("no_text", 1)]


async def test_pipeline_reads_the_others_where_a_page_is_too_large(reader: Reader) -> None:
    """One bad page does not fail a document; it is named."""
    pages = [
        picture(page_of_words(["rgb"])),
        Image.new("1", (2100, 2000)),
        Image.new("L", (40, 40)),
    ]
    reading = await reader.read(EncodedDocument(tiff_of(pages)), OPTIONS)
    assert [page.page_number for page in reading.pages] == [1, 3]
    assert reading.is_partial
    (unreadable,) = [warned for warned in reading.warnings if warned.code == "page_unreadable"]
    assert unreadable.page_number == 2
    assert "2100 x 2000" in unreadable.detail


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
async def test_pipeline_reads_what_is_left_of_a_truncated_document(reader: Reader) -> None:
    """The second page is cut off before its text, the third cannot be found."""
    whole = tiff_of([picture(page_of_words(["rgb"]))] * 3)
    one = tiff_of([picture(page_of_words(["rgb"]))])
    reading = await reader.read(EncodedDocument(whole[: len(one) + len(one) // 2]), OPTIONS)
    assert reading.is_partial
    assert [page.text for page in reading.pages] == ["rgb"]
    assert [(warned.code, warned.page_number) for warned in reading.warnings] == [
        ("page_unreadable", 2),
        ("page_unreadable", 3),
    ]


async def test_pipeline_refuses_more_pages_than_it_may_read() -> None:
    """Unless fewer are asked for."""
    pages = [picture(page_of_words(["rgb"]))] * 3
    document = EncodedDocument(tiff_of(pages))
    with open_fake(fake_runners(), ReaderOptions(pages_max=2)) as reader:
        for each in (document, encode(pages[0], "PDF", save_all=True, append_images=pages[1:])):
            with pytest.raises(TooManyPages, match="first 2 pages"):
                await reader.read(each, OPTIONS)
        assert len((await reader.read(document, replace(OPTIONS, pages="1-2"))).pages) == 2


async def test_pipeline_refuses_document_that_cannot_be_opened_at_once() -> None:
    """Not page by page, up to the limit."""
    locked = EncodedDocument(b"%PDF-1.4\ntrailer<</Root 1 0 R>>")
    with (
        open_fake(fake_runners(), documents=None) as reader,
        pytest.raises(CorruptDocument, match="cannot be opened"),
    ):
        await reader.read(locked, OPTIONS)


async def test_pipeline_reads_in_decoding_processes() -> None:
    """As a worker does; `build_reader` opens them itself."""
    with open_fake(fake_runners(), documents=None) as reader:
        documents = [encode_page(page_of_words([word])) for word in WORDS]
        readings = await asyncio.gather(*(reader.read(each, OPTIONS) for each in documents))
    assert [reading.pages[0].text for reading in readings] == list(WORDS)


async def test_pipeline_passes_on_faults_of_document(reader: Reader) -> None:
    """A broken file is the document's fault."""
    whole = encode_page(page_of_words(WORDS)).data
    with pytest.raises(CorruptDocument):
        await reader.read(EncodedDocument(whole[:50]), OPTIONS)


async def test_pipeline_reads_half_a_picture(reader: Reader) -> None:
    """What there is of it; and it says that this is not all."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 480, 3), dtype=np.uint8)
    words = page_of_words(["rgb"])
    whole = encode_page(np.concatenate([words, noise])).data
    reading = await reader.read(EncodedDocument(whole[:-2000]), OPTIONS)
    assert reading.is_partial
    assert (reading.pages[0].text or "").startswith("rgb")
    assert ("page_incomplete", 1) in [(w.code, w.page_number) for w in reading.warnings]


async def test_pipeline_refuses_half_a_picture_without_text(reader: Reader) -> None:
    """Nobody may take what is left for a blank page."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 480, 3), dtype=np.uint8)
    whole = encode_page(np.concatenate([white_page(480, 60), noise])).data
    with pytest.raises(CorruptDocument, match="holds no text"):
        await reader.read(EncodedDocument(whole[: len(whole) - len(noise.tobytes()) + 90]), OPTIONS)


class FailingRecognizer(FakeRecognizer):
    """Fails on batches that hold a line which does not begin with red."""

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes, probabilities = super().best_classes(crops)
        if probabilities.min() < SURE:
            raise EngineError("the engine failed")
        return classes, probabilities


async def test_pipeline_lets_failing_document_fail_alone() -> None:
    """Documents share batches; an engine that fails on one still reads the others."""
    runners = Runners(FakeDetector(), FakeClassifier(), FailingRecognizer())
    options = replace(OPTIONS, classify=False)
    with open_fake(runners) as reader:
        with pytest.raises(EngineError):
            await reader.read(encode_page(page_of_words(["rgb", "bgr", "gbr"])), options)
        assert (await read_page(reader, page_of_words(WORDS), options)).text == "\n".join(WORDS)


async def test_reader_refuses_language_that_it_does_not_read(reader: Reader) -> None:
    """The language is checked before anything is decoded."""
    with pytest.raises(UnsupportedLanguage):
        await reader.read(EncodedDocument(b""), replace(OPTIONS, languages=("ar",)))


@pytest.mark.parametrize(
    ("languages", "name"), [((), "colours"), (("en",), "colours"), (("en", "ru"), "more-colours")]
)
async def test_reader_lets_language_pick_the_recognizer(
    reader: Reader, languages: tuple[str, ...], name: str
) -> None:
    """The default reads what it can; the result says who read."""
    document = encode_page(page_of_words(["rgb"]))
    reading = await reader.read(document, replace(OPTIONS, languages=languages))
    assert reading.recognizer == name
    assert reading.pages[0].text == "rgb"


class Bluish(FakeRecognizer):
    """Is sure of lines that begin with blue, and reads red as green."""

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes, scores = super().best_classes(crops)
        begins_blue = np.array([row[row != 0][:1].tolist() == [1] for row in classes])
        scores[begins_blue], scores[~begins_blue] = SURE, UNSURE
        return np.where(classes == RED, 2, classes).astype(np.int32), scores


BOTH = (replace(MODELS[0], languages=("en",)), replace(MODELS[1], languages=("ru",)))


def open_two() -> Reader:
    """A reader with one recogniser for English and another one for Russian."""
    models = RecognizerModels(BOTH, lambda _: Bluish())
    return build_reader(
        fake_runners(), models, INFO, ReaderOptions(), documents=every_decoder(10**6)
    )


class SureOfCloseCuts(FakeRecognizer):
    """Is sure only of what fills more of its crop than the line before it did."""

    def __init__(self) -> None:
        super().__init__()
        self.filled: list[float] = []

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes, scores = super().best_classes(crops)
        self.filled.append(float((crops.min(axis=3) < 100).mean()))
        is_closer = len(self.filled) > 1 and self.filled[-1] > self.filled[-2]
        return classes, np.full_like(scores, SURE if is_closer else UNSURE)


async def test_doubtful_line_is_read_again_cut_closer() -> None:
    """And the surer of both readings is kept."""
    recognizer = SureOfCloseCuts()
    runners = Runners(FakeDetector(), FakeClassifier(), recognizer)
    options = replace(OPTIONS, classify=False)
    with build_reader(
        runners,
        RecognizerModels(MODELS, lambda _: FakeRecognizer()),
        INFO,
        ReaderOptions(),
        documents=every_decoder(10**6),
    ) as reader:
        recognizer.filled.clear()  # of warming up
        (line,) = (await read_page(reader, page_of_words(["rgb"]), options)).lines
    assert line.reading is not None
    assert (line.reading.text, round(line.reading.score, 2)) == ("rgb", SURE)
    assert len(recognizer.filled) == 2


async def test_each_line_is_read_by_the_recognizer_that_is_surer() -> None:
    """Of those that the languages ask for."""
    options = replace(OPTIONS, languages=("en", "ru"), classify=False)
    with open_two() as reader:
        reading = await reader.read(encode_page(page_of_words(["rgb", "brb"])), options)
    assert reading.pages[0].text == "rgb\nbgb"
    assert reading.recognizer == "colours+more-colours"


@pytest.mark.parametrize(
    ("word", "text", "name"),
    [("rgb", "rgb", "colours"), ("brb", "bgb", "more-colours"), (None, "", "colours")],
)
async def test_unknown_language_is_found_by_trying(word: str | None, text: str, name: str) -> None:
    """The recogniser that reads some lines best reads the page; the default one if it is even."""
    options = replace(OPTIONS, languages=("auto",), classify=False)
    page = white_page(200, 100) if word is None else page_of_words([word])
    with open_two() as reader:
        reading = await reader.read(encode_page(page), options)
    assert reading.pages[0].text == text
    assert reading.recognizer == name


async def test_pages_of_one_document_may_have_different_languages() -> None:
    """Each is tried for itself; the result names both models."""
    pages = [picture(page_of_words([word])) for word in ("brb", "rgb", "brb")]
    with open_two() as reader:
        reading = await reader.read(
            EncodedDocument(tiff_of(pages)),
            replace(OPTIONS, languages=("auto",), classify=False),
        )
    assert [page.text for page in reading.pages] == ["bgb", "rgb", "bgb"]
    assert reading.recognizer == "more-colours+colours"


async def test_words_come_with_places_if_asked_for(reader: Reader) -> None:
    """Each line is one word here."""
    page = await read_page(reader, page_of_words(WORDS), replace(OPTIONS, words=True))
    assert [[word.text for word in line.words or ()] for line in page.lines] == [
        [word] for word in (page.text or "").split()
    ]
    assert (await read_page(reader, page_of_words(WORDS))).lines[0].words is None


async def test_reader_opens_each_recognizer_once() -> None:
    """Documents that come together share one, and what cannot be opened is an engine's error."""
    opened: list[str] = []

    def open_runner(model: Model) -> FakeRecognizer:
        opened.append(model.name)
        if len(opened) == 1:
            raise ModelError("altered")
        return FakeRecognizer()

    document, russian = encode_page(page_of_words(["rgb"])), replace(OPTIONS, languages=("ru",))
    models = RecognizerModels(MODELS, open_runner)
    with build_reader(
        fake_runners(), models, INFO, ReaderOptions(), documents=every_decoder(10**6)
    ) as reader:
        with pytest.raises(EngineError, match="altered"):
            await reader.read(document, russian)
        await asyncio.gather(*(reader.read(document, russian) for _ in range(3)))
    assert opened == ["more-colours"] * 2


async def test_reader_squeezes_as_each_recognizer_likes() -> None:
    """The default one and one that is opened later, each at its model's share of the width."""
    widths: list[int] = []

    class Measuring(FakeRecognizer):
        def best_classes(
            self, crops: PictureBatch
        ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
            widths.append(crops.shape[2])
            return super().best_classes(crops)

    models = tuple(
        replace(model, squeeze=squeeze) for model, squeeze in zip(MODELS, (1.0, 0.5), strict=True)
    )
    runners = Runners(FakeDetector(), FakeClassifier(), Measuring())
    others = RecognizerModels(models, lambda _: Measuring())
    whole_picture = encode_page(white_page(480, 48))
    undetected = replace(OPTIONS, detect=False, classify=False)
    with build_reader(
        runners, others, INFO, ReaderOptions(), documents=every_decoder(10**6)
    ) as reader:
        await reader.read(whole_picture, undetected)
        await reader.read(whole_picture, replace(undetected, languages=("ru",)))
    assert widths == [480, WIDTHS_PX[0], 256]


@pytest.mark.parametrize(("device", "has_every_shape"), [("cpu", False), ("gpu:0", True)])
async def test_reader_runs_recognizer_before_its_first_document(
    device: str, has_every_shape: bool
) -> None:
    """One that is opened later is prepared as the default one; on a CPU shapes come as they do."""
    shapes: list[tuple[int, ...]] = []

    class Watched(FakeRecognizer):
        def best_classes(
            self, crops: PictureBatch
        ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
            shapes.append(crops.shape)
            return super().best_classes(crops)

    models = RecognizerModels(MODELS, lambda _: Watched())
    info = INFO.model_copy(update={"device": device})
    with build_reader(fake_runners(), models, info, ReaderOptions()) as reader:
        assert not shapes
        await reader.read(encode_page(page_of_words(["rgb"])), replace(OPTIONS, languages=("ru",)))
    assert shapes[0] == (1, 48, WIDTHS_PX[0], 3)
    assert ({shape[2] for shape in shapes} == set(WIDTHS_PX)) == has_every_shape


async def test_reader_refuses_recognizer_that_does_not_work() -> None:
    """It is tried when it is opened: an engine's error that names it, whatever page comes."""

    class Broken(FakeRecognizer):
        def best_classes(
            self, crops: PictureBatch
        ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
            raise EngineError("damaged weights")

    models = RecognizerModels(MODELS, lambda _: Broken())
    blank, russian = encode_page(white_page(200, 100)), replace(OPTIONS, languages=("ru",))
    with (
        build_reader(fake_runners(), models, INFO, ReaderOptions()) as reader,
        pytest.raises(EngineError, match="more-colours cannot be opened: damaged"),
    ):
        await reader.read(blank, russian)


def test_warm_up_runs_each_network() -> None:
    """A broken model shows before the first document."""
    diary: list[str] = []
    warm_up(
        Runners(RecordingDetector(diary), RecordingClassifier(diary), RecordingRecognizer(diary))
    )
    assert sorted(diary) == ["classify", "detect", "recognize"]


class PlaneDetector(FakeDetector):
    """Gives one row per page, as a network of another stage does."""

    def probability_maps(self, pages: PictureBatch) -> npt.NDArray[np.float32]:
        """See `DetectorRunner`."""
        return super().probability_maps(pages)[:, 0]


class StepClassifier(FakeClassifier):
    """Gives a row per crop."""

    def upside_down(self, crops: PictureBatch) -> npt.NDArray[np.float32]:
        """See `ClassifierRunner`."""
        return super().upside_down(crops)[:, None]


class FlatRecognizer(FakeRecognizer):
    """Gives one class per crop."""

    def best_classes(
        self, crops: PictureBatch
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """See `RecognizerRunner`."""
        classes, scores = super().best_classes(crops)
        return classes[:, 0], scores[:, 0]


@pytest.mark.parametrize(
    ("stage", "runners"),
    [
        ("detect", replace(fake_runners(), detector=PlaneDetector())),
        ("classify", replace(fake_runners(), classifier=StepClassifier())),
        ("recognize", replace(fake_runners(), recognizer=FlatRecognizer())),
    ],
)
def test_warm_up_refuses_answer_of_another_stage(stage: str, runners: Runners) -> None:
    """What a stage cannot use stops the start, and does not fail every document."""
    with pytest.raises(ModelError, match=f"the stage {stage} is one of another kind"):
        warm_up(runners)


@pytest.mark.parametrize(("place", "other"), [("detect", "classify"), ("classify", "detect")])
def test_reader_refuses_model_under_the_name_of_another(
    place: Stage, other: Stage, tmp_path: Path
) -> None:
    """A local file wins over the package's; of the wrong kind, it stops the start."""
    registry = Registry()
    kinds = [(Format.ONNX, Weights.FLOAT)]
    wrong = registry.find(registry.model(DEFAULTS[other], other), kinds).path
    (tmp_path / f"{DEFAULTS[place]}.onnx").symlink_to(wrong)
    with pytest.raises(ModelError):
        open_reader(ReaderOptions(models_folder=tmp_path))


def test_warm_up_finds_its_way_in_little_memory() -> None:
    """A batch that does not fit is left out; the batcher will find the same limit."""

    class Small(FakeRecognizer):
        def best_classes(
            self, crops: PictureBatch
        ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
            if len(crops) > 2:
                raise OutOfMemory("too many")
            return super().best_classes(crops)

    warm_up(Runners(FakeDetector(), FakeClassifier(), Small()), every_shape=True)


def test_warm_up_runs_recognizer_in_every_shape() -> None:
    """Engines prepare themselves for each; single lines of any width, batches within the limit."""
    shapes = []

    class Watched(FakeRecognizer):
        def best_classes(
            self, crops: PictureBatch
        ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
            shapes.append(crops.shape)
            return super().best_classes(crops)

    warm_up(Runners(FakeDetector(), FakeClassifier(), Watched()), every_shape=True)
    assert {shape[2] for shape in shapes if shape[0] == 1} == set(WIDTHS_PX)
    assert (8, 48, 128, 3) in shapes
    assert max(math.prod(shape[:3]) for shape in shapes if shape[0] > 1) <= 48 * 1024
