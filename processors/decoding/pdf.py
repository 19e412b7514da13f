"""PDF, by PDFium: pages are rendered, and what is read are their pixels.

A page's own text layer decides at most how finely it is rendered: it may say something else than
what a person sees. PDFium may be used by one thread only.
"""

import math
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from processors.decoding.decoders import EncodedPage
from processors.decoding.limits import PAGE_SIDE_MAX_PX, check_size
from processors.decoding.media_types import PDF
from processors.errors import CorruptDocument, EncryptedDocument
from processors.geometry import orientation_transform
from processors.values import EncodedDocument, PageImage, Upright, Warned

POINTS_PER_INCH = 72

TEXT_HEIGHT_PX = 40
"""How high a line of a page's usual text becomes: recognisers take 48 px, and lose little by 32."""

DPI_USUAL, DPI_MIN, DPI_MAX = 200, 100, 400
"""Without text or pictures to go by; and between which limits else."""

SCAN_COVERS_MIN = 0.3
"""A picture that covers this share of a page is a scan, whose own resolution is kept."""

CHARACTERS_MAX = 300
"""Characters whose height is looked at."""

_OBJECTS_MAX = 200


class PdfDecoder:
    """A `PageDecoder` of PDF.

    Args:
        page_pixels_max: Largest width times height that is rendered.
    """

    media_types = frozenset({PDF})

    def __init__(self, page_pixels_max: int) -> None:
        self._page_pixels_max = page_pixels_max

    @contextmanager
    def open(self, document: EncodedDocument, all_frames: bool) -> Iterator["OpenPdf"]:
        """Read the table of contents; see `PageDecoder.open`. There are no frames.

        Raises:
            EncryptedDocument: it needs a password.
            CorruptDocument: it is no PDF that can be opened, or has no pages.
        """
        try:
            pdf = pdfium.PdfDocument(document.data)
            if pdf.get_formtype() != pdfium_raw.FORMTYPE_NONE:
                pdf.init_forms()
        except pdfium.PdfiumError as err:
            if err.err_code == pdfium_raw.FPDF_ERR_PASSWORD:
                raise EncryptedDocument("the PDF needs a password; upload it without one") from err
            raise CorruptDocument(
                f"the PDF cannot be opened ({err}); upload it again from its source"
            ) from err
        try:
            if len(pdf) == 0:
                raise CorruptDocument("the PDF has no pages")
            yield OpenPdf(pdf, self._page_pixels_max)
        finally:
            pdf.close()


class OpenPdf:
    """An `OpenDocument`: a PDF."""

    def __init__(self, pdf: pdfium.PdfDocument, page_pixels_max: int) -> None:
        self._pdf = pdf
        self._page_pixels_max = page_pixels_max

    @property
    def page_count(self) -> int | None:
        """As the PDF says."""
        return len(self._pdf)

    def page(self, number: int) -> EncodedPage | None:
        """Measure a page.

        Raises:
            UnsupportedFormat: it is too small to hold any writing.
            CorruptDocument: it is damaged.
        """
        if number > len(self._pdf):
            return None
        with self._load(number) as page:
            width_pt, height_pt = page.get_size()
            if not (0 < width_pt < math.inf and 0 < height_pt < math.inf):
                raise CorruptDocument(f"page {number} of the PDF has no size")
            wanted = _resolution(page, width_pt, height_pt)
        largest = math.sqrt(self._page_pixels_max / (width_pt * height_pt))
        largest = min(largest, PAGE_SIDE_MAX_PX / max(width_pt, height_pt))
        scale = min(wanted / POINTS_PER_INCH, largest * 0.999)
        width, height = math.ceil(width_pt * scale), math.ceil(height_pt * scale)
        check_size(width, height, self._page_pixels_max)
        reduced_from = wanted if scale * POINTS_PER_INCH < wanted - 1 else None
        return EncodedPage(
            number, width * height, partial(self._decode, number, scale, reduced_from)
        )

    def remarks(self) -> tuple[Warned, ...]:
        """Nothing."""
        return ()

    def _decode(self, number: int, scale: float, reduced_from: float | None) -> PageImage:
        with self._load(number) as page:
            bitmap = page.render(scale=scale, may_draw_forms=True, fill_color=(255, 255, 255, 255))
            pixels = np.ascontiguousarray(bitmap.to_numpy()[..., :3])
        height, width = pixels.shape[:2]
        dpi = scale * POINTS_PER_INCH
        warnings: tuple[Warned, ...] = ()
        if reduced_from is not None:
            detail = f"rendered at {dpi:.0f} dpi instead of {reduced_from:.0f}, to keep the limit"
            warnings = (Warned("page_reduced", detail, number),)
        return PageImage(
            page_number=number,
            pixels=pixels,
            upright=Upright(orientation_transform(1, width, height), 0),
            source_width=width,
            source_height=height,
            dpi=dpi,
            warnings=warnings,
        )

    @contextmanager
    def _load(self, number: int) -> Iterator[pdfium.PdfPage]:
        try:
            page = self._pdf[number - 1]
        except pdfium.PdfiumError as err:
            raise CorruptDocument(f"page {number} of the PDF is damaged ({err})") from err
        try:
            yield page
        except pdfium.PdfiumError as err:
            raise CorruptDocument(f"page {number} of the PDF cannot be rendered ({err})") from err
        finally:
            page.close()


def _resolution(page: pdfium.PdfPage, width_pt: float, height_pt: float) -> float:
    """Dots per inch at which a page's text, or its scan, is rendered as it should be read."""
    found = [dpi for dpi in (_text_dpi(page), _scan_dpi(page, width_pt * height_pt)) if dpi]
    return min(DPI_MAX, max(DPI_MIN, *found)) if found else DPI_USUAL


def _text_dpi(page: pdfium.PdfPage) -> float | None:
    text = page.get_textpage()
    try:
        count = text.count_chars()
        step = max(1, count // CHARACTERS_MAX)
        boxes = (text.get_charbox(index, loose=True) for index in range(0, count, step))
        heights = [top - bottom for left, bottom, right, top in boxes if right > left]
    finally:
        text.close()
    usual = statistics.median(heights) if heights else 0.0
    return TEXT_HEIGHT_PX * POINTS_PER_INCH / usual if usual > 0 else None


def _scan_dpi(page: pdfium.PdfPage, area_pt2: float) -> float | None:
    best = None
    objects = page.get_objects(filter=[pdfium_raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    for _, picture in zip(range(_OBJECTS_MAX), objects, strict=False):
        left, bottom, right, top = picture.get_bounds()
        covered = (right - left) * (top - bottom)
        if covered >= SCAN_COVERS_MIN * area_pt2:
            width, height = picture.get_px_size()
            dpi = math.sqrt(width * height / covered) * POINTS_PER_INCH
            best = max(best or 0.0, dpi)
    return best
