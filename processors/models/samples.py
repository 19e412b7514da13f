"""What models are given when they work: pages and crops, cut out of pictures by the models' own."""

from collections.abc import Iterable

from processors.classify import fit_for_classifier
from processors.detect import find_regions, resize_for_detection
from processors.engines.base import DetectorRunner
from processors.models.catalog import Stage
from processors.pipeline import cut_out
from processors.recognize import fit_line
from processors.values import CropArray, PageArray, ReadOptions


def collect_samples(
    pages: Iterable[PageArray], detector: DetectorRunner, squeeze: float = 1.0
) -> dict[Stage, list[CropArray]]:
    """Prepare pages and their lines as each stage's model gets them.

    Args:
        pages: (H, W, 3) uint8, BGR.
        detector: Finds the lines.
        squeeze: How wide the recogniser reads long lines, of their own proportions.

    Returns:
        Stage to (h, w, 3) uint8 BGR arrays.
    """
    options = ReadOptions()
    samples: dict[Stage, list[CropArray]] = {"detect": [], "classify": [], "recognize": []}
    for page in pages:
        resized = resize_for_detection(page)
        (probabilities,) = detector.probability_maps(resized[None])
        height, width = page.shape[:2]
        cuts = cut_out(page, find_regions(probabilities, width, height, options))
        samples["detect"].append(resized)
        samples["classify"] += [fit_for_classifier(cut.crop.pixels) for cut in cuts]
        samples["recognize"] += [fit_line(cut.crop.pixels, squeeze) for cut in cuts]
    return samples
