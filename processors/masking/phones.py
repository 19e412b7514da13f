"""Telephone and fax numbers: international ones by themselves, others after a label."""

import re
from collections.abc import Iterator

import phonenumbers

from processors.masking.findings import Finding
from processors.masking.labels import GAP_LENGTH_MAX, STOPS, contexts
from processors.masking.page_text import PageText
from processors.masking.phone_labels import DESKS, LABELS, LETTER
from processors.masking.phone_regions import REGIONS, is_bracketed, is_written_so, page_regions
from processors.masking.slips import TO_DIGITS
from schemas.masking import PersonalKind

_DIGITS_MIN, _DIGITS_MAX = 6, 15
_NATIONAL_MAX = 10
"""Digits up to which a number after a label may go on in the next line."""

_D = r"[0-9OolISB]"
_GAP = r"(?:[ .\-/()]{1,3}|\n)?"
_CANDIDATE = re.compile(
    rf"(?:(?<![A-Za-z0-9+])|(?<=[A-Za-z][a-z]{{2}})(?=[+0(])"
    rf"|(?<=[Tt][Ee][Ll])|(?<=[Ff][Aa][Xx])|(?<=M[Oo][Bb]))(?:\(?\+ ?|\(?(?=[0-9(]))"
    rf"{_D}{_GAP}(?:{_D}{_GAP}){{4,16}}(?:[0-9]|(?<=[0-9])[OolISB])(?![0-9]|[A-Za-z](?![A-Za-z]))"
)
_LETTER = re.compile(LETTER)
_LETTER_LENGTH = 10
"""Characters before a number that are searched for its letter: more than one takes."""

_EXTENSION = re.compile(
    r"[ ,;]{0,2}\(?(?:ext(?:ension|n)?|x(?=[0-9])|dw|durchwahl|app|poste|interno|int|wew|linka"
    r"|klapka|ramal|toestel|anexo|anknytning|dahili|mellek|доб|вн|내선|内線|分机)"
    r"[.:]? ?[0-9]{1,6}\)?(?![0-9a-z])| ?#[0-9]{1,6}(?![0-9a-z])"
)
_WRITTEN = re.compile(r"\(?0[0-9]{1,4}[)\-/ .]{1,3}[0-9]|\([0-9]{3}\) ?[0-9]")
_GROUPED = re.compile(r"[0-9(][0-9]{0,4}[)\-/ .]{1,3}[0-9(]")
_DATE = re.compile(r"[0-9]{1,2}[./\-][0-9]{1,2}[./\-](?:19|20)?[0-9]{2}(?![./\-]?[0-9])")
_LABELLED_DATE = re.compile(
    r"[0-9]{1,2}[./\-][0-9]{1,2}[./\-](?:[0-9]{2}|[0-9]{4})$|[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9\-])"
    r"|(?:19|20)[0-9]{2} ?[\-/] ?(?:19|20)[0-9]{2}$"
    r"|(?:0[1-9]|1[0-2])[./](?:19|20)[0-9]{2}(?: ?- ?(?:0[1-9]|1[0-2])[./](?:19|20)[0-9]{2})?$"
)
_MASK = re.compile(r"255\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$")
_WRITTEN_MAX = 24
"""Characters of a number as people write it."""

_NUMBER_WORD = re.compile(
    r"(?:\bn[or]|\bnum[a-z]*|number|nummer|numero|\bid|code|konto|account|compte|cuenta)\W{0,3}$|#\W?$"
)
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+\.[0-9]{2}")
_JOIN = re.compile(
    r"[\s,;/]{0,3}(?:(?:or|and|oder|und|ou|et|o|y|e|of|en|och|fax|mobil[ei]?)\W{1,3})?"
)


def find_phones(page: PageText, regions: tuple[str, ...]) -> Iterator[Finding]:
    """Find numbers, with their extensions.

    Args:
        page: The page.
        regions: A number that is valid in one of these countries, and written in groups that begin
            with 0 or a bracket, needs no label.
    """
    last_end, seen = -1, page_regions(page)
    for start, end in _candidates(page):
        if start < last_end:
            continue
        found = _international_end(page, start, end)
        if found is None and (
            (last_end >= 0 and _follows(page, last_end, start))
            or (LABELS.stand_before(page, start))
        ):
            found = _labelled_end(page, start, end)
        elif found is None:
            found = _written_end(page, start, end, regions, seen)
        if found is not None:
            extension = _EXTENSION.match(page.lower, found)
            last_end = found if extension is None else extension.end()
            yield Finding(PersonalKind.PHONE, start, last_end)


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


def _international_end(page: PageText, start: int, end: int) -> int | None:
    """Where the number ends that begins with a country's code at `start`; None: there is none."""
    if not page.text.startswith(("+", "00"), start + (page.text[start] == "(")):
        return None
    line_end = page.line_end(page.line_of(start))
    stops = [end] if end <= line_end else [end, line_end]
    for stop in (*stops, *_group_ends(page.text, start, min(end, line_end))):
        if _is_valid(page.text[start:stop], None):
            return _closed(page.text, start, stop)
    return None


def _labelled_end(page: PageText, start: int, end: int) -> int | None:
    """Where the number ends that a label says to be one; None: its form is another's."""
    stop = min(end, page.line_end(page.line_of(start)))
    digits = _digits(page.text[start:stop])
    if stop < end and len(digits) < _NATIONAL_MAX - 1:
        more = _digits(page.text[start:end])
        stop, digits = (end, more) if len(more) <= _NATIONAL_MAX else (stop, digits)
    text = page.text[start:stop]
    if _is_date(text) or _MASK.match(text) or _AMOUNT.fullmatch(text):
        return None
    return stop if _DIGITS_MIN <= len(digits) <= _DIGITS_MAX + 1 else None


def _written_end(
    page: PageText, start: int, end: int, regions: tuple[str, ...], seen: tuple[str, ...]
) -> int | None:
    """Where the number ends that is valid in a country, and written as such; None: there is none.

    Args:
        page: The page.
        start: Where it may begin.
        end: Where it may end.
        regions: Countries whose numbers are expected.
        seen: Countries that the page speaks of.
    """
    stop = min(end, page.line_end(page.line_of(start)))
    text = page.text[start:stop]
    is_date = _DATE.match(text) is not None or _is_date(text)
    is_grouped = _GROUPED.match(text) is not None and not is_date
    if len(text) > _WRITTEN_MAX or not text.isascii() or not is_grouped:
        return None
    if _WRITTEN.match(text) and any(_is_valid(text, region) for region in regions):
        return stop
    before = tuple(contexts(page, start))
    for places, desks in DESKS:
        if any(is_written_so(text, one, needs_zero=False) for one in places) and desks.end(before):
            return stop
    if any(STOPS.search(one[-GAP_LENGTH_MAX:]) or _NUMBER_WORD.search(one) for one in before):
        return None
    own = page.lower[max(page.starts[page.line_of(start)], start - _LETTER_LENGTH) : start]
    places = REGIONS if _LETTER.search(own) else (*regions, *seen)
    is_written = is_bracketed(text) or any(is_written_so(text, one) for one in places)
    return stop if is_written else None


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


def _is_date(text: str) -> bool:
    """Whether this is a date, or one with its time, or two years."""
    return _LABELLED_DATE.match(text) is not None
