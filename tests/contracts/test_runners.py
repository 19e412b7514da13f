"""What every engine's runners owe to the stages above them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from processors.classify import HEIGHT_PX, WIDTH_PX
from processors.engines.base import Engine, GpuOptions, PictureBatch, Precision, RecognizerRunner
from processors.engines.choose import ENGINES, open_engine
from processors.errors import ModelError
from processors.models.catalog import Stage
from processors.models.registry import DEFAULTS, InstalledModel, Registry
from processors.reader import Runners, warm_up
from processors.recognize import collapse_ctc, fit_line
from processors.values import CropArray, PageArray, Reading
from tests.conftest import DEFAULT_ENGINES
from tests.fakes.runners import fake_runners
from tests.stream import ROOT

T = TypeVar("T")

RED, BLUE = (200, 0, 0), (0, 0, 200)
"""RGB of the writing; the fakes read colours, the real networks letters."""

SCORE_TOLERANCE = 1e-2
"""Larger batches are summed in another order, in BF16 with eight bits of mantissa."""


PADDLE_MODELS: dict[Stage, str] = {
    "detect": "PP-OCRv4_mobile_det",
    "classify": "ch_ppocr_mobile_v2_cls",
    "recognize": "PP-OCRv4_mobile_rec",
}
"""What an installed package ships in Paddle's own format."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test on the engines of this run, by default those installed; see `--engine`."""
    engines = metafunc.config.getoption("--engine")
    if "engine_name" in metafunc.fixturenames:
        metafunc.parametrize("engine_name", engines, scope="module")
    if "runner_name" in metafunc.fixturenames:
        metafunc.parametrize("runner_name", [*engines, "fake"], scope="module")


def open_cpu_engine(name: str) -> Engine:
    """An engine on the CPU, as the worker opens it."""
    return open_engine(name, "cpu", Precision.AUTO, GpuOptions())


def installed(engine: Engine, stage: Stage) -> InstalledModel:
    """The default model of a stage, in the engine's format."""
    registry = Registry()
    name = (PADDLE_MODELS if engine.name == "paddle" else DEFAULTS)[stage]
    return registry.find(registry.model(name, stage), engine.kinds)


def open_runners(name: str) -> Runners:
    """The runners of an engine with the real weights, or the fakes."""
    if name == "fake":
        return fake_runners(concurrency=2)
    engine = open_cpu_engine(name)
    recognizer = installed(engine, "recognize")
    return Runners(
        engine.detector(installed(engine, "detect").path),
        engine.classifier(installed(engine, "classify").path),
        engine.recognizer(recognizer.path, recognizer.characters),
    )


@pytest.fixture(scope="module")
def runners(runner_name: str) -> Runners:
    """Every implementation."""
    return open_runners(runner_name)


@pytest.fixture(scope="module")
def real_runners(engine_name: str) -> Runners:
    """Those that can read."""
    return open_runners(engine_name)


def render_line(text: str, color: tuple[int, int, int] = RED) -> CropArray:
    """(60, W, 3) uint8, BGR: a line of text on white."""
    font = ImageFont.load_default(40)
    width = round(font.getlength(text)) + 20
    picture = Image.new("RGB", (width, 60), "white")
    ImageDraw.Draw(picture).text((10, 30), text, fill=color, font=font, anchor="lm")
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def render_page() -> PageArray:
    """(256, 384, 3) uint8, BGR: white, with one line of text in rows 98 to 158."""
    page = np.full((256, 384, 3), 255, dtype=np.uint8)
    line = render_line("Invoice 2026")
    page[98:158, 40 : 40 + line.shape[1]] = line
    return page


def turned(crop: CropArray) -> CropArray:
    """The same line, upside down."""
    return np.ascontiguousarray(crop[::-1, ::-1])


def fit_for_classifier(line: CropArray) -> CropArray:
    """A line in the classifier's input, cut off at its right."""
    return fit_line(line)[:HEIGHT_PX, :WIDTH_PX]


def two_lines() -> tuple[CropArray, CropArray]:
    """Two different lines of equal width, ready for the recogniser."""
    first, second = fit_line(render_line("Total 12.50", RED)), fit_line(render_line("Name", BLUE))
    width = max(first.shape[1], second.shape[1])
    padded = [np.full((HEIGHT_PX, width, 3), 128, dtype=np.uint8) for _ in range(2)]
    for canvas, line in zip(padded, (first, second), strict=True):
        canvas[:, : line.shape[1]] = line
    return padded[0], padded[1]


def read(recognizer: RecognizerRunner, crops: PictureBatch) -> list[Reading]:
    """What the recogniser reads in a batch."""
    classes, probabilities = recognizer.best_classes(crops)
    rows = zip(classes, probabilities, strict=True)
    return [collapse_ctc(row, scores, recognizer.characters) for row, scores in rows]


def assert_probabilities(values: npt.NDArray[np.float32]) -> None:
    """Float32, none below 0, none above 1 by more than rounding."""
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() <= 1 + 1e-3


def from_threads_at_once(work: Callable[[], T], thread_count: int) -> list[T]:
    """Results of the same work done by several threads, three times each, started together."""
    gate = threading.Barrier(thread_count)

    def start() -> list[T]:
        gate.wait(timeout=10)
        return [work() for _ in range(3)]

    with ThreadPoolExecutor(thread_count) as threads:
        started = [threads.submit(start) for _ in range(thread_count)]
        return [result for future in started for result in future.result()]


def test_detector_gives_one_map_per_page(runners: Runners) -> None:
    """Maps are as large as the pages, probabilities of float32."""
    pages = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    maps = runners.detector.probability_maps(pages)
    assert maps.shape == (2, 64, 96)
    assert_probabilities(maps)


def test_detector_finds_line_and_nothing_else(runners: Runners) -> None:
    """The kernel of a line is above 0.5, empty paper is below."""
    page = render_page()
    (found,) = runners.detector.probability_maps(page[None])
    assert found[118:138, 60:240].mean() > 0.5
    assert found[:80].max() < 0.5
    assert found[176:].max() < 0.5


def test_detector_keeps_order_of_batch(runners: Runners) -> None:
    """Each page gets its own map, wherever in the batch it stands."""
    page, blank = render_page(), np.full((256, 384, 3), 255, dtype=np.uint8)
    for pages, with_text in (([page, blank], 0), ([blank, page], 1)):
        maps = runners.detector.probability_maps(np.stack(pages))
        assert maps[with_text].max() > 0.5
        assert maps[1 - with_text].max() < 0.5


def test_detector_sees_page_alike_in_any_company(runners: Runners) -> None:
    """Hardly a pixel changes sides when another page shares the batch."""
    page = render_page()
    (alone,) = runners.detector.probability_maps(page[None])
    beside = runners.detector.probability_maps(np.stack([page[::-1], page]))[1]
    assert np.mean((alone > 0.5) != (beside > 0.5)) < 1e-3


def test_detector_works_in_threads(runners: Runners) -> None:
    """As many threads as it names get what one gets."""
    page = render_page()[None]
    expected = runners.detector.probability_maps(page)
    maps = from_threads_at_once(
        lambda: runners.detector.probability_maps(page), runners.detector.concurrency
    )
    for found in maps:
        np.testing.assert_allclose(found, expected, atol=SCORE_TOLERANCE)


def test_classifier_gives_one_probability_per_crop(runners: Runners) -> None:
    """Probabilities of float32."""
    crops = np.random.default_rng(0).integers(0, 256, (3, 48, 192, 3), dtype=np.uint8)
    flags = runners.classifier.upside_down(crops)
    assert flags.shape == (3,)
    assert_probabilities(flags)


def test_classifier_flags_line_that_stands_on_its_head(real_runners: Runners) -> None:
    """Each line gets its own answer, wherever in the batch it stands."""
    line = fit_for_classifier(render_line("Invoice 2026"))
    flags = real_runners.classifier.upside_down(np.stack([line, turned(line), line]))
    assert flags[1] > 0.9
    assert flags[[0, 2]].max() < 0.1


def test_classifier_works_in_threads(runners: Runners) -> None:
    """As many threads as it names get what one gets."""
    line = fit_for_classifier(render_line("Invoice 2026"))
    crops = np.stack([line, turned(line)])
    expected = runners.classifier.upside_down(crops)
    answers = from_threads_at_once(
        lambda: runners.classifier.upside_down(crops), runners.classifier.concurrency
    )
    for flags in answers:
        np.testing.assert_allclose(flags, expected, atol=SCORE_TOLERANCE)


def test_recognizer_gives_class_and_probability_per_time_step(runners: Runners) -> None:
    """Every class stands in the alphabet, whose first is the blank."""
    crops = np.random.default_rng(0).integers(0, 256, (3, 48, 160, 3), dtype=np.uint8)
    classes, probabilities = runners.recognizer.best_classes(crops)
    assert classes.shape == probabilities.shape == (3, 20)
    assert classes.dtype == np.int32
    assert classes.min() >= 0
    assert classes.max() < len(runners.recognizer.characters)
    assert runners.recognizer.characters[0] == ""
    assert_probabilities(probabilities)


@pytest.mark.parametrize("text", ["Invoice 2026", "TOTAL: 120.00", "7"])
def test_recognizer_reads_rendered_line(real_runners: Runners, text: str) -> None:
    """What was written is what is read, with confidence."""
    (reading,) = read(real_runners.recognizer, fit_line(render_line(text))[None])
    assert reading.text == text
    assert reading.score > 0.8


def test_recognizer_keeps_order_of_batch(runners: Runners) -> None:
    """Each line gets its own text, wherever in the batch it stands."""
    first, second = two_lines()
    texts = [reading.text for reading in read(runners.recognizer, np.stack([first, second]))]
    swapped = [reading.text for reading in read(runners.recognizer, np.stack([second, first]))]
    assert texts[0] != texts[1]
    assert swapped == texts[::-1]


def test_recognizer_reads_line_alike_in_any_company(runners: Runners) -> None:
    """A line's text does not depend on whose lines share its batch, nor does its score."""
    first, second = two_lines()
    (alone,) = read(runners.recognizer, first[None])
    for batch, index in (([first, second], 0), ([second, second, first, second], 2)):
        beside = read(runners.recognizer, np.stack(batch))[index]
        assert alone.text
        assert beside.text == alone.text
        assert beside.score == pytest.approx(alone.score, abs=SCORE_TOLERANCE)


def test_recognizer_works_in_threads(runners: Runners) -> None:
    """As many threads as it names get what one gets."""
    crops = np.stack(two_lines())
    expected = read(runners.recognizer, crops)
    answers = from_threads_at_once(
        lambda: read(runners.recognizer, crops), runners.recognizer.concurrency
    )
    for readings in answers:
        assert [reading.text for reading in readings] == [reading.text for reading in expected]


def test_every_engine_is_run_somewhere() -> None:
    """`make test` runs this suite on what is installed, `make test-engines` on the others."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in set(ENGINES) - set(DEFAULT_ENGINES):
        wanted = f"--engine {name} $(ENGINE_TESTS)"
        assert wanted in makefile, f"install {name} for development, or add to Makefile: {wanted}"


def test_runners_name_their_limits(runners: Runners) -> None:
    """How many calls and pixels make sense at once is the engine's knowledge."""
    for runner in (runners.detector, runners.classifier, runners.recognizer):
        assert runner.concurrency >= 1
        assert runner.batch_pixels_max >= 48 * 320


def test_engine_says_what_it_is(engine_name: str) -> None:
    """Its name and place, what it computes in, and what it can open."""
    engine = open_cpu_engine(engine_name)
    assert (engine.name, engine.device) == (engine_name, "cpu")
    assert engine.precision is not Precision.AUTO
    assert engine.kinds


def test_engine_refuses_file_that_is_no_model(engine_name: str, tmp_path: Path) -> None:
    """The start stops with the file's name."""
    broken = tmp_path / "inference.onnx"
    broken.write_bytes(b"not a model")
    (tmp_path / "inference.pdiparams").write_bytes(b"not a model")
    for stage in ("detector", "classifier"):
        with pytest.raises(ModelError, match=r"inference\.onnx"):
            getattr(open_cpu_engine(engine_name), stage)(broken)


@pytest.mark.parametrize("other", ["detect", "classify"])
def test_engine_refuses_recognizer_of_another_stage(engine_name: str, other: Stage) -> None:
    """What tells no classes apart reads nothing."""
    engine = open_cpu_engine(engine_name)
    with pytest.raises(ModelError, match="no recognition model"):
        engine.recognizer(installed(engine, other).path, ("", "a", " "))


@pytest.mark.parametrize("other", ["classify", "recognize"])
def test_warm_up_refuses_detector_of_another_stage(
    engine_name: str, real_runners: Runners, other: Stage
) -> None:
    """A file under the wrong name stops the start, and does not fail every document."""
    engine = open_cpu_engine(engine_name)
    detector = engine.detector(installed(engine, other).path)
    with pytest.raises(ModelError):
        warm_up(replace(real_runners, detector=detector))


@pytest.mark.parametrize("other", ["detect", "recognize"])
def test_warm_up_refuses_classifier_of_another_stage(
    engine_name: str, real_runners: Runners, other: Stage
) -> None:
    """A file under the wrong name stops the start, and does not fail every document."""
    engine = open_cpu_engine(engine_name)
    classifier = engine.classifier(installed(engine, other).path)
    with pytest.raises(ModelError):
        warm_up(replace(real_runners, classifier=classifier))


def test_engine_refuses_recognizer_whose_dictionary_does_not_fit(engine_name: str) -> None:
    """One entry too few would shift every character behind it."""
    engine = open_cpu_engine(engine_name)
    model = installed(engine, "recognize")
    assert model.characters[0] == ""
    with pytest.raises(ModelError, match="dictionary names"):
        engine.recognizer(model.path, model.characters[:-1])
