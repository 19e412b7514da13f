"""Invented personal data with right check digits, and numbers that only look like such.

Everything is drawn from a seed. A number is tried until python-stdnum takes it; what is printed may
carry the marks that people write.
"""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from stdnum import ean, luhn
from stdnum.iso7064 import mod_97_10

from schemas.masking import PersonalKind

TRIES_MAX = 100_000

FIRST = ["Anna", "Maria", "John", "Peter", "Lukas", "Sofia", "Elena", "Thomas", "Ingrid", "Paulo"]
LAST = ["Smith", "Meyer", "Rossi", "Garcia", "Dubois", "Jansen", "Silva", "Kowalski", "Nilsson"]
DOMAINS = ["example.com", "mail.example.org", "firma-muster.de", "beispiel.at", "poste.example.it"]
DOMAINS += ["correo.example.es", "exemple.fr", "voorbeeld.nl", "exempel.se", "kancelaria.pl"]

IBANS = {
    **{"DE": "8n10n", "FR": "5n5n11c2n", "ES": "4n4n1n1n10n", "IT": "1a5n5n12c", "NL": "4a10n"},
    **{"BE": "3n7n2n", "PT": "4n4n11n2n", "PL": "8n16n", "SE": "3n16n1n", "GB": "4a6n8n"},
    **{"AT": "5n11n", "CH": "5n12c", "DK": "4n9n1n", "NO": "4n6n1n", "FI": "3n11n", "IE": "4a6n8n"},
}
CARDS = (("4", 16), ("51", 16), ("2223", 16), ("37", 15), ("6011", 16), ("3530", 16), ("36", 14))

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
}


@dataclass(frozen=True, slots=True)
class NumberSort:
    """A sort of national or tax number.

    Attributes:
        kind: National or tax.
        module: Of `stdnum`, or "".
        draft: `9` a digit, `?` a letter, `*` either, `YY` `MM` `DD` of a date, others themselves.
        written: How it is printed: `#` the next character, others marks.
    """

    kind: PersonalKind
    module: str
    draft: str
    written: str = ""


NATIONAL, TAX = PersonalKind.NATIONAL_ID, PersonalKind.TAX_NUMBER
SORTS: dict[str, NumberSort] = {
    "ssn": NumberSort(NATIONAL, "us.ssn", "999999999", "###-##-####"),
    "itin": NumberSort(TAX, "us.itin", "979799999", "###-##-####"),
    "nino": NumberSort(NATIONAL, "", "JW999999C", "## ## ## ## #"),
    "nhs": NumberSort(NATIONAL, "gb.nhs", "9999999999", "### ### ####"),
    "utr": NumberSort(TAX, "gb.utr", "9999999999"),
    "idnr": NumberSort(TAX, "de.idnr", "99999999999", "## ### ### ###"),
    "devat": NumberSort(TAX, "eu.vat", "DE999999999"),
    "nir": NumberSort(NATIONAL, "fr.nir", "1YYMM7599999999", "# ## ## ## ### ### ##"),
    "dni": NumberSort(NATIONAL, "es.dni", "99999999?"),
    "nie": NumberSort(NATIONAL, "es.nie", "X9999999?", "#-#######-#"),
    "cif": NumberSort(TAX, "es.cif", "B99999999"),
    "cf": NumberSort(NATIONAL, "it.codicefiscale", "RSSLRA99E14H501?"),
    "piva": NumberSort(TAX, "it.iva", "99999999999"),
    "bsn": NumberSort(NATIONAL, "nl.bsn", "999999999"),
    "btw": NumberSort(TAX, "eu.vat", "NL999999999B99"),
    "nn": NumberSort(NATIONAL, "be.nn", "YYMMDD99999", "##.##.##-###.##"),
    "ptnif": NumberSort(TAX, "pt.nif", "299999999", "### ### ###"),
    "pesel": NumberSort(NATIONAL, "pl.pesel", "YYMMDD99999"),
    "nip": NumberSort(TAX, "pl.nip", "9999999999", "###-###-##-##"),
    "pnr": NumberSort(NATIONAL, "se.personnummer", "YYMMDD9999", "######-####"),
    "hetu": NumberSort(NATIONAL, "fi.hetu", "DDMMYY-999*"),
    "cpr": NumberSort(NATIONAL, "dk.cpr", "DDMMYY9999", "######-####"),
    "fnr": NumberSort(NATIONAL, "no.fodselsnummer", "DDMMYY99999", "###### #####"),
    "ahv": NumberSort(NATIONAL, "ch.ssn", "7569999999999", "###.####.####.##"),
    "svnr": NumberSort(NATIONAL, "at.vnr", "9999DDMMYY", "#### ######"),
    "rc": NumberSort(NATIONAL, "cz.rc", "YYMMDD9999", "######/####"),
    "cnp": NumberSort(NATIONAL, "ro.cnp", "1YYMMDD129999"),
    "pps": NumberSort(NATIONAL, "ie.pps", "9999999?"),
    "atvat": NumberSort(TAX, "eu.vat", "ATU99999999"),
    "aadhaar": NumberSort(NATIONAL, "in_.aadhaar", "999999999999", "#### #### ####"),
    "pan": NumberSort(TAX, "in_.pan", "ABCP?9999?"),
    "cpf": NumberSort(TAX, "br.cpf", "99999999999", "###.###.###-##"),
    "ric": NumberSort(NATIONAL, "cn.ric", "11010519YYMMDD999*"),
    "mynumber": NumberSort(NATIONAL, "jp.in_", "999999999999", "#### #### ####"),
    "tckn": NumberSort(NATIONAL, "tr.tckimlik", "99999999999"),
    "zaid": NumberSort(NATIONAL, "za.idnr", "YYMMDD5999089"),
    "tfn": NumberSort(TAX, "au.tfn", "999999999", "### ### ###"),
    "sin": NumberSort(NATIONAL, "ca.sin", "999999999", "### ### ###"),
    "egn": NumberSort(NATIONAL, "bg.egn", "YYMMDD9999"),
    "amka": NumberSort(NATIONAL, "gr.amka", "DDMMYY99999"),
}


def number(rng: random.Random, name: str) -> str:
    """A number of a sort, as it is printed."""
    sort = SORTS[name]
    is_valid: Callable[[str], bool] = (
        import_module(f"stdnum.{sort.module}").is_valid if sort.module else lambda _: True
    )
    for _ in range(TRIES_MAX):
        text = _draft(rng, sort.draft)
        if is_valid(text):
            return _written(text, sort.written)
    raise AssertionError(f"no {name} was found in {TRIES_MAX} tries")


def _draft(rng: random.Random, draft: str) -> str:
    date = {"Y": f"{rng.randint(50, 99)}", "M": f"{rng.randint(1, 12):02}"}
    date["D"] = f"{rng.randint(1, 28):02}"
    taken = {"Y": 0, "M": 0, "D": 0}
    out = []
    for character in draft:
        if character in taken and draft.count(character) >= 2:
            out.append(date[character][taken[character] % 2])
            taken[character] += 1
        elif character == "9":
            out.append(rng.choice(string.digits))
        elif character in "?*":
            digits = string.digits if character == "*" else ""
            out.append(rng.choice(string.ascii_uppercase + digits))
        else:
            out.append(character)
    return "".join(out)


def _written(text: str, written: str) -> str:
    characters = iter(text)
    return "".join(next(characters) if mark == "#" else mark for mark in written) or text


def iban(rng: random.Random) -> str:
    """An account number in groups of four, of some country."""
    country, structure = rng.choice(sorted(IBANS.items()))
    body, count = "", ""
    for character in structure:
        if character.isdigit():
            count += character
            continue
        letters = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits}[character]
        body += "".join(rng.choice(letters) for _ in range(int(count)))
        count = ""
    check = mod_97_10.calc_check_digits(body + country)
    text = f"{country}{check}{body}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def card(rng: random.Random) -> str:
    """A card's number in the groups that are embossed."""
    prefix, length = rng.choice(CARDS)
    body = prefix + "".join(rng.choice(string.digits) for _ in range(length - len(prefix) - 1))
    text = body + luhn.calc_check_digit(body)
    sizes = (4, 4, 4, 4) if length == 16 else (4, 6, length - 10)
    mark = rng.choice((" ", " ", " ", "-", ""))
    groups, place = [], 0
    for size in sizes:
        groups.append(text[place : place + size])
        place += size
    return (mark or ("" if length == 16 else " ")).join(groups)


def email(rng: random.Random) -> str:
    """An address of someone who does not exist."""
    first, last = rng.choice(FIRST).lower(), rng.choice(LAST).lower()
    local = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}{rng.randint(1, 99)}"))
    return f"{local}@{rng.choice(DOMAINS)}"


def phone(rng: random.Random, region: str, *, national: bool = False) -> str:
    """A valid number of a region."""
    sort = rng.choice((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE))
    example = phonenumbers.example_number_for_type(region, sort)
    assert example is not None
    base = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    for _ in range(TRIES_MAX):
        tail = "".join(rng.choice(string.digits) for _ in range(5))
        other = phonenumbers.parse(base[:-5] + tail)
        if phonenumbers.is_valid_number(other):
            return phonenumbers.format_number(other, form)
    raise AssertionError(f"no number of {region} was found")


def birth_date(rng: random.Random, style: str) -> str:
    """A date of birth; the style is a language, or a pattern of `d`, `m`, `y`."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1935, 2006)
    if style in MONTHS:
        name = MONTHS[style].split()[month - 1]
        joint = {"de": f"{day}. {name} {year}", "es": f"{day} de {name} de {year}"}
        return joint.get(style, f"{day} {name} {year}")
    return style.replace("d", f"{day:02}").replace("m", f"{month:02}").replace("y", f"{year}")


def ip_address(rng: random.Random) -> str:
    """An address of a machine, mostly the old sort."""
    if rng.random() < 0.25:
        return "2001:db8:" + ":".join(f"{rng.randint(4096, 65535):x}" for _ in range(6))
    return ".".join(str(rng.randint(11, 223)) for _ in range(4))


def mac_address(rng: random.Random) -> str:
    """An address of a network card."""
    return rng.choice(":-").join(f"{rng.randint(16, 255):02X}" for _ in range(6))


def mrz(rng: random.Random, sort: str) -> list[str]:
    """The lines of a machine-readable zone: TD1, TD2, TD3, MRVA or MRVB."""
    last, first = rng.choice(LAST).upper(), rng.choice(FIRST).upper()
    country = rng.choice(("UTO", "DEU", "FRA", "ITA", "ESP", "NLD"))
    document = rng.choice(string.ascii_uppercase) + "".join(rng.choices(string.digits, k=8))
    birth, expiry = birth_date(rng, "y")[2:] + "0412", f"{rng.randint(27, 34)}0915"
    sex = rng.choice("MF")
    dates = f"{birth}{_check(birth)}{sex}{expiry}{_check(expiry)}"
    name = f"{last}<<{first}"
    if sort == "TD1":
        head = f"I<{country}{document}{_check(document)}".ljust(30, "<")
        body = f"{dates}{country}".ljust(29, "<")
        return [
            head,
            body + _check(head[5:] + body[:7] + body[8:15] + body[18:]),
            name.ljust(30, "<"),
        ]
    width = {"TD2": 36, "MRVB": 36}.get(sort, 44)
    letter = "V" if sort.startswith("MRV") else ("P" if sort == "TD3" else "I")
    head = f"{letter}<{country}{name}".ljust(width, "<")
    body = f"{document}{_check(document)}{country}{dates}"
    return [head, body.ljust(width - 1, "<") + ("<" if letter == "V" else _check(body))]


def _check(text: str) -> str:
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(values)) % 10)


def bait(rng: random.Random, name: str) -> str:
    """What looks like personal data and is none."""

    def digits(count: int) -> str:
        return "".join(rng.choices(string.digits, k=count))

    body = rng.choice(("400", "401", "590", "871", "544")) + digits(9)
    texts = {
        "ean": body + ean.calc_check_digit(body),
        "order": rng.choice((f"{rng.randint(10**9, 10**10)}", f"ORD-{digits(8)}", f"{digits(11)}")),
        "article": rng.choice((f"{digits(3)}.{digits(3)}.{digits(2)}", f"A{digits(7)}", digits(8))),
        "total": f"{rng.randint(10, 9999)}.{digits(2)}",
        "bigtotal": f"{rng.randint(1, 99)} {digits(3)} {digits(3)}.{digits(2)}",
        "date": f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.20{rng.randint(10, 26)}",
        "isodate": f"20{rng.randint(10, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        "version": f"{rng.randint(1, 19)}.{rng.randint(0, 30)}.{rng.randint(0, 250)}."
        f"{rng.randint(0, 99)}",
        "time": f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}",
        "quantity": f"{rng.randint(1, 48)}",
        "tracking": digits(20),
        "serial": f"SN{digits(4)}-{digits(4)}-{digits(4)}",
    }
    return texts[name]
