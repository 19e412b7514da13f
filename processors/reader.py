"""Builds the pipeline: models into engine, engine into stages, stages into order.

`open_reader` is all that a caller needs to read documents; it does no delivery.
"""

import hashlib
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from types import TracebackType

import cv2
import numpy as np
import numpy.typing as npt
import orjson

from processors.batching import BatchReport
from processors.classify import HEIGHT_PX, WIDTH_PX, Classifier
from processors.cores import available_cores
from processors.decoding.decoders import DocumentOpener
from processors.decoding.sandbox import Sandbox
from processors.detect import SIDE_MAX_PX, SIDE_STEP_PX, Detector
from processors.engines.base import (
    ClassifierRunner,
    DetectorRunner,
    Engine,
    RecognizerRunner,
)
from processors.engines.choose import open_engine
from processors.errors import EngineError, ModelError, OutOfMemory
from processors.gate import Gate
from processors.models.catalog import Model, Stage, Weights
from processors.models.registry import DEFAULTS, InstalledModel, Registry
from processors.pipeline import Pipeline
from processors.reader_options import ReaderOptions
from processors.recognize import BATCH_SIZES, WIDTHS_PX, Recognizer
from processors.recognizers import Recognizers
from processors.values import (
    DocumentReading,
    EncodedDocument,
    PageWatcher,
    ReaderLoad,
    ReadOptions,
    watch_nothing,
)
from schemas.results import PipelineInfo

READING_REVISION = "4"
"""Changes with every change of what is read in the same picture, between two versions."""

STAGES: tuple[Stage, ...] = ("detect", "classify", "recognize")


class Reader:
    """A pipeline with its threads. Use it as a context manager, or call `close`."""

    def __init__(
        self,
        pipeline: Pipeline,
        info: PipelineInfo,
        executors: tuple[ThreadPoolExecutor, ...],
        documents: DocumentOpener,
    ) -> None:
        self.info = info
        self._documents = documents
        self._pipeline = pipeline
        self._executors = executors

    @property
    def load(self) -> ReaderLoad:
        """What is in work."""
        return self._pipeline.load

    async def read(
        self, document: EncodedDocument, options: ReadOptions, watch: PageWatcher = watch_nothing
    ) -> DocumentReading:
        """Read one document; `watch` is shown each page.

        Raises:
            DocumentError: the document cannot be read, now or later.
            EngineError: the inference engine failed.
        """
        return await self._pipeline.read(document, options, watch)

    def close(self) -> None:
        """Let go of the threads; what is queued is dropped, what runs ends by itself.

        The decoding processes are killed.
        """
        self._documents.close()
        for executor in self._executors:
            executor.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Runners:
    """The three networks of a pipeline."""

    detector: DetectorRunner
    classifier: ClassifierRunner
    recognizer: RecognizerRunner


@dataclass(frozen=True, slots=True)
class RecognizerModels:
    """The recognisers that are here, the default one first, and how to open them."""

    models: tuple[Model, ...]
    open_runner: Callable[[Model], RecognizerRunner]


def open_reader(
    options: ReaderOptions,
    report: Callable[[str, BatchReport], None] = lambda _stage, _batch: None,
    every_shape: bool = False,
) -> Reader:
    """Find and verify the models, open the engine, warm it up.

    Args:
        options: What to build it from.
        report: Called after every batch with the stage's name.
        every_shape: Prepare for lines and pages of every size, which takes seconds and all the
            memory that they will ever take: for whoever reads for long. A GPU is always prepared.

    Raises:
        ModelError: a model, the engine or the device is missing or unfit.
    """
    registry = Registry(options.models_folder)
    engine = open_engine(options.engine, options.device, options.precision, options.gpu)
    names = {"detect": options.detection_model, "recognize": options.recognition_model}
    found = {
        stage: registry.find(
            registry.model(names.get(stage) or DEFAULTS[stage], stage), engine.kinds
        )
        for stage in STAGES
    }
    here = registry.recognizers(found["recognize"].model, engine.kinds)
    default, *others = here
    installed = {default.name: found["recognize"]}
    installed |= {model.name: registry.find(model, engine.kinds) for model in others}

    def open_runner(model: Model) -> RecognizerRunner:
        files = installed[model.name]
        return engine.recognizer(files.path, files.characters)

    runners = Runners(
        engine.detector(found["detect"].path),
        engine.classifier(found["classify"].path),
        open_runner(found["recognize"].model),
    )
    warm_up(runners, every_shape=every_shape or engine.device != "cpu")
    info = _describe(engine, found, list(installed.values()))
    return build_reader(runners, RecognizerModels(tuple(here), open_runner), info, options, report)


def build_reader(
    runners: Runners,
    others: RecognizerModels,
    info: PipelineInfo,
    options: ReaderOptions,
    report: Callable[[str, BatchReport], None] = lambda _stage, _batch: None,
    documents: DocumentOpener | None = None,
) -> Reader:
    """Put runners, real or fake, into a pipeline with threads of its own.

    Recognisers that are opened later are run first; in every shape only on a GPU, where a new shape
    costs most.
    """
    cv2.setNumThreads(1)  # pages are worked on side by side; OpenCV's own threads would only fight
    pixel_threads = ThreadPoolExecutor(available_cores(), "pixels")
    documents = documents or Sandbox(options.decoding, available_cores())
    inference = {
        "detect": ThreadPoolExecutor(runners.detector.concurrency, "detect"),
        "classify": ThreadPoolExecutor(runners.classifier.concurrency, "classify"),
        "recognize": ThreadPoolExecutor(runners.recognizer.concurrency, "recognize"),
    }

    def report_as(stage: str) -> Callable[[BatchReport], None]:
        return lambda batch: report(stage, batch)

    def recognizer(runner: RecognizerRunner, model: Model) -> Recognizer:
        report_batch = report_as("recognize")
        return Recognizer(runner, inference["recognize"], report_batch, model.squeeze)

    def open_another(model: Model) -> Recognizer:
        runner = others.open_runner(model)
        _warm_recognizer(runner, every_shape=info.device != "cpu")
        return recognizer(runner, model)

    pipeline = Pipeline(
        documents,
        options.pages_max,
        Detector(runners.detector, inference["detect"], report_as("detect")),
        Classifier(runners.classifier, inference["classify"], report_as("classify")),
        Recognizers(
            others.models,
            recognizer(runners.recognizer, others.models[0]),
            open_another,
            pixel_threads,
        ),
        pixel_threads,
        Gate(options.pixels_max),
    )
    return Reader(pipeline, info, (pixel_threads, *inference.values()), documents)


def warm_up(runners: Runners, every_shape: bool = False) -> None:
    """Run each network: the first call compiles, and a model that does not fit shows here.

    Args:
        runners: The networks.
        every_shape: Also run the recogniser on batches of every width and size, and the detector
            on a full page: engines prepare themselves for each shape when it first comes.

    Raises:
        ModelError: a network fails, or answers as one of another stage would.
    """
    try:
        _warm_detector(runners.detector, every_shape)
        _warm_classifier(runners.classifier)
        _warm_recognizer(runners.recognizer, every_shape)
    except EngineError as err:
        raise ModelError(f"a network does not work: {err}") from err


def _warm_detector(detector: DetectorRunner, every_shape: bool) -> None:
    sides = (SIDE_STEP_PX * 4, SIDE_MAX_PX) if every_shape else (SIDE_STEP_PX * 4,)
    for side in sides:
        maps = detector.probability_maps(np.zeros((1, side, side, 3), dtype=np.uint8))
        _require_shapes("detect", maps.shape == (1, side, side), maps)


def _warm_classifier(classifier: ClassifierRunner) -> None:
    flags = classifier.upside_down(np.zeros((1, HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8))
    _require_shapes("classify", flags.shape == (1,), flags)


def _warm_recognizer(recognizer: RecognizerRunner, every_shape: bool) -> None:
    classes, scores = recognizer.best_classes(
        np.zeros((1, HEIGHT_PX, WIDTHS_PX[0], 3), dtype=np.uint8)
    )
    fits = classes.ndim == 2 and len(classes) == 1 and classes.shape == scores.shape
    _require_shapes("recognize", fits, classes, scores)
    if not every_shape:
        return
    side_by_side = recognizer.concurrency
    with ThreadPoolExecutor(side_by_side, "warm-up") as threads:  # each may have its own caches
        tasks = [threads.submit(_run_every_shape, recognizer) for _ in range(side_by_side)]
        for task in tasks:
            task.result()


def _require_shapes(stage: Stage, fits: bool, *answers: npt.NDArray[np.generic]) -> None:
    if not fits:
        shapes = " and ".join(str(answer.shape) for answer in answers)
        raise ModelError(
            f"the model of the stage {stage} is one of another kind: its answer to one picture "
            f"has the shape {shapes}; look at what lies under its name in the models folder"
        )


def _run_every_shape(recognizer: RecognizerRunner) -> None:
    """Run batches of every shape that lines may have."""
    for width, size in itertools.product(WIDTHS_PX, BATCH_SIZES):
        crops = np.zeros((size, HEIGHT_PX, width, 3), dtype=np.uint8)
        if size > 1 and crops[..., 0].size > recognizer.batch_pixels_max:
            continue
        try:
            recognizer.best_classes(crops)
        except OutOfMemory:
            if size == 1:
                raise  # else the batcher will find the same limit


def _describe(
    engine: Engine, found: dict[Stage, InstalledModel], recognizers: list[InstalledModel]
) -> PipelineInfo:
    """The fingerprint covers all that changes text and is not an option of the document."""
    code_version = version("ocrstream")
    models = [*(model for stage, model in found.items() if stage != "recognize"), *recognizers]
    is_int8 = found["recognize"].kind[1] is Weights.INT8
    precision = "int8" if is_int8 else engine.precision.value
    parts = [code_version, READING_REVISION, engine.name, engine.device, precision]
    for one in models:
        reads = f"{' '.join(one.model.languages)} in {' '.join(one.model.scripts)}"
        parts.append(f"{one.model.name} {one.sha256} {one.model.squeeze} {reads}")
    return PipelineInfo(
        fingerprint=hashlib.sha256(orjson.dumps(parts)).hexdigest()[:16],
        engine=engine.name,
        device=engine.device,
        precision=precision,
        models={stage: model.model.name for stage, model in found.items()},
        version=code_version,
    )
