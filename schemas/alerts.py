"""What is published on `ocr.alerts`: a person should look at this result. Never any text."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Published
from schemas.geometry import Box
from schemas.results import ConfidenceSummary, Score

ALERT_LINES_MAX = 100


class AlertReason(StrEnum):
    """Why the alert was raised."""

    LINE_BELOW_THRESHOLD = "line_below_threshold"
    MEAN_BELOW_THRESHOLD = "mean_below_threshold"
    PARTIAL_RESULT = "partial_result"
    UNREADABLE_PAGE = "unreadable_page"


class UncertainLine(Published):
    """Place and scores of a line below the threshold."""

    page_number: int
    line_index: int = Field(ge=0, description="Position in the page's `lines`.")
    confidence: Score
    score: Score
    box: Box


class DocumentLowConfidence(Published):
    """A result that should be reviewed."""

    type: Literal["document.low_confidence"] = "document.low_confidence"
    version: Literal[1] = 1
    alert_id: str
    result_id: str
    document_id: str
    bucket: str
    key: str
    event_id: str | None
    threshold: Score
    reasons: Annotated[tuple[AlertReason, ...], Field(min_length=1)]
    confidence: ConfidenceSummary | None
    uncertain_line_count: int = Field(ge=0)
    lines: Annotated[tuple[UncertainLine, ...], Field(max_length=ALERT_LINES_MAX)] = Field(
        description="The least certain lines, worst first."
    )
