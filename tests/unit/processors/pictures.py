"""Pictures to decode and to read."""

import io
from collections.abc import Iterable

import numpy as np
from PIL import Image

from processors.decoding.images import EXIF_ORIENTATION
from processors.values import EncodedDocument, PageArray

LETTER_COLORS = {"b": (255, 0, 0), "g": (0, 255, 0), "r": (0, 0, 255)}
"""BGR of the letters that the fakes read, see `tests.fakes.runners`."""

LETTER_WIDTH_PX, LETTER_HEIGHT_PX, LETTER_GAP_PX = 24, 24, 8


def white_page(width: int, height: int) -> PageArray:
    """(height, width, 3) uint8, BGR: empty paper."""
    return np.full((height, width, 3), 255, dtype=np.uint8)


def draw_word(page: PageArray, word: str, left: int, top: int) -> None:
    """Put a word of `LETTER_COLORS` onto a page."""
    for index, letter in enumerate(word):
        x = left + index * (LETTER_WIDTH_PX + LETTER_GAP_PX)
        page[top : top + LETTER_HEIGHT_PX, x : x + LETTER_WIDTH_PX] = LETTER_COLORS[letter]


def page_of_words(words: Iterable[str], width: int = 480) -> PageArray:
    """A page with one word per row, rows 80 px apart, the first at (60, 60)."""
    rows = list(words)
    page = white_page(width, 60 + 80 * len(rows))
    for index, word in enumerate(rows):
        draw_word(page, word, 60, 60 + 80 * index)
    return page


def encode(image: Image.Image, file_format: str = "PNG", **how: object) -> EncodedDocument:
    """A picture as a file."""
    file = io.BytesIO()
    image.save(file, file_format, **how)
    return EncodedDocument(file.getvalue())


def encode_page(page: PageArray) -> EncodedDocument:
    """BGR pixels as a PNG file."""
    return encode(Image.fromarray(np.ascontiguousarray(page[:, :, ::-1])))


def exif(orientation: int) -> bytes:
    """An EXIF block that tells an orientation."""
    block = Image.Exif()
    block[EXIF_ORIENTATION] = orientation
    return block.tobytes()
