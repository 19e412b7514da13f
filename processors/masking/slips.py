"""Letters that a reader takes for digits, and digits for letters.

A correction serves to check a candidate only; what is published is never corrected.
"""

from collections.abc import Iterator

SLIP_LETTERS = "OoQDlIi|!SsBZzGb"
"""Letters that digits are taken for."""

TO_DIGITS = str.maketrans(SLIP_LETTERS, "0000111115582266")
"""These letters to their digits."""

TO_LETTERS = str.maketrans("0158264", "OISBZGA")
"""Digits to the letters that are read as them."""

DIGIT = rf"[0-9{SLIP_LETTERS}]"
"""A digit, or what may be one."""

SLIP_SHARE_MAX = 0.34
"""Share of a number's characters that may be corrected."""


LETTERS_PER_SLIP = 4
"""Of so many letters one may have been read as a digit; digits alone are no letters."""


def as_digits(text: str) -> str | None:
    """A number with its slips corrected; None where too many of its characters are letters."""
    slips = sum(not character.isdigit() for character in text)
    if slips > SLIP_SHARE_MAX * len(text):
        return None
    digits = text.translate(TO_DIGITS)
    return digits if digits.isascii() and digits.isdigit() else None


def fitted(text: str, shape: str) -> str | None:
    """Correct each character to what a shape has at its place.

    Args:
        text: Upper case, without blanks.
        shape: As long as `text`: `9` a digit, `A` a letter, `X` either, anything else itself.

    Returns:
        The corrected text; None where it does not fit or too much would be corrected.
    """
    out, slips, letter_slips = [], 0, 0
    for character, wanted in zip(text, shape, strict=True):
        right = _fitted_character(character, wanted)
        if right is None:
            return None
        slips += right != character
        letter_slips += wanted == "A" and right != character
        out.append(right)
    are_few = letter_slips <= max(1, shape.count("A") // LETTERS_PER_SLIP)
    return "".join(out) if are_few and slips <= SLIP_SHARE_MAX * len(text) else None


def _fitted_character(character: str, wanted: str) -> str | None:
    if wanted == "X":
        return character if character.isascii() and character.isalnum() else None
    if wanted == "9":
        right = character.translate(TO_DIGITS)
        return right if right.isascii() and right.isdigit() else None
    right = character.translate(TO_LETTERS)
    if wanted == "A":
        return right if right.isascii() and right.isalpha() else None
    return wanted if wanted in (character, right, character.translate(TO_DIGITS)) else None


def variants(text: str, places: tuple[int, ...]) -> Iterator[str]:
    """A text as it is, then with each place that may be either digit or letter corrected, once."""
    yield text
    for place in places:
        for table in (TO_DIGITS, TO_LETTERS):
            other = text[place].translate(table)
            if other != text[place]:
                yield text[:place] + other + text[place + 1 :]
