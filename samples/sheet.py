"""A sheet that notes the text drawn on it, and the fonts it is drawn with.

The fonts are Debian's `fonts-noto-core` and `fonts-noto-cjk`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from texts import Row

Page = NDArray[np.uint8]
Colour = tuple[int, int, int]
Face = tuple[Path, int]

FONTS = Path("/usr/share/fonts")

# A face is a font file and its index in it; the CJK collections hold Japanese at 0, Chinese at 2.
SANS = (FONTS / "truetype/noto/NotoSans-Regular.ttf", 0)
SANS_BOLD = (FONTS / "truetype/noto/NotoSans-Bold.ttf", 0)
SERIF = (FONTS / "truetype/noto/NotoSerif-Regular.ttf", 0)
SERIF_BOLD = (FONTS / "truetype/noto/NotoSerif-Bold.ttf", 0)
SERIF_ITALIC = (FONTS / "truetype/noto/NotoSerif-Italic.ttf", 0)
MONO = (FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", 5)
JAPANESE = (FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", 0)
JAPANESE_BOLD = (FONTS / "opentype/noto/NotoSansCJK-Bold.ttc", 0)
JAPANESE_SERIF = (FONTS / "opentype/noto/NotoSerifCJK-Regular.ttc", 0)
CHINESE = (FONTS / "opentype/noto/NotoSansCJK-Regular.ttc", 2)
CHINESE_BOLD = (FONTS / "opentype/noto/NotoSansCJK-Bold.ttc", 2)

WHITE, BLACK, RULE = (255, 255, 255), (28, 28, 30), (168, 174, 184)

VERTICAL_FORMS = str.maketrans("、。「」", "\ufe11\ufe12\ufe41\ufe42")
SMALL_KANA = "ぁぃぅぇぉっゃゅょァィゥェォッャュョ"


@dataclass(frozen=True, slots=True)
class Pen:
    """How text is set: a face, its em size in pixels and the ink."""

    face: Face
    size_px: int
    ink: Colour = BLACK

    def font(self) -> ImageFont.FreeTypeFont:
        """Open the face at this size, without the optional shaping library."""
        path, index = self.face
        return ImageFont.truetype(
            str(path), self.size_px, index=index, layout_engine=ImageFont.Layout.BASIC
        )


@dataclass(frozen=True, slots=True)
class Column:
    """Where a cell's text stands: `x` in pixels is its left (l), middle (m) or right (r) end."""

    x: int
    pen: Pen
    side: str = "l"


class Sheet:
    """A picture that notes every row of text drawn on it, top to bottom."""

    def __init__(self, width_px: int, height_px: int, paper: Colour = WHITE) -> None:
        self.image = Image.new("RGB", (width_px, height_px), paper)
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[str] = []

    def row(self, y: int, columns: Sequence[Column], cells: Row) -> None:
        """Draw one row of cells on the baseline `y` and note it.

        Raises:
            ValueError: a cell leaves the sheet or runs into the cell on its left.
        """
        end_px = 0.0
        for column, text in zip(columns, cells, strict=True):
            font, place = column.pen.font(), (column.x, y)
            left, _, right, _ = self.draw.textbbox(place, text, font, column.side + "s")
            if left < end_px or right > self.image.width:
                raise ValueError(f"the cell at x={column.x} y={y} does not fit: move or shorten it")
            self.draw.text(place, text, column.pen.ink, font, column.side + "s")
            end_px = right
        self.lines.append(" ".join(cells))

    def rows(self, y: int, pitch: int, columns: Sequence[Column], rows: Sequence[Row]) -> int:
        """Draw rows `pitch` pixels apart, empty ones as gaps; return the next baseline."""
        for cells in rows:
            if cells:
                self.row(y, columns, cells)
            y += pitch if cells else pitch // 2
        return y

    def rule(self, x0: int, y: int, x1: int, ink: Colour = RULE, width_px: int = 2) -> None:
        """Draw a horizontal rule."""
        self.draw.line((x0, y, x1, y), ink, width_px)

    def column(self, x: int, y: int, pen: Pen, text: str) -> None:
        """Draw one vertical column centred on `x` from `y` down, and note it.

        Raises:
            ValueError: the column leaves the sheet.
        """
        font, em = pen.font(), pen.size_px
        if x < em or y + len(text) * (em + 4) > self.image.height:
            raise ValueError(f"the column at x={x} y={y} does not fit: move or shorten it")
        for index, letter in enumerate(text):
            # Small kana sit at the upper right of their square when set vertically.
            shift = em // 9 if letter in SMALL_KANA else 0
            place = (x + shift, y + index * (em + 4) + em // 2 - shift)
            self.draw.text(place, letter.translate(VERTICAL_FORMS), pen.ink, font, "mm")
        self.lines.append(text)

    def page(self) -> Page:
        """Return the picture drawn so far."""
        return np.asarray(self.image, np.uint8)
