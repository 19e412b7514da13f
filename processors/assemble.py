"""From the lines of an upright page to its text and its paragraphs."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from processors.geometry import is_curved
from processors.paragraphs import joined, paragraphs_of
from processors.reading_order import blocks_in_order, is_column, text_of
from processors.values import Paragraph, TextLine


@dataclass(frozen=True, slots=True)
class AssembledLines:
    """Lines in reading order, their text with one row per line, and their paragraphs."""

    lines: tuple[TextLine, ...]
    text: str | None
    paragraphs: tuple[Paragraph, ...]


def assemble(lines: Sequence[TextLine]) -> AssembledLines:
    """Order the lines of an upright page and join their texts.

    Args:
        lines: In any order, in pixels of the page.

    Returns:
        The lines, their polygons beginning at the text's own top-left corner. The text is None,
        and there are no paragraphs, where the lines were not read.
    """
    blocks = blocks_in_order(lines)
    rows = [row for block in blocks for row in block.rows]
    ordered = tuple(_from_top_left(line) for row in rows for line in row)
    if any(line.reading is None for line in ordered):
        return AssembledLines(ordered, None, ())
    text = "\n".join(" ".join(map(text_of, row)) for row in rows)
    paragraphs: list[Paragraph] = []
    first = 0
    for group in (group for block in blocks for group in paragraphs_of(block)):
        paragraphs.append(Paragraph(joined(group), first, first + len(group)))
        first += len(group)
    return AssembledLines(ordered, unicodedata.normalize("NFC", text), tuple(paragraphs))


def _from_top_left(line: TextLine) -> TextLine:
    """Let the polygon begin at the text's own top-left corner."""
    if is_curved(line.polygon):  # as it is read, unless it stands on its head
        shift = len(line.polygon) // 2 if line.flipped else 0
        return replace(line, polygon=np.roll(line.polygon, -shift, axis=0))
    is_on_side = line.turned and not is_column(line)
    shift = (1 if is_on_side else 0) + (2 if line.flipped else 0)
    return replace(line, polygon=np.roll(line.polygon, -shift, axis=0))
