"""Forms on which the place of a number says what it is, with no word beside it."""

import re

from processors.masking.labels import TAIL_LENGTH
from processors.masking.page_text import PageText

_HEALTH_CARD = re.compile(
    r"europaische krankenversicherungskarte|european health insurance card"
    r"|carte europeenne d'assurance maladie|tarjeta sanitaria europea"
    r"|tessera europea di assicurazione malattia|europese (?:ziekteverz|gezondheidsk)"
    r"|europejska karta ubezpieczenia|cartao europeu de seguro de doenca"
    r"|evropsky prukaz zdravotniho|europeiskt sjukforsakringskort"
    r"|europaeiske sygesikringskort|eurooppalainen sairaanhoitokortti"
)
_HEALTH_FORM = re.compile(r"betriebsstatten|(?<![a-z])bsnr|kostentrager|versicherten-? ?nr")
"""Words of German forms for patients: their first field has a name and a date of birth."""

_NAME = r"[A-Z][A-Za-z'\-]{1,31}(?: [A-Z][A-Za-z'\-]{1,31})?, ?[A-Z][A-Za-z'. \-]{1,32}"
_PERSON = re.compile(_NAME)
_PERSON_SEX = re.compile(rf"{_NAME}[ ,/]{{1,3}}(?:[MFWmfw]|(?i:male|female))")
_ROUTE = re.compile(r"(?:^| )[A-Z]{3}(?:-|>| - | > )[A-Z]{3}$")


def is_health_card(page: PageText) -> bool:
    """Whether a page is a European health insurance card, whose fields are numbered."""
    return _HEALTH_CARD.search(page.lower) is not None


def is_health_form(page: PageText) -> bool:
    """Whether a page is a form of German doctors and health insurers."""
    return _HEALTH_FORM.search(page.lower) is not None


def is_in_field(page: PageText, place: int, number: int) -> bool:
    """Whether what begins at a place stands behind a field's number, `5.`."""
    return re.search(rf"(?:^| ){number}\.?$", _row_before(page, place)) is not None


def is_after_person(page: PageText, place: int) -> bool:
    """Whether nothing but `Meyer, Anna` stands left of a place."""
    return _PERSON.fullmatch(_row_before(page, place)) is not None


def is_after_person_and_sex(page: PageText, place: int) -> bool:
    """Whether nothing but `Meyer, Anna` and a sex stands left of a place."""
    return _PERSON_SEX.fullmatch(_row_before(page, place)) is not None


def is_after_route(page: PageText, place: int) -> bool:
    """Whether two airports stand left of a place, `ARN-VIE`."""
    return _ROUTE.search(_row_before(page, place)) is not None


def _row_before(page: PageText, place: int) -> str:
    """What stands in a line before a place and in the two lines to its left; the end of each."""
    line = page.line_of(place)
    texts = [page.text[max(page.starts[line], place - TAIL_LENGTH) : place]]
    for _ in range(2):
        line = page.lefts[line]
        if line < 0:
            break
        end = page.line_end(line)
        texts.insert(0, page.text[max(page.starts[line], end - TAIL_LENGTH) : end])
    return " ".join(text.strip() for text in texts if text.strip())
