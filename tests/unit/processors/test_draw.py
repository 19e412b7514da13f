"""A picture of what was read."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from processors.decoding.decoders import each_page
from processors.decoding.formats import every_decoder
from processors.describe import describe_page
from processors.draw import FAIR, GOOD, POOR, draw_page
from processors.geometry import turn_further
from processors.values import (
    Enhanced,
    Page,
    PageImage,
    Quality,
    Rotation,
    TextLine,
    Upright,
    Verdict,
)
from schemas.results import RecognizedPage
from tests.fakes.reader import reading
from tests.unit.processors.pictures import encode, exif, white_page

BOX = [(40, 60), (160, 60), (160, 90), (40, 90)]


def decode(orientation: int, mark: Callable[[int, int], tuple[int, int]]) -> PageImage:
    """A white picture of 200 x 120 pixels, stored as a camera does, with a red mark."""
    upside = orientation in (6, 8)
    picture = Image.new("RGB", (120, 200) if upside else (200, 120), "white")
    x, y = mark(*picture.size)
    picture.paste((255, 0, 0), (x - 4, y - 4, x + 4, y + 4))
    document = encode(picture, exif=exif(orientation))
    with every_decoder(1_000_000).open(document, all_frames=False) as opened:
        (encoded,) = each_page(opened)
        return encoded.decode()


def describe(
    image: PageImage, upright: Upright, size: tuple[int, int], score: float | None = 0.99
) -> RecognizedPage:
    """A page with one line."""
    read = None if score is None else reading("abc", score)
    page = Page(
        page_number=1,
        width=size[0],
        height=size[1],
        upright=upright,
        source_width=image.source_width,
        source_height=image.source_height,
        dpi=None,
        quality=Quality(1, 1, 1),
        verdict=Verdict(),
        enhanced=Enhanced(),
        lines=(TextLine(np.array(BOX, dtype=np.float32), read),),
        text=None,
    )
    return describe_page(page)


@pytest.mark.parametrize(
    ("orientation", "mark"),
    [
        (1, lambda width, height: (20, 10)),
        (3, lambda width, height: (width - 20, height - 10)),
        (6, lambda width, height: (10, height - 20)),
        (8, lambda width, height: (width - 10, 20)),
    ],
)
def test_draw_page_shows_page_upright(
    orientation: int, mark: Callable[[int, int], tuple[int, int]]
) -> None:
    """The picture is the page as a person sees it, whatever EXIF had to turn."""
    image = decode(orientation, mark)
    picture = draw_page(image, describe(image, image.upright, (200, 120)))
    assert picture.size == (200, 120)
    assert picture.getpixel((20, 10)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("turn", "size", "place"),
    [(90, (120, 200), (109, 20)), (180, (200, 120), (179, 109)), (270, (120, 200), (10, 179))],
)
def test_draw_page_turns_page_that_was_turned_while_reading(
    turn: Rotation, size: tuple[int, int], place: tuple[int, int]
) -> None:
    """The decoded pixels are brought to where the result says that the lines are."""
    image = decode(6, lambda width, height: (10, height - 20))
    upright = turn_further(image.upright, turn, 200, 120)
    picture = draw_page(image, describe(image, upright, size))
    assert picture.size == size
    assert picture.getpixel(place) == (255, 0, 0)


@pytest.mark.parametrize(
    ("score", "color"), [(0.999, GOOD), (0.99, GOOD), (0.97, FAIR), (0.75, FAIR), (0.5, POOR)]
)
def test_draw_page_colours_line_by_confidence(score: float, color: tuple[int, int, int]) -> None:
    """A glance tells what a person should check."""
    image = decode(1, lambda width, height: (20, 10))
    picture = draw_page(image, describe(image, image.upright, (200, 120), score))
    assert picture.getpixel((100, 90)) == color


def test_draw_page_draws_regions_that_were_not_read() -> None:
    """With recognition off, there is a box and no figure above it."""
    image = PageImage(1, white_page(200, 120), Upright(np.eye(3), 0), 200, 120)
    picture = draw_page(image, describe(image, image.upright, (200, 120), score=None))
    assert picture.getpixel((100, 90)) == GOOD
    assert np.asarray(picture)[:58].min() == 255
