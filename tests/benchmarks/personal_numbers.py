"""Invented personal data with right check digits.

Everything is drawn from a seed. A number is tried until python-stdnum takes it; what is printed may
carry the marks that people write. What only looks like such data is in `personal_bait`.
"""

import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from stdnum import luhn
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
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
}
# How the styles are written that are not "day month year"; those without MONTHS take English ones.
WORDED_DATES = {
    **{"de": "{day}. {month} {year}", "es": "{day} de {month} de {year}"},
    **{"pt": "{day} de {month} de {year}", "us": "{month} {day}, {year}"},
    **{"short": "{day:02} {month:.3} {year}", "capitals": "{day:02} {upper:.3} {year}"},
}
TRUNK_ZERO = ("DE", "AT", "CH", "GB", "NL", "FR", "SE", "BE")


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
    "bevat": NumberSort(TAX, "eu.vat", "BE0999999999", "## ####.###.###"),
    "frvat": NumberSort(TAX, "eu.vat", "FR99999999999", "## ## ### ### ###"),
    "plvat": NumberSort(TAX, "eu.vat", "PL9999999999"),
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


def number(rng: random.Random, name: str, written: str = "") -> str:
    """A number of a sort, as it is printed, or as `written` says instead."""
    sort = SORTS[name]
    is_valid: Callable[[str], bool] = (
        import_module(f"stdnum.{sort.module}").is_valid if sort.module else lambda _: True
    )
    for _ in range(TRIES_MAX):
        text = _draft(rng, sort.draft)
        if is_valid(text):
            return _written(text, written or sort.written)
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
    assert written.count("#") in (0, len(text)), f"{written} is not for {text}"
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


def written_phone(rng: random.Random, region: str) -> str:
    """A valid number of a region in one of the ways people write it beside a label."""
    text = phone(rng, region, national=rng.random() < 0.5)
    way = rng.choice(("plain", "dots", "hyphens", "slash", "none", "zero"))
    if way == "zero":
        text = re.sub(r"^\+(\d+) ", r"+\1 (0)" if region in TRUNK_ZERO else r"00\1 ", text)
    if way == "slash" and not text.startswith(("+", "(")):
        return re.sub(r"[ -]", "/", text, count=1)
    mark = {"dots": ".", "hyphens": "-", "none": ""}.get(way)
    if mark is None:
        return text
    return re.sub(r"[ ()-]+", mark, text).strip(mark or None)


def birth_date(rng: random.Random, style: str) -> str:
    """A date of birth; for `style` see `date`."""
    return date(rng, style, (1935, 2006))


def date(rng: random.Random, style: str, years: tuple[int, int]) -> str:
    """A date; the style is a key of MONTHS or WORDED_DATES, or a pattern.

    In a pattern `d`, `m`, `y` are padded, `j` and `n` the day and the month unpadded, `t` the last
    two digits of the year.
    """
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(*years)
    if style in MONTHS or style in WORDED_DATES:
        name = MONTHS.get(style, MONTHS["en"]).split()[month - 1]
        form = WORDED_DATES.get(style, "{day} {month} {year}")
        return form.format(day=day, month=name, upper=name.upper(), year=year)
    parts = {"d": f"{day:02}", "m": f"{month:02}", "y": f"{year}"}
    parts |= {"j": f"{day}", "n": f"{month}", "t": f"{year % 100:02}"}
    return re.sub("[dmyjnt]", lambda found: parts[found.group()], style)


def written_email(rng: random.Random) -> str:
    """An address with what else may stand in one: plus, hyphens, capitals, long domains."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    local = rng.choice(
        (
            *(f"{first}.{last}", f"{first.lower()}_{last.lower()}{rng.randint(1940, 2010)}"),
            *(f"{last.lower()}+{rng.choice(('shop', 'bank', 'hr'))}", f"{first[0].lower()}.{last}"),
            f"{first.lower()}-{last.lower()}.{rng.choice(LAST).lower()}",
        )
    )
    part = rng.choice(("", "mail.", "post.", "praxis-"))
    return f"{local}@{part}{rng.choice((*DOMAINS, 'example.co.uk', 'uni.example.ac.at'))}"


def written_iban(rng: random.Random) -> str:
    """An account number in groups, or in one piece as it is copied from a bank's page."""
    text = iban(rng)
    return text if rng.random() < 0.5 else text.replace(" ", "")


def ip_address(rng: random.Random) -> str:
    """An address of a machine, mostly the old sort."""
    if rng.random() < 0.25:
        return "2001:db8:" + ":".join(f"{rng.randint(4096, 65535):x}" for _ in range(6))
    return ".".join(str(rng.randint(11, 223)) for _ in range(4))


def host_address(rng: random.Random) -> str:
    """An address as machines in an office have it: of a private net."""
    last = f"{rng.randint(0, 255)}.{rng.randint(1, 254)}"
    nets = (f"10.{rng.randint(0, 99)}", "192.168", f"172.{rng.randint(16, 31)}")
    return f"{rng.choice(nets)}.{last}"


def short_address(rng: random.Random) -> str:
    """An address of the new sort with its zeros left out."""
    last = f"{rng.randint(256, 65535):x}:{rng.randint(1, 65535):x}"
    return f"{rng.choice((f'2001:db8:{rng.randint(1, 999)}', 'fe80'))}::{last}"


def mac_address(rng: random.Random) -> str:
    """An address of a network card."""
    return rng.choice(":-").join(f"{rng.randint(16, 255):02X}" for _ in range(6))


def written_mac(rng: random.Random) -> str:
    """The same in small letters, in three groups as on switches, or in one piece as on labels."""
    digits = "".join(rng.choices("0123456789abcdef", k=12))
    groups = rng.choice((2, 2, 4, 12))
    text = {2: ":", 4: ".", 12: ""}[groups].join(
        digits[i : i + groups] for i in range(0, 12, groups)
    )
    return text.upper() if groups == 12 else text


def mrz(rng: random.Random, sort: str) -> list[str]:
    """The lines of a machine-readable zone: TD1, TD2, TD3, MRVA or MRVB.

    After the sort may stand `full`: two given names, Germany's short code as well, days and months
    of all sorts, and a number in the optional part.
    """
    sort, _, full = sort.partition(" ")
    last, first = rng.choice(LAST).upper(), rng.choice(FIRST).upper()
    country = rng.choice(("UTO", "DEU", "FRA", "ITA", "ESP", "NLD"))
    document = rng.choice(string.ascii_uppercase) + "".join(rng.choices(string.digits, k=8))
    birth, expiry = birth_date(rng, "y")[2:] + "0412", f"{rng.randint(27, 34)}0915"
    sex, optional = rng.choice("MF"), ""
    if full:
        first = f"{first}<{rng.choice(FIRST).upper()}"
        country = rng.choice((country, "D<<", "POL", "AUT", "PRT", "SWE"))
        birth, expiry = birth_date(rng, "tmd"), date(rng, "tmd", (2027, 2034))
        optional = "".join(rng.choices(string.digits, k=rng.randint(6, 9)))
    letter = "V" if sort.startswith("MRV") else ("P" if sort == "TD3" else "I")
    head = f"{letter}{'D' if full and letter == 'I' else '<'}{country}"
    dates = f"{birth}{_check(birth)}{sex}{expiry}{_check(expiry)}"
    name = f"{last}<<{first}"
    number = f"{document}{_check(document)}"
    if sort == "TD1":
        top = f"{head}{number}{optional}".ljust(30, "<")
        body = f"{dates}{country}".ljust(29, "<")
        check = _check(top[5:] + body[:7] + body[8:15] + body[18:])
        return [top, body + check, name.ljust(30, "<")]
    width = {"TD2": 36, "MRVB": 36}.get(sort, 44)
    rest = width - 1 - len(number) - 3 - len(dates)
    if sort == "TD3":
        optional = optional.ljust(rest - 1, "<")
        optional += _check(optional)
    optional = optional[:rest].ljust(rest, "<")
    check = _check(number + dates[:7] + dates[8:] + optional)
    return [
        f"{head}{name}".ljust(width, "<"),
        f"{number}{country}{dates}{optional}{'<' if letter == 'V' else check}",
    ]


def _check(text: str) -> str:
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(values)) % 10)
