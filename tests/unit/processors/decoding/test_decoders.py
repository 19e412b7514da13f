"""Telling formats by content."""

import pytest
from PIL import Image

from processors.decoding.decoders import Decoders
from processors.decoding.images import ImageDecoder
from processors.decoding.sniff import UNKNOWN, sniff
from processors.errors import CorruptDocument, UnsupportedFormat
from processors.values import EncodedDocument
from tests.unit.processors.pictures import encode


@pytest.fixture
def decoders() -> Decoders:
    """What is decoded today."""
    return Decoders([ImageDecoder(1_000_000)])


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png"])
def test_decoders_choose_by_content(decoders: Decoders, media_type: str) -> None:
    """The bytes decide."""
    document = encode(Image.new("RGB", (32, 20)), media_type.removeprefix("image/"))
    chosen, decoder = decoders.choose(document)
    assert chosen == media_type
    assert len(list(decoder.pages(document))) == 1


def test_decoders_refuse_empty_file(decoders: Decoders) -> None:
    """An upload that was cut off at once is corrupt, not of an unknown format."""
    with pytest.raises(CorruptDocument, match="empty"):
        decoders.choose(EncodedDocument(b""))


def test_decoders_refuse_text_that_is_named_like_a_picture(decoders: Decoders) -> None:
    """Names are never looked at; the message says what can be read, and nothing of the content."""
    with pytest.raises(UnsupportedFormat, match="image/jpeg, image/png") as caught:
        decoders.choose(EncodedDocument(b"Dear Sir or Madam, ..."))
    assert "Madam" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\n%PDF-1.4", "application/pdf"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"GIF89a\x01\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM\x36\0\0\0", "image/bmp"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
    ],
)
def test_decoders_name_the_format_that_they_cannot_read(
    decoders: Decoders, head: bytes, media_type: str
) -> None:
    """Whoever uploaded a known format learns which one it was."""
    assert sniff(head) == media_type
    with pytest.raises(UnsupportedFormat, match=media_type):
        decoders.choose(EncodedDocument(head))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"PNG", b"RIFF\0\0\0\0WAVE", bytes(64)])
def test_sniff_does_not_guess(data: bytes) -> None:
    """Half a signature is none."""
    assert sniff(data) == UNKNOWN
