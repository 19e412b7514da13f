"""National and tax numbers: by their form and check digits, or by a label beside them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from processors.masking.findings import Finding, Run, run_at
from processors.masking.forms import is_health_card, is_in_field
from processors.masking.labels import Labels, contexts
from processors.masking.number_catalog import (
    CATALOG,
    VAT_SHAPES,
    NumberFormat,
    is_valid_vat,
)
from processors.masking.number_labels import GENERIC, VAT_LABELS
from processors.masking.page_text import PageText
from processors.masking.slips import SLIP_LETTERS, TO_LETTERS, fitted
from schemas.masking import PersonalKind

_LENGTH_MAX = 19
_SEPARATORS = " -./"
_BEGIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]|(?<=[A-Za-z])[0-9]")
_VAT_BEGIN = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9][A-Z0](?=[ .:\-\n]{0,2}[A-Z0-9])")

_DATE = re.compile(r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}(?!\d|[./\-]\d)|\d{4}-\d\d-\d\d(?!\d|-\d)")

_SWEDISH = re.compile(r"(?:[0-9]{2})?[0-9]{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278][0-9]|[39][01])")
"""A date of birth, or one with 60 added to its day; other numbers stand after `P-nr` elsewhere."""

_CLASSES = {
    "9": rf"[0-9{SLIP_LETTERS}]",
    "A": "[A-Za-z0-9]",
    "X": "[A-Za-z0-9]",
    " ": "(?: {1,2}|\\n)",
    "-": " ?[-~] ?",
    ".": " ?[.,] ?",
    "/": " ?/ ?",
}


def find_numbers(
    page: PageText, kind: PersonalKind, countries: frozenset[str] | None
) -> Iterator[Finding]:
    """Find national numbers, or tax numbers, of some countries; None: of all."""
    formats = formats_of(kind, countries)
    for one in formats:
        for form in one.forms:
            yield from _spelled(page, one, form)
    yield from _labelled(page, kind, formats)
    if kind is PersonalKind.TAX_NUMBER:
        yield from _vat_numbers(page, countries)


@lru_cache(maxsize=64)
def formats_of(kind: PersonalKind, countries: frozenset[str] | None) -> tuple[NumberFormat, ...]:
    """The catalogue's rows of a kind and of some countries."""
    return tuple(
        one
        for one in CATALOG
        if one.kind is kind and (countries is None or one.country in countries)
    )


def _spelled(page: PageText, one: NumberFormat, form: str) -> Iterator[Finding]:
    """Numbers in a spelling that needs no label."""
    for match in _form_pattern(form).finditer(page.text):
        text = match.group().upper()
        if form.isalnum() and not any(character.isdigit() for character in text):
            continue
        right = _checked(one, text, form)
        if right is not None:
            yield Finding(one.kind, *match.span())


@lru_cache(maxsize=512)
def _form_pattern(form: str) -> re.Pattern[str]:
    body = "".join(_CLASSES.get(character, re.escape(character)) for character in form)
    before = r"(?<![0-9])(?<![0-9][-./])(?:(?<![A-Za-z])|(?=[0-9]))"
    is_marked = not form.isalnum() and form[-1] == "9"
    after = "(?![0-9])" if is_marked else "(?![A-Za-z0-9])"
    return re.compile(rf"{before}{body}{after}(?![-./][0-9])")


def _checked(one: NumberFormat, text: str, form: str) -> str | None:
    """The number as its check digits confirm it, or None."""
    compact = re.sub(r"[^A-Za-z0-9]", "", text)
    shape = "".join(character for character in form if character.isalnum())
    right = fitted(compact, shape) if len(compact) == len(shape) else None
    if right is None or not _is_plausible(one, right):
        return None
    return right if one.is_valid(_with_marks(one, right)) else None


def _is_plausible(one: NumberFormat, number: str) -> bool:
    """What the check digits leave open."""
    if one.country == "GB" and len(number) == 9 and number[0].isalpha():
        return number[0] not in "DFIQUV" and number[1] not in "DFIOQUV" and number[-1] in "ABCD"
    return not (number.isdigit() and len(set(number)) == 1)


def _with_marks(one: NumberFormat, number: str) -> str:
    """Put back the marks without which python-stdnum does not take a number."""
    if one.module == "fi.hetu" and len(number) == 10:
        return f"{number[:6]}-{number[6:]}"
    return number


def _labelled(
    page: PageText, kind: PersonalKind, formats: Sequence[NumberFormat]
) -> Iterator[Finding]:
    """Numbers after a label: of their sort, or of their kind and with right check digits."""
    named = [one for one in formats if one.names.pattern.search(page.lower)]
    is_generic = GENERIC[kind].pattern.search(page.lower) is not None
    is_card = kind is PersonalKind.NATIONAL_ID and is_health_card(page)
    if not named and not is_generic and not is_card:
        return
    for match in _BEGIN.finditer(page.text):
        run = run_at(page.text, match.start(), _LENGTH_MAX, _SEPARATORS, breaks_max=1)
        if not any(character.isdigit() for character in run.characters[:6]):
            continue
        length = _labelled_length(page, run, named, GENERIC[kind] if is_generic else None, formats)
        if length is None and is_card and is_in_field(page, run.places[0], 6):
            length = _checked_length(run, formats)
        if length is not None:
            yield Finding(kind, *run.span(length))


def _labelled_length(
    page: PageText,
    run: Run,
    named: Sequence[NumberFormat],
    generic: Labels | None,
    formats: Sequence[NumberFormat],
) -> int | None:
    before = tuple(contexts(page, run.places[0]))
    for one in named:
        if one.names.end(before):
            length = _length_by_shape(page, run, one)
            if length is not None:
                return length
    if generic is None or not generic.end(before):
        return None
    return _checked_length(run, formats)


def _checked_length(run: Run, formats: Sequence[NumberFormat]) -> int | None:
    """The length of the longest number that a run begins with and check digits confirm."""
    lengths = (
        len(shape)
        for one in formats
        if one.has_check_digits
        for shape in one.shapes
        if len(shape) in run.ends and _checked(one, run.characters[: len(shape)].upper(), shape)
    )
    return max(lengths, default=None)


def _length_by_shape(page: PageText, run: Run, one: NumberFormat) -> int | None:
    """The length of the longest shape that a run begins with; else one that nearly fits.

    A reader may have lost or doubled a character of a number whose label leaves no doubt.
    """
    if _DATE.match(page.text, run.places[0]):
        return None
    if one.module == "se.personnummer" and not _is_swedish(run):
        return None
    shapes = sorted(one.shapes, key=len, reverse=True)
    fitting = [
        len(shape)
        for shape in shapes
        if len(shape) in run.ends and fitted(run.characters[: len(shape)].upper(), shape)
    ]
    if fitting:
        line_end = run.breaks[0] if run.breaks else len(run.characters)
        return next((length for length in fitting if length <= line_end), fitting[0])
    if not run.characters[0].isdigit() and shapes[0][0] == "9":
        return None
    for end in sorted(run.ends, reverse=True):
        if any(_nearly_fits(run.characters[:end], shape) for shape in shapes):
            return end
    return None


def _is_swedish(run: Run) -> bool:
    """Whether a date of birth may begin a run; what was misread may be one."""
    begin = next((run.characters[:length] for length in (12, 10) if length in run.ends), "")
    return not begin.isdigit() or _SWEDISH.fullmatch(begin[:-4]) is not None


def _nearly_fits(text: str, shape: str) -> bool:
    """Whether a text is a shape but for one character, and two digits."""
    digits = sum(character.isdigit() for character in text)
    wanted = sum(character == "9" for character in shape)
    if ("A" in shape) != any(character.isalpha() for character in text):
        return False
    return digits >= 5 and abs(len(text) - len(shape)) <= 1 and abs(digits - wanted) <= 2


def _vat_numbers(page: PageText, countries: frozenset[str] | None) -> Iterator[Finding]:
    """VAT numbers: the country's letters, and right check digits or a label."""
    for match in _VAT_BEGIN.finditer(page.text):
        country = match.group().translate(TO_LETTERS)
        shapes = VAT_SHAPES.get(country)
        if shapes is None or (countries is not None and _iso(country) not in countries):
            continue
        run = run_at(page.text, match.start(), 15, " .-", breaks_max=1)
        for shape in shapes:
            length = len(shape) + 2
            if length not in run.ends:
                continue
            right = fitted(run.characters[:length].upper(), country + shape)
            if right is None:
                continue
            is_broken = bool(run.breaks) and run.breaks[0] < length
            is_labelled = not is_broken and VAT_LABELS.stand_before(page, match.start())
            if is_labelled or is_valid_vat(country, right):
                yield Finding(PersonalKind.TAX_NUMBER, *run.span(length))
                break


def _iso(country: str) -> str:
    return "GR" if country == "EL" else country
