"""Labelled pictures of invented documents with personal data and with bait.

Letters, forms, invoices, receipts, tables and cards of many countries, in several fonts, and what
scanning and sending does to them. All is drawn from a seed. Chinese and Japanese need Debian's
`fonts-noto-cjk`; where no font has them, these documents are left out and it is said so.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from processors.values import PageArray
from schemas.masking import PersonalKind
from tests.benchmarks import damage
from tests.benchmarks.personal import dates, numbers
from tests.benchmarks.personal.bait import bait
from tests.benchmarks.personal.templates import Row

WIDTH_PX, MARGIN_PX, SIZES_PX = 1100, 60, (22, 26, 30)

FONT_FILES = (
    *("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSansCondensed.ttf"),
    *("LiberationSans-Regular.ttf", "LiberationSerif-Regular.ttf", "LiberationMono-Regular.ttf"),
    *("NotoSans-Regular.ttf", "NotoSerif-Regular.ttf"),
)
MONO_FILES = ("LiberationMono-Regular.ttf", "DejaVuSansMono.ttf", "FreeMono.ttf")
CJK_FILES = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc")
_CJK = re.compile(r"[\u3000-\u9fff]")
_PLACE = re.compile(r"\{([^}]+)\}")

DAMAGES = ("none", "blur", "noise", "jpeg", "skew", "small")

MAKERS: dict[str, tuple[PersonalKind, Callable[[random.Random], str]]] = {
    "email": (PersonalKind.EMAIL, numbers.email),
    "wemail": (PersonalKind.EMAIL, numbers.written_email),
    "hemail": (PersonalKind.EMAIL, numbers.hidden_email),
    "cemail": (PersonalKind.EMAIL, numbers.capital_email),
    "card": (PersonalKind.CARD, numbers.card),
    "ip": (PersonalKind.IP_ADDRESS, numbers.ip_address),
    "host": (PersonalKind.IP_ADDRESS, numbers.host_address),
    "host6": (PersonalKind.IP_ADDRESS, numbers.short_address),
    "mac": (PersonalKind.MAC_ADDRESS, numbers.mac_address),
    "wmac": (PersonalKind.MAC_ADDRESS, numbers.written_mac),
    "smac": (PersonalKind.MAC_ADDRESS, numbers.switch_mac),
}
# Those that want the country, or how it is written.
MAKERS_OF: dict[str, tuple[PersonalKind, Callable[[random.Random, str], str]]] = {
    "phone": (PersonalKind.PHONE, numbers.phone),
    "nphone": (PersonalKind.PHONE, numbers.national_phone),
    "wphone": (PersonalKind.PHONE, numbers.written_phone),
    "lphone": (PersonalKind.PHONE, numbers.letterhead_phone),
    "birth": (PersonalKind.BIRTH_DATE, dates.birth_date),
    "child": (PersonalKind.BIRTH_DATE, dates.child_birth_date),
    "iban": (PersonalKind.IBAN, numbers.iban),
    "wiban": (PersonalKind.IBAN, numbers.written_iban),
    "piban": (PersonalKind.IBAN, numbers.parted_iban),
}

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Instance:
    """One piece of personal data: what is written, and the box of each of its parts, in pixels."""

    kind: PersonalKind
    text: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A text that was drawn, its box in pixels, and its words with theirs."""

    text: str
    box: Box
    words: tuple[tuple[str, Box], ...]


@dataclass(frozen=True, slots=True, eq=False)
class PersonalDocument:
    """A picture and what is on it; `pixels` is (H, W, 3) uint8, BGR."""

    template: str
    damage: str
    pixels: PageArray
    lines: tuple[DrawnLine, ...]
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text; `owner` counts the instances, None: no personal data."""

    text: str
    owner: int | None


def missing_fonts(folder: Path) -> list[str]:
    """Which of the fonts are not in a folder or below it."""
    return [name for name in (*FONT_FILES, *CJK_FILES) if name not in _fonts(folder)]


def make_documents(
    templates: dict[str, list[Row]], count: int, seed: int, fonts: Path
) -> Iterator[PersonalDocument]:
    """Make documents, each template and each damage in turn.

    Raises:
        FileNotFoundError: the folder has none of the fonts.
    """
    found = _fonts(fonts)
    names = [
        name
        for name, rows in templates.items()
        if not _CJK.search(str(rows)) or any(file in found for file in CJK_FILES)
    ]
    for index in range(count):
        name = names[index % len(names)]
        rng = random.Random(f"{seed} {index}")
        drawn = _draw(name, templates[name], rng, found)
        yield _damaged(drawn, DAMAGES[index // len(names) % len(DAMAGES)], rng)


def fill(rng: random.Random, place: str) -> tuple[PersonalKind | None, str]:
    """What stands for a place of a template; the kind is None for bait."""
    name, _, argument = place.partition(" ")
    if name == "boxed":
        kind, text = fill(rng, argument)
        return kind, " ".join(filter(str.isalnum, text))
    if name in numbers.SORTS:
        return numbers.SORTS[name].kind, numbers.number(rng, name, argument)
    if name in MAKERS:
        kind, make = MAKERS[name]
        return kind, make(rng)
    if name in MAKERS_OF:
        kind, make_of = MAKERS_OF[name]
        return kind, make_of(rng, argument)
    return None, bait(rng, name, argument)


@lru_cache(maxsize=4)
def _fonts(folder: Path) -> dict[str, Path]:
    found = {path.name: path for path in sorted(folder.rglob("*.tt[fc]"))}
    if not any(name in found for name in FONT_FILES):
        raise FileNotFoundError(f"{folder} has none of {', '.join(FONT_FILES)}; see --fonts")
    return found


class _Sheet:
    """Draws texts and notes where each instance stands."""

    def __init__(self, rng: random.Random, files: dict[str, Path], *, is_cjk: bool) -> None:
        names = [name for name in (CJK_FILES if is_cjk else FONT_FILES) if name in files]
        self.size_px = rng.choice(SIZES_PX)
        self.font = ImageFont.truetype(str(files[rng.choice(names)]), self.size_px)
        mono = next(files[name] for name in MONO_FILES if name in files)
        self.mono = ImageFont.truetype(str(mono), 26)
        self.image = Image.new("RGB", (2 * WIDTH_PX, 1400), (255, 255, 255))
        self.draw = ImageDraw.Draw(self.image)
        self.y = MARGIN_PX
        self.rng = rng
        self.lines: list[DrawnLine] = []
        self.kinds: list[tuple[PersonalKind, str]] = []
        self.boxes: list[list[Box]] = []

    def pieces(self, template: str) -> list[_Piece]:
        """Fill a template's places."""
        out: list[_Piece] = []
        last = 0
        for match in _PLACE.finditer(template):
            out.append(_Piece(template[last : match.start()], None))
            kind, text = fill(self.rng, match.group(1))
            out.append(_Piece(text, None if kind is None else self.own(kind, text)))
            last = match.end()
        return [*out, _Piece(template[last:], None)]

    def own(self, kind: PersonalKind, text: str) -> int:
        """Note an instance, and give its number."""
        self.kinds.append((kind, text))
        self.boxes.append([])
        return len(self.kinds) - 1

    def line(self, x: float, pieces: list[_Piece], font: ImageFont.FreeTypeFont) -> None:
        """Draw one line of text at `x` and the current height."""
        text = "".join(piece.text for piece in pieces)
        if not text.strip():
            return
        self.draw.text((x, self.y), text, (20, 20, 24), font)
        place = 0
        height = font.size * 1.25
        for piece in pieces:
            left = x + font.getlength(text[:place])
            place += len(piece.text)
            right = x + font.getlength(text[:place].rstrip())
            if piece.owner is not None and piece.text.strip():
                boxes = self.boxes[piece.owner]
                if boxes and boxes[-1][1] == self.y:
                    left = boxes.pop()[0]
                boxes.append((left, self.y, right, self.y + height))
        top, bottom = float(self.y), self.y + height
        words = tuple(
            (
                word.group(),
                (
                    x + font.getlength(text[: word.start()]),
                    top,
                    x + font.getlength(text[: word.end()]),
                    bottom,
                ),
            )
            for word in re.finditer(r"\S+", text)
        )
        box = (x, top, x + font.getlength(text.rstrip()), bottom)
        self.lines.append(DrawnLine(text.rstrip(), box, words))

    def paragraph(self, pieces: list[_Piece]) -> None:
        """Draw a text in as many lines as it needs; it may part anything at a blank."""
        line: list[_Piece] = []
        for word in _words(pieces):
            width = self.font.getlength("".join(p.text for p in (*line, *word)).rstrip())
            if line and MARGIN_PX + width > WIDTH_PX - MARGIN_PX:
                self.line(MARGIN_PX, line, self.font)
                self.y += int(self.size_px * 1.5)
                line = []
            line += word
        self.line(MARGIN_PX, line, self.font)
        self.y += int(self.size_px * 1.9)

    def cells(self, cells: list[list[_Piece]]) -> None:
        """Draw cells side by side, in columns of equal width."""
        pitch = (WIDTH_PX - 2 * MARGIN_PX) / len(cells)
        end = 0.0
        for index, pieces in enumerate(cells):
            x = max(MARGIN_PX + index * pitch, end)
            self.line(x, pieces, self.font)
            end = x + self.font.getlength("".join(piece.text for piece in pieces)) + self.size_px
        self.y += int(self.size_px * 1.8)


def _words(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """The words, with the blank behind each; one may be of several pieces."""
    word: list[_Piece] = []
    for piece in pieces:
        for text in re.findall(r"\S+\s*|\s+", piece.text):
            word.append(_Piece(text, piece.owner))
            if text[-1].isspace():
                yield word
                word = []
    yield word


def _draw(
    name: str, rows: list[Row], rng: random.Random, files: dict[str, Path]
) -> PersonalDocument:
    sheet = _Sheet(rng, files, is_cjk=_CJK.search(str(rows)) is not None)
    for row in rows:
        if isinstance(row, str) and row.startswith("{mrz"):
            for text in numbers.mrz(rng, row[5:-1]):
                sheet.line(MARGIN_PX, [_Piece(text, sheet.own(PersonalKind.MRZ, text))], sheet.mono)
                sheet.y += 44
        elif isinstance(row, str):
            sheet.paragraph(sheet.pieces(row))
        else:
            sheet.cells([sheet.pieces(cell) for cell in row])
    width_px = max(WIDTH_PX, MARGIN_PX + int(max(line.box[2] for line in sheet.lines)))
    page = np.asarray(sheet.image, np.uint8)[: sheet.y + MARGIN_PX, :width_px, ::-1]
    instances = tuple(
        Instance(kind, text, tuple(boxes))
        for (kind, text), boxes in zip(sheet.kinds, sheet.boxes, strict=True)
    )
    pixels = np.ascontiguousarray(page)
    return PersonalDocument(name, "none", pixels, tuple(sheet.lines), instances)


def _damaged(document: PersonalDocument, name: str, rng: random.Random) -> PersonalDocument:
    """Damage the picture, and move the labels with it."""
    height, width = document.pixels.shape[:2]
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    pixels = document.pixels
    if name == "blur":
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.8, 1.6)), np.uint8)
    elif name == "noise":
        pixels = damage.noise(pixels, rng.uniform(12, 35))
    elif name == "jpeg":
        pixels = damage.jpeg(pixels, rng.randint(15, 40))
    elif name == "skew":
        turned = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-1.5, 1.5), 1)
        matrix = np.asarray(turned, np.float64)
        pixels = np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=(255,) * 3))
    elif name == "small":
        scale = rng.uniform(0.6, 0.75)
        matrix = matrix * scale
        pixels = damage.reduction(pixels, scale * max(height, width))
    lines = tuple(
        DrawnLine(
            line.text,
            _moved(line.box, matrix),
            tuple((text, _moved(box, matrix)) for text, box in line.words),
        )
        for line in document.lines
    )
    instances = tuple(
        replace(one, boxes=tuple(_moved(box, matrix) for box in one.boxes))
        for one in document.instances
    )
    return PersonalDocument(document.template, name, pixels, lines, instances)


def _moved(box: Box, matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Box:
    """The box whose middle line is moved; its height stays, apart from scale."""
    left, top, right, bottom = box
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    ends = np.array([[left, (top + bottom) / 2, 1], [right, (top + bottom) / 2, 1]]) @ matrix.T
    half = scale * (bottom - top) / 2
    ys = ends[:, 1]
    return (float(ends[0, 0]), float(ys.min()) - half, float(ends[1, 0]), float(ys.max()) + half)
