"""International bank account numbers (ISO 13616): country, its structure, modulo 97."""

import re
from collections.abc import Iterator
from functools import lru_cache

from stdnum import numdb
from stdnum.iso7064 import mod_97_10

from processors.masking.findings import Finding, Run, run_at
from processors.masking.labels import labels
from processors.masking.page_text import PageText
from processors.masking.slips import TO_DIGITS, TO_LETTERS, fitted, variants
from schemas.masking import PersonalKind

_BEGIN = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=[a-z])(?=[A-Z]{2}[0-9])|(?<=[Il1]BAN)|(?<=iban))"
    r"[A-Za-z0-9] ?[A-Za-z0-9] ?(?=[0-9OoQDlIi|!SsBZzGb][ ]?[0-9OoQDlIi|!SsBZzGb])"
)
_POLISH_BEGIN = re.compile(
    r"(?<![A-Za-z0-9])(?<![0-9] )[0-9OoQDlIi|!SsBZzGb](?= ?[0-9OoQDlIi|!SsBZzGb])"
)
_POLISH_LENGTH = 26
_POLISH_GROUPS = tuple(range(2, _POLISH_LENGTH, 4))
_LENGTH_MAX = 34
_BREAKS_MAX = 4
_LABELS = labels(
    "i ?ban, 1ban, lban, bank, bank account, account(?: n[or])?, account number, bankverbindung",
    "konto[a-z]*, conto, conto corrente, c/c, cuenta, cuenta bancaria, compte, compte bancaire",
    "rib, rekening, rekeningnummer, rek ?nr, conta, conta bancária, tili[a-z]*, numer konta",
    "nr konta, rachunek, nr rachunku, číslo účtu, účet, számlaszám",
    "bankkonto, kontonummer, cont bancar, hesap(?: no)?, žiro račun, račun",
    "λογαριασμό[ςσ], счет, рахунок, рачун, 口座番号, 账号, 帳號, 계좌번호",
)
_STRUCTURE = re.compile(r"(\d+)!([anc])")
DIFFERENCE_MAX = 1
"""By how many characters a number that is labelled or printed in fours may be off."""


def find_ibans(page: PageText) -> Iterator[Finding]:
    """Find account numbers; labelled or printed in fours, also those with a misread character."""
    for match in _BEGIN.finditer(page.text):
        run = run_at(page.text, match.start(), _LENGTH_MAX + 1, " -", _BREAKS_MAX)
        length = _iban_length(page, run)
        if length is not None:
            yield Finding(PersonalKind.IBAN, *run.span(length))
    if _LABELS.pattern.search(page.lower):
        yield from _polish_numbers(page)


def _polish_numbers(page: PageText) -> Iterator[Finding]:
    """Account numbers of Poland as they are printed there, without `PL`, after a label."""
    for match in _POLISH_BEGIN.finditer(page.text):
        run = run_at(page.text, match.start(), _POLISH_LENGTH + 1, " -", breaks_max=1)
        number = run.characters[:_POLISH_LENGTH].translate(TO_DIGITS)
        is_whole = len(number) == _POLISH_LENGTH and _POLISH_LENGTH in run.ends
        if not (is_whole and number.isascii() and number.isdigit()):
            continue
        is_grouped = run.groups(_POLISH_LENGTH) == _POLISH_GROUPS
        if not (is_grouped or mod_97_10.is_valid(f"{number[2:]}PL{number[:2]}")):
            continue
        if _LABELS.stand_before(page, match.start()):
            yield Finding(PersonalKind.IBAN, *run.span(_POLISH_LENGTH))


def _iban_length(page: PageText, run: Run) -> int | None:
    code = run.characters[:2].upper().translate(TO_LETTERS)
    shape = _shape(code)
    if shape is None or not any(character.isalpha() for character in run.characters[:2]):
        return None
    length = len(shape)
    if len(run.characters) >= length and _is_valid(run.characters[:length].upper(), shape):
        follows = run.characters[length : length + 1]
        if length in run.ends or not follows.isdigit():
            return length
    near = [end for end in run.ends if abs(end - length) <= DIFFERENCE_MAX]
    if not near or run.characters[2:4].translate(TO_DIGITS).isalpha():
        return None
    nearest = min(near, key=lambda end: abs(end - length))
    in_fours = all(group % 4 == 0 for group in run.groups(nearest))
    is_parted = len(run.groups(nearest)) >= 3 and "-" not in page.text[slice(*run.span(nearest))]
    if (in_fours and is_parted) or _LABELS.stand_before(page, run.places[0]):
        return nearest
    return None


def _is_valid(text: str, shape: str) -> bool:
    right = fitted(text, shape)
    if right is None:
        return False
    free = tuple(place for place, wanted in enumerate(shape) if wanted == "X")
    return any(mod_97_10.is_valid(one[4:] + one[:4]) for one in variants(right, free))


@lru_cache(maxsize=512)
def _shape(code: str) -> str | None:
    """What stands where in a country's numbers; None for what is no country with such numbers."""
    if not (code.isascii() and code.isalpha()):
        return None
    found = numdb.get("iban").info(code)
    structure = found[0][1].get("bban") if found else None
    if structure is None:
        return None
    letters = {"n": "9", "a": "A", "c": "X"}
    body = "".join(letters[kind] * int(count) for count, kind in _STRUCTURE.findall(structure))
    return f"{code}99{body}"
