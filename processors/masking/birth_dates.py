"""Dates of birth: a date in any spelling after a word that says so."""

import re
from collections.abc import Iterator

from processors.masking.findings import Finding
from processors.masking.labels import labels
from processors.masking.page_text import PageText
from processors.masking.slips import DIGIT
from schemas.masking import PersonalKind

_LABELS = labels(
    *("born", "born on", "birth", "birth ?date", "date of ?birth", "date ofbirth", "birthday"),
    *(
        "birth day",
        "d ?o ?b",
        "geboren(?:e|er)?",
        "geboren am",
        "geb",
        "geburtsdatum",
        "geburtstag",
    ),
    *("geb ?datum", "nee?", "nee? le", "nee? en", "ne(?:\\(e\\)|e|-e)? le", "date de naissance"),
    *("naissance", "nacimiento", "fecha de nacimiento", "f ?nac", "fecha nac", "fec ?nac"),
    *("nacid[oa]", "nacid[oa] el", "nat[oa]", "nat[oa] il", "nat[oa] a [a-z]{2,20} il"),
    *("data di nascita", "nascita", "geboortedatum", "geboren op", "geb ?dat", "nascimento"),
    *("data de nascimento", "data (?:de )?nasc", "nascid[oa]", "nascid[oa] em", "dn"),
    *("data urodzenia", "urodzenia"),
    *("ur", "urodzon[ya]", "fodelsedatum", "fodd", "fodd den", "fodselsdato", "fodselsdag", "fodt"),
    *("fodt den", "foedt", "syntymaaika", "syntynyt", "s ?aika", "dogum tarihi", "datum narozeni"),
    *("narozen[a]?", "nar", "datum narodenia", "narodeny", "narodena", "data nasterii", "nascut"),
    *("nascuta", "szuletesi ido", "szuletesi datum", "szuletett", "datum rodenja", "datum rojstva"),
    *("roden[a]?", "rojen[a]?", "sunniaeg", "gimimo data", "dzimsanas datums", "data e lindjes"),
    *("faedingardagur", "data naixement", "data de naixement", "jaiotza data", "ngay sinh"),
    *("tanggal lahir", "tarikh lahir", "tgl lahir", "дата рождения"),
    *("生年月日", "誕生日", "出生日期", "出生年月日?", "出生", "生日", "生まれ", "생년월일"),
)
"""Languages of PP-OCRv6's small recogniser, and a few more."""

_STAR = re.compile(r"(?:[A-Za-z] |[,;(] ?)\*$")
"""Stands for `born` between a name and a date; after a word it marks a field to be filled in."""

_STAR_LENGTH = 4
"""Characters before a date that are searched for it."""

_N = DIGIT
_SEP = r" ?[./,\-:] ?"
_YEAR = rf"(?:{_N}{{4}}|'?{_N}{{2}})"
_WORD = r"[A-Za-zÀ-ž0]{3,11}\.?"
_ERA = "(?:(?:昭和|平成|令和|大正|明治|[SHTRM]) ?)"
_AFTER = r"(?![0-9A-Za-z])"
_DATE = re.compile(
    rf"(?:(?<![0-9A-Za-z])|(?<=[A-Za-z]{{2}})(?=[0-9]))(?:"
    rf"(?:{_N}{{2}}|[0-9]){_SEP}(?:{_N}{{2}}|[0-9]){_SEP}(?:[0-9]{{4}}(?![0-9])|{_YEAR}{_AFTER})"
    rf"|{_N}{{4}}{_SEP}{_N}{{1,2}}{_SEP}{_N}{{1,2}}{_AFTER}"
    rf"|{_N}{{4}}(?:{_N}{{4}}){_AFTER}|{_N}{{2}} {_N}{{2}} (?:{_N}{{4}}|{_N}{{2}}){_AFTER}"
    rf"|{_N}{{4}} {_N}{{2}} {_N}{{2}}{_AFTER}"
    rf"|(?=[0-9]|[OlIi|SBZ][0-9]){_N}{{1,2}}(?:st|nd|rd|th|er|o|a)?[. \-/\n]{{0,2}}"
    rf"(?:of[ \n]|de[ \n]|di[ \n]|d')? ?{_WORD}"
    rf"(?: ?/ ?{_WORD})?[,. \-/\n]{{0,2}}(?:del?[ \n]|di[ \n])?{_YEAR}{_AFTER}"
    rf"|{_WORD}[ \-]{{0,2}}{_N}{{1,2}}(?:st|nd|rd|th)?[,. ]{{1,3}}{_N}{{4}}{_AFTER}"
    rf"|{_ERA}?{_N}{{2,4}} ?年 ?{_N}{{1,2}} ?月 ?{_N}{{1,2}} ?日?"
    rf"|{_ERA}{_N}{{1,2}}[.年/ ]{{1,2}}{_N}{{1,2}}[.月/ ]{{1,2}}{_N}{{1,2}}日?"
    rf")"
)


def find_birth_dates(page: PageText) -> Iterator[Finding]:
    """Find dates that a label says to be of birth; other dates are left alone."""
    if _LABELS.pattern.search(page.lower) is None and "*" not in page.text:
        return
    for match in _DATE.finditer(page.text):
        digits = sum(character.isdigit() for character in match.group())
        if digits >= 3 and _is_of_birth(page, match.start()):
            yield Finding(PersonalKind.BIRTH_DATE, *match.span())


def _is_of_birth(page: PageText, place: int) -> bool:
    begin = page.starts[page.line_of(place)]
    own = page.text[max(begin, place - _STAR_LENGTH) : place]
    return _STAR.search(own) is not None or _LABELS.stand_before(page, place)
