"""Which of several pictures of a page reads best, tried on a few of its lines.

A place counts for a picture as far as the detector sees it there and the recogniser is sure of its
characters, so that a picture in which less is found cannot win by reading the rest better.
"""

from collections.abc import Sequence

import numpy as np

from processors.values import PolygonArray, Reading, TextRegion

PLACES_MAX = 24
"""Lines that are read to decide."""

GAIN_MIN = 0.01
"""An enhanced picture must be more legible by so much."""

LEGIBLE_MIN = 0.93
"""A picture of which so much is read with certainty is not sharpened: it hardly can gain."""

SURE_ABOVE = 0.9
"""Probability above which a character counts as read."""

_SAME_PLACE_IOU = 0.3


def sample_places(regions: Sequence[Sequence[TextRegion]]) -> list[list[TextRegion | None]]:
    """Choose places all over a page.

    Args:
        regions: What was found in each picture of the page.

    Returns:
        For each place what each picture has there; None where it has nothing.
    """
    boxes = [_boxes(found) for found in regions]
    places: list[list[TextRegion | None]] = []
    taken = [np.zeros(len(found), dtype=bool) for found in regions]
    for number, found in enumerate(regions):
        for index, region in enumerate(found):
            if taken[number][index]:
                continue
            place: list[TextRegion | None] = []
            for other, candidates in enumerate(regions):
                best = index if other == number else _best(boxes[number][index], boxes[other])
                if best is None or taken[other][best]:
                    place.append(None)
                    continue
                taken[other][best] = True
                place.append(region if other == number else candidates[best])
            places.append(place)
    places.sort(key=lambda place: next(_key(region) for region in place if region is not None))
    step = max(1.0, len(places) / PLACES_MAX)
    return [places[int(number * step)] for number in range(min(PLACES_MAX, len(places)))]


def legibility(readings: Sequence[Sequence[Reading | None]]) -> list[float]:
    """How legible each picture is, 0-1.

    Args:
        readings: What was read in each picture at each place.

    Returns:
        For each picture the share of characters that it reads with certainty, of the most that any
        picture has at each place.
    """
    lengths = np.array([[len(one.text) if one else 0 for one in picture] for picture in readings])
    sure = np.array(
        [
            [sum(p > SURE_ABOVE for p in one.scores) if one else 0 for one in picture]
            for picture in readings
        ]
    )
    most = max(1, int(lengths.max(axis=0, initial=0).sum()))
    return [int(count) / most for count in sure.sum(axis=1)]


def _boxes(regions: Sequence[TextRegion]) -> PolygonArray:
    """(N, 4): left, top, right, bottom."""
    if not regions:
        return np.zeros((0, 4), dtype=np.float32)
    ends = [(region.polygon.min(axis=0), region.polygon.max(axis=0)) for region in regions]
    return np.asarray(ends, dtype=np.float32).reshape(-1, 4)


def _best(box: PolygonArray, others: PolygonArray) -> int | None:
    """The box that overlaps one most."""
    if not len(others):
        return None
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = sides.clip(min=0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod()
    overlaps = shared / np.maximum(areas - shared, 1e-6)
    index = int(overlaps.argmax())
    return index if overlaps[index] >= _SAME_PLACE_IOU else None


def _key(region: TextRegion) -> tuple[float, float]:
    left, top = region.polygon.min(axis=0).tolist()
    return top, left
