"""Pages without their personal data.

Each character of what is found becomes a full block, in every text of the page that holds it, so
that places stay what they were; and the page says which parts of its picture must be blackened.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from processors.masking.find import PersonalData, find_personal_data
from processors.masking.options import MaskOptions
from processors.masking.page_text import BLOCK, LinePart
from processors.masking.places import masked_span
from schemas.masking import MaskedSpan
from schemas.results import (
    RecognizedLine,
    RecognizedPage,
    RecognizedParagraph,
    RecognizedWord,
)

ROUNDS_MAX = 4
"""How often a masked page is searched again: what is masked may part what was one number."""


@dataclass(frozen=True, slots=True)
class MaskedPages:
    """Pages with their personal data masked, and how many pieces of each kind were."""

    pages: tuple[RecognizedPage, ...]
    counts: dict[str, int]


def mask_pages(pages: Sequence[RecognizedPage], options: MaskOptions) -> MaskedPages:
    """Mask the personal data on some pages.

    Masking what is masked already changes nothing and counts nothing.

    Args:
        pages: As published. With `words`, only the words touched are blackened, else whole lines.
        options: What to mask.
    """
    counts: Counter[str] = Counter()
    masked = []
    for page in pages:
        current = page.model_copy(update={"masked": page.masked or ()})
        for _ in range(ROUNDS_MAX):
            found = find_personal_data(current, options)
            if not found:
                break
            current = _mask_page(current, found)
            counts.update(one.kind for one in found)
        masked.append(current)
    return MaskedPages(tuple(masked), dict(sorted(counts.items())))


def _mask_page(page: RecognizedPage, found: Sequence[PersonalData]) -> RecognizedPage:
    parts = [(one.kind, part) for one in found for part in one.parts]
    spans: tuple[MaskedSpan, ...] = tuple(
        masked_span(kind, page.lines[part.line_index], part) for kind, part in parts
    )
    by_line: dict[int, list[LinePart]] = {}
    for _, part in parts:
        by_line.setdefault(part.line_index, []).append(part)
    lines = tuple(
        _mask_line(line, by_line[index]) if index in by_line else line
        for index, line in enumerate(page.lines)
    )
    return page.model_copy(
        update={
            "lines": lines,
            "text": None if page.text is None else _follow(page.text, page.lines, lines),
            "paragraphs": tuple(_mask_paragraph(page, one, lines) for one in page.paragraphs),
            "masked": (*(page.masked or ()), *spans),
        }
    )


def _mask_line(line: RecognizedLine, parts: Sequence[LinePart]) -> RecognizedLine:
    text = line.text or ""
    masked = text
    for part in parts:
        masked = masked[: part.start] + BLOCK * (part.end - part.start) + masked[part.end :]
    words = None if line.words is None else _mask_words(line.words, text, masked)
    return line.model_copy(update={"text": masked, "words": words})


def _mask_words(
    words: tuple[RecognizedWord, ...], text: str, masked: str
) -> tuple[RecognizedWord, ...]:
    """Give each word what became of it; one that is not where it should be is masked whole."""
    out, place = [], 0
    for word in words:
        start = text.find(word.text, place)
        if start < 0:
            out.append(word.model_copy(update={"text": BLOCK * len(word.text)}))
            continue
        place = start + len(word.text)
        out.append(word.model_copy(update={"text": masked[start:place]}))
    return tuple(out)


def _mask_paragraph(
    page: RecognizedPage, paragraph: RecognizedParagraph, lines: Sequence[RecognizedLine]
) -> RecognizedParagraph:
    chosen = slice(paragraph.first_line, paragraph.first_line + paragraph.line_count)
    text = _follow(paragraph.text, page.lines[chosen], lines[chosen])
    return paragraph.model_copy(update={"text": text})


def _follow(text: str, before: Sequence[RecognizedLine], after: Sequence[RecognizedLine]) -> str:
    """Mask a text that was joined from lines as its lines were masked.

    A text that does not consist of its lines is replaced by them, one to a row: what cannot be
    followed must not be left readable.
    """
    out, place = [], 0
    for old, new in zip(before, after, strict=True):
        old_text, new_text = old.text or "", new.text or ""
        start = text.find(old_text, place, place + len(old_text) + 2)
        if start < 0 or text[place:start].strip():
            break
        out += [text[place:start], new_text]
        place = start + len(old_text)
    else:
        if not text[place:].strip():
            return "".join((*out, text[place:]))
    return "\n".join(line.text or "" for line in after)
