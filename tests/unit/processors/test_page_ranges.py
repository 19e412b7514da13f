"""Which pages were asked for."""

from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.page_ranges import PageRanges


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        (None, [1, 2, 3, 4, 5, 6, 7, 8]),
        ("3", [3]),
        ("1-3", [1, 2, 3]),
        ("1-3,7", [1, 2, 3, 7]),
        ("7,2-2,3-4", [2, 3, 4, 7]),
        ("5-3", []),
    ],
)
def test_page_ranges_name_what_was_asked_for(text: str | None, pages: list[int]) -> None:
    """First and last are included; nothing said means every page."""
    assert list(takewhile(lambda number: number < 9, PageRanges.parse(text).numbers())) == pages


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10)), min_size=1))
def test_page_ranges_name_each_page_once_in_order(ranges: list[tuple[int, int]]) -> None:
    """Ranges may overlap and stand in any order."""
    text = ",".join(f"{first}-{first + more}" for first, more in ranges)
    expected = {n for first, more in ranges for n in range(first, first + more + 1)}
    assert list(PageRanges.parse(text).numbers()) == sorted(expected)
