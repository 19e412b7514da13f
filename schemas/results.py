"""What is published on `ocr.results`: one `DocumentRecognized` per document."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Published
from schemas.geometry import Box, Matrix3x3, Polygon
from schemas.masking import MaskedSpan

Score = Annotated[float, Field(ge=0.0, le=1.0)]
Milliseconds = Annotated[float, Field(ge=0.0)]


class DocumentStatus(StrEnum):
    """Whether every page could be read."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class DocumentSource(Published):
    """Where the document came from, and exactly which bytes were read."""

    bucket: str
    key: str
    version_id: str | None
    etag: str | None
    sha256: str
    content_type: str = Field(description="Told by the bytes, never by the name.")
    size_bytes: int
    event_id: str | None


class PipelineInfo(Published):
    """What read the document. Equal fingerprints read equal pictures equally."""

    fingerprint: str
    engine: str
    device: str
    precision: Literal["int8", "bf16", "fp16", "fp32"] | None = Field(
        default=None, description="What the networks compute in; null in older results."
    )
    models: dict[str, str] = Field(description="Stage to model name.")
    version: str


class PageSource(Published):
    """The page as it lies in the file."""

    width: int
    height: int
    dpi: float | None
    rotation_degrees: Literal[0, 90, 180, 270] = Field(
        description="The clockwise turn that made the page upright."
    )
    transform: Matrix3x3 = Field(description="From the upright page's pixels to the file's.")


Fault = Literal["blurred", "too_dark", "low_contrast", "noisy", "too_small", "cut_off", "skewed"]


class PageQuality(Published):
    """Measured on the page as it came, before any enhancement."""

    sharpness: float = Field(description="Steepness of the text's edges, 0 to 1.")
    contrast: float = Field(description="Ink against paper, 0 to 1.")
    brightness: float = Field(description="Mean of the luma, 0 to 1.")
    noise: float | None = Field(
        default=None, description="Difference of neighbouring pixels on paper, 0 to 1."
    )
    text_height_px: float | None = Field(
        default=None, description="Height of the usual line, in pixels of the page."
    )
    skew_degrees: float | None = Field(
        default=None, description="How far lines fall to the right; null where too few tell."
    )
    faults: tuple[Fault, ...] = Field(
        default=(),
        description="What is wrong with the picture; empty: nothing that was looked for.",
    )


Enhancement = Literal["denoise", "contrast", "sharpen"]


class PageEnhancement(Published):
    """What was done to the picture before it was read."""

    applied: tuple[Enhancement, ...] = Field(description="In order.")
    tried: tuple[tuple[Enhancement, ...], ...] = Field(
        default=(), description="What was tried on a few lines, kept or not."
    )
    gain: float | None = Field(
        default=None,
        description="How much more legible these lines became, 0 to 1; null: nothing was tried.",
    )


class RecognizedWord(Published):
    """What stands between two blanks of a line."""

    text: str
    score: Score = Field(description="Probability of the word's least certain character.")
    box: Box
    polygon: Polygon


class RecognizedLine(Published):
    """One line of text, or, with recognition off, one region of text."""

    text: str | None
    confidence: Score | None = Field(
        description="How probably every letter and digit is right; calibrated."
    )
    score: Score | None = Field(description="Mean probability of the line's characters.")
    box: Box
    polygon: Polygon
    words: tuple[RecognizedWord, ...] | None = Field(
        default=None, description="Null unless the option `words` asks for them."
    )


class RecognizedParagraph(Published):
    """Lines that belong together, one after the other in `lines`."""

    text: str = Field(description="Joined by blanks; hyphens stay as they were read.")
    box: Box
    first_line: int = Field(ge=0, description="Index into `lines`.")
    line_count: int = Field(ge=1)


class RecognizedPage(Published):
    """One page: its lines in reading order, its text with one row per line."""

    page_number: int = Field(ge=1)
    width: int
    height: int
    text: str | None
    source: PageSource
    quality: PageQuality
    enhancement: PageEnhancement
    lines: tuple[RecognizedLine, ...]
    paragraphs: tuple[RecognizedParagraph, ...] = ()
    masked: tuple[MaskedSpan, ...] | None = Field(
        default=None,
        description="Where personal data was replaced by U+2588; null: masking was off.",
    )


class ConfidenceSummary(Published):
    """Over all lines of the document."""

    mean: Score
    min: Score


class DocumentWarning(Published):
    """Something that was scaled, dropped, cut short or assumed."""

    code: str
    detail: str
    page_number: int | None = None


class ResultReference(Published):
    """Where a result lies that is too large for a message."""

    bucket: str
    key: str
    sha256: str
    size_bytes: int


class DocumentRecognized(Published):
    """A document was read."""

    type: Literal["document.recognized"] = "document.recognized"
    version: Literal[1] = 1
    result_id: str
    document_id: str
    status: DocumentStatus
    source: DocumentSource
    pipeline: PipelineInfo
    pages: tuple[RecognizedPage, ...] | None
    text: str | None
    confidence: ConfidenceSummary | None
    warnings: tuple[DocumentWarning, ...] = ()
    timings_ms: dict[str, Milliseconds]
    cached: bool = False
    result_ref: ResultReference | None = None
