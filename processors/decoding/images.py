"""JPEG and PNG, by Pillow: one page each, turned as EXIF says."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from processors.decoding.decoders import EncodedPage
from processors.errors import CorruptDocument, TooManyPixels, UnsupportedFormat
from processors.geometry import EXIF_ROTATIONS, orientation_transform
from processors.values import EncodedDocument, PageArray, PageImage, Upright

EXIF_ORIENTATION = 0x0112

PAGE_SIDE_MIN_PX = 8
"""No writing is legible in fewer pixels."""

PAGE_SIDE_MAX_PX = 30_000
"""OpenCV's warps take sides below 32 767; a region that runs diagonally is longer than its page."""

_DECODERS = ("JPEG", "PNG")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what makes the picture upright; Pillow's turns are counter-clockwise."""

# What Pillow itself expects of a damaged EXIF block, see `JpegImageFile._read_dpi_from_exif`.
_EXIF_ERRORS = (struct.error, KeyError, SyntaxError, TypeError, ValueError, ZeroDivisionError)

Image.MAX_IMAGE_PIXELS = None  # our own limit is checked on the header, before decoding


class ImageDecoder:
    """A `PageDecoder` of single pictures.

    Args:
        page_pixels_max: Largest width times height that is decoded.
    """

    media_types = frozenset({"image/jpeg", "image/png"})

    def __init__(self, page_pixels_max: int) -> None:
        self._page_pixels_max = page_pixels_max

    def pages(self, document: EncodedDocument) -> Iterator[EncodedPage]:
        """Look at the picture's header.

        Raises:
            TooManyPixels: it announces more than a limit; nothing was decoded.
            UnsupportedFormat: it is too small to hold any writing.
            CorruptDocument: it is damaged or cut off.
        """
        with _open(document) as image:
            self._check_size(image)
            pixel_count = image.width * image.height
        yield EncodedPage(1, pixel_count, lambda: self._decode(document))

    def _decode(self, document: EncodedDocument) -> PageImage:
        with _open(document) as image:
            image.load()
            return _to_page(image)

    def _check_size(self, image: Image.Image) -> None:
        if image.width * image.height > self._page_pixels_max:
            raise TooManyPixels(
                f"the picture has {image.width} x {image.height} pixels, "
                f"the limit is {self._page_pixels_max}; reduce it or raise the limit"
            )
        if max(image.width, image.height) > PAGE_SIDE_MAX_PX:
            raise TooManyPixels(
                f"the picture has {image.width} x {image.height} pixels, "
                f"each side may have {PAGE_SIDE_MAX_PX}; cut it into several"
            )
        if min(image.width, image.height) < PAGE_SIDE_MIN_PX:
            raise UnsupportedFormat(
                f"the picture has {image.width} x {image.height} pixels, too few for any writing; "
                f"each side needs at least {PAGE_SIDE_MIN_PX}"
            )


@contextmanager
def _open(document: EncodedDocument) -> Iterator[Image.Image]:
    """Open a picture; whatever fails within the block is a fault of the file."""
    try:
        with Image.open(io.BytesIO(document.data), formats=_DECODERS) as image:
            yield image
    except UnidentifiedImageError as err:
        raise CorruptDocument(
            "the picture's header is damaged; upload it again from its source"
        ) from err
    except (OSError, SyntaxError, ValueError, EOFError) as err:
        raise CorruptDocument(
            f"the picture cannot be decoded whole ({type(err).__name__}: {err}); "
            "upload it again from its source"
        ) from err


def _to_page(image: Image.Image) -> PageImage:
    orientation = _orientation(image)
    turn = _TURNS.get(orientation)
    turned = image if turn is None else image.transpose(turn)
    return PageImage(
        page_number=1,
        pixels=_to_bgr(turned),
        upright=Upright(
            to_file=orientation_transform(orientation, image.width, image.height),
            rotation_degrees=EXIF_ROTATIONS.get(orientation, 0),
        ),
        source_width=image.width,
        source_height=image.height,
        dpi=_dpi(image),
    )


def _orientation(image: Image.Image) -> int:
    """What EXIF says; a damaged block says nothing, and the picture is none the worse for it."""
    try:
        orientation = image.getexif().get(EXIF_ORIENTATION, 1)
    except _EXIF_ERRORS:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _to_bgr(image: Image.Image) -> PageArray:
    """Eight bits, on white paper where the picture is transparent.

    Returns:
        (H, W, 3) uint8, BGR.
    """
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow's own conversion would clip them
        grey = np.clip(np.asarray(image, dtype=np.int64) >> 8, 0, 255).astype(np.uint8)
        image = Image.fromarray(grey)
    elif image.has_transparency_data:
        ink = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", ink.size, "white"), ink)
    bgr = cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
    return np.asarray(bgr, dtype=np.uint8)


def _dpi(image: Image.Image) -> float | None:
    declared = image.info.get("dpi")
    if not isinstance(declared, tuple) or not declared:
        return None
    value = float(declared[0])
    return value if 1 < value < 10_000 else None
