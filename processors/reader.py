"""Builds the pipeline: models into engine, engine into stages, stages into order.

`open_reader` is all that a caller needs to read documents; it does no delivery.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
import orjson

from processors.batching import BatchReport
from processors.classify import HEIGHT_PX, WIDTH_PX, Classifier
from processors.cores import available_cores
from processors.decoding.decoders import Decoders
from processors.decoding.images import ImageDecoder
from processors.detect import SIDE_STEP_PX, Detector
from processors.engines.base import ClassifierRunner, DetectorRunner, Precision, RecognizerRunner
from processors.engines.choose import open_engine
from processors.gate import Gate
from processors.models.registry import InstalledModel, Registry, Stage
from processors.pipeline import Pipeline
from processors.recognize import WIDTHS_PX, Recognizer
from processors.values import DocumentReading, EncodedDocument, ReaderLoad, ReadOptions
from schemas.results import PipelineInfo

STAGES: tuple[Stage, ...] = ("detect", "classify", "recognize")


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What a reader is built from.

    Attributes:
        engine: `auto` or the name of an engine.
        device: `auto`, `cpu` or `gpu:N`.
        precision: What to compute in.
        models_folder: Local models, which win over installed packages.
        page_pixels_max: Largest page that is decoded, width times height.
        pixels_max: Pixels of all pages that are in memory at once; a larger page runs alone.
    """

    engine: str = "auto"
    device: str = "auto"
    precision: Precision = Precision.AUTO
    models_folder: Path | None = None
    page_pixels_max: int = 100_000_000
    pixels_max: int = 100_000_000


class Reader:
    """A pipeline with its threads. Use it as a context manager, or call `close`."""

    def __init__(
        self,
        pipeline: Pipeline,
        info: PipelineInfo,
        registry: Registry,
        executors: tuple[ThreadPoolExecutor, ...],
    ) -> None:
        self.info = info
        self.registry = registry
        self._pipeline = pipeline
        self._executors = executors

    @property
    def load(self) -> ReaderLoad:
        """What is in work."""
        return self._pipeline.load

    async def read(self, document: EncodedDocument, options: ReadOptions) -> DocumentReading:
        """Read one document.

        Raises:
            DocumentError: the document cannot be read, now or later.
            EngineError: the inference engine failed.
        """
        self.registry.check_languages(options.languages)
        return await self._pipeline.read(document, options)

    def close(self) -> None:
        """Let go of the threads; what is queued is dropped, what runs ends by itself."""
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


def open_reader(
    options: ReaderOptions, report: Callable[[str, BatchReport], None] = lambda _stage, _batch: None
) -> Reader:
    """Find and verify the models, open the engine, warm it up.

    Args:
        options: What to build it from.
        report: Called after every batch with the stage's name.

    Raises:
        ModelError: a model, the engine or the device is missing or unfit.
    """
    registry = Registry(options.models_folder)
    models = {stage: registry.find(registry.default(stage)) for stage in STAGES}
    engine = open_engine(options.engine, options.device, options.precision)
    runners = Runners(
        engine.detector(models["detect"].path),
        engine.classifier(models["classify"].path),
        engine.recognizer(models["recognize"].path),
    )
    warm_up(runners)
    info = _describe(engine.name, engine.device, engine.precision, models)
    return build_reader(runners, registry, info, options, report)


def build_reader(
    runners: Runners,
    registry: Registry,
    info: PipelineInfo,
    options: ReaderOptions,
    report: Callable[[str, BatchReport], None] = lambda _stage, _batch: None,
) -> Reader:
    """Put runners, real or fake, into a pipeline with threads of its own."""
    cv2.setNumThreads(1)  # pages are worked on side by side; OpenCV's own threads would only fight
    pixel_threads = ThreadPoolExecutor(available_cores(), "pixels")
    inference = {
        "detect": ThreadPoolExecutor(runners.detector.concurrency, "detect"),
        "classify": ThreadPoolExecutor(runners.classifier.concurrency, "classify"),
        "recognize": ThreadPoolExecutor(runners.recognizer.concurrency, "recognize"),
    }

    def report_as(stage: str) -> Callable[[BatchReport], None]:
        return lambda batch: report(stage, batch)

    pipeline = Pipeline(
        Decoders([ImageDecoder(options.page_pixels_max)]),
        Detector(runners.detector, inference["detect"], report_as("detect")),
        Classifier(runners.classifier, inference["classify"], report_as("classify")),
        Recognizer(runners.recognizer, inference["recognize"], report_as("recognize")),
        pixel_threads,
        Gate(options.pixels_max),
    )
    return Reader(pipeline, info, registry, (pixel_threads, *inference.values()))


def warm_up(runners: Runners) -> None:
    """Run each network once: the first call compiles, and a broken model shows here."""
    side = SIDE_STEP_PX * 4
    runners.detector.probability_maps(np.zeros((1, side, side, 3), dtype=np.uint8))
    runners.classifier.upside_down(np.zeros((1, HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8))
    runners.recognizer.best_classes(np.zeros((1, HEIGHT_PX, WIDTHS_PX[0], 3), dtype=np.uint8))


def _describe(
    engine: str, device: str, precision: Precision, models: dict[Stage, InstalledModel]
) -> PipelineInfo:
    """The fingerprint covers all that changes text and is not an option of the document."""
    code_version = version("ocrstream")
    hashes = {stage: model.sha256 for stage, model in models.items()}
    parts = orjson.dumps([code_version, engine, device, precision, hashes])
    return PipelineInfo(
        fingerprint=hashlib.sha256(parts).hexdigest()[:16],
        engine=engine,
        device=device,
        models={stage: model.model.name for stage, model in models.items()},
        version=code_version,
    )
