"""Which picture of a page reads best."""

import numpy as np

from processors.trial import PLACES_MAX, legibility, sample_places
from processors.values import Reading, TextRegion
from tests.fakes.reader import reading
from tests.unit.processors.lines import bent


def region(left: float, top: float, width: float = 100, height: float = 20) -> TextRegion:
    """A level region."""
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    return TextRegion(np.array(corners, dtype=np.float32), 0.9)


def test_places_are_shared_by_pictures() -> None:
    """What stands nearly in the same place is one place; what one does not see is a gap in it."""
    plain = [region(0, 0), region(0, 100)]
    enhanced = [region(0, 200), region(3, 1)]
    assert sample_places([plain, enhanced]) == [
        [plain[0], enhanced[1]],
        [plain[1], None],
        [None, enhanced[0]],
    ]


def test_places_are_taken_from_all_over_the_page() -> None:
    """A few of many."""
    places = sample_places([[region(0, 30 * i) for i in range(100)], []])
    tops = [place[0].polygon[0, 1] for place in places if place[0] is not None]
    assert len(tops) == PLACES_MAX
    assert tops[0] == 0
    assert tops[-1] > 30 * 90


def test_nothing_found_is_no_place() -> None:
    """In no picture."""
    assert sample_places([[], []]) == []
    assert legibility([[], []]) == [0.0, 0.0]


def test_legibility_counts_what_is_read_with_certainty() -> None:
    """A picture in which less is seen is less legible, however sure it is of the rest."""
    sure = reading("four", 1.0)
    unsure = Reading("four", 0.8, (1.0, 0.5, 0.9, 0.95), sure.centers)
    assert legibility([[sure, None], [unsure, unsure], [sure, sure]]) == [0.5, 0.5, 1.0]


def test_curved_and_straight_regions_share_places() -> None:
    """Polygons of any number of points are compared by their boxes."""
    arc = TextRegion(bent((200, 200), 100, 20, 180), 0.9)
    left, top = arc.polygon.min(axis=0)
    right, bottom = arc.polygon.max(axis=0)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    box = TextRegion(np.array(corners, dtype=np.float32), 0.9)
    assert sample_places([[arc], [box]]) == [[arc, box]]
