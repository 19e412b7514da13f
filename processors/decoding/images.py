"""Pictures, by Pillow: one page each, but for TIFF and, if asked for, animations."""

import io
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import pi_heif
from PIL import Image, ImageFile, UnidentifiedImageError

from processors.decoding.decoders import EncodedPage
from processors.decoding.limits import check_size
from processors.decoding.media_types import PICTURES
from processors.decoding.sniff import sniff
from processors.errors import CorruptDocument, DocumentError
from processors.geometry import EXIF_ROTATIONS, orientation_transform
from processors.values import EncodedDocument, PageArray, PageImage, Upright, Warned

EXIF_ORIENTATION = 0x0112

_PAGED = "image/tiff"
"""Whose further pictures are pages; those of the others are an animation."""

_ANIMATED = frozenset({"image/png", "image/gif", "image/webp", "image/avif"})

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

_BLOCK_PX, _NO_DATA = 8, 128
"""Rows of a block of JPEG, and what a block without data decodes to."""

_LIGHT_INK = 128
"""Ink whose mean luma is above this was meant for a dark ground."""

# What Pillow itself expects of a damaged EXIF block, see `JpegImageFile._read_dpi_from_exif`.
_EXIF_ERRORS = (struct.error, KeyError, SyntaxError, TypeError, ValueError, ZeroDivisionError)

_PILLOW_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, RuntimeError),
    struct.error,
)
"""What Pillow raises on damaged files."""

Image.MAX_IMAGE_PIXELS = None  # our own limit is checked on the header, before decoding
pi_heif.register_heif_opener(thumbnails=False)


class ImageDecoder:
    """A `PageDecoder` of pictures.

    Args:
        page_pixels_max: Largest width times height that is decoded.
    """

    media_types = frozenset(PICTURES)

    def __init__(self, page_pixels_max: int) -> None:
        self._page_pixels_max = page_pixels_max

    @contextmanager
    def open(self, document: EncodedDocument, all_frames: bool) -> Iterator["OpenPicture"]:
        """Look at the first picture's header; see `PageDecoder.open`."""
        media_type = sniff(document.data)
        with _guarded():
            image = _open(document, media_type)
        with image:
            yield OpenPicture(
                image,
                partial(_open, document, media_type),
                media_type,
                all_frames,
                self._page_pixels_max,
            )


class OpenPicture:
    """An `OpenDocument`: a file of one or more pictures."""

    def __init__(
        self,
        image: Image.Image,
        reopen: Callable[[], Image.Image],
        media_type: str,
        all_frames: bool,
        page_pixels_max: int,
    ) -> None:
        self._image = image
        self._reopen = reopen
        self._has_pages = media_type == _PAGED or (all_frames and media_type in _ANIMATED)
        self._is_animation = media_type in _ANIMATED
        self._page_pixels_max = page_pixels_max

    @property
    def page_count(self) -> int | None:
        """One, but for what has several pictures: counting them means looking at each."""
        return None if self._has_pages else 1

    def page(self, number: int) -> EncodedPage | None:
        """Look at a picture's header.

        Raises:
            TooManyPixels: it announces more than a limit; nothing was decoded.
            UnsupportedFormat: it is too small to hold any writing.
            CorruptDocument: it is damaged or cut off.
        """
        if number > 1 and not self._has_pages:
            return None
        with _guarded():
            try:
                self._image.seek(number - 1)
            except EOFError:
                if number == 1:
                    raise
                return None
        width, height = self._image.size
        check_size(width, height, self._page_pixels_max)
        return EncodedPage(number, width * height, partial(self._decode, number))

    def remarks(self) -> tuple[Warned, ...]:
        """Whether an animation has more pictures than were read."""
        if self._has_pages or not self._is_animation:
            return ()
        try:
            count = int(getattr(self._image, "n_frames", 1))
        except _PILLOW_ERRORS:
            return ()
        if count == 1:
            return ()
        detail = f"the first of {count} pictures of an animation was read; ask for frames: all"
        return (Warned("frames_skipped", detail),)

    def _decode(self, number: int) -> PageImage:
        with _guarded():
            self._image.seek(number - 1)
            try:
                return _page(self._image, number)
            except OSError as err:
                with self._reopen() as image, _truncated_allowed():
                    image.seek(number - 1)
                    page = _page(image, number)
                    if _is_flat(image):
                        raise err  # nothing of it is there
                    return replace(page, is_incomplete=True)


def _open(document: EncodedDocument, media_type: str) -> Image.Image:
    return Image.open(io.BytesIO(document.data), formats=PICTURES[media_type])


def _page(image: Image.Image, number: int) -> PageImage:
    """Decode what an image stands at."""
    orientation = _orientation(image)
    dpi = _dpi(image)
    image.load()
    turn = _TURNS.get(_orientation(image))  # Pillow has turned a TIFF by itself
    pixels = _to_bgr(image if turn is None else image.transpose(turn))
    height, width = pixels.shape[:2]
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    return PageImage(
        page_number=number,
        pixels=pixels,
        upright=Upright(
            to_file=orientation_transform(orientation, width, height),
            rotation_degrees=EXIF_ROTATIONS.get(orientation, 0),
        ),
        source_width=width,
        source_height=height,
        dpi=dpi,
        is_incomplete=image.format == "JPEG" and _ends_in_nothing(image),
    )


@contextmanager
def _truncated_allowed() -> Iterator[None]:
    """Let Pillow decode as far as a file goes; what is missing stays black, or grey."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _ends_in_nothing(image: Image.Image) -> bool:
    """Whether a JPEG's last rows are the exact grey that its decoder gives where data are missing.

    So end files that were cut off and closed again: Pillow does not pass its complaint on.
    """
    if image.height < 2 * _BLOCK_PX:
        return False
    bottom = image.crop((0, image.height - _BLOCK_PX, image.width, image.height)).convert("RGB")
    return set(bottom.getextrema()) == {(_NO_DATA, _NO_DATA)}


def _is_flat(image: Image.Image) -> bool:
    """Whether all pixels are alike."""
    bands = image.split()
    return all(len(set(cast("tuple[float, float]", band.getextrema()))) == 1 for band in bands)


@contextmanager
def _guarded() -> Iterator[None]:
    """Whatever fails within the block is a fault of the file."""
    try:
        yield
    except DocumentError:
        raise
    except UnidentifiedImageError as err:
        raise CorruptDocument(
            "the picture's header is damaged; upload it again from its source"
        ) from err
    except _PILLOW_ERRORS as err:
        raise CorruptDocument(
            f"the picture cannot be decoded whole ({type(err).__name__}: {err}); "
            "upload it again from its source"
        ) from err


def _orientation(image: Image.Image) -> int:
    """What EXIF says; a damaged block says nothing, and the picture is none the worse for it."""
    try:
        orientation = image.getexif().get(EXIF_ORIENTATION, 1)
    except _EXIF_ERRORS:
        return 1
    return orientation if isinstance(orientation, int) and orientation in _TURNS else 1


def _to_bgr(image: Image.Image) -> PageArray:
    """Eight bits, on paper where the picture is transparent.

    Returns:
        (H, W, 3) uint8, BGR.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        image = Image.fromarray(_to_bytes(np.asarray(image)))
    elif image.mode == "LAB":
        image = image.getchannel(0)  # its lightness; Pillow converts the rest for profiles only
    elif image.has_transparency_data:
        image = _on_paper(image.convert("RGBA"))
    bgr = cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
    return np.asarray(bgr, dtype=np.uint8)


def _to_bytes(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Grey of 16 or 32 bits, or of floats; Pillow's own conversion would clip it.

    16 bits keep their upper eight; what is larger, or of floats, is spread over its own range.
    """
    values = np.nan_to_num(grey.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if np.issubdtype(grey.dtype, np.integer) and low >= 0 and high < 2**16:
        return (values.astype(np.int64) >> 8).astype(np.uint8)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high < 256:
        low, high = 0.0, 255.0
    return np.round((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


def _on_paper(ink: Image.Image) -> Image.Image:
    """Put a transparent picture on white, or on black where its ink is light."""
    colours = np.asarray(ink, dtype=np.float32)
    alpha = colours[..., 3]
    luma = colours[..., :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    weight = float(alpha.sum())
    covered = weight / (255 * alpha.size)
    is_light = weight > 0 and float((luma * alpha).sum()) / weight > _LIGHT_INK
    paper = "black" if is_light and covered < 0.5 else "white"
    return Image.alpha_composite(Image.new("RGBA", ink.size, paper), ink)


def _dpi(image: Image.Image) -> float | None:
    declared = image.info.get("dpi")
    if not isinstance(declared, tuple) or not declared:
        return None
    try:
        value = float(cast("float", declared[0]))
    except _EXIF_ERRORS:
        return None
    return value if 1 < value < 10_000 else None
