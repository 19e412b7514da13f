"""What is published on `ocr.results`: one `DocumentRecognized` per document."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Published
from schemas.geometry import Box, Matrix3x3, Polygon

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


class PageQuality(Published):
    """Measured on the page as it came, before any enhancement."""

    sharpness: float = Field(description="Steepness of the text's edges, 0 to 1.")
    contrast: float = Field(description="Ink against paper, 0 to 1.")
    brightness: float = Field(description="Mean of the luma, 0 to 1.")


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


class RecognizedLine(Published):
    """One line of text, or, with recognition off, one region of text."""

    text: str | None
    confidence: Score | None = Field(description="Calibrated; equals the score so far.")
    score: Score | None = Field(description="Mean probability of the line's characters.")
    box: Box
    polygon: Polygon


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
