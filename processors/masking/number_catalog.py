"""National and tax numbers that are known, country by country.

`module` names the module of python-stdnum that checks a number; "" where a number has no check
digits. In shapes and forms `9` is a digit, `A` a letter, `X` either, anything else itself. A form
is a spelling that needs no label, because its check or its marks are strong; a shape, compact,
needs one.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from processors.masking.labels import Labels, labels
from schemas.masking import PersonalKind

NATIONAL, TAX = PersonalKind.NATIONAL_ID, PersonalKind.TAX_NUMBER


_UNCHECKED = frozenset({"", "us.ssn", "us.itin", "us.ein", "de.stnr", "fr.nif"})


_PENSION = "de.rvnr"
"""Of German pension insurance; python-stdnum does not know it."""

_PENSION_FORM = re.compile(r"[0-9]{8}[A-Z][0-9]{3}")
_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


class _Validator(Protocol):
    def is_valid(self, number: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One sort of number.

    Attributes:
        kind: National or tax.
        country: ISO 3166, two capitals.
        module: Of `stdnum`, `_PENSION`, or "".
        shapes: Compact spellings.
        forms: Spellings that need no label.
        names: Labels that mean this sort only.
    """

    kind: PersonalKind
    country: str
    module: str
    shapes: tuple[str, ...]
    forms: tuple[str, ...]
    names: Labels

    @property
    def has_check_digits(self) -> bool:
        """Whether a mistake in a number can be seen, and so a number be told from others."""
        return self.module not in _UNCHECKED

    def is_valid(self, number: str) -> bool:
        """Whether the check digits of a number are right; without such digits True."""
        if self.module == _PENSION:
            return _is_pension_number(number)
        try:
            return not self.module or _validator(self.module).is_valid(number)
        except KeyError:  # of stdnum.cn.ric, after all checks: a province, and no county of it
            return True


_BETWEEN_NAMES = re.compile(r"\|(?![^()]*\))")
"""A stroke outside of brackets."""


def _format(
    kind: PersonalKind, country: str, module: str, shapes: str, forms: str, names: str
) -> NumberFormat:
    """One row; shapes are parted by blanks, forms and names by `|`."""
    return NumberFormat(
        kind,
        country,
        module,
        tuple(shapes.split()),
        tuple(form for form in forms.split("|") if form),
        labels(*(name for name in _BETWEEN_NAMES.split(names) if name)),
    )


CATALOG: tuple[NumberFormat, ...] = tuple(
    _format(*row)
    for row in (
        (
            NATIONAL,
            "US",
            "us.ssn",
            "999999999",
            "999-99-9999",
            "ssn|s s n|social security|soc ?sec[a-z]*",
        ),
        (TAX, "US", "us.itin", "999999999", "999-99-9999", "itin"),
        (TAX, "US", "us.ein", "999999999", "", "ein|employer id[a-z]*|fein|federal (?:tax )?id"),
        (
            NATIONAL,
            "GB",
            "",
            "AA999999A",
            "AA 99 99 99 A",
            "nino|ni n[or]|ni number|n ?i ?no|nat ?ins[a-z]*|national insurance",
        ),
        (TAX, "GB", "gb.utr", "9999999999", "", "utr|unique tax ?payer [a-z]*"),
        (NATIONAL, "GB", "gb.nhs", "9999999999", "", "nhs|nhs ?(?:number|n[or]|num)"),
        (
            TAX,
            "DE",
            "de.idnr",
            "99999999999",
            "99 999 999 999",
            "idnr|id nr|steuer ?id[a-z]*|steuerliche id[a-z]*|steueridentifikation[a-z]*|tin",
        ),
        (
            TAX,
            "DE",
            "de.stnr",
            "9999999999 99999999999 9999999999999",
            "",
            "steuer ?n(?:ummer|r)|st ?nr|str ?n[or]",
        ),
        (
            NATIONAL,
            "DE",
            "de.rvnr",
            "99999999A999",
            "",
            "rv ?n(?:umme)?r|rentenversicherung[a-z]*|sozialversicherung[a-z]*|sv ?n(?:umme)?r",
        ),
        (
            NATIONAL,
            "FR",
            "fr.nir",
            "999999999999999",
            "9 99 99 99 999 999 99|999999999999999|9 99 99 99 999 999|9 99 99 9X 999 999 99",
            "nir|securite sociale|n(?:umero|o)? de securite sociale|secu|n(?:o)? ss|insee",
        ),
        (
            TAX,
            "FR",
            "fr.nif",
            "9999999999999",
            "",
            "numero fiscal|n(?:o)? fiscal|spi|nif|reference fiscale",
        ),
        (
            NATIONAL,
            "ES",
            "es.dni",
            "99999999A",
            "99999999-A|99.999.999-A",
            "d ?n ?i|n ?i ?f|documento nacional [a-z ]*|dni/nif|dni/nie",
        ),
        (
            NATIONAL,
            "ES",
            "es.nie",
            "A9999999A",
            "A9999999A|A-9999999-A",
            "n ?i ?e|identidad de extranjero",
        ),
        (TAX, "ES", "es.cif", "A99999999 A9999999A", "A-99999999", "c ?i ?f|n ?i ?f"),
        (
            NATIONAL,
            "IT",
            "it.codicefiscale",
            "AAAAAA99A99A999A",
            "AAAAAA99A99A999A|AAA AAA 99A99 A999A",
            "codice fiscale|cod ?fisc[a-z]*|c ?fisc[a-z]*|c ?f",
        ),
        (TAX, "IT", "it.iva", "99999999999", "", "partita iva|p ?iva|part ?iva|piva"),
        (
            NATIONAL,
            "NL",
            "nl.bsn",
            "999999999",
            "",
            "bsn|bsn ?n[or]|burger ?service ?nummer|sofi ?(?:nummer|nr)",
        ),
        (
            NATIONAL,
            "BE",
            "be.nn",
            "99999999999",
            "99.99.99-999.99",
            "rijksregister ?(?:nummer|nr)?|registre national|n[or°]? ?national|nn|rrn|insz|niss",
        ),
        (
            TAX,
            "PT",
            "pt.nif",
            "999999999",
            "",
            "n ?i ?f|(?:n(?:o|r)? )?(?:de )?contribuinte|contrib",
        ),
        (NATIONAL, "PT", "pt.cc", "999999999XX9", "99999999 9 XX9", "cartao de cidadao|cc"),
        (NATIONAL, "PL", "pl.pesel", "99999999999", "", "pesel|nr pesel|p ?e ?s ?e ?l"),
        (TAX, "PL", "pl.nip", "9999999999", "999-999-99-99|999-99-99-999", "n ?i ?p"),
        (
            NATIONAL,
            "SE",
            "se.personnummer",
            "9999999999 999999999999",
            "999999-9999|99999999-9999",
            "person ?nummer|person ?nr|pers ?nr|p ?nr|samordningsn(?:umme)?r",
        ),
        (
            NATIONAL,
            "FI",
            "fi.hetu",
            "999999999X 999999A999X",
            "999999-999X|999999A999X",
            "hetu|henkilo ?tunnus|henk ?tunnus|sotu|personbeteckning",
        ),
        (
            NATIONAL,
            "DK",
            "dk.cpr",
            "9999999999",
            "",
            "cpr|cpr ?n[or]|cpr ?nummer|person ?nummer|person ?nr",
        ),
        (
            NATIONAL,
            "NO",
            "no.fodselsnummer",
            "99999999999",
            "99999999999|999999 99999",
            "fodsels ?n(?:umme)?r|f ?nr|person ?n(?:umme)?r|d ?nummer|f og p ?nr",
        ),
        (
            NATIONAL,
            "CH",
            "ch.ssn",
            "9999999999999",
            "999.9999.9999.99|756 9999 9999 99",
            "ahv[a-z]*|avs|ahv ?n[or]|n(?:o)? avs|navs|sozialversicherungs ?n(?:umme)?r|oasi",
        ),
        (
            NATIONAL,
            "AT",
            "at.vnr",
            "9999999999",
            "9999 999999",
            "sv ?n[or]|sv ?nummer|vs ?nr|sozialvers ?nr|(?:sozial)?versicherungs ?n(?:umme)?r",
        ),
        (
            TAX,
            "AT",
            "at.tin",
            "999999999",
            "99-999/9999",
            "steuer ?n(?:ummer|r)|st ?nr|abgabenkontonummer",
        ),
        (
            NATIONAL,
            "CZ",
            "cz.rc",
            "9999999999 999999999",
            "999999/9999",
            "rodne cislo|r ?c|rod ?c|rodne c",
        ),
        (NATIONAL, "SK", "sk.rc", "9999999999", "999999/9999", "rodne cislo|r ?c"),
        (TAX, "CZ", "cz.dic", "99999999 999999999 9999999999", "", "dic"),
        (NATIONAL, "RO", "ro.cnp", "9999999999999", "", "c ?n ?p|cod numeric personal|cod numeric"),
        (TAX, "RO", "ro.cui", "99999999 9999999", "", "cui|cod unic|cif"),
        (NATIONAL, "BG", "bg.egn", "9999999999", "", "egn|егн|единен граждански номер"),
        (NATIONAL, "GR", "gr.amka", "99999999999", "", "a ?m ?k ?a|αμκα"),
        (TAX, "GR", "gr.vat", "999999999", "", "a ?f ?m|αφμ"),
        (NATIONAL, "IE", "ie.pps", "9999999A 9999999AA", "", "ppsn?|pps ?(?:n[or]|number)"),
        (TAX, "IN", "in_.pan", "AAAAA9999A", "", "pan|permanent account [a-z]*|pan card"),
        (NATIONAL, "IN", "in_.aadhaar", "999999999999", "9999 9999 9999", "aadha?ar|uid|uidai"),
        (TAX, "BR", "br.cpf", "99999999999", "999.999.999-99", "cpf|c ?p ?f|cpf/mf"),
        (TAX, "BR", "br.cnpj", "99999999999999", "99.999.999/9999-99", "cnpj|c ?n ?p ?j"),
        (
            NATIONAL,
            "CN",
            "cn.ric",
            "99999999999999999X",
            "99999999999999999X|999999 99999999 999X",
            "身份证(?:号码?)?|身份證(?:號碼)?|公民身份号码|居民身份证|resident id[a-z]*",
        ),
        (NATIONAL, "JP", "jp.in_", "999999999999", "", "マイナンバー|個人番号|my ?number"),
        (NATIONAL, "KR", "kr.rrn", "9999999999999", "999999-9999999", "rrn|주민등록번호|주민번호"),
        (
            NATIONAL,
            "TR",
            "tr.tckimlik",
            "99999999999",
            "",
            "t ?c ?kimlik|kimlik|kimlik (?:no|numarasi)|tckn|tc ?no|t ?c",
        ),
        (TAX, "TR", "tr.vkn", "9999999999", "", "vkn|vergi (?:no|kimlik|numarasi)|vergi"),
        (
            NATIONAL,
            "ZA",
            "za.idnr",
            "9999999999999",
            "999999 9999 999",
            "id (?:no|number)|identity number",
        ),
        (TAX, "AU", "au.tfn", "999999999 99999999", "", "tfn|tax file [a-z]*"),
        (TAX, "AU", "au.abn", "99999999999", "", "abn"),
        (NATIONAL, "CA", "ca.sin", "999999999", "", "sin|social insurance [a-z]*|nas"),
        (NATIONAL, "MX", "mx.curp", "AAAA999999AAAAAAX9", "AAAA999999AAAAAAX9", "curp"),
        (TAX, "MX", "mx.rfc", "AAAA999999XXX AAA999999XXX", "AAAA999999XX9", "rfc"),
        (TAX, "AR", "ar.cuit", "99999999999", "99-99999999-9", "cui[tl]"),
        (NATIONAL, "CL", "cl.rut", "99999999X 9999999X", "99.999.999-X|9.999.999-X", "rut|run"),
        (NATIONAL, "TH", "th.pin", "9999999999999", "9-9999-99999-99-9|9 9999 99999 99 9", ""),
        (
            NATIONAL,
            "MY",
            "my.nric",
            "999999999999",
            "999999-99-9999",
            "nric|mykad|kad pengenalan|ic no",
        ),
        (NATIONAL, "ID", "id.nik", "9999999999999999", "", "nik"),
        (NATIONAL, "IL", "il.idnr", "999999999", "", "teudat zehut|t ?z"),
        (NATIONAL, "IS", "is_.kennitala", "9999999999", "999999-9999", "kennitala|kt|kennit"),
        (NATIONAL, "EE", "ee.ik", "99999999999", "", "isikukood"),
        (NATIONAL, "LT", "lt.asmens", "99999999999", "", "asmens kodas"),
        (NATIONAL, "LV", "lv.pvn", "99999999999", "999999-99999", "personas kods"),
        (NATIONAL, "HR", "hr.oib", "99999999999", "", "o ?i ?b|osobni identifikacijski broj"),
        (NATIONAL, "SI", "si.emso", "9999999999999", "", "emso|jmbg|јмбг"),
        (TAX, "HU", "hu.anum", "99999999", "", "adoszam|ado ?szam"),
        (TAX, "CO", "co.nit", "9999999999 999999999", "", "nit|rut"),
        (TAX, "NZ", "nz.ird", "99999999 999999999", "", "ird"),
        (TAX, "RU", "ru.inn", "9999999999 999999999999", "", "inn|и ?н ?н"),
        (TAX, "UA", "ua.rntrc", "9999999999", "", "rntrc|рнокпп|ипн|іпн"),
        (NATIONAL, "EC", "ec.ci", "9999999999", "", "cedula"),
        (TAX, "CH", "ch.uid", "CHE999999999", "CHE-999.999.999|CHE999999999", "uid|mwst ?nr"),
        (TAX, "NO", "no.mva", "999999999MVA", "999 999 999 MVA|999999999MVA", ""),
    )
)

VAT_SHAPES: dict[str, tuple[str, ...]] = {
    "AT": ("U99999999",),
    "BE": ("9999999999",),
    "BG": ("9999999999", "999999999"),
    "CY": ("99999999A",),
    "CZ": ("9999999999", "999999999", "99999999"),
    "DE": ("999999999",),
    "DK": ("99999999",),
    "EE": ("999999999",),
    "EL": ("999999999",),
    "ES": ("X9999999X",),
    "FI": ("99999999",),
    "FR": ("XX999999999",),
    "GB": ("999999999",),
    "HR": ("99999999999",),
    "HU": ("99999999",),
    "IE": ("9999999AA", "9X99999A"),
    "IT": ("99999999999",),
    "LT": ("999999999999", "999999999"),
    "LU": ("99999999",),
    "LV": ("99999999999",),
    "MT": ("99999999",),
    "NL": ("999999999B99",),
    "PL": ("9999999999",),
    "PT": ("999999999",),
    "RO": ("9999999999", "999999999", "99999999", "9999999"),
    "SE": ("999999999999",),
    "SI": ("99999999",),
    "SK": ("9999999999",),
}
"""What follows the country's letters in a VAT number."""


def is_valid_vat(country: str, number: str) -> bool:
    """Whether a VAT number with its country's letters has the right check digits."""
    return _validator("gb.vat" if country == "GB" else "eu.vat").is_valid(number)


def _is_pension_number(number: str) -> bool:
    """Whether day, month and check digit are right of a number such as `65170839J003`."""
    if not _PENSION_FORM.fullmatch(number):
        return False
    letter = ord(number[8]) - ord("A") + 1
    digits = [int(one) for one in f"{number[:8]}{letter:02}{number[9:11]}"]
    products = (one * weight for one, weight in zip(digits, _PENSION_WEIGHTS, strict=True))
    is_date = 1 <= int(number[2:4]) <= 31 and 1 <= int(number[4:6]) <= 12
    return is_date and sum(sum(divmod(one, 10)) for one in products) % 10 == int(number[11])


@cache
def _validator(module: str) -> _Validator:
    return cast(_Validator, import_module(f"stdnum.{module}"))
