"""Which pages were asked for."""

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
def test_page_ranges_contain_what_was_asked_for(text: str | None, pages: list[int]) -> None:
    """First and last are included; nothing said means every page."""
    ranges = PageRanges.parse(text)
    assert [number for number in range(1, 9) if number in ranges] == pages


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10)), min_size=1), st.integers(1, 70))
def test_page_ranges_contain_a_page_if_any_range_does(
    ranges: list[tuple[int, int]], page_number: int
) -> None:
    """Ranges may overlap and stand in any order."""
    text = ",".join(f"{first}-{first + more}" for first, more in ranges)
    expected = any(page_number in range(first, first + more + 1) for first, more in ranges)
    assert (page_number in PageRanges.parse(text)) is expected
