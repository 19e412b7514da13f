"""Published pages made of texts, without a picture."""

from collections.abc import Sequence

from schemas.geometry import Box, Polygon
from schemas.results import (
    PageEnhancement,
    PageQuality,
    PageSource,
    RecognizedLine,
    RecognizedPage,
    RecognizedParagraph,
    RecognizedWord,
)

CHARACTER_PX, HEIGHT_PX, PITCH_PX = 12.0, 24.0, 34.0


def corners(box: Box) -> Polygon:
    """The four corners of a box."""
    left, top, right, bottom = box
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def line(text: str, left: float = 10.0, top: float = 10.0, *, words: bool = True) -> RecognizedLine:
    """A level line of letters of equal width."""

    def box(start: int, end: int) -> Box:
        return (left + CHARACTER_PX * start, top, left + CHARACTER_PX * end, top + HEIGHT_PX)

    cut, place = [], 0
    for word in text.split():
        place = text.index(word, place)
        place_box = box(place, place + len(word))
        place += len(word)
        cut.append(RecognizedWord(text=word, score=0.9, box=place_box, polygon=corners(place_box)))
    whole = box(0, len(text))
    return RecognizedLine(
        text=text,
        confidence=0.9,
        score=0.95,
        box=whole,
        polygon=corners(whole),
        words=tuple(cut) if words else None,
    )


def page(*texts: str, words: bool = True) -> RecognizedPage:
    """A page with one line below the other, all of one paragraph."""
    lines = [line(text, top=10 + PITCH_PX * row, words=words) for row, text in enumerate(texts)]
    return page_of(lines, texts)


def grid(*rows: Sequence[str], pitch_px: float = 400.0) -> RecognizedPage:
    """A page with cells beside each other, each a line."""
    lines = [
        line(text, 10 + pitch_px * column, 10 + PITCH_PX * row)
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
        if text
    ]
    return page_of(lines, [" ".join(cells) for cells in rows])


def page_of(lines: Sequence[RecognizedLine], rows: Sequence[str]) -> RecognizedPage:
    """A page of these lines, its text with one row to each of `rows`."""
    bottom = max((one.box[3] for one in lines), default=0.0)
    paragraph = RecognizedParagraph(
        text=" ".join(one.text or "" for one in lines),
        box=(0.0, 0.0, 1000.0, bottom),
        first_line=0,
        line_count=max(1, len(lines)),
    )
    return RecognizedPage(
        page_number=1,
        width=1000,
        height=int(bottom) + 20,
        text="\n".join(rows),
        source=PageSource(
            width=1000,
            height=int(bottom) + 20,
            dpi=None,
            rotation_degrees=0,
            transform=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        ),
        quality=PageQuality(sharpness=0.9, contrast=0.9, brightness=0.9),
        enhancement=PageEnhancement(applied=()),
        lines=tuple(lines),
        paragraphs=(paragraph,) if lines else (),
    )
