"""What models are given when they work: pages and crops, cut out of pictures by the models' own."""

import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

from processors.classify import fit_for_classifier
from processors.detect import find_regions, resize_for_detection
from processors.engines.base import DetectorRunner
from processors.models.catalog import Model
from processors.picture import cut_out
from processors.recognize import fit_line
from processors.values import CropArray, PageArray, ReadOptions

SAMPLES_MAX = 300
"""Crops or pages that ranges are taken from; drawn from all that were found."""

_SEED = 0

T = TypeVar("T")


def collect_samples(
    pages: Iterable[PageArray], detector: DetectorRunner, model: Model
) -> list[CropArray]:
    """Prepare pages, or the lines on them, as a model gets them.

    Args:
        pages: (H, W, 3) uint8, BGR.
        detector: Finds the lines.
        model: Its stage tells what it gets, its squeeze how wide long lines are.

    Returns:
        (h, w, 3) uint8 BGR arrays, `SAMPLES_MAX` at most; the same for the same pages.
    """
    return draw(_samples(pages, detector, model), SAMPLES_MAX)


def draw(items: Iterable[T], count_max: int) -> list[T]:
    """Draw from a stream, each item with the same chance, without keeping more than is drawn.

    This is reservoir sampling (Vitter's algorithm R) with a fixed seed: equal streams give equal
    draws.
    """
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    drawn: list[T] = []
    for index, item in enumerate(items):
        if index < count_max:
            drawn.append(item)
        elif (place := chance.randrange(index + 1)) < count_max:
            drawn[place] = item
    return drawn


def _samples(
    pages: Iterable[PageArray], detector: DetectorRunner, model: Model
) -> Iterator[CropArray]:
    options = ReadOptions()
    for page in pages:
        resized = resize_for_detection(page)
        if model.stage == "detect":
            yield resized
            continue
        (probabilities,) = detector.probability_maps(resized[None])
        height, width = page.shape[:2]
        for cut in cut_out(page, find_regions(probabilities, width, height, options)):
            line = cut.crop.pixels
            is_classified = model.stage == "classify"
            yield fit_for_classifier(line) if is_classified else fit_line(line, model.squeeze)
