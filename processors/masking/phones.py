"""Telephone and fax numbers: international ones by themselves, others after a label."""

import re
from collections.abc import Iterator

import phonenumbers

from processors.masking.findings import Finding
from processors.masking.labels import labels
from processors.masking.page_text import PageText
from processors.masking.slips import TO_DIGITS
from schemas.masking import PersonalKind

_DIGITS_MIN, _DIGITS_MAX = 6, 15
_NATIONAL_MAX = 10
"""Digits up to which a number after a label may go on in the next line."""

_D = r"[0-9OolISB]"
_GAP = r"(?:[ .\-/()]{1,3}|\n)?"
_CANDIDATE = re.compile(
    rf"(?:(?<![A-Za-z0-9+])|(?<=[A-Za-z][a-z]{{2}})(?=[+0(]))(?:\(?\+ ?|\(?(?=[0-9(]))"
    rf"{_D}{_GAP}(?:{_D}{_GAP}){{4,16}}(?:[0-9]|(?<=[0-9])[OolISB])(?![0-9]|[A-Za-z](?![A-Za-z]))"
)
_LABELS = labels(
    *("tel", "telefon", "telephone", "phone", "phones", "mobile", "mob", "cell", "cellphone"),
    *(
        "cell ?phone",
        "fax",
        "telefax",
        "telefono",
        "tel[a-z]{0,5}",
        "telefoon",
        "telefone",
        "handy",
    ),
    *("mobil", "mobiltelefon", "rufnummer", "durchwahl", "portable", "gsm", "movil", "cellulare"),
    *("celular", "mobiel", "telemovel", "komorka", "kom", "puhelin", "puh", "gsm", "call"),
    *(
        "mobilnummer",
        "telefonnummer",
        "phone number",
        "contact",
        "whatsapp",
        "sms",
        "hotline",
        "tf",
    ),
    *(
        "tlf",
        "tlm",
        "mobil[a-z]{0,12}",
        "numer telefonu",
        "mobilni",
        "telefonszam",
        "dien thoai",
        "telepon",
        "hp",
        "ph",
        "[tfmp][.:]",
        "natel",
        "handy ?n[ru][a-z]{0,5}",
        "servicetelefon",
        "fone",
        "infolinia",
        "call ?back",
        "rappeler(?: au)?",
        "bellen",
        "bel (?:naar|ons|bij|met|op)",
        "06 nummer",
    ),
    *(
        "電話(?:番号)?",
        "电话",
        "電話號碼",
        "手机",
        "手機",
        "携[帯带](?:電話)?",
        "連絡先",
        "联系方式",
        "传真",
        "☎",
        "☏",
        "✆",
    ),
)
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+\.[0-9]{2}")
_JOIN = re.compile(
    r"[\s,;/]{0,3}(?:(?:or|and|oder|und|ou|et|o|y|e|of|en|och|fax|mobil[ei]?)\W{1,3})?"
)


def find_phones(page: PageText, regions: tuple[str, ...]) -> Iterator[Finding]:
    """Find numbers.

    Args:
        page: The page.
        regions: A number that is valid in one of these countries, and written in groups that begin
            with 0 or a bracket, needs no label.
    """
    last_end = -1
    for start, end in _candidates(page):
        if start < last_end:
            continue
        follows = last_end >= 0 and _follows(page, last_end, start)
        found = _phone_end(page, start, end, regions, follows=follows)
        if found is not None:
            last_end = found
            yield Finding(PersonalKind.PHONE, start, found)


def _candidates(page: PageText) -> Iterator[tuple[int, int]]:
    """Where a number may stand: one that goes on in the next line, and what the next line has.

    The cell before one with a number may hold figures as well.
    """
    place = 0
    while (match := _CANDIDATE.search(page.text, place)) is not None:
        yield match.span()
        line_end = page.line_end(page.line_of(match.start()))
        place = min(match.end(), line_end + 1)


def _follows(page: PageText, last_end: int, start: int) -> bool:
    """Whether a number goes with the one before it; the next line alone says nothing."""
    is_joined = _JOIN.fullmatch(page.lower, last_end, start) is not None
    return is_joined and page.text[last_end:start] != "\n"


def _phone_end(
    page: PageText, start: int, end: int, regions: tuple[str, ...], *, follows: bool
) -> int | None:
    """Where the number ends that begins at `start`; None: there is none."""
    text = page.text[start:end]
    line_end = page.line_end(page.line_of(start))
    is_international = text.lstrip("(").startswith(("+", "00"))
    stops = [end] if end <= line_end else [end, line_end]
    if is_international:
        for stop in (*stops, *_group_ends(page.text, start, min(end, line_end))):
            if _is_valid(page.text[start:stop], None):
                return _closed(page.text, start, stop)
    if follows or _LABELS.stand_before(page, start):
        stop = min(end, line_end)
        digits = _digits(page.text[start:stop])
        if stop < end and len(digits) < _NATIONAL_MAX - 1:
            more = _digits(page.text[start:end])
            stop, digits = (end, more) if len(more) <= _NATIONAL_MAX else (stop, digits)
        if _is_short_date(page.text[start:stop]) or _AMOUNT.fullmatch(page.text, start, stop):
            return None
        return stop if _DIGITS_MIN <= len(digits) <= _DIGITS_MAX + 1 else None
    stop = min(end, line_end)
    is_written_so = re.match(r"\(?0[0-9]{1,4}[)\-/ .]{1,3}[0-9]|\([0-9]{3}\) ?[0-9]", text)
    if is_written_so and any(_is_valid(page.text[start:stop], region) for region in regions):
        return stop
    return None


def _group_ends(text: str, start: int, end: int) -> list[int]:
    """Ends of groups within a candidate, the last first: another number may follow."""
    ends = [start + m.start() for m in re.finditer(r"(?<=[0-9])[ /\-.]", text[start:end])]
    return ends[:1:-1][:6]


def _is_valid(text: str, region: str | None) -> bool:
    digits = _digits(text)
    if not 7 <= len(digits) <= _DIGITS_MAX + 2:
        return False
    if region is None:
        digits = "+" + digits.removeprefix("00")
        digits = re.sub(r"^(\+\d{2})0(?=\d{8})", r"\1", digits) if "(0)" in text else digits
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text.translate(TO_DIGITS))


def _closed(text: str, start: int, end: int) -> int:
    """With the bracket that closes one opened within the number."""
    is_open = text.count("(", start, end) > text.count(")", start, end)
    return end + 1 if is_open and text.startswith(")", end) else end


def _is_short_date(text: str) -> bool:
    return (
        re.fullmatch(r"\d{1,2}[./\-]\d{1,2}[./\-](?:\d{2}|\d{4})|\d{4}-\d\d-\d\d", text) is not None
    )
