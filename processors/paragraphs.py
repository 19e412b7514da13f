"""Which lines belong to one paragraph, and how their texts are joined."""

import re

from processors.geometry import extent
from processors.reading_order import Block, Row, text_of
from processors.values import TextLine

GAP_MAX = 0.9
"""Lines of a paragraph are apart by less than this share of their height."""

HEIGHT_RATIO_MAX = 1.4
"""How much higher one of two lines of a paragraph may be."""

FULL_FROM = 0.8
"""A line that ends before this share of its paragraph's width is the last one."""

INDENT_MAX = 0.15
"""How far the beginnings of a paragraph's lines may differ, as a share of its width."""

HYPHENS = ("-", "\u2010", "\u00ad")

_UNSPACED = re.compile(r"[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
"""Ideographs, kana, and the punctuation among them; not Hangul, which has blanks."""


def paragraphs_of(block: Block) -> list[list[TextLine]]:
    """Group a block's lines; a row of several cells is a paragraph of its own."""
    groups: list[list[TextLine]] = []
    is_open = False
    for row in block.rows:
        if is_open and len(row) == 1 and _continues(groups[-1], row, block.is_vertical):
            groups[-1] += row
        else:
            groups.append(list(row))
        is_open = len(row) == 1
    return groups


def _continues(paragraph: list[TextLine], row: Row, is_vertical: bool) -> bool:
    """Whether a line goes on where a paragraph's last line ends."""
    last, line = paragraph[-1], row[0]
    begin, end, across, length = _spans(last, is_vertical)
    next_begin, next_end, next_across, next_length = _spans(line, is_vertical)
    heights = sorted((length, next_length))
    if heights[1] > HEIGHT_RATIO_MAX * heights[0]:
        return False
    gap = next_across - across if not is_vertical else across - next_across
    if gap > (1 + GAP_MAX) * heights[1]:
        return False
    left = min(_spans(one, is_vertical)[0] for one in paragraph)
    right = max(next_end, *(_spans(one, is_vertical)[1] for one in paragraph))
    width = max(1.0, right - min(left, next_begin))
    return abs(next_begin - begin) <= INDENT_MAX * width and end - left >= FULL_FROM * width


def _spans(line: TextLine, is_vertical: bool) -> tuple[float, float, float, float]:
    """Where a line begins and ends along its writing, its middle across it, and its height."""
    left, top, right, bottom = extent(line.polygon)
    low, high = (left, top), (right, bottom)
    along, across = (1, 0) if is_vertical else (0, 1)
    middle = (low[across] + high[across]) / 2
    return low[along], high[along], middle, high[across] - low[across]


def joined(lines: list[TextLine]) -> str:
    """The text of a paragraph: a blank between lines, but after a hyphen and between ideographs.

    Hyphens stay: whether one belongs to the word, only the language knows.
    """
    text = ""
    for line in lines:
        more = text_of(line)
        if text and not text.endswith(HYPHENS) and not _is_unspaced(text[-1], more[:1]):
            text += " "
        text += more
    return text


def _is_unspaced(before: str, after: str) -> bool:
    return all(_UNSPACED.match(character) is not None for character in (before, after))
