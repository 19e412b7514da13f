"""Draw the eight sample documents and write the text each one shows.

`python samples/render.py` writes `<name>.png` or `<name>.jpg` and `<name>.txt` beside this file.
Every text is drawn from `texts.py` through a `Sheet`, which notes each row as it draws it, so
the expected text is what was drawn. Random numbers have a fixed seed: a second run with the same
libraries and fonts writes the same bytes. `sheet.py` holds the paper and the fonts, `camera.py`
what light and a lens do to it.

Arrays are (H, W, 3) uint8, RGB, 0-255, top-left origin.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

import texts
from camera import SEED, clip, fade, grain, light, speckle, turn
from sheet import (
    BLACK,
    CHINESE,
    CHINESE_BOLD,
    JAPANESE,
    JAPANESE_BOLD,
    JAPANESE_SERIF,
    MONO,
    RULE,
    SANS,
    SANS_BOLD,
    SERIF,
    SERIF_BOLD,
    SERIF_ITALIC,
    WHITE,
    Column,
    Face,
    Page,
    Pen,
    Sheet,
)
from texts import Row

FOLDER = Path(__file__).resolve().parent
JPEG_QUALITY = 86

NAVY, BLUE, GREEN, GOLD = (31, 58, 95), (38, 62, 150), (22, 66, 52), (206, 168, 92)
TINT, CREAM, PAPER = (238, 242, 247), (246, 236, 208), (252, 250, 244)
THERMAL_INK = (150, 150, 158)


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished document: its picture and the lines of text a reader should find."""

    page: Page
    lines: list[str]


def money(hundredths: int) -> str:
    """Write an amount with two decimals and commas between thousands."""
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"


def draw_letter_blocks(sheet: Sheet) -> None:
    """Draw the invoice's letterhead, facts and address, down to the item table."""
    name, small = Pen(SERIF_BOLD, 50, NAVY), Pen(SANS, 26, (70, 76, 88))
    sheet.draw.rectangle((0, 0, 1240, 22), NAVY)
    for offset in (0, 22, 44):
        box = (100 + offset, 84 + offset // 2, 160 + offset, 164 + offset // 2)
        sheet.draw.rectangle(box, TINT, NAVY, 4)
    sheet.row(132, [Column(240, name)], texts.INVOICE_HEAD[0])
    sheet.rows(178, 38, [Column(242, small)], texts.INVOICE_HEAD[1:])
    sheet.rule(100, 252, 1140, NAVY, 3)
    sheet.row(340, [Column(100, Pen(SANS_BOLD, 56, NAVY))], ("INVOICE",))
    sheet.draw.rectangle((100, 380, 1140, 490), TINT)
    places = (124, 400, 640, 890)
    for y, face, cells in zip((422, 468), (SANS, SANS_BOLD), texts.INVOICE_FACTS, strict=True):
        sheet.row(y, [Column(x, Pen(face, 26)) for x in places], cells)
    sheet.row(560, [Column(100, Pen(SANS_BOLD, 28, NAVY))], texts.INVOICE_ADDRESS[0])
    sheet.rows(602, 40, [Column(100, Pen(SANS, 28))], texts.INVOICE_ADDRESS[1:])


def draw_invoice() -> Sample:
    """Draw an A4 invoice at 150 dots per inch."""
    sheet = Sheet(1240, 1754)
    draw_letter_blocks(sheet)
    places = ((124, "l"), (790, "r"), (960, "r"), (1116, "r"))
    sheet.draw.rectangle((100, 770, 1140, 830), NAVY)
    header = [Column(x, Pen(SANS_BOLD, 27, WHITE), side) for x, side in places]
    sheet.row(810, header, texts.INVOICE_HEADER)
    body = [Column(x, Pen(SANS, 27), side) for x, side in places]
    y, total = 874, 0
    for name, count, price in texts.INVOICE_ITEMS:
        sheet.row(y, body, (name, f"{count}", money(price), money(count * price)))
        sheet.rule(100, y + 20, 1140)
        y, total = y + 58, total + count * price
    vat = total * texts.VAT_PERCENT // 100
    sums = [("Subtotal", money(total)), (f"VAT {texts.VAT_PERCENT}%", money(vat))]
    plain = [Column(820, Pen(SANS, 28)), Column(1116, Pen(SANS, 28), "r")]
    y = sheet.rows(y + 30, 50, plain, sums)
    sheet.draw.rectangle((780, y - 30, 1140, y + 38), TINT)
    bold = Pen(SANS_BOLD, 30, NAVY)
    due = ("Total GBP", money(total + vat))
    sheet.row(y + 14, [Column(820, bold), Column(1116, bold, "r")], due)
    sheet.rule(100, 1570, 1140)
    sheet.rows(1614, 42, [Column(100, Pen(SANS, 26))], texts.INVOICE_FOOT)
    return Sample(sheet.page(), sheet.lines)


def draw_dashes(sheet: Sheet, y: int) -> None:
    """Draw the receipt's dashed separator."""
    for x in range(56, 584, 22):
        sheet.rule(x, y, x + 12, THERMAL_INK)


def draw_faded_receipt() -> Sample:
    """Draw a till receipt on thermal paper whose ink has faded unevenly, lying on a desk."""
    sheet, pen = Sheet(640, 1240, (240, 239, 236)), Pen(MONO, 32, THERMAL_INK)
    middle = [Column(320, pen, "m")]
    ends = [Column(56, pen), Column(584, pen, "r")]
    sheet.row(96, [Column(320, Pen(JAPANESE_BOLD, 46, THERMAL_INK), "m")], texts.RECEIPT_HEAD[0])
    y = sheet.rows(150, 44, middle, texts.RECEIPT_HEAD[1:])
    draw_dashes(sheet, y - 14)
    y = sheet.rows(y + 36, 44, ends, texts.RECEIPT_FACTS)
    draw_dashes(sheet, y - 14)
    items = [(name, money(price)) for name, price in texts.RECEIPT_ITEMS]
    y = sheet.rows(y + 36, 48, ends, items)
    draw_dashes(sheet, y - 16)
    total = sum(price for _, price in texts.RECEIPT_ITEMS)
    bold = Pen(JAPANESE_BOLD, 42, THERMAL_INK)
    sheet.row(y + 44, [Column(56, bold), Column(584, bold, "r")], ("TOTAL GBP", money(total)))
    paid = texts.RECEIPT_PAID_PENCE
    y = sheet.rows(y + 102, 48, ends, [("Cash", money(paid)), ("Change", money(paid - total))])
    draw_dashes(sheet, y - 16)
    sheet.rows(y + 40, 46, middle, texts.RECEIPT_FOOT)
    strength = 0.78 + 0.22 * np.cos(np.linspace(0, 8, 640))[:, None]
    faded = light(fade(sheet.page(), strength), (1.0, 0.97, 0.95, 1.0))
    desk = clip(np.full((1340, 760, 3), (104, 82, 64)) + grain(1340, 760, 9)[..., None])
    desk[54:1294, 64:704] = clip(desk[54:1294, 64:704] * 0.5)
    desk[44:1284, 56:696] = faded
    return Sample(speckle(turn(desk, 0.8), 4), sheet.lines)


def lay_bricks(width: int, height: int) -> Image.Image:
    """Draw a brick wall, each brick in its own shade."""
    rng = np.random.default_rng(SEED)
    wall = Image.new("RGB", (width, height), (176, 166, 152))
    draw = ImageDraw.Draw(wall)
    for row, y in enumerate(range(0, height, 52)):
        for x in range(-75 * (row % 2), width, 150):
            shade = int(rng.normal(0, 10))
            draw.rectangle((x, y, x + 142, y + 44), (158 + shade, 92 + shade, 72 + shade))
    return wall


def draw_shop_window(sheet: Sheet) -> None:
    """Draw the striped awning and the dark glass below the sign."""
    sheet.draw.rectangle((260, 880, 1540, 1500), GREEN)
    sheet.draw.rectangle((290, 900, 1510, 1500), (44, 52, 60))
    sheet.draw.polygon([(700, 900), (960, 900), (660, 1500), (400, 1500)], (62, 72, 82))
    for index, x in enumerate(range(220, 1580, 85)):
        ink = CREAM if index % 2 else (150, 44, 40)
        sheet.draw.rectangle((x, 760, x + 85, 900), ink)
        sheet.draw.ellipse((x, 870, x + 85, 935), ink)


def photograph(scene: Page) -> Page:
    """Look at the scene from its left, in late sun."""
    seen = np.array([(150, 130), (1750, 20), (1790, 1360), (110, 1130)], np.float32)
    frame = np.array([(0, 0), (1600, 0), (1600, 1200), (0, 1200)], np.float32)
    matrix = cv2.getPerspectiveTransform(seen, frame)
    photo = cv2.warpPerspective(scene, matrix, (1600, 1200), flags=cv2.INTER_AREA)
    return speckle(light(clip(photo * (1.0, 0.97, 0.9)), (1.25, 0.85, 1.0, 0.6)), 4)


def draw_shop_sign() -> Sample:
    """Draw a bakery's sign on a brick wall, photographed from the side."""
    wall = Sheet(1800, 1500)
    shade = Image.new("L", (1800, 1500), 255)
    ImageDraw.Draw(shade).rectangle((222, 224, 1602, 700), 120)
    dark = cv2.GaussianBlur(np.asarray(shade), (0, 0), 12)[..., None] / 255
    wall.image.paste(Image.fromarray(clip(np.asarray(lay_bricks(1800, 1500)) * dark)))
    draw_shop_window(wall)
    wall.draw.rounded_rectangle((200, 200, 1580, 670), 26, GREEN, (12, 40, 32), 6)
    wall.draw.rounded_rectangle((226, 226, 1554, 644), 18, None, GOLD, 6)
    for y, face, (text, size_px) in zip(
        (380, 500, 600), (SERIF_BOLD, SERIF_BOLD, SERIF_ITALIC), texts.SIGN_BOARD, strict=True
    ):
        wall.row(y, [Column(890, Pen(face, size_px, CREAM), "m")], (text,))
    wall.draw.rectangle((980, 990, 1440, 1190), CREAM, GOLD, 6)
    for y, (text, size_px) in zip((1075, 1152), texts.SIGN_HOURS, strict=True):
        wall.row(y, [Column(1210, Pen(SANS_BOLD, size_px, GREEN), "m")], (text,))
    return Sample(photograph(wall.page()), wall.lines)


def draw_notice(sheet: Sheet, y: int, faces: Sequence[Face], rows: list[Row]) -> int:
    """Draw one language of the library notice: title, paragraph, two rows of facts."""
    regular, bold = faces
    sheet.row(y, [Column(110, Pen(bold, 56, NAVY))], rows[0])
    sheet.rule(110, y + 34, 1130, NAVY, 4)
    y = sheet.rows(y + 110, 66, [Column(110, Pen(regular, 38))], rows[1:-2])
    sheet.draw.rectangle((110, y - 30, 1130, y + 122), TINT)
    pen = Pen(regular, 36)
    facts = [Column(140, Pen(bold, 36)), Column(420, pen), Column(860, pen)]
    return sheet.rows(y + 32, 62, facts, rows[-2:])


def draw_chinese_japanese() -> Sample:
    """Draw a library's notice in Chinese above and Japanese below."""
    sheet = Sheet(1240, 1500, PAPER)
    y = draw_notice(sheet, 160, (CHINESE, CHINESE_BOLD), texts.CHINESE_NOTICE)
    draw_notice(sheet, y + 110, (JAPANESE, JAPANESE_BOLD), texts.JAPANESE_NOTICE)
    return Sample(sheet.page(), sheet.lines)


def break_columns(paragraph: str, length: int) -> Iterator[tuple[int, str]]:
    """Break a paragraph into columns of `length` letters, a closing mark hanging past the end.

    Yields:
        The indent in letters (1 for a paragraph's first column) and the column's text.
    """
    indent = 1
    while paragraph:
        end = length - indent
        end += paragraph[end : end + 1] in ("。", "、", "」")
        yield indent, paragraph[:end]
        paragraph, indent = paragraph[end:], 0


def draw_vertical_japanese() -> Sample:
    """Draw the first page of a story, in columns from right to left."""
    sheet = Sheet(1240, 1500, PAPER)
    sheet.column(1110, 240, Pen(JAPANESE_SERIF, 64), texts.STORY_TITLE)
    x, pen = 984, Pen(JAPANESE_SERIF, 38)
    for paragraph in texts.STORY:
        for indent, text in break_columns(paragraph, 28):
            sheet.column(x, 150 + indent * 42, pen, text)
            x -= 64
    return Sample(sheet.page(), sheet.lines)


def draw_section(sheet: Sheet, y: int, title: str, fields: list[Row]) -> int:
    """Draw one section of the form, two labelled boxes to a row; return where it ends."""
    sheet.draw.rectangle((90, y, 1150, y + 56), NAVY)
    sheet.row(y + 39, [Column(110, Pen(SANS_BOLD, 30, WHITE))], (title,))
    label, value = Pen(SANS, 26), Pen(MONO, 32, BLUE)
    columns = [Column(90, label), Column(302, value), Column(710, label), Column(890, value)]
    for cells in fields:
        y += 88
        sheet.draw.rectangle((286, y, 680, y + 60), WHITE, RULE, 2)
        sheet.draw.rectangle((874, y, 1150, y + 60), WHITE, RULE, 2)
        sheet.row(y + 41, columns, cells)
    return y + 110


def draw_turned_form() -> Sample:
    """Draw a filled form, then turn it clockwise by 90 degrees."""
    sheet = Sheet(1240, 1754, PAPER)
    sheet.draw.rectangle((60, 60, 1180, 1694), None, NAVY, 4)
    sheet.row(140, [Column(90, Pen(SERIF, 34, NAVY))], texts.FORM_TITLE[0])
    sheet.row(210, [Column(90, Pen(SERIF_BOLD, 52, NAVY))], texts.FORM_TITLE[1])
    sheet.row(268, [Column(90, Pen(SANS, 26))], texts.FORM_TITLE[2])
    y = 320
    for title, fields in texts.FORM_SECTIONS:
        y = draw_section(sheet, y, title, fields)
    sheet.row(y + 40, [Column(90, Pen(SANS, 27))], texts.FORM_FOOT[0])
    signed = [Column(90, Pen(SANS, 27)), Column(340, Pen(MONO, 32, BLUE))]
    sheet.row(y + 140, signed, texts.FORM_FOOT[1])
    sheet.rule(320, y + 156, 1150, BLACK)
    return Sample(np.rot90(sheet.page(), -1), sheet.lines)


def draw_low_contrast_scan() -> Sample:
    """Draw a typed page as a poor scan: grey on grey, a little askew, noisy."""
    ink = (122, 121, 118)
    sheet = Sheet(1240, 1754, (184, 183, 179))
    sheet.row(190, [Column(150, Pen(SERIF_BOLD, 40, ink))], texts.MINUTES_HEAD[0])
    sheet.row(254, [Column(150, Pen(SERIF_ITALIC, 34, ink))], texts.MINUTES_HEAD[1])
    sheet.rule(150, 290, 1090, ink)
    y = sheet.rows(370, 54, [Column(150, Pen(SERIF, 34, ink))], texts.MINUTES)
    sheet.rows(y + 90, 54, [Column(650, Pen(SERIF_ITALIC, 34, ink))], texts.MINUTES_FOOT)
    sheet.rule(640, y + 40, 1090, ink)
    scan = light(turn(sheet.page(), -0.7), (0.93, 1.02, 1.04, 0.96))
    return Sample(speckle(scan, 5), sheet.lines)


def draw_price_table() -> Sample:
    """Draw a ruled price list with columns of figures."""
    edges = (80, 210, 530, 710, 890, 1060, 1220, 1400)
    sheet = Sheet(1480, 1060)
    sheet.row(110, [Column(80, Pen(SANS_BOLD, 50, GREEN))], texts.TABLE_HEAD[0])
    sheet.row(164, [Column(80, Pen(SANS, 28))], texts.TABLE_HEAD[1])
    bottom = 210 + 70 * (1 + len(texts.TABLE_ITEMS))
    sheet.draw.rectangle((80, 210, 1400, 280), GREEN)
    left = [(x + 18, "l") for x in edges[:2]]
    places = left + [(x - 18, "r") for x in edges[3:]]
    header = [Column(x, Pen(SANS_BOLD, 27, WHITE), side) for x, side in places]
    sheet.row(254, header, texts.TABLE_HEADER)
    body = [Column(x, Pen(SANS, 28), side) for x, side in places]
    for index, (code, name, width, depth, net) in enumerate(texts.TABLE_ITEMS):
        y, vat = 280 + 70 * index, net * texts.VAT_PERCENT // 100
        if index % 2:
            sheet.draw.rectangle((80, y, 1400, y + 70), TINT)
        figures = (f"{width}", f"{depth}", money(net), money(vat), money(net + vat))
        sheet.row(y + 45, body, (code, name, *figures))
    for y in range(210, bottom + 1, 70):
        sheet.rule(80, y, 1400)
    for x in edges:
        sheet.draw.line((x, 210, x, bottom), RULE, 2)
    return Sample(sheet.page(), sheet.lines)


SAMPLES: dict[str, Callable[[], Sample]] = {
    "invoice.png": draw_invoice,
    "faded-receipt.jpg": draw_faded_receipt,
    "shop-sign.jpg": draw_shop_sign,
    "chinese-japanese.png": draw_chinese_japanese,
    "vertical-japanese.png": draw_vertical_japanese,
    "turned-form.png": draw_turned_form,
    "low-contrast-scan.jpg": draw_low_contrast_scan,
    "price-table.png": draw_price_table,
}


def main() -> None:
    """Write every sample and its expected text beside this file."""
    for name, draw in SAMPLES.items():
        sample, path = draw(), FOLDER / name
        image = Image.fromarray(np.ascontiguousarray(sample.page))
        image.save(path, quality=JPEG_QUALITY, optimize=True)
        text = unicodedata.normalize("NFC", "\n".join(sample.lines) + "\n")
        path.with_suffix(".txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
