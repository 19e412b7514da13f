"""The same probability map gives the same boxes, the same crop the same text, as in PaddleOCR.

Whole pages are read otherwise on purpose, and at least as rightly. OCRSTREAM_TEST_PARITY_PICTURES
says how many pictures of each set, here 12; docs/benchmarks.md has the figures of more.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from processors.baseline import Baseline, default_model
from processors.detect import find_regions, resize_for_detection
from processors.engines.base import GpuOptions, Precision
from processors.engines.choose import open_engine
from processors.evaluation import iou
from processors.picture import cut_out
from processors.reader import open_reader
from processors.reader_options import ReaderOptions
from processors.recognize import collapse_ctc, fit_line
from processors.values import (
    CropArray,
    EncodedDocument,
    PageArray,
    ProbabilityMap,
    ReadOptions,
)
from tests.benchmarks.peers.read_paddleocr import read_pictures
from tests.labelled import DATA, LabelledPicture, agreement, read_labels, words
from tests.parity.oracle import Oracle

SETS = ("sroie", "icdar2015", "multiscript_eye")
PICTURES_PER_SET = int(os.environ.get("OCRSTREAM_TEST_PARITY_PICTURES", "12"))

EQUAL_IOU = 0.9
EQUAL_BOXES_MIN = 0.99
EQUAL_TEXTS_MIN = 0.995
MAX_CROPS_PER_PAGE = 40

pytestmark = pytest.mark.skipif(
    not all((DATA / name).is_dir() for name in SETS),
    reason=f"labelled pictures are absent ({DATA}): parity with PaddleOCR NOT tested",
)


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """PaddleOCR's stages."""
    return Oracle()


@pytest.fixture(scope="module")
def maps() -> list[tuple[PageArray, ProbabilityMap]]:
    """Pages of every set with their probability maps."""
    detector = open_engine("onnxruntime", "cpu", Precision.FP32, GpuOptions()).detector(
        default_model("detect").path
    )
    found = []
    for path in picture_paths():
        page = cv2.imread(str(path), cv2.IMREAD_COLOR)
        assert page is not None, path
        pixels = np.asarray(page, dtype=np.uint8)
        (probabilities,) = detector.probability_maps(resize_for_detection(pixels)[None])
        found.append((pixels, probabilities))
    assert len(found) == PICTURES_PER_SET * len(SETS)
    return found


def picture_paths() -> Iterator[Path]:
    """The first pictures of each set."""
    for name in SETS:
        yield from (picture.path for picture in read_labels(DATA / name, PICTURES_PER_SET))


def test_same_map_gives_same_boxes(
    oracle: Oracle, maps: list[tuple[PageArray, ProbabilityMap]]
) -> None:
    """99 % of PaddleOCR's boxes have one of ours at an IoU of 0.9, and the other way round."""
    matched = total = 0
    for page, probabilities in maps:
        height, width = page.shape[:2]
        ours = [r.polygon for r in find_regions(probabilities, width, height, ReadOptions())]
        theirs = oracle.boxes(probabilities, width, height)
        for some, others in ((ours, theirs), (theirs, ours)):
            matched += sum(any(iou(a, b) >= EQUAL_IOU for b in others) for a in some)
            total += len(some)
    assert total > 10 * len(maps) / 2
    share = matched / total
    print(f"boxes: {matched} of {total} matched, {share:.4f}, {len(maps)} pictures")
    assert share >= EQUAL_BOXES_MIN


@pytest.mark.parametrize("engine_name", ["onnxruntime", "openvino"])
def test_same_crop_gives_same_text(
    engine_name: str, oracle: Oracle, maps: list[tuple[PageArray, ProbabilityMap]]
) -> None:
    """In FP32, 99.5 % of the lines are equal to the last character."""
    model = default_model("recognize")
    engine = open_engine(engine_name, "cpu", Precision.FP32, GpuOptions())
    runner = engine.recognizer(model.path, model.characters)
    differing, total = [], 0
    for page, probabilities in maps:
        for fitted in crops(page, probabilities):
            classes, scores = runner.best_classes(fitted[None])
            ours = collapse_ctc(classes[0], scores[0], model.characters).text
            total += 1
            if ours != (theirs := oracle.text(fitted)):
                differing.append((ours, theirs))
    assert total > 5 * len(maps)
    share = 1 - len(differing) / total
    print(f"texts on {engine_name}: {share:.4f} of {total} equal; {differing[:5]}")
    assert share >= EQUAL_TEXTS_MIN


def read_pages(pictures: list[bytes]) -> list[str]:
    """Read whole pages with the defaults."""

    async def read_all() -> list[str]:
        with open_reader(ReaderOptions()) as reader:
            documents = [EncodedDocument(picture) for picture in pictures]
            readings = [await reader.read(document, ReadOptions()) for document in documents]
        return ["\n".join(page.text or "" for page in reading.pages) for reading in readings]

    return asyncio.run(read_all())


def test_whole_pages_are_read_as_rightly() -> None:
    """Where the two differ, the truth decides: our words are right at least as often."""
    labelled: list[LabelledPicture] = []
    for name in SETS:
        labelled += read_labels(DATA / name, PICTURES_PER_SET)
    pictures = [picture.path.read_bytes() for picture in labelled]
    ocr = Baseline()
    ours, theirs = read_pages(pictures), read_pictures(ocr, pictures)
    only_ours = only_theirs = 0
    for picture, our_text, their_text in zip(labelled, ours, theirs, strict=True):
        true, our_words, their_words = words(picture.text), words(our_text), words(their_text)
        only_ours += ((our_words - their_words) & (true - their_words)).total()
        only_theirs += ((their_words - our_words) & (true - our_words)).total()
        if our_words != their_words:
            print(
                f"{picture.path.name}: ours alone {sorted((our_words - their_words).elements())}, "
                f"theirs alone {sorted((their_words - our_words).elements())}"
            )
    truths = [picture.text for picture in labelled]
    our_f1 = agreement(zip(truths, ours, strict=True)).f1
    their_f1 = agreement(zip(truths, theirs, strict=True)).f1
    print(
        f"pages: {len(pictures)}, word F1 {our_f1:.4f} and {their_f1:.4f}; "
        f"right words that the other lacks: {only_ours} and {only_theirs}"
    )
    assert their_f1 > 0.5
    assert our_f1 >= their_f1
    assert only_ours >= only_theirs


def crops(page: PageArray, probabilities: ProbabilityMap) -> list[CropArray]:
    """The first lines of a page, ready for the network."""
    height, width = page.shape[:2]
    cuts = cut_out(page, find_regions(probabilities, width, height, ReadOptions()))
    return [fit_line(cut.crop.pixels) for cut in cuts[:MAX_CROPS_PER_PAGE]]
