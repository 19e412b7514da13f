"""Words and their places."""

import numpy as np
import pytest

from processors.geometry import is_curved
from processors.values import Reading, TextLine
from processors.words import words_of
from tests.unit.processors.lines import bent

SCORES = (0.9, 0.8, 0.99, 0.7, 0.95)


def line(text: str, *, turned: bool = False, corners: object = None) -> TextLine:
    """Five characters, evenly spaced over a line of 100 x 20 pixels."""
    polygon = [(0, 0), (100, 0), (100, 20), (0, 20)] if corners is None else corners
    read = Reading(text, 0.9, SCORES, (0.1, 0.3, 0.5, 0.7, 0.9))
    return TextLine(np.array(polygon, dtype=np.float32), read, turned)


def test_words_stand_between_blanks() -> None:
    """Half of each blank belongs to either side."""
    first, second = words_of(line("ab cd"))
    assert (first.text, first.score) == ("ab", 0.8)
    assert (second.text, second.score) == ("cd", 0.7)
    np.testing.assert_allclose(first.polygon, [(4, 0), (40, 0), (40, 20), (4, 20)], atol=0.01)
    np.testing.assert_allclose(second.polygon, [(60, 0), (96, 0), (96, 20), (60, 20)], atol=0.01)


def test_words_of_a_line_on_its_side() -> None:
    """Its polygon begins at the text's own top left: here it is read upwards."""
    up = [(0, 100), (0, 0), (20, 0), (20, 100)]
    first, _ = words_of(line("ab cd", turned=True, corners=up))
    np.testing.assert_allclose(first.polygon, [(0, 96), (0, 60), (20, 60), (20, 96)], atol=0.01)


def test_words_of_a_vertical_column() -> None:
    """They stand above each other, each upright."""
    down = [(0, 0), (20, 0), (20, 100), (0, 100)]
    first, second = words_of(line("日本 語字", turned=True, corners=down))
    np.testing.assert_allclose(first.polygon, [(0, 4), (20, 4), (20, 40), (0, 40)], atol=0.01)
    assert second.polygon[:, 1].min() == pytest.approx(60)


@pytest.mark.parametrize("read", [None, Reading("", 0.0, (), ())])
def test_no_words_where_nothing_was_read(read: Reading | None) -> None:
    """With recognition off, or nothing there."""
    polygon = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=np.float32)
    assert words_of(TextLine(polygon, read)) == ()


def test_words_of_a_curved_line_bend_with_it() -> None:
    """Each lies on the arc, the first one at its beginning."""
    arc = bent((0, 0), 100, 20, 160)
    first, second = words_of(line("ab cd", corners=arc))
    for word in (first, second):
        assert is_curved(word.polygon)
        assert len(word.polygon) % 2 == 0
        distances = np.linalg.norm(word.polygon, axis=1)
        half = len(word.polygon) // 2
        assert distances[:half] == pytest.approx(110, abs=2.5)
        assert distances[half:] == pytest.approx(90, abs=2.5)
    assert first.polygon[:, 0].max() < 0 < second.polygon[:, 0].min()
