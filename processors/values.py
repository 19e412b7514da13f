"""What flows between the stages.

The type changes once per arrow:

    bytes -> EncodedDocument -> PageImage -> TextRegion -> LineCrop -> TextLine -> Page

Polygons are (4, 2) float32 arrays of (x, y) in pixels, top-left origin, in the order top-left,
top-right, bottom-right, bottom-left as the text is written. Those of curved lines have more points,
an even number: the upper edge as it is read, then the lower edge back.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from schemas.options import EnhanceMode

PageArray = npt.NDArray[np.uint8]
"""(H, W, 3) uint8, BGR, 0-255."""

CropArray = npt.NDArray[np.uint8]
"""(h, w, 3) uint8, BGR, 0-255."""

ProbabilityMap = npt.NDArray[np.float32]
"""(H, W) float32, 0-1."""

PolygonArray = npt.NDArray[np.float32]
"""(4, 2) float32, or (2n, 2) of a curved line: pixels, clockwise from the text's top-left corner.

A curved line that stands upright is read downwards: its polygon begins at its right side's top.
"""

MatrixArray = npt.NDArray[np.float64]
"""(3, 3) float64, homogeneous."""

Rotation = Literal[0, 90, 180, 270]
"""Clockwise degrees."""


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A file as it was fetched."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of one document with nothing left open."""

    detect: bool = True
    classify: bool = True
    recognize: bool = True
    enhance: EnhanceMode = EnhanceMode.AUTO
    languages: tuple[str, ...] = ()
    pages: str | None = None
    all_frames: bool = False
    words: bool = False
    det_db_thresh: float = 0.3
    det_db_box_thresh: float = 0.6
    det_db_unclip_ratio: float = 1.5
    min_confidence: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """How a page was turned upright.

    Attributes:
        to_file: From pixels of the upright page to pixels of the file, centre of pixel (0, 0) at
            (0, 0).
        rotation_degrees: The clockwise turn that made it upright; a mirroring is in `to_file` only.
    """

    to_file: MatrixArray
    rotation_degrees: Rotation


@dataclass(frozen=True, slots=True, eq=False)
class PageImage:
    """One page, turned as the file says it should be seen.

    Attributes:
        page_number: From 1.
        pixels: The picture.
        upright: The way back to the file.
        source_width: Width in the file, in pixels.
        source_height: Height in the file, in pixels.
        dpi: Resolution according to the file, None where it says nothing; of a PDF, at which it
            was rendered.
        warnings: What was reduced or assumed.
        is_incomplete: The file is damaged or ends early; what is missing is black or grey.
    """

    page_number: int
    pixels: PageArray
    upright: Upright
    source_width: int
    source_height: int
    dpi: float | None = None
    warnings: "tuple[Warned, ...]" = ()
    is_incomplete: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TextRegion:
    """A place where the detector sees a line of text; `score` is its mean probability, 0-1."""

    polygon: PolygonArray
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class LineCrop:
    """A region cut out and made level. `turned` says that it stood upright as a tall column.

    Attributes:
        pixels: The crop, the text running from left to right.
        turned: The crop was turned by 90 degrees counter-clockwise, being tall; or it was unrolled
            from top to bottom, being curved.
    """

    pixels: CropArray
    turned: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recogniser saw in a crop.

    Attributes:
        text: In logical order, composed (NFC).
        score: The characters' mean probability, 0-1.
        scores: The probability of each character.
        centers: Where each stands: a share of the crop's width, from its left.
    """

    text: str
    score: float
    scores: tuple[float, ...]
    centers: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A region with its text, or, with recognition off, without.

    `turned`: it stood upright as a tall column. `flipped`: it stood on its head. `words`: None
    unless they were asked for.
    """

    polygon: PolygonArray
    reading: Reading | None
    turned: bool = False
    flipped: bool = False
    words: "tuple[Word, ...] | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word of a line; `score` is the least of its characters', 0-1."""

    text: str
    score: float
    polygon: PolygonArray


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together: `lines[first:end]` of their page, and their joined text."""

    text: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the picture is; see `processors.quality`.

    Attributes:
        sharpness: 0-1.
        contrast: 0-1.
        brightness: 0-1.
        noise: 0-1.
        blockiness: 1 where there are no blocks, or more.
        blur_px: Sigma of the Gaussian that would make such edges.
    """

    sharpness: float
    contrast: float
    brightness: float
    noise: float = 0.0
    blockiness: float = 1.0
    blur_px: float = 0.0


Fault = Literal["blurred", "too_dark", "low_contrast", "noisy", "too_small", "cut_off", "skewed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a page's picture.

    Attributes:
        faults: Its faults.
        text_height_px: Of its usual line; None without any.
        skew_degrees: How far its lines fall to the right; None where too few tell.
    """

    faults: tuple[Fault, ...] = ()
    text_height_px: float | None = None
    skew_degrees: float | None = None


Enhancement = Literal["denoise", "contrast", "sharpen"]


@dataclass(frozen=True, slots=True)
class Enhanced:
    """What was done to a page.

    Attributes:
        applied: In order.
        tried: What was tried on a few lines, whether or not it was kept.
        gain: How much more legible these lines became, 0-1; None where nothing was tried.
    """

    applied: tuple[Enhancement, ...] = ()
    tried: tuple[tuple[Enhancement, ...], ...] = ()
    gain: float | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that was scaled, dropped, cut short or assumed."""

    code: str
    detail: str
    page_number: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page that was read: its lines in reading order, in the upright page's pixels."""

    page_number: int
    width: int
    height: int
    upright: Upright
    source_width: int
    source_height: int
    dpi: float | None
    quality: Quality
    verdict: Verdict
    enhanced: Enhanced
    lines: tuple[TextLine, ...]
    text: str | None
    paragraphs: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DocumentReading:
    """All that was read in one document.

    Attributes:
        content_type: Told by the bytes.
        pages: Those that could be read, in order.
        is_partial: Pages, or parts of them, could not be decoded; each has a warning.
        warnings: What a reader should know.
        timings_ms: Stage to milliseconds of waiting and working, summed over pages.
        recognizer: Name of the model that read the lines, or several joined by `+`.
    """

    content_type: str
    pages: tuple[Page, ...]
    is_partial: bool
    warnings: tuple[Warned, ...]
    timings_ms: dict[str, float]
    recognizer: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderLoad:
    """What a reader is busy with.

    Attributes:
        pixel_count: Pixels of the pages in memory.
        busy_s: For how long the oldest batch has been on the inference engine.
    """

    pixel_count: int
    busy_s: float


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page as soon as it is read.

    Attributes:
        page: What was read.
        pixels: (H, W, 3) uint8, BGR: the upright page without enhancements, which `page` refers to.
        page_count: Pages of the file, None where nobody knows before its end.
    """

    page: Page
    pixels: PageArray = field(repr=False)
    page_count: int | None


PageWatcher = Callable[[SeenPage], Awaitable[None]]
"""Is shown each page while its pixels are in memory; the next one waits."""


async def watch_nothing(_: SeenPage) -> None:
    """Let pages pass."""
