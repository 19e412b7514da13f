"""What a recogniser saw, as Unicode writes it: in logical order, and composed (NFC).

Recognisers read a picture from left to right, whatever its script. Arabic and Hebrew come out
backwards, but for the numbers and the words of other scripts among them.
"""

import unicodedata
from dataclasses import replace
from itertools import groupby

from processors.reading_order import is_right_to_left
from processors.values import Reading

_INNER = frozenset(" :*./%+-,")
"""What may stand within a run from left to right (PaddleOCR's `pred_reverse`)."""


def in_logical_order(reading: Reading) -> Reading:
    """Turn what runs from right to left, and compose letters with their marks.

    The scores and places of characters go with them.
    """
    text = reading.text
    if text.isascii():
        return reading
    order = list(range(len(text)))
    if is_right_to_left(text):
        order = _from_right(text)
    clusters: list[list[int]] = []
    for index in order:
        if clusters and unicodedata.combining(text[index]):
            clusters[-1].append(index)
        else:
            clusters.append([index])
    composed, scores, centers = "", [], []
    for cluster in clusters:
        piece = unicodedata.normalize("NFC", "".join(text[index] for index in cluster))
        composed += piece
        scores += [min(reading.scores[index] for index in cluster)] * len(piece)
        centers += [reading.centers[cluster[0]]] * len(piece)
    return replace(reading, text=composed, scores=tuple(scores), centers=tuple(centers))


def _from_right(text: str) -> list[int]:
    """Indices into a text as it is seen, in the order in which it is written."""
    order: list[int] = []
    for is_left_to_right, run in groupby(_runs(text), key=lambda part: part[1]):
        indices = [index for index, _ in run]
        order = (indices if is_left_to_right else indices[::-1]) + order
    return order


def _runs(text: str) -> list[tuple[int, bool]]:
    """Each character, and whether it belongs to a run from left to right."""
    strong = [unicodedata.bidirectional(character) in ("L", "EN", "AN") for character in text]
    flags = strong.copy()
    for index, character in enumerate(text):
        if character in _INNER and not strong[index]:
            before = next(
                (strong[i] for i in range(index - 1, -1, -1) if text[i] not in _INNER), False
            )
            after = next(
                (strong[i] for i in range(index + 1, len(text)) if text[i] not in _INNER), False
            )
            flags[index] = before and after
    return list(enumerate(flags))
