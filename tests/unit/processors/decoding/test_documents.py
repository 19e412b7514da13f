"""Documents of several pages, and what PDFs and deep pictures become."""

import io

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFont

from processors.decoding.decoders import each_page
from processors.decoding.formats import every_decoder
from processors.decoding.pdf import DPI_MAX, DPI_USUAL
from processors.errors import CorruptDocument, EncryptedDocument, UnsupportedFormat
from processors.values import EncodedDocument, PageImage
from tests.unit.processors.pictures import encode, exif

PIXELS_MAX = 4_000_000
SHADES = (0, 100, 200)


def decode(document: EncodedDocument, all_frames: bool = False) -> list[PageImage]:
    """All pages."""
    with every_decoder(PIXELS_MAX).open(document, all_frames) as opened:
        return [page.decode() for page in each_page(opened)]


def shades(file_format: str, **how: object) -> EncodedDocument:
    """Three pictures, each of one shade of grey."""
    pictures = [Image.new("RGB", (40, 30), (shade,) * 3) for shade in SHADES]
    return encode(pictures[0], file_format, save_all=True, append_images=pictures[1:], **how)


def minimal_pdf(contents: str, size: str = "200 100", more: str = "") -> EncodedDocument:
    """A PDF with one page."""
    stream = contents.encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents 4 0 R{more}"
        "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    body = b"%PDF-1.4\n"
    for number, part in enumerate(parts, 1):
        body += b"%d 0 obj%s endobj\n" % (number, part)
    return EncodedDocument(body + b"trailer<</Root 1 0 R>>")


def test_every_page_of_tiff_is_decoded() -> None:
    """In order, and each on its own."""
    pages = decode(shades("TIFF", compression="tiff_lzw"))
    assert [page.page_number for page in pages] == [1, 2, 3]
    assert [int(page.pixels[0, 0, 0]) for page in pages] == list(SHADES)


def test_pages_can_be_asked_for_in_any_order() -> None:
    """And twice."""
    with every_decoder(PIXELS_MAX).open(shades("TIFF"), all_frames=False) as opened:
        for number in (3, 1, 2, 2, 3):
            page = opened.page(number)
            assert page is not None
            assert page.decode().pixels[0, 0, 0] == SHADES[number - 1]
        assert opened.page(4) is None


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_animation_is_one_page_unless_all_frames_are_asked_for(file_format: str) -> None:
    """What was left out is said."""
    document = shades(file_format)
    (first,) = decode(document)
    np.testing.assert_allclose(first.pixels[0, 0], SHADES[0], atol=3)
    frames = decode(document, all_frames=True)
    for frame, shade in zip(frames, SHADES, strict=True):
        np.testing.assert_allclose(frame.pixels[0, 0], shade, atol=3)
    with every_decoder(PIXELS_MAX).open(document, all_frames=False) as opened:
        (remark,) = opened.remarks()
    assert remark.code == "frames_skipped"
    assert "3" in remark.detail


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_is_turned_upright_and_knows_the_way_back(orientation: int) -> None:
    """Pillow turns it while decoding, once."""
    stored = np.random.default_rng(0).integers(0, 256, (20, 32, 3), dtype=np.uint8)
    image = Image.fromarray(stored)
    (page,) = decode(encode(image, "TIFF", exif=Image.Exif(), tiffinfo={0x0112: orientation}))
    assert (page.source_width, page.source_height) == (32, 20)
    height, width = page.pixels.shape[:2]
    for x, y in ((0, 0), (width - 1, 0), (width - 1, height - 1), (3, 7)):
        file_x, file_y, _ = page.upright.to_file @ (x, y, 1)
        np.testing.assert_array_equal(page.pixels[y, x, ::-1], stored[int(file_y), int(file_x)])


@pytest.mark.parametrize(
    "grey",
    [
        np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16),
        np.linspace(0, 2**31 - 1, 400).reshape(20, 20).astype(np.int32),
        np.linspace(0, 1, 400).reshape(20, 20).astype(np.float32),
        np.linspace(-5, 1000, 400).reshape(20, 20).astype(np.float32),
    ],
    ids=["16 bits", "32 bits", "floats up to 1", "floats"],
)
def test_deep_grey_keeps_its_shades(grey: np.ndarray) -> None:
    """None of them is clipped to white."""
    (page,) = decode(encode(Image.fromarray(grey), "TIFF"))
    expected = np.linspace(0, 255, 400).reshape(20, 20)
    np.testing.assert_allclose(page.pixels[:, :, 0].astype(float), expected, atol=1.0)


@pytest.mark.parametrize(("ink", "paper"), [("white", 0), ("black", 255), ("yellow", 0)])
def test_transparent_picture_lies_on_what_its_ink_is_seen_on(ink: str, paper: int) -> None:
    """White ink on white paper would be lost."""
    image = Image.new("RGBA", (60, 20), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((5, 5, 20, 10), fill=ink)
    (page,) = decode(encode(image))
    assert page.pixels[0, 0].tolist() == [paper] * 3


def test_damaged_heic_is_refused() -> None:
    """What telephones write; whole ones are among the pictures of test_robustness.py."""
    with pytest.raises(CorruptDocument):
        decode(EncodedDocument(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)))


def test_pdf_is_rendered_as_fine_as_its_text_needs() -> None:
    """Small print gets more pixels than a headline; nothing to go by, the usual."""
    resolutions = {}
    for size in (6, 12, 40):
        (page,) = decode(minimal_pdf(f"BT /F {size} Tf 10 30 Td (Total) Tj ET"))
        resolutions[size] = page.dpi or 0.0
        assert page.pixels.min() < 50
        assert page.pixels.max() == 255
    assert resolutions[6] == pytest.approx(DPI_MAX, rel=0.01)
    assert resolutions[6] > resolutions[12] > resolutions[40]
    (blank,) = decode(minimal_pdf(""))
    assert blank.dpi == pytest.approx(DPI_USUAL, rel=0.01)


def test_pdf_scan_keeps_its_own_resolution() -> None:
    """A page that is a picture is rendered pixel by pixel."""
    scan = Image.new("L", (850, 1100), "white")
    ImageDraw.Draw(scan).text((100, 100), "scan", font=ImageFont.load_default(40), fill=0)
    (page,) = decode(encode(scan, "PDF", resolution=150))
    assert page.dpi == pytest.approx(150, rel=0.01)
    assert abs(page.pixels.shape[1] - 850) <= 1


def test_pdf_page_is_turned_as_it_says() -> None:
    """A viewer turns it, too."""
    (page,) = decode(minimal_pdf("", more="/Rotate 90"))
    assert page.pixels.shape[0] > page.pixels.shape[1]


def test_huge_pdf_page_is_rendered_within_the_limit() -> None:
    """And the result says that it was reduced."""
    (page,) = decode(minimal_pdf("", size="14000 14000"))
    assert page.pixels.shape[0] * page.pixels.shape[1] <= PIXELS_MAX
    assert [warned.code for warned in page.warnings] == ["page_reduced"]


def test_pdf_without_size_is_refused() -> None:
    """Not rendered as nothing."""
    with pytest.raises((CorruptDocument, UnsupportedFormat)):
        decode(minimal_pdf("", size="1 1"))


def test_pdf_with_password_says_so() -> None:
    """It is neither corrupt nor unknown."""
    file = io.BytesIO()
    pdf = pdfium.PdfDocument.new()
    pdf.new_page(100, 100)
    pdf.save(file)
    data = file.getvalue()
    trailer = data.rindex(b"trailer")
    encrypted = (
        data[:trailer]
        + b"99 0 obj<</Filter/Standard/V 1/R 2/Length 40/P -4/O<"
        + b"00" * 32
        + b">/U<"
        + b"11" * 32
        + b">>>endobj\n"
        + data[trailer:].replace(b"<<", b"<</Encrypt 99 0 R/ID[<00><00>]", 1)
    )
    with pytest.raises(EncryptedDocument, match="password"):
        decode(EncodedDocument(encrypted))


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4\ntrailer<</Root 1 0 R>>"])
def test_pdf_without_pages_is_refused(data: bytes) -> None:
    """It is no blank document."""
    with pytest.raises(CorruptDocument, match="PDF"):
        decode(EncodedDocument(data))


def test_exif_orientation_of_webp_is_heeded() -> None:
    """As of JPEG and PNG."""
    picture = Image.new("RGB", (40, 20), "white")
    (page,) = decode(encode(picture, "WEBP", exif=exif(6)))
    assert page.pixels.shape[:2] == (40, 20)
    assert page.upright.rotation_degrees == 90
