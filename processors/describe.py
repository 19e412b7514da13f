"""Pages into what is published: the last step before the wire."""

import numpy as np

from processors.confidence import confidence
from processors.values import Page, Paragraph, PolygonArray, TextLine, Word
from schemas.geometry import Box, Matrix3x3, Polygon, Row3
from schemas.results import (
    ConfidenceSummary,
    PageEnhancement,
    PageQuality,
    PageSource,
    RecognizedLine,
    RecognizedPage,
    RecognizedParagraph,
    RecognizedWord,
)


def describe_page(page: Page) -> RecognizedPage:
    """Turn arrays into plain numbers: pixels with one decimal, scores with four."""
    first, second, third = (_row(row.tolist()) for row in page.upright.to_file)
    transform: Matrix3x3 = (first, second, third)
    return RecognizedPage(
        page_number=page.page_number,
        width=page.width,
        height=page.height,
        text=page.text,
        source=PageSource(
            width=page.source_width,
            height=page.source_height,
            dpi=page.dpi,
            rotation_degrees=page.upright.rotation_degrees,
            transform=transform,
        ),
        quality=PageQuality(
            sharpness=round(page.quality.sharpness, 4),
            contrast=round(page.quality.contrast, 4),
            brightness=round(page.quality.brightness, 4),
            noise=round(page.quality.noise, 4),
            text_height_px=_rounded(page.verdict.text_height_px),
            skew_degrees=_rounded(page.verdict.skew_degrees),
            faults=page.verdict.faults,
        ),
        enhancement=PageEnhancement(
            applied=page.enhanced.applied,
            tried=page.enhanced.tried,
            gain=None if page.enhanced.gain is None else round(page.enhanced.gain, 4),
        ),
        lines=tuple(_describe_line(line) for line in page.lines),
        paragraphs=tuple(_describe_paragraph(page, one) for one in page.paragraphs),
    )


def summarize_confidence(pages: tuple[RecognizedPage, ...]) -> ConfidenceSummary | None:
    """Mean and minimum over all lines; None where there is no recognised line."""
    values = [
        line.confidence for page in pages for line in page.lines if line.confidence is not None
    ]
    if not values:
        return None
    return ConfidenceSummary(mean=round(sum(values) / len(values), 4), min=min(values))


def join_text(pages: tuple[RecognizedPage, ...]) -> str | None:
    """The pages' texts with an empty line between them; None with recognition off."""
    texts = [page.text for page in pages if page.text is not None]
    return "\n\n".join(texts) if len(texts) == len(pages) else None


def _describe_line(line: TextLine) -> RecognizedLine:
    polygon, box = _place(line.polygon)
    if line.reading is None:
        return RecognizedLine(text=None, confidence=None, score=None, box=box, polygon=polygon)
    return RecognizedLine(
        text=line.reading.text,
        confidence=round(confidence(line.reading), 4),
        score=round(line.reading.score, 4),
        box=box,
        polygon=polygon,
        words=None if line.words is None else tuple(map(_describe_word, line.words)),
    )


def _describe_word(word: Word) -> RecognizedWord:
    polygon, box = _place(word.polygon)
    return RecognizedWord(text=word.text, score=round(word.score, 4), box=box, polygon=polygon)


def _describe_paragraph(page: Page, paragraph: Paragraph) -> RecognizedParagraph:
    lines = page.lines[paragraph.first : paragraph.end]
    _, box = _place(np.concatenate([line.polygon for line in lines]))
    return RecognizedParagraph(
        text=paragraph.text, box=box, first_line=paragraph.first, line_count=len(lines)
    )


def _place(points: PolygonArray) -> tuple[Polygon, Box]:
    """Pixels with one decimal, and the box around them."""
    polygon: Polygon = tuple([(round(x, 1), round(y, 1)) for x, y in points.tolist()])
    xs, ys = zip(*polygon, strict=True)
    return polygon, (min(xs), min(ys), max(xs), max(ys))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _row(values: list[float]) -> Row3:
    first, second, third = values
    return first, second, third
