"""JPEG and PNG files into upright pages."""

import struct
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from processors.decoding.decoders import each_page
from processors.decoding.formats import every_decoder
from processors.decoding.limits import PAGE_SIDE_MAX_PX
from processors.errors import CorruptDocument, DocumentError, TooManyPixels, UnsupportedFormat
from processors.values import EncodedDocument, PageImage
from tests.unit.processors.pictures import encode, exif

PIXELS_MAX = 1_000_000

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

TURNED_BY = {
    1: lambda rgb: rgb,
    2: lambda rgb: rgb[:, ::-1],
    3: lambda rgb: rgb[::-1, ::-1],
    4: lambda rgb: rgb[::-1],
    5: lambda rgb: rgb.transpose(1, 0, 2),
    6: lambda rgb: np.rot90(rgb, 1),
    7: lambda rgb: rgb[::-1, ::-1].transpose(1, 0, 2),
    8: lambda rgb: np.rot90(rgb, -1),
}
"""EXIF orientation to how a camera that writes it stores an upright picture (EXIF 2.3, 4.6.4)."""


def decode(document: EncodedDocument) -> PageImage:
    """The one page of a picture."""
    with every_decoder(PIXELS_MAX).open(document, all_frames=False) as opened:
        (page,) = each_page(opened)
        return page.decode()


def asymmetric() -> npt.NDArray[np.uint8]:
    """(20, 32, 3) uint8, RGB: no two pixels are alike."""
    y, x = np.mgrid[0:20, 0:32]
    return np.stack([x * 8, y * 12, x + y], axis=2).astype(np.uint8)


def png_header(width: int, height: int, more: bytes = b"") -> EncodedDocument:
    """A PNG file that announces a size and holds no pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return EncodedDocument(b"\x89PNG\r\n\x1a\n" + header + more + png_chunk(b"IDAT", b""))


def png_chunk(name: bytes, data: bytes) -> bytes:
    """One chunk: length, name, data, checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_decoder_gives_png_pixel_by_pixel() -> None:
    """Colours come in the order blue, green, red."""
    rgb = asymmetric()
    page = decode(encode(Image.fromarray(rgb), dpi=(300, 300)))
    np.testing.assert_array_equal(page.pixels, rgb[:, :, ::-1])
    assert page.page_number == 1
    assert (page.source_width, page.source_height) == (32, 20)
    assert page.dpi == pytest.approx(300, abs=0.1)
    assert page.pixels.flags["C_CONTIGUOUS"]


def test_decoder_gives_jpeg() -> None:
    """JPEG loses a little, and says nothing of its resolution unless it is told to."""
    rgb = asymmetric()
    page = decode(encode(Image.fromarray(rgb), "JPEG", quality=100, subsampling=0))
    np.testing.assert_allclose(page.pixels.astype(int), rgb[:, :, ::-1].astype(int), atol=6)
    assert page.dpi is None


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", TURNED_BY)
def test_decoder_turns_page_upright(orientation: int, file_format: str) -> None:
    """However a camera was held, the page is seen upright, and the way back is known."""
    rgb = asymmetric()
    stored = np.ascontiguousarray(TURNED_BY[orientation](rgb))
    how: dict[str, object] = {"exif": exif(orientation)}
    if file_format == "JPEG":
        how |= {"quality": 100, "subsampling": 0}
    page = decode(encode(Image.fromarray(stored), file_format, **how))
    np.testing.assert_allclose(page.pixels.astype(int), rgb[:, :, ::-1].astype(int), atol=6)
    assert (page.source_height, page.source_width) == stored.shape[:2]
    for x, y in ((0, 0), (31, 0), (31, 19), (0, 19), (7, 3)):
        file_x, file_y, one = page.upright.to_file @ (x, y, 1)
        assert one == 1
        np.testing.assert_array_equal(stored[int(file_y), int(file_x)], rgb[y, x])


@pytest.mark.parametrize(("orientation", "degrees"), [(1, 0), (3, 180), (6, 90), (8, 270)])
def test_decoder_tells_clockwise_turn(orientation: int, degrees: int) -> None:
    """The turn is the one that made the page upright."""
    page = decode(encode(Image.fromarray(asymmetric()), exif=exif(orientation)))
    assert page.upright.rotation_degrees == degrees


@pytest.mark.parametrize(
    "entry",
    [
        struct.pack(">HI4s", 2, 4, b"abc\0"),
        struct.pack(">HI4s", 3, 1, b"\0\x2a\0\0"),
        struct.pack(">HI4s", 5, 1, b"\xff\xff\xff\xff"),
    ],
    ids=["text", "out of range", "beyond the end"],
)
def test_decoder_ignores_orientation_that_makes_no_sense(entry: bytes) -> None:
    """The page and the way back to the file agree that nothing was turned."""
    block = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12" + entry + b"\0\0\0\0"
    page = decode(encode(Image.fromarray(asymmetric()), "JPEG", exif=block))
    np.testing.assert_array_equal(page.upright.to_file, np.eye(3))
    assert page.pixels.shape == (20, 32, 3)


def test_decoder_reads_picture_with_damaged_exif() -> None:
    """The picture is none the worse for what a tool did to its EXIF block."""
    sound = encode(Image.fromarray(asymmetric()), "JPEG", exif=exif(6))
    damaged = EncodedDocument(sound.data.replace(b"Exif\0\0MM", b"Exif\0\0XX"))
    assert damaged.data != sound.data
    assert decode(damaged).pixels.shape == (20, 32, 3)


def test_decoder_reduces_16_bits_of_grey() -> None:
    """The upper eight bits are kept; clipping would make the page white."""
    grey = np.linspace(0, 65535, 20 * 32).reshape(20, 32).astype(np.uint16)
    page = decode(encode(Image.fromarray(grey)))
    np.testing.assert_array_equal(page.pixels[:, :, 0], grey >> 8)
    np.testing.assert_array_equal(page.pixels[:, :, 0], page.pixels[:, :, 2])


def test_decoder_resolves_palette() -> None:
    """Indices become their colours."""
    indices = Image.fromarray(np.arange(20 * 32, dtype=np.uint8).reshape(20, 32) % 3, mode="P")
    indices.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    page = decode(encode(indices))
    np.testing.assert_array_equal(page.pixels[0, :3], [(0, 0, 255), (0, 255, 0), (255, 0, 0)])


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_decoder_takes_grey(mode: str) -> None:
    """One bit, eight bits, and grey with transparency become three equal channels."""
    image = Image.new("L", (32, 20), "white")
    image.paste(0, (0, 0, 16, 20))
    page = decode(encode(image.convert(mode)))
    np.testing.assert_array_equal(page.pixels[5, [3, 28]], [(0, 0, 0), (255, 255, 255)])


def test_decoder_puts_transparent_picture_on_white() -> None:
    """What is transparent is paper, what is half transparent is half ink."""
    image = Image.new("RGBA", (32, 20), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    image.putpixel((2, 0), (0, 0, 0, 128))
    page = decode(encode(image))
    assert page.pixels[0, 0].tolist() == [255, 255, 255]
    assert page.pixels[0, 1].tolist() == [0, 0, 0]
    assert page.pixels[0, 2].tolist() == [127, 127, 127]


def test_decoder_puts_transparent_palette_on_white() -> None:
    """One entry of a palette may be transparent, whatever its colour."""
    indices = Image.new("P", (32, 20), 0)
    indices.putpalette([10, 20, 30, 40, 50, 60])
    indices.putpixel((5, 5), 1)
    page = decode(encode(indices, transparency=0))
    assert page.pixels[0, 0].tolist() == [255, 255, 255]
    assert page.pixels[5, 5].tolist() == [60, 50, 40]


def test_decoder_converts_cmyk() -> None:
    """Print's colours become the screen's: no ink is white, black ink is black."""
    image = Image.new("CMYK", (32, 20), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (16, 0, 32, 20))
    page = decode(encode(image, "JPEG", quality=100))
    assert page.pixels[10, 2].min() > 250
    assert page.pixels[10, 28].max() < 5


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_decoder_gives_what_is_there_of_a_truncated_picture(file_format: str, kept: float) -> None:
    """As far as it goes, and it says that it is not whole."""
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise), file_format).data
    assert not decode(EncodedDocument(whole)).is_incomplete
    page = decode(EncodedDocument(whole[: int(len(whole) * kept)]))
    assert page.is_incomplete
    there = decode(EncodedDocument(whole)).pixels[: int(400 * kept * 0.5)]
    assert np.array_equal(page.pixels[: len(there)], there)


def test_decoder_sees_that_a_closed_jpeg_was_cut_off() -> None:
    """It ends as a JPEG must, and half of it is the grey of missing data."""
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise), "JPEG").data
    page = decode(EncodedDocument(whole[: len(whole) // 2] + b"\xff\xd9"))
    assert page.is_incomplete
    assert not decode(encode(Image.new("RGB", (64, 64), (127, 128, 129)), "JPEG")).is_incomplete


@pytest.mark.parametrize("file_format", ["WEBP", "AVIF", "JPEG2000"])
def test_decoder_refuses_truncated_picture(file_format: str) -> None:
    """Of these formats nothing can be had before all of it is there."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise), file_format).data
    with pytest.raises(CorruptDocument, match="upload it again"):
        decode(EncodedDocument(whole[: len(whole) // 2]))


def test_decoder_refuses_png_with_cut_off_chunk() -> None:
    """Pillow has another error for this than for damaged pixels."""
    with pytest.raises(CorruptDocument, match="cannot be decoded whole"):
        decode(png_header(32, 20, png_chunk(b"pHYs", b"\0")))


def test_decoder_refuses_png_with_garbage_among_its_pixels() -> None:
    """And another one for this."""
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    whole = encode(Image.fromarray(noise)).data
    second = whole.index(b"IDAT", whole.index(b"IDAT") + 4)
    with pytest.raises(CorruptDocument, match="cannot be decoded whole"):
        decode(EncodedDocument(whole[:second] + bytes(4) + whole[second + 4 :]))


def test_decoder_refuses_what_only_begins_like_a_picture() -> None:
    """A signature is no picture."""
    with pytest.raises(CorruptDocument, match="header is damaged"):
        decode(EncodedDocument(b"\xff\xd8\xff" + b"text" * 50))


@pytest.mark.parametrize("size", [(1, 1), (7, 100), (100, 7)])
def test_decoder_refuses_picture_too_small_for_writing(size: tuple[int, int]) -> None:
    """Nothing is legible in seven pixels."""
    with pytest.raises(UnsupportedFormat, match="too few"):
        decode(encode(Image.new("RGB", size)))


@pytest.mark.parametrize(
    ("width", "height", "message"),
    [
        (1001, 1000, "limit is 1000000"),
        (2**31 - 1, 2**31 - 1, "limit is 1000000"),
        (PAGE_SIDE_MAX_PX + 1, 9, "each side"),
    ],
)
def test_decoder_refuses_too_many_pixels_by_header(width: int, height: int, message: str) -> None:
    """The limit is checked before a pixel is decoded: there is none in this file."""
    with pytest.raises(TooManyPixels, match=message):
        decode(png_header(width, height))


def test_decoder_takes_picture_at_the_limit() -> None:
    """The limit itself is allowed."""
    assert decode(encode(Image.new("L", (1000, 1000)))).pixels.shape == (1000, 1000, 3)


@given(
    st.sampled_from(["PNG", "JPEG"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_decoder_refuses_damaged_files_in_order(
    file_format: str, damages: list[tuple[float, int]], header_only: bool
) -> None:
    """Whatever byte is wrong, a page comes out or a `DocumentError`."""
    data = bytearray(encode(Image.fromarray(asymmetric()), file_format, exif=exif(6)).data)
    reach = 120 if header_only else len(data)
    for place, value in damages:
        data[int(place * reach)] = value
    try:
        page = decode(EncodedDocument(bytes(data)))
    except DocumentError:
        return
    assert page.pixels.dtype == np.uint8
    assert page.pixels.ndim == 3
