"""Pages into what is published: the last step before the wire."""

from processors.values import Page, TextLine
from schemas.geometry import Box, Matrix3x3, Polygon, Row3
from schemas.results import (
    ConfidenceSummary,
    PageEnhancement,
    PageQuality,
    PageSource,
    RecognizedLine,
    RecognizedPage,
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
        ),
        enhancement=PageEnhancement(
            applied=page.enhanced.applied,
            tried=page.enhanced.tried,
            gain=None if page.enhanced.gain is None else round(page.enhanced.gain, 4),
        ),
        lines=tuple(_describe_line(line) for line in page.lines),
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
    polygon: Polygon = tuple([(round(x, 1), round(y, 1)) for x, y in line.polygon.tolist()])
    xs, ys = zip(*polygon, strict=True)
    box: Box = (min(xs), min(ys), max(xs), max(ys))
    score = None if line.reading is None else round(line.reading.score, 4)
    text = None if line.reading is None else line.reading.text
    return RecognizedLine(text=text, confidence=score, score=score, box=box, polygon=polygon)


def _row(values: list[float]) -> Row3:
    first, second, third = values
    return first, second, third
