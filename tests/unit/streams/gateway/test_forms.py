"""A form gives its file and its fields, however it is cut into chunks."""

from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.gateway.forms import BESIDE_BYTES_MAX, PARTS_MAX, Form
from streams.gateway.problems import Unacceptable

BOUNDARY = "a-boundary"
NAMES = st.text("abcxyz-_é", min_size=1, max_size=8).filter(lambda name: name != "file")


def part(name: str, data: bytes, more: str = "") -> bytes:
    """One part, as a client writes it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
    return f"{head}Content-Type: a/b\r\n\r\n".encode() + data + b"\r\n"


def form(*parts: bytes) -> bytes:
    """A whole form."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def cut(data: bytes, places: list[int]) -> AsyncIterator[bytes]:
    """The data in chunks."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    for start, end in pairwise(edges):
        yield data[start:end]


async def take(data: bytes, places: list[int]) -> tuple[bytes, dict[str, str]]:
    """File and fields of a form that comes in chunks."""
    own = Form.of(f"multipart/form-data; boundary={BOUNDARY}")
    file = b"".join([piece async for piece in own.file(cut(data, places))])
    return file, own.fields


@settings(max_examples=200, deadline=None)
@given(
    file=st.binary(max_size=300)
    | st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--a-b", b"a-boundary", b"x"])).map(b"".join),
    fields=st.dictionaries(NAMES, st.text(max_size=20), max_size=4),
    file_index=st.integers(0, 4),
    places=st.lists(st.integers(0, 2_000), max_size=12),
)
async def test_form_is_the_same_however_it_is_cut(
    file: bytes, fields: dict[str, str], file_index: int, places: list[int]
) -> None:
    """Also where the file looks much like a boundary."""
    if f"\r\n--{BOUNDARY}".encode() in b"\r\n" + file:
        return
    parts = [part(name, text.encode()) for name, text in fields.items()]
    parts.insert(file_index, part("file", file, '; filename="a.pdf"'))
    data = form(*parts)
    assert await take(data, places) == (file, fields)
    assert await take(data, [*range(len(data))]) == (file, fields)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), places=st.lists(st.integers(0, 400), max_size=5))
async def test_whatever_comes_is_a_form_or_is_refused(data: bytes, places: list[int]) -> None:
    """Never another error."""
    for whole in (data, form(data), part("file", data) + data):
        with suppress(Unacceptable):
            await take(whole, places)


@pytest.mark.parametrize(
    "parts",
    [
        [part("a", b"")],
        [part("file", b"x"), part("file", b"x")],
        [part("a", b"1"), part("a", b"2"), part("file", b"x")],
        [part("", b"1"), part("file", b"x")],
        [*(part(f"a{n}", b"") for n in range(PARTS_MAX)), part("file", b"x")],
        [part("a", b"x" * BESIDE_BYTES_MAX), part("file", b"x")],
    ],
)
async def test_form_that_is_not_ours_is_refused(parts: list[bytes]) -> None:
    """No file, two, a field twice or without a name, too much of it."""
    with pytest.raises(Unacceptable) as caught:
        await take(form(*parts), [])
    assert caught.value.status == 400


async def test_large_file_is_not_beside_itself() -> None:
    """Only what is no part of the file counts against that limit."""
    file = b"x" * (10 * BESIDE_BYTES_MAX)
    assert await take(form(part("file", file)), [100, 70_000, 140_000]) == (file, {})
