"""A page's lines as one text to search, and what stands left of a line and above it.

Finders see one string, the lines joined by line feeds, folded so that a pattern needs to know one
form of each character only. Folding keeps places: character for character.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from schemas.geometry import Box
from schemas.results import RecognizedPage

BLOCK = "\u2588"
"""Stands for each masked character; no finder takes it for text, digit or blank."""

NEIGHBOUR_COUNT_MAX = 48
"""How many lines are looked at, from a line on in reading order and upwards, for its neighbours."""

LABEL_GAP_HEIGHTS = 2.2
"""How far above a value its label may stand, in heights of the value's line."""

LOWER_LETTERS = r"a-z\u03b1-\u03c9\u0430-\u045f\u0491"
"""Of Latin, Greek and Cyrillic, once folded: a part of a regular expression's class."""

LETTERS = rf"A-Z\u0391-\u03a9\u0400-\u042f\u0490{LOWER_LETTERS}"

_IDEOGRAPHS = r"\u3041-\u30fe\u3400-\u9fff\uac00-\ud7a3"
_VALUE = re.compile(
    rf"{BLOCK}|[^ ] ?@|^[0-9].*[0-9]$|^[A-Za-z]{{3,9}}\.? [0-9]{{1,2}}, [0-9]{{4}}$"
    rf"|^(?=.*[0-9])[0-9A-Fa-f:.\-]{{12,}}$"
    rf"|^(?!.*[{_IDEOGRAPHS}])[^{LETTERS}]*(?:[A-Z]{{1,2}}[^{LETTERS}]*)?$"
    rf"|^(?=.*[0-9])[^{LETTERS}]*$"
    r"|^[^0-9:]{2,32}, ?[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]{2,4}$"
)
"""What stands in a cell under others: figures, dates, a place and a date, or what was masked."""

_LETTERS = str.maketrans(
    "øØłŁđĐðÐþÞıæÆœŒ\u2010\u2011\u2012\u2013\u2014\u2212·•‧∙⋅\u2217\u204e\u2731",
    "oOlLdDdDtTiaAoO------.....***",
)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """One character without accents and widths; blanks of all sorts become a space."""
    if character.isspace():
        return " "
    if "가" <= character <= "힣":
        return character
    plain = unicodedata.normalize("NFKD", character)[0].translate(_LETTERS)
    return plain if len(plain) == 1 and plain.isprintable() else character


def fold(text: str) -> str:
    """Fold each character; the result has the same length, and its lines end where they did."""
    return "".join(map(_fold_character, text))


@dataclass(frozen=True, slots=True)
class LinePart:
    """`text[start:end]` of a line."""

    line_index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PageText:
    """The lines of a page as one text.

    Attributes:
        raw: As read, one line of the page to a line.
        text: The same, folded; both have the same length.
        lower: `text` in lower case, of the same length.
        starts: Where each line begins in them.
        lefts: For each line the index of the line beside it on its left, or -1.
        aboves: For each line the index of the line above it, or -1.
        heads: The same; in a column of values, of the line above them all.
    """

    raw: str
    text: str
    lower: str
    starts: tuple[int, ...]
    lefts: tuple[int, ...]
    aboves: tuple[int, ...]
    heads: tuple[int, ...]

    def line_of(self, place: int) -> int:
        """The index of the line in which a place of the text lies."""
        return bisect_right(self.starts, place) - 1

    def line_end(self, line: int) -> int:
        """Where a line ends: the place of its line feed, or the text's end."""
        following = line + 1
        return self.starts[following] - 1 if following < len(self.starts) else len(self.text)

    def line_text(self, line: int) -> str:
        """A line in lower case."""
        return self.lower[self.starts[line] : self.line_end(line)]

    def parts(self, start: int, end: int) -> tuple[LinePart, ...]:
        """Cut a span of the text at the ends of lines."""
        found = []
        for line in range(self.line_of(start), self.line_of(max(start, end - 1)) + 1):
            first = self.starts[line]
            part = LinePart(line, max(start, first) - first, min(end, self.line_end(line)) - first)
            if part.end > part.start:
                found.append(part)
        return tuple(found)


def page_text(page: RecognizedPage) -> PageText:
    """Join a page's lines; a line that was not read is empty."""
    texts = [(line.text or "").replace("\n", " ") for line in page.lines]
    raw = "\n".join(texts)
    text = "\n".join(map(fold, texts))
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    starts, place = [], 0
    for one in texts:
        starts.append(place)
        place += len(one) + 1
    boxes = [line.box for line in page.lines]
    lefts = tuple(_left_of(boxes, index) for index in range(len(boxes)))
    aboves = _aboves(boxes)
    heads = _heads(texts, boxes, aboves)
    return PageText(raw, text, lower, tuple(starts or [0]), lefts, tuple(aboves), heads)


def _left_of(boxes: list[Box], index: int) -> int:
    """The nearest of the lines before, in reading order, that ends left of a line, on its level."""
    left, top, _, bottom = boxes[index]
    best, best_gap = -1, 40 * (bottom - top)
    for other in range(max(0, index - NEIGHBOUR_COUNT_MAX), index):
        _, other_top, other_right, other_bottom = boxes[other]
        overlap = min(bottom, other_bottom) - max(top, other_top)
        gap = left - other_right
        level = overlap > 0.5 * min(bottom - top, other_bottom - other_top)
        if level and -0.5 * (bottom - top) <= gap < best_gap:
            best, best_gap = other, gap
    return best


def _heads(texts: list[str], boxes: list[Box], aboves: list[int]) -> tuple[int, ...]:
    """For each line the nearest line above it that says something in words, or -1."""
    heads = [-1] * len(boxes)
    for index in sorted(range(len(boxes)), key=lambda one: boxes[one][1]):
        above = aboves[index]
        is_value = above >= 0 and _VALUE.search(texts[above]) is not None
        heads[index] = heads[above] if is_value else above
    return tuple(heads)


def _aboves(boxes: list[Box]) -> list[int]:
    """For each line the nearest line above it that begins or ends above some of it, or -1."""
    by_top = sorted(range(len(boxes)), key=lambda index: boxes[index][1])
    aboves = [-1] * len(boxes)
    for rank, index in enumerate(by_top):
        left, top, right, bottom = boxes[index]
        height, best_bottom = bottom - top, float("-inf")
        for other in by_top[max(0, rank - NEIGHBOUR_COUNT_MAX) : rank]:
            other_left, other_top, other_right, other_bottom = boxes[other]
            is_over = min(right, other_right) - max(left, other_left) > 0
            gap = top - other_bottom
            if not is_over or other_top >= top - 0.3 * height:
                continue
            if -0.5 * height <= gap <= LABEL_GAP_HEIGHTS * height and other_bottom > best_bottom:
                aboves[index], best_bottom = other, other_bottom
    return aboves
