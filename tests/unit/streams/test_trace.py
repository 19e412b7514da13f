"""Ids of a request go on if they are well-formed, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.trace import (
    REQUEST_ID,
    TRACE_PARENT,
    TRACE_STATE,
    is_valid,
    new_trace_parent,
    trace_of,
)

NAMES = (TRACE_PARENT, TRACE_STATE, REQUEST_ID)


def test_new_trace_parent_is_valid_and_new() -> None:
    """As W3C has it, not sampled."""
    first, second = new_trace_parent(), new_trace_parent()
    assert is_valid(TRACE_PARENT, first)
    assert first.endswith("-00")
    assert first != second


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (TRACE_PARENT, f"00-{'ab' * 16}-{'cd' * 8}-01", True),
        (TRACE_PARENT, f"00-{'00' * 16}-{'cd' * 8}-01", False),
        (TRACE_PARENT, f"00-{'ab' * 16}-{'00' * 8}-01", False),
        (TRACE_PARENT, f"00-{'AB' * 16}-{'cd' * 8}-01", False),
        (TRACE_PARENT, f"00-{'ab' * 16}-{'cd' * 8}-01\n", False),
        (TRACE_STATE, "vendor=1,other=2", True),
        (TRACE_STATE, "a" * 513, False),
        (TRACE_STATE, "a\r\nb", False),
        (REQUEST_ID, "6f1c:a/b+c=_.-", True),
        (REQUEST_ID, "a b", False),
        (REQUEST_ID, "a\n", False),
        (REQUEST_ID, "a" * 129, False),
        (REQUEST_ID, "", False),
    ],
)
def test_is_valid_knows_the_forms(name: str, text: str, expected: bool) -> None:
    """Nothing that could end a line or a header."""
    assert is_valid(name, text) is expected


@given(headers=st.dictionaries(st.sampled_from([*NAMES, "h"]), st.none() | st.binary()))
def test_trace_of_takes_what_is_well_formed(headers: dict[str, bytes | None]) -> None:
    """Whatever bytes others put on the topic."""
    for name, value in trace_of(headers):
        assert name in NAMES
        assert value == headers[name]
        assert is_valid(name, value.decode("ascii"))
