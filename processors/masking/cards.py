"""Numbers of payment cards: 13 to 19 digits of a known issuer, with Luhn's check digit."""

from collections.abc import Iterator

from stdnum import luhn

from processors.masking.findings import Finding, Run, run_at, starts_of_numbers
from processors.masking.labels import labels
from processors.masking.page_text import PageText
from processors.masking.slips import as_digits
from schemas.masking import PersonalKind

_LENGTHS = (16, 15, 19, 18, 17, 14, 13)
_BREAKS_MAX = 3

_LABELS = labels(
    "cards?, card ?n[or], card number, credit ?card, debit ?card, payment card, bank ?card",
    "cc ?n[or], visa, master ?card, amex, american express, maestro, diners(?: club)?, discover",
    "jcb, union ?pay, kreditkarten?, kreditkarten ?n(?:umme)?r, karten ?nummer, karten ?nr",
    "karte, bankkarte, ec karte, carte, carte bancaire, carte bleue, carte de crédit",
    "numéro de (?:la )?carte, n(?:o)? carte, cb, tarjeta, tarjeta de crédito",
    "número de tarjeta, carta, carta di credito, numero (?:della )?carta, cartão",
    "cartão de crédito, número do cartão, kaart, kaart ?n(?:umme)?r, creditcard",
    "betaalkaart, bankpas, kort, kort ?n(?:umme)?r, kreditkort, betalkort, betalingskort, kartta",
    "luottokortti, kortin ?numero, kortti, karta, karty, numer karty, nr karty",
    "číslo karty, kreditní karta, kártya, kártyaszám, bankkártya",
    "card de credit, număr card, kart, kart (?:no|numarasi), kredi karti, kartica",
    "broj kartice, številka kartice, καρτα, αριθμό[ςσ] καρτας, карта, карты",
    "номер карты, картка, номер картки, картица, cardholder, pan, カード(?:番号)?",
    "クレジットカード, 卡号, 卡號, 信用卡, 银行卡, 카드(?:번호)?, 신용카드",
)

_ISSUERS = (
    *((4, 4, (13, 16, 19)), (34, 34, (15,)), (37, 37, (15,)), (51, 55, (16,)), (2221, 2720, (16,))),
    *((6011, 6011, (16, 19)), (644, 649, (16, 19)), (65, 65, (16, 19)), (3528, 3589, (16, 19))),
    *((300, 305, (14, 16)), (36, 36, (14, 16)), (38, 39, (14, 16)), (62, 62, (16, 17, 18, 19))),
    *((81, 81, (16,)), (50, 50, (13, 14, 15, 16, 17, 18, 19)), (2200, 2204, (16,))),
    *((56, 58, (13, 14, 15, 16, 17, 18, 19)), (6304, 6304, (16, 18, 19)), (67, 67, (16, 18, 19))),
    *((60, 60, (16,)), (9792, 9792, (16,)), (5061, 5061, (16, 18, 19))),
)
"""First and last of a range of leading digits, and the lengths of its numbers (ISO/IEC 7812)."""

_CREDITOR = "ZZZ"
"""In the middle of a creditor's identifier (SEPA); it is not three times 2."""

_FIRST = frozenset("2345689SsBZzGb")
"""What such a number begins with, or what may be read for it."""

_GROUPINGS = {
    14: ({4, 10},),
    15: ({4, 10},),
    16: ({4, 8, 12},),
    17: ({4, 8, 12, 16},),
    18: ({4, 8, 12, 16}, {6, 14}),
    19: ({4, 8, 12, 16}, {6}),
}
"""After which digits numbers of a length are parted."""


def find_cards(page: PageText) -> Iterator[Finding]:
    """Find numbers of cards.

    In a block, 15, 16 and 19 digits need no label, and in their usual groups all but 13; the others
    do. After a label a number of the right length is found although its check digit fails: one of
    its digits was misread.
    """
    for start in starts_of_numbers(page.text):
        if page.text[start] not in _FIRST:
            continue
        run = run_at(page.text, start, 20, " -.", _BREAKS_MAX)
        if len(run.characters) < 13:
            continue
        length = _card_length(page, run)
        if length is not None:
            yield Finding(PersonalKind.CARD, *run.span(length))


def _card_length(page: PageText, run: Run) -> int | None:
    for length in _LENGTHS:
        if length not in run.ends:
            continue
        digits = as_digits(run.characters[:length])
        if _CREDITOR in run.characters[:length] or digits is None or not _is_issued(digits):
            continue
        is_confirmed = luhn.is_valid(digits)
        if is_confirmed and _is_written_as_card(run, digits):
            return length
        if run.characters[0].isdigit() and _LABELS.stand_before(page, run.places[0]):
            return length
    return None


def _is_issued(digits: str) -> bool:
    return any(
        len(digits) in lengths and first <= int(digits[: len(str(first))]) <= last
        for first, last, lengths in _ISSUERS
    )


def _is_written_as_card(run: Run, digits: str) -> bool:
    """Whether the digits stand together as those of cards do."""
    length = len(digits)
    parted = set(run.groups(length))
    if not parted:
        return length in (15, 16, 19)
    return length != 13 and any(parted <= grouping for grouping in _GROUPINGS[length])
