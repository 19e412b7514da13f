"""Black bars on a picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.masking.burn import burn
from schemas.geometry import Polygon
from schemas.masking import MaskedSpan
from tests.unit.processors.masking.pages import corners


def span(polygon: Polygon) -> MaskedSpan:
    """A span with this polygon."""
    xs, ys = zip(*polygon, strict=True)
    box = (min(xs), min(ys), max(xs), max(ys))
    return MaskedSpan(kind="iban", line_index=0, box=box, polygon=polygon)


def test_bar_is_black_and_wider_than_its_polygon() -> None:
    """By 15 percent of its height on every side; the page given is not changed."""
    page = np.full((100, 200, 3), 200, np.uint8)
    out = burn(page, [span(corners((40.0, 40.0, 140.0, 60.0)))])
    assert not out[37:64, 40:141].any()
    assert not out[40:61, 37:144].any()
    assert (out[:34] == 200).all()
    assert (out[:, :34] == 200).all()
    assert (page == 200).all()


@given(
    st.lists(st.tuples(st.floats(-30, 130), st.floats(-30, 130)), min_size=4, max_size=8),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=100, deadline=None)
def test_nothing_of_what_was_below_is_left(points: list[tuple[float, float]], seed: int) -> None:
    """Each pixel is black, or what it was; the same pixels whatever was below."""
    rng = np.random.default_rng(seed)
    first, second = (rng.integers(1, 256, (100, 100, 3), np.uint8) for _ in range(2))
    one = [span(tuple(points))]
    burnt, other = burn(first, one), burn(second, one)
    is_black = (burnt == 0).all(axis=2)
    assert (burnt[~is_black] == first[~is_black]).all()
    np.testing.assert_array_equal(is_black, (other == 0).all(axis=2))


@pytest.mark.parametrize("angle_degrees", [0, 7, 45])
def test_letters_at_the_edge_are_covered(angle_degrees: float) -> None:
    """Every pixel within the polygon is black, also where the line is tilted."""
    angle = np.radians(angle_degrees)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    flat = np.array([(-60, -10), (60, -10), (60, 10), (-60, 10)], dtype=np.float64)
    polygon = tuple((float(x), float(y)) for x, y in flat @ turn.T + 100)
    out = burn(np.full((200, 200, 3), 255, np.uint8), [span(polygon)])
    inside = np.stack(np.meshgrid(np.linspace(-60, 60, 241), np.linspace(-10, 10, 81)), axis=-1)
    places = np.rint(inside.reshape(-1, 2) @ turn.T + 100).astype(int)
    assert not out[places[:, 1], places[:, 0]].any()


def test_no_spans_leave_the_page() -> None:
    """A copy of it."""
    page = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    out = burn(page, [])
    np.testing.assert_array_equal(out, page)
    assert out is not page
