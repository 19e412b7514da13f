"""Dates of birth: a date in any spelling beside a word that says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from processors.masking import forms
from processors.masking.birth_labels import BORN_AFTER, LABELS
from processors.masking.findings import Finding
from processors.masking.labels import TAIL_LENGTH
from processors.masking.page_text import LETTERS, PageText
from processors.masking.slips import DIGIT
from schemas.masking import PersonalKind

_VALIDITY = (
    r"(?:bis|ab|seit|vom|zum|until|till|from|since|valid|gultig|geldig|valable|valid[oa]|hasta|desde"
    r"|expir[a-z]*|stand|angebot|offer|vertrag|lieferung|preis|start|beginn"
    r"|[a-z]*(?:datum|frist|termin)|[a-z]+s(?:beginn|ende))(?![a-z])"
)
_SIGN = re.compile(
    rf"(?<![{LETTERS}])(?!(?i:{_VALIDITY}))[A-Z\u0391-\u03a9\u0400-\u042f][{LETTERS}'.\-]{{0,23}}"
    r"(?: | ?[,;(] ?)\*$|\((?:[BbFf]|[Nn][Ee][Ee]?)\. ?$|, ?[Bb]\. ?$"
)
"""Stands for `born` between a name and a date; after a word a star marks a field to be filled."""

_SIGN_LENGTH = 32
"""Characters before a date that are searched for a name and a sign."""

_STAR_LINE = re.compile(r" ?\* ?")
_PLACE = re.compile(r",? (?:in|a|w|v|i|te|en|em|zu) [A-Z][a-z]|,? ?[†✝+] ?[0-9]")
"""What follows a date after a star at the beginning of a line: where, or the day of death."""

_WHERE = re.compile(rf" ?[{LETTERS}'. \-]{{2,32}}, ?")
"""A place before a date, and nothing else in its line."""

_HINT = r"(?: ?\([^()0-9]{1,32}\))?[ :*]{0,3}"
_CAPTION = re.compile(rf"[ *]{{0,2}}(?:{LABELS.pattern.pattern}){_HINT}")

_CAPTION_LENGTH = 64
"""Characters of a line that may be a label alone."""

_DATED = re.compile(
    r"(?:dat(?:e|um|o)|tag|day|beginn?|end[e]?|from|until|bis|vom|fin)(?![a-z])|data [a-z]|fecha"
    r"|start|valid|gultig|issue|ausgestellt|expir|ablauf|frist|due|fallig|vertrag|contract|eintritt|日|期"
)
"""Words of labels of dates."""

_N = DIGIT
_SEP = r" ?[./,\-:] ?"
_YEAR = rf"(?:{_N}{{4}}|'?{_N}{{2}})"
_WORD = rf"(?:[{LETTERS}ß0]{{3,11}}\.?|[IVX]{{1,4}}\.?)"
_ERA = "(?:(?:昭和|平成|令和|大正|明治|民國|民国|[SHTRM]) ?)"
_AFTER = r"(?![0-9A-Za-z])"
_BOX = r"[ |]{1,2}"
_DATE = re.compile(
    rf"(?:(?<![0-9A-Za-z])|(?<=[A-Za-z]{{2}})(?=[0-9]))(?:"
    rf"\|?[0-9]{_BOX}[0-9](?:{_BOX}|{_SEP})[0-9]{_BOX}[0-9](?:{_BOX}|{_SEP})[0-9]{_BOX}[0-9]"
    rf"(?:{_BOX}[0-9]{_BOX}[0-9])?{_AFTER}"
    rf"|(?:{_N}{{2}}|[0-9]){_SEP}(?:{_N}{{2}}|[0-9]){_SEP}"
    rf"(?:[0-9]{{4}}(?![0-9])|{_YEAR}{_AFTER}(?![./\-][0-9]))"
    rf"|{_N}{{4}}{_SEP}{_N}{{1,2}}{_SEP}{_N}{{1,2}}{_AFTER}"
    rf"|{_N}{{4}}(?:{_N}{{4}}){_AFTER}|{_N}{{2}} {_N}{{2}} (?:{_N}{{4}}|{_N}{{2}}){_AFTER}"
    rf"|{_N}{{4}} {_N}{{2}} {_N}{{2}}{_AFTER}"
    rf"|(?=[0-9]|[OlIi|SBZ][0-9]){_N}{{1,2}}(?:st|nd|rd|th|er|o|a)?[. \-/\n]{{0,2}}"
    rf"(?:of[ \n]|de[ \n]|di[ \n]|d')? ?{_WORD}"
    rf"(?: ?/ ?{_WORD})?[,. \-/\n]{{0,2}}(?:del?[ \n]|di[ \n])?{_YEAR}{_AFTER}"
    rf"|{_WORD}[ \-]{{0,2}}{_N}{{1,2}}(?:st|nd|rd|th)?[,. \-/]{{1,3}}{_N}{{4}}{_AFTER}"
    rf"|[12][0-9]{{3}}[.,]?[ \-/]{_WORD}[ \-/]{_N}{{1,2}}{_AFTER}"
    rf"|{_ERA}?{_N}{{2,4}} ?[年년] ?{_N}{{1,2}} ?[月월] ?{_N}{{1,2}} ?[日일]?"
    rf"|{_ERA}{_N}{{1,2}}[.年/ ]{{1,2}}{_N}{{1,2}}[.月/ ]{{1,2}}{_N}{{1,2}}(?![0-9])日?"
    rf")"
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a page's places say about its dates.

    Attributes:
        captioned: Lines above a label that has no value of its own, below it or on its right, and
            with no other date's label.
        answered: Lines with figures to their right: labels whose value stands there, if they are.
        is_health_card: The page is a European health insurance card.
        is_health_form: The page is a form of German doctors.
    """

    captioned: frozenset[int]
    answered: frozenset[int]
    is_health_card: bool
    is_health_form: bool


def find_birth_dates(page: PageText) -> Iterator[Finding]:
    """Find dates that a word, a sign or a form says to be of birth; other dates are left alone."""
    layout = _layout(page)
    for match in _DATE.finditer(page.text):
        digits = sum(character.isdigit() for character in match.group())
        if digits >= 3 and _is_of_birth(page, match, layout):
            yield Finding(PersonalKind.BIRTH_DATE, *match.span())


def _is_of_birth(page: PageText, match: re.Match[str], layout: _Layout) -> bool:
    start, end = match.span()
    line = page.line_of(start)
    begin, line_end = page.starts[line], page.line_end(line)
    if _SIGN.search(page.text[max(begin, start - _SIGN_LENGTH) : start]):
        return True
    if _STAR_LINE.fullmatch(page.text, begin, start) and _PLACE.match(page.text, end, line_end):
        return True
    is_alone = not (page.text[begin:start].strip() or page.text[end:line_end].strip())
    return (
        (is_alone and line in layout.captioned)
        or BORN_AFTER.match(page.lower, end) is not None
        or (LABELS.stand_before(page, start) and not forms.is_after_route(page, start))
        or _is_after_place(page, start, layout)
        or _is_on_form(page, start, layout)
    )


def _is_after_place(page: PageText, start: int, layout: _Layout) -> bool:
    """Whether a place alone stands before a date, and a label left of both or over them."""
    line = page.line_of(start)
    if not _WHERE.fullmatch(page.text, page.starts[line], start):
        return False
    others = {page.lefts[line]} | ({page.heads[line]} - layout.answered)
    return LABELS.end(page.line_text(other)[-TAIL_LENGTH:] for other in others if other >= 0)


def _is_on_form(page: PageText, start: int, layout: _Layout) -> bool:
    return (
        (layout.is_health_card and forms.is_in_field(page, start, 5))
        or (layout.is_health_form and forms.is_after_person(page, start))
        or forms.is_after_person_and_sex(page, start)
    )


def _layout(page: PageText) -> _Layout:
    has_figures = [
        any(character.isdigit() for character in page.line_text(line))
        for line in range(len(page.aboves))
    ]
    captions = [
        line
        for line, above in enumerate(page.aboves)
        if above >= 0 and _CAPTION.fullmatch(page.line_text(line)[:_CAPTION_LENGTH])
    ]
    filled = {above for above, has in zip(page.aboves, has_figures, strict=True) if has}
    answered = {left for left, has in zip(page.lefts, has_figures, strict=True) if has}
    return _Layout(
        frozenset(
            page.aboves[line]
            for line in captions
            if line not in filled
            and line not in answered
            and not _has_date_label(page, page.aboves[line])
        ),
        frozenset(answered),
        forms.is_health_card(page),
        forms.is_health_form(page),
    )


def _has_date_label(page: PageText, line: int) -> bool:
    """Whether a date's label stands over a line or left of it, and is not that of a date above."""
    return any(
        label >= 0
        and _DATED.search(page.line_text(label)) is not None
        and not _is_date(page, page.aboves[label])
        for label in (page.heads[line], page.lefts[line])
    )


def _is_date(page: PageText, line: int) -> bool:
    """Whether a line, if there is one, is a date and nothing else."""
    return (
        line >= 0 and _DATE.fullmatch(page.text, page.starts[line], page.line_end(line)) is not None
    )
