"""What a finder finds, and the runs of characters that it looks at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SEPARATORS_MAX = 3
"""Blanks and marks between two characters of one number."""

_BEGIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9|!]|(?<=[A-Za-z])[0-9]")


_WORD = re.compile(r"[A-Za-z][a-z]{2}")
"""A word that was read together with the number before it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`text[start:end]` of a page is personal data of a kind."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a possible number, without what separates them.

    Attributes:
        characters: Letters, digits, and what is read for them.
        places: Where each stands in the text.
        ends: After how many characters the number may end: a separator or something else follows.
        breaks: Before how many characters lines end, in ascending order.
    """

    characters: str
    places: tuple[int, ...]
    ends: frozenset[int]
    breaks: tuple[int, ...]

    def span(self, length: int) -> tuple[int, int]:
        """The place in the text of the first `length` characters."""
        return self.places[0], self.places[length - 1] + 1

    def groups(self, length: int) -> tuple[int, ...]:
        """How many of the first `length` characters stand before each of their separators."""
        return tuple(
            count for count in range(1, length) if self.places[count] != self.places[count - 1] + 1
        )


def starts_of_numbers(text: str) -> Iterator[int]:
    """Where a number may begin: where a word does, or where digits follow letters."""
    return (match.start() for match in _BEGIN.finditer(text))


def run_at(text: str, start: int, length_max: int, separators: str, breaks_max: int = 0) -> Run:
    """Collect the characters of a possible number.

    Args:
        text: Folded.
        start: Where it begins.
        length_max: Characters to collect, without separators; bounds the work.
        separators: Characters that may stand between them.
        breaks_max: Ends of lines that may.
    """
    characters: list[str] = []
    places: list[int] = []
    ends: set[int] = set()
    breaks: list[int] = []
    between = 0
    for place in range(start, min(len(text), start + length_max * (SEPARATORS_MAX + 1))):
        character = text[place]
        if character in separators or character == "\n":
            between += 1
            ends.add(len(places))
            if character == "\n":
                breaks.append(len(places))
            if between > SEPARATORS_MAX or len(breaks) > breaks_max:
                break
        elif len(places) == length_max or not (character.isalnum() or character in "|!"):
            if between == 0 and not character.isalnum():
                ends.add(len(places))
            break
        else:
            between = 0
            if places and text[place - 1].isdigit() and _WORD.match(text, place):
                ends.add(len(places))
            characters.append(character)
            places.append(place)
    else:
        ends.add(len(places))
    return Run("".join(characters), tuple(places), frozenset(ends), tuple(breaks))
