"""Pages of Chinese and Japanese, written in rows or in columns, drawn from a seed.

Of old and of made-up texts, in several fonts and sizes, from three lines on, some damaged a
little. Fonts are Debian's `fonts-noto-cjk`, `fonts-arphic-uming`, `fonts-arphic-ukai`,
`fonts-wqy-zenhei`, `fonts-ipafont-mincho` and `fonts-ipafont-gothic`; each draws the texts that it
has all characters of.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from processors.values import PageArray
from tests.benchmarks.damage import LADDER

FONT_FILES = {
    "tuning": ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc", "uming.ttc", "ipag.ttf"),
    "reporting": ("NotoSerifCJK-Regular.ttc", "wqy-zenhei.ttc", "ukai.ttc", "ipam.ttf"),
}

TEXTS = {
    "tuning": (
        "晉太元中武陵人捕魚為業緣溪行忘路之遠近忽逢桃花林夾岸數百步中無雜樹芳草鮮美落英繽紛",
        "床前明月光疑是地上霜舉頭望明月低頭思故鄉",
        "山路を登りながら、こう考えた。智に働けば角が立つ。情に棹させば流される。意地を通せば窮屈だ。",
        "いろはにほへとちりぬるをわかよたれそつねならむうゐのおくやまけふこえてあさきゆめみし",
        "デスクトップのアイコンをクリックすると、プログラムのインストールがスタートします。",
        "各部门请于2024年3月15日上午9点到三楼会议室参加季度总结、并携带上季度的销售报表。",
        "本产品支持USB和WiFi连接、电池容量为5000毫安、请用Type-C充电线、保修期24个月。",
        "一口田中十人回日目四口田一日十口回中田目一口王十工一三二十",
    ),
    "reporting": (
        "壬戌之秋七月既望蘇子與客泛舟遊於赤壁之下清風徐來水波不興舉酒屬客誦明月之詩歌窈窕之章",
        "白日依山盡黃河入海流欲窮千里目更上一層樓",
        "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗い所で泣いていた。",
        "あめにもまけずかぜにもまけずゆきにもなつのあつさにもまけぬじょうぶなからだをもち",
        "メールアドレスとパスワードをフォームにタイプして、ログインボタンをタップしてください。",
        "尊敬的客户、您的订单已于2023年11月8日发货、预计3天内送达、请保持电话畅通并注意查收。",
        "安装APP后打开Bluetooth、选择设备名称XK-200、输入密码1234即可完成配对、支持iOS系统。",
        "二王工土十口中田回日一目四口一十田回王中口三日一人大口田十",
    ),
}
"""Thresholds are chosen on the first half; its texts and its fonts are not in the other.

The last text of each is of characters that look much the same when they are turned.
"""

SIZES_PX, LINES, CELLS = (18, 24, 32, 44), (3, 4, 6, 10), (6, 12, 20)
"""Of characters, lines on a page, and characters in a line."""

DAMAGES = ("none", "none", "blur", "noise", "jpeg")

_CELL = re.compile(r"[A-Za-z-]{2,}|.")
_SMALL = "、。"
_LYING = "ー「」"


@dataclass(frozen=True, slots=True, eq=False)
class WrittenPage:
    """A page that stands upright; `pixels` is (H, W, 3) uint8, BGR, `kind` how it is written."""

    name: str
    kind: str
    pixels: PageArray


def make_pages(half: str, seed: int, fonts: Path) -> Iterator[WrittenPage]:
    """Draw each text of a half in each of its fonts that has it, in rows and in columns.

    Raises:
        FileNotFoundError: a font is not in the folder or below it.
    """
    paths = [next(fonts.rglob(name), None) for name in FONT_FILES[half]]
    if None in paths:
        raise FileNotFoundError(f"not all of {', '.join(FONT_FILES[half])} are in {fonts}")
    for (number, text), path, in_columns in product(enumerate(TEXTS[half]), paths, (False, True)):
        assert path is not None
        rng = random.Random(f"{seed} {number} {path.name} {in_columns}")
        font = ImageFont.truetype(path, rng.choice(SIZES_PX))
        if not _has_all(font, text):
            continue
        lines, cells = rng.choice(LINES), rng.choice(CELLS)
        image = draw_page(text, font, lines, cells, in_columns=in_columns)
        damage = rng.choice(DAMAGES)
        pixels = pixels_of(image)
        if damage != "none":
            spoil, strengths = LADDER[damage]
            pixels = spoil(pixels, strengths[0])
        name = f"text {number} {path.name} {font.size:.0f} px {lines} x {cells} {damage}"
        kind = "columns" if in_columns else "rows"
        if text == TEXTS[half][-1]:
            kind += " of look-alikes"
        yield WrittenPage(name, kind, pixels)


def draw_page(
    text: str, font: ImageFont.FreeTypeFont, line_count: int, cell_count: int, *, in_columns: bool
) -> Image.Image:
    """Fill lines with a text, over and over; rows from the top, or columns from the right."""
    size, pitch = round(font.size), round(1.7 * font.size)
    cells = cycle(_CELL.findall(text))
    lines = [list(islice(cells, cell_count)) for _ in range(line_count)]
    strips = [_strip(line, font, in_columns=in_columns) for line in lines]
    along = max(strip.width for strip in strips) + 4 * size
    page = Image.new("L", (along, line_count * pitch + 3 * size), 255)
    for index, strip in enumerate(strips):
        page.paste(strip, (2 * size, 2 * size + index * pitch))
    return page.transpose(Image.Transpose.ROTATE_270) if in_columns else page


def pixels_of(image: Image.Image) -> PageArray:
    """(H, W, 3) uint8, BGR."""
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _strip(cells: list[str], font: ImageFont.FreeTypeFont, *, in_columns: bool) -> Image.Image:
    """One line from left to right; in columns, characters lie on their left sides."""
    size = round(font.size)
    widths = [max(size, round(font.getlength(cell))) for cell in cells]
    strip = Image.new("L", (sum(widths), round(1.3 * size)), 255)
    left = 0
    for cell, width in zip(cells, widths, strict=True):
        piece = Image.new("L", (width, strip.height), 255)
        ImageDraw.Draw(piece).text((0, size), cell, fill=20, font=font, anchor="ls")
        stands = in_columns and len(cell) == 1 and cell not in _LYING
        if stands:
            piece = Image.new("L", (strip.height, width), 255)
            place = (round(0.7 * size), round(0.4 * size))
            if cell not in _SMALL:
                place = (round(0.15 * size), round(0.88 * size))
            ImageDraw.Draw(piece).text(place, cell, fill=20, font=font, anchor="ls")
            piece = piece.transpose(Image.Transpose.ROTATE_90)
        strip.paste(piece, (left, 0))
        left += width
    return strip


def _has_all(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(character)) != missing for character in text)
