"""Machine-readable zones of travel documents (ICAO 9303): TD1, TD2, TD3, MRV-A and MRV-B.

A whole line is masked, or none of it. A line counts by its form and at least one of its check
digits; lines beside it count by their letters alone.
"""

import re
from collections.abc import Iterator

from processors.masking.findings import Finding
from processors.masking.page_text import PageText
from processors.masking.slips import TO_DIGITS
from schemas.masking import PersonalKind

LENGTH_MIN, LENGTH_MAX = 26, 48
"""Of a line as it was read: 30 to 44 characters, some of the fillers lost or doubled."""

_FILLERS = str.maketrans(
    {
        "\u039b": "<",
        "\u2227": "<",
        "^": "<",
        "«": "<",
        "\u2039": "<",
        "≤": "<",
        "(": "<",
        "[": "<",
        "{": "<",
    }
)
_ALPHABET = re.compile(r"[A-Z0-9<]")
_FILLED = re.compile(r"<{4}|<.{0,24}<<|<<.{0,24}<")
_NAMES = re.compile(r"[PVIAC][A-Z0-9<]?[A-Z0-9<]{3}[A-Z]{1,}.{0,30}<<?[A-Z]")
_DATA = re.compile(r".{9}([0-9OQDIlSBZG<])[A-Z0-9<]{3}(.{6})(.)[MFXHN<KC]?(.{6})(.)")
_TD1_DATES = re.compile(r"(.{6})(.)[MFX<](.{6})(.)[A-Z0-9<]{3}")
_CHECKED = re.compile(r"<{0,8}[A-Z0-9][A-Z0-9<]*")
_WEIGHTS = (7, 3, 1)


def find_mrz(page: PageText) -> Iterator[Finding]:
    """Find the lines of such zones."""
    lines = [_compact(page, line) for line in range(len(page.starts))]
    sure = {index for index, line in enumerate(lines) if line and _is_confirmed(line)}
    found = set(sure)
    for index in sure:
        for step in (1, -1):
            other = index + step
            while 0 <= other < len(lines) and abs(other - index) <= 2 and _is_near(lines[other]):
                found.add(other)
                other += step
    for index in sorted(found):
        yield Finding(PersonalKind.MRZ, page.starts[index], page.line_end(index))


def _compact(page: PageText, line: int) -> str | None:
    """A line without blanks; None where its length or its letters tell that it is no such line."""
    start, end = page.starts[line], page.line_end(line)
    if end - start > 2 * LENGTH_MAX:
        return None
    text = page.text[start:end].replace(" ", "").translate(_FILLERS)
    if not 12 <= len(text) <= LENGTH_MAX:
        return None
    return text if len(_ALPHABET.findall(text)) >= 0.9 * len(text) else None


def _is_near(line: str | None) -> bool:
    return line is not None and line.count("<") >= (1 if len(line) >= LENGTH_MIN else 3)


def _is_confirmed(line: str) -> bool:
    if len(line) < LENGTH_MIN:
        return line.count("<") >= 8 and "<<<" in line
    if _FILLED.search(line) and (_NAMES.match(line) or "<<<<" in line):
        return True
    checks = list(_checks(line))
    return sum(checks) >= (1 if "<" in line else 2)


def _checks(line: str) -> Iterator[bool]:
    """Whether each of a line's check digits is right, where its form has one."""
    data = _DATA.match(line)
    if data is not None:
        yield _is_right(line[:9], line[9])
        yield _is_right(data.group(2).translate(TO_DIGITS), data.group(3))
        yield _is_right(data.group(4).translate(TO_DIGITS), data.group(5))
    dates = _TD1_DATES.match(line)
    if dates is not None:
        yield _is_right(dates.group(1).translate(TO_DIGITS), dates.group(2))
        yield _is_right(dates.group(3).translate(TO_DIGITS), dates.group(4))
    if line[0] in "ACI1" and len(line) >= 15:
        yield "<" in line and _is_right(line[5:14], line[14])


def _is_right(text: str, check: str) -> bool:
    """Whether a check digit fits: weights 7, 3, 1, letters from 10, fillers 0, modulo 10."""
    check = check.translate(TO_DIGITS).replace("<", "0")
    if not check.isdecimal() or not _CHECKED.fullmatch(text):
        return False
    values = (0 if c == "<" else int(c, 36) for c in text)
    return sum(v * _WEIGHTS[i % 3] for i, v in enumerate(values)) % 10 == int(check)
