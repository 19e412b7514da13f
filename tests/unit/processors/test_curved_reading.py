"""Curved lines, read with the real models."""

from collections.abc import Iterator

import numpy as np
import pytest

from processors.geometry import edges_of, is_curved
from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import ReadOptions
from tests.benchmarks.curved import SHAPES, TEXTS, as_straight, measure
from tests.unit.processors.curved_lines import arched
from tests.unit.processors.pictures import encode_page


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One for all tests."""
    with open_reader(ReaderOptions()) as opened:
        yield opened


@pytest.mark.parametrize(
    "shape",
    [
        "standing arc 60",
        "standing arc 90",
        "hanging arc 60",
        "hanging arc 120",
        "arc 60 turned by 90",
        "wave 32",
    ],
)
async def test_curved_lines_are_read_better_than_as_straight(reader: Reader, shape: str) -> None:
    """Most words are right where, taken as straight, hardly one is."""
    pages = [SHAPES[shape](text) for text in TEXTS]
    with as_straight():
        before, none = await measure(reader, pages)
    after, bent = await measure(reader, pages)
    assert none == 0
    assert bent >= 2 * len(TEXTS) / 3
    assert after >= 0.7
    assert after - before >= 0.6


async def test_straight_lines_stay_straight(reader: Reader) -> None:
    """None of them is taken for a curved one, and they are read alike."""
    pages = [SHAPES["straight"](text) for text in TEXTS]
    with as_straight():
        before = await measure(reader, pages)
    assert await measure(reader, pages) == before


async def test_arc_upside_down_is_turned(reader: Reader) -> None:
    """A line around the foot of a stamp whose letters stand on their heads."""
    page = arched("SPRING WATER COMPANY", 70, turn_degrees=180)
    (read,) = (await reader.read(encode_page(page), ReadOptions(words=True))).pages
    (line,) = read.lines
    assert line.reading is not None
    assert line.reading.text.split() == ["SPRING", "WATER", "COMPANY"]
    assert is_curved(line.polygon)
    upper, lower = edges_of(line.polygon)
    assert upper[0, 0] > upper[-1, 0]
    assert (upper[:, 1] > lower[:, 1]).all()
    assert line.words is not None
    places = [np.mean(word.polygon[:, 0]) for word in line.words]
    assert places == sorted(places, reverse=True)
