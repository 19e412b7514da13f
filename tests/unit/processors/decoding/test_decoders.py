"""Telling formats by content."""

import numpy as np
import pytest
from PIL import Image

from processors.decoding.decoders import Decoders, each_page
from processors.decoding.formats import every_decoder
from processors.decoding.sniff import UNKNOWN, sniff
from processors.errors import CorruptDocument, UnsupportedFormat
from processors.values import EncodedDocument
from tests.unit.processors.pictures import encode


@pytest.fixture
def decoders() -> Decoders:
    """What is decoded today."""
    return every_decoder(1_000_000)


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("image/jpeg", "JPEG"),
        ("image/png", "PNG"),
        ("image/tiff", "TIFF"),
        ("image/gif", "GIF"),
        ("image/webp", "WEBP"),
        ("image/bmp", "BMP"),
        ("image/avif", "AVIF"),
        ("image/jp2", "JPEG2000"),
        ("application/pdf", "PDF"),
    ],
)
def test_decoders_choose_by_content(decoders: Decoders, media_type: str, name: str) -> None:
    """The bytes decide."""
    picture = Image.new("RGB", (32, 20), "white")
    picture.paste((200, 30, 30), (0, 0, 16, 20))
    document = encode(picture, name)
    assert decoders.media_type(document) == media_type
    with decoders.open(document, all_frames=False) as opened:
        (page,) = each_page(opened)
        pixels = page.decode().pixels
    assert page.pixel_count == pixels.shape[0] * pixels.shape[1]
    height, width = pixels.shape[:2]
    np.testing.assert_allclose(pixels[height // 2, width // 8], (30, 30, 200), atol=25)
    np.testing.assert_allclose(pixels[height // 2, 7 * width // 8], (255, 255, 255), atol=25)


def test_decoders_refuse_empty_file(decoders: Decoders) -> None:
    """An upload that was cut off at once is corrupt, not of an unknown format."""
    with pytest.raises(CorruptDocument, match="empty"):
        decoders.media_type(EncodedDocument(b""))


def test_decoders_refuse_text_that_is_named_like_a_picture(decoders: Decoders) -> None:
    """Names are never looked at; the message says what can be read, and nothing of the content."""
    with pytest.raises(UnsupportedFormat, match="image/jpeg, image/png") as caught:
        decoders.media_type(EncodedDocument(b"Dear Sir or Madam, ..."))
    assert "Madam" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"%PDF-1.7\n<svg", "application/pdf"),
        (b"\n\n%PDF-1.4", "application/pdf"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"GIF89a\x01\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM\x36\0\0\0", "image/bmp"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "image/avif"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0heic", "image/heic"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    ],
)
def test_sniff_tells_formats(head: bytes, media_type: str) -> None:
    """By their first bytes."""
    assert sniff(head) == media_type


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
        (b"8BPS\0\1", "image/vnd.adobe.photoshop"),
        (b"<?xml version='1.0'?><svg>", r"image/svg\+xml"),
        (b"PK\x03\x04", "application/zip"),
    ],
)
def test_decoders_name_the_format_that_they_cannot_read(
    decoders: Decoders, head: bytes, media_type: str
) -> None:
    """Whoever uploaded a known format learns which one it was."""
    with pytest.raises(UnsupportedFormat, match=media_type):
        decoders.media_type(EncodedDocument(head))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"PNG", b"RIFF\0\0\0\0WAVE", bytes(64)])
def test_sniff_does_not_guess(data: bytes) -> None:
    """Half a signature is none."""
    assert sniff(data) == UNKNOWN
