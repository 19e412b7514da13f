"""One realistic message of each kind, built with the models so that none can go stale.

They tell of two uploads: a receipt that is read, with one line that is hard to read, and a photo
that was cut off on its way. `python -m schemas.export docs` writes them into `docs/examples/`.
"""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from typing import Final

from schemas import ids
from schemas.alerts import AlertReason, DocumentLowConfidence, UncertainLine
from schemas.dead_letters import (
    Category,
    DeadDocument,
    DocumentDeadLettered,
    EventOrigin,
    Stage,
)
from schemas.deletions import DocumentDeleted
from schemas.events import (
    DocumentUploaded,
    StoredBucket,
    StoredEntity,
    StoredObject,
    StoreNotification,
    StoreRecord,
)
from schemas.options import DocumentOptions, EnhanceMode
from schemas.progress import DocumentProgressed, ProgressState
from schemas.results import (
    ConfidenceSummary,
    DocumentRecognized,
    DocumentSource,
    DocumentStatus,
    DocumentWarning,
    PageEnhancement,
    PageQuality,
    PageSource,
    PipelineInfo,
    RecognizedLine,
    RecognizedPage,
    RecognizedParagraph,
)

_BUCKET = "uploads"
_KEY = "2026/11/corner café.png"
_KEY_IN_NOTIFICATION = "2026%2F11%2Fcorner+caf%C3%A9.png"
_CUT_OFF_KEY = "2026/11/letter.jpg"
_EVENT_ID = "1f0c2a6e5b7d4c0f9a3e8d2b6c4f7a10"
_UPLOADED_AT = datetime(2026, 11, 23, 8, 30, 15, tzinfo=UTC)
_FAILED_AT = datetime(2026, 11, 23, 8, 31, 2, tzinfo=UTC)
_ETAG = "9b2cf535f27731c974343645a3985328"
_SHA256 = hashlib.sha256(b"corner cafe").hexdigest()
_TRACE_PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_FINGERPRINT = "04ac8454304637ce"

_OPTIONS = DocumentOptions(languages=("en",), enhance=EnhanceMode.AUTO, pages="1-3")
_DOCUMENT_ID = ids.document_id(ids.DEFAULT_TENANT, _BUCKET, _KEY, None, _SHA256)
_RESULT_ID = ids.result_id(
    _DOCUMENT_ID, _SHA256, _OPTIONS.model_dump_json(exclude_none=True).encode(), _FINGERPRINT
)

UPLOADED: Final = DocumentUploaded(
    type="document.uploaded",
    version=1,
    bucket=_BUCKET,
    key=_KEY,
    event_id=_EVENT_ID,
    occurred_at=_UPLOADED_AT,
    content_type="image/png",
    options=_OPTIONS,
)

NOTIFICATION: Final = StoreNotification(
    records=(
        StoreRecord(
            event_name="s3:ObjectCreated:Put",
            event_time=_UPLOADED_AT,
            s3=StoredEntity(
                bucket=StoredBucket(name=_BUCKET),
                object=StoredObject(
                    key=_KEY_IN_NOTIFICATION,
                    etag=_ETAG,
                    content_type="image/png",
                    sequencer="187A3F0E5B2C9D14",
                ),
            ),
        ),
    )
)

_TITLE_LINE = RecognizedLine(
    text="CORNER CAFÉ",
    confidence=0.968,
    score=0.991,
    box=(212.0, 64.0, 548.0, 112.0),
    polygon=((212.0, 64.0), (548.0, 66.0), (548.0, 112.0), (212.0, 110.0)),
)
_FAINT_LINE = RecognizedLine(
    text="TOTAL: 120.00",
    confidence=0.447,
    score=0.942,
    box=(96.0, 880.0, 664.0, 930.0),
    polygon=((96.0, 880.0), (664.0, 883.0), (664.0, 930.0), (96.0, 927.0)),
)
_CONFIDENCE = ConfidenceSummary(mean=0.7075, min=0.447)

_PAGE = RecognizedPage(
    page_number=1,
    width=760,
    height=1000,
    text="CORNER CAFÉ\nTOTAL: 120.00",
    source=PageSource(
        width=1000,
        height=760,
        dpi=300.0,
        rotation_degrees=90,
        transform=((0.0, 1.0, 0.0), (-1.0, 0.0, 759.0), (0.0, 0.0, 1.0)),
    ),
    quality=PageQuality(
        sharpness=0.71,
        contrast=0.13,
        brightness=0.83,
        noise=0.008,
        text_height_px=48.0,
        skew_degrees=0.3,
        faults=("low_contrast",),
    ),
    enhancement=PageEnhancement(applied=("contrast",), tried=(("contrast",),), gain=0.22),
    lines=(_TITLE_LINE, _FAINT_LINE),
    paragraphs=(
        RecognizedParagraph(
            text="CORNER CAFÉ", box=(212.0, 64.0, 548.0, 112.0), first_line=0, line_count=1
        ),
        RecognizedParagraph(
            text="TOTAL: 120.00", box=(96.0, 880.0, 664.0, 930.0), first_line=1, line_count=1
        ),
    ),
)

RECOGNIZED: Final = DocumentRecognized(
    result_id=_RESULT_ID,
    document_id=_DOCUMENT_ID,
    status=DocumentStatus.COMPLETE,
    source=DocumentSource(
        bucket=_BUCKET,
        key=_KEY,
        version_id=None,
        etag=_ETAG,
        sha256=_SHA256,
        content_type="image/png",
        size_bytes=181_698,
        event_id=_EVENT_ID,
    ),
    pipeline=PipelineInfo(
        fingerprint=_FINGERPRINT,
        engine="openvino",
        device="cpu",
        precision="bf16",
        models={
            "detect": "PP-OCRv6_small_det",
            "classify": "ch_ppocr_mobile_v2_cls",
            "recognize": "PP-OCRv6_small_rec",
        },
        version="0.1.0",
    ),
    pages=(_PAGE,),
    text=_PAGE.text,
    confidence=_CONFIDENCE,
    warnings=(
        DocumentWarning(
            code="lines_dropped",
            detail="1 line(s) below the confidence 0.5 were dropped",
            page_number=1,
        ),
    ),
    timings_ms={"fetch": 4.1, "decode": 21.6, "detect": 88.2, "recognize": 35.9},
)

LOW_CONFIDENCE: Final = DocumentLowConfidence(
    alert_id=ids.alert_id(_RESULT_ID),
    result_id=_RESULT_ID,
    document_id=_DOCUMENT_ID,
    bucket=_BUCKET,
    key=_KEY,
    event_id=_EVENT_ID,
    threshold=0.8,
    reasons=(AlertReason.LINE_BELOW_THRESHOLD,),
    confidence=_CONFIDENCE,
    uncertain_line_count=1,
    lines=(
        UncertainLine(
            page_number=1, line_index=1, confidence=0.742, score=0.742, box=_FAINT_LINE.box
        ),
    ),
)

_CUT_OFF_EVENT = DocumentUploaded(
    type="document.uploaded", version=1, bucket=_BUCKET, key=_CUT_OFF_KEY
)

DELETED: Final = DocumentDeleted(
    document_id=_DOCUMENT_ID, bucket=_BUCKET, key=_KEY, occurred_at=_FAILED_AT
)

PROGRESSED: Final = DocumentProgressed(
    document_id=_DOCUMENT_ID,
    state=ProgressState.READING,
    page_number=2,
    page_count=5,
    occurred_at=_FAILED_AT,
)

DEAD_LETTERED: Final = DocumentDeadLettered(
    dead_letter_id=ids.dead_letter_id("ocr.uploads", 3, 1041, 0),
    occurred_at=_FAILED_AT,
    category=Category.CORRUPT_DOCUMENT,
    stage=Stage.DECODE,
    message=(
        "the picture cannot be decoded whole (OSError: image file is truncated); "
        "upload it again from its source"
    ),
    attempts=1,
    origin=EventOrigin(
        topic="ocr.uploads",
        partition=3,
        offset=1041,
        timestamp=_FAILED_AT,
        key=b64encode(f"{_BUCKET}/{_CUT_OFF_KEY}".encode()).decode(),
        value_base64=b64encode(
            _CUT_OFF_EVENT.model_dump_json(exclude_unset=True).encode()
        ).decode(),
        headers=(("traceparent", b64encode(_TRACE_PARENT).decode()),),
    ),
    document=DeadDocument(document_id=None, event_id=None, bucket=_BUCKET, key=_CUT_OFF_KEY),
)
