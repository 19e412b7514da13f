"""Invented personal data with right check digits; dates are in `dates`.

Everything is drawn from a seed. A number is tried until python-stdnum takes it; what is printed may
carry the marks that people write. What only looks like such data is in `bait`.
"""

import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from schemas.masking import PersonalKind
from tests.benchmarks.personal.dates import birth_date, date

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
    "stnr": NumberSort(TAX, "de.stnr", "99999999999", "###/###/#####"),
    "rvnr": NumberSort(NATIONAL, "", "99DDMMYY?99#", "## ###### # ###"),
    "gbvat": NumberSort(TAX, "gb.vat", "GB999999999", "## ### #### ##"),
    "chvat": NumberSort(TAX, "ch.uid", "CHE999999999", "###-###.###.###"),
    "cnpj": NumberSort(TAX, "br.cnpj", "99999999000199", "##.###.###/####-##"),
}


def number(rng: random.Random, name: str, written: str = "") -> str:
    """A number of a sort, as it is printed, or as `written` says instead."""
    sort = SORTS[name]
    is_valid: Callable[[str], bool] = (
        import_module(f"stdnum.{sort.module}").is_valid if sort.module else lambda _: True
    )
    for _ in range(TRIES_MAX):
        text = _draft(rng, sort.draft)
        text = text.replace("#", _insurance_check(text)) if name == "rvnr" else text
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


def _insurance_check(text: str) -> str:
    """The last digit of Germany's pension insurance: the letter counts as the two of its place."""
    letter = f"{string.ascii_uppercase.index(text[8]) + 1:02}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    products = (int(d) * w for d, w in zip(text[:8] + letter + text[9:11], weights, strict=True))
    return str(sum(sum(divmod(product, 10)) for product in products) % 10)


def _written(text: str, written: str) -> str:
    assert written.count("#") in (0, len(text)), f"{written} is not for {text}"
    characters = iter(text)
    return "".join(next(characters) if mark == "#" else mark for mark in written) or text


def iban(rng: random.Random, country: str = "") -> str:
    """An account number in groups of four, of a country or of any."""
    country, structure = (country, IBANS[country]) if country else rng.choice(sorted(IBANS.items()))
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
    return _parts(text, sizes, mark or ("" if length == 16 else " "))


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


def national_phone(rng: random.Random, region: str) -> str:
    """The same without the country's code."""
    return phone(rng, region, national=True)


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


def _is_fixed_line(text: str, region: str) -> bool:
    sort = phonenumbers.number_type(phonenumbers.parse(text, region))
    return sort == PhoneNumberType.FIXED_LINE


def letterhead_phone(rng: random.Random, region: str) -> str:
    """A fixed line of TRUNK_ZERO's as on letterheads: in pairs, or with an extension."""
    text = phone(rng, region, national=True)
    while not _is_fixed_line(text, region):
        text = phone(rng, region, national=True)
    code, _, rest = text.partition(" ")
    digits = re.sub(r"\D", "", rest)
    odd = len(digits) % 2
    pairs = " ".join(filter(None, (digits[:odd], *re.findall("..", digits[odd:]))))
    extended = f"{digits[:-2]}-{digits[-2:]}"
    abroad = f"+{phonenumbers.country_code_for_region(region)} (0)"
    return rng.choice(
        (
            *(f"{code} / {pairs}", f"({code}) {pairs}", f"{code}/{extended}"),
            *(f"{abroad}{code[1:]} / {pairs}", f"{abroad} {code[1:]} {extended}"),
        )
    )


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


def written_iban(rng: random.Random, country: str = "") -> str:
    """An account number in groups, or in one piece as it is copied from a bank's page."""
    text = iban(rng, country)
    return text if rng.random() < 0.5 else text.replace(" ", "")


def parted_iban(rng: random.Random, country: str) -> str:
    """An account number in the parts that its country's banks write; Poland's without letters."""
    text = iban(rng, country).replace(" ", "")
    sizes = {"IT": (2, 2, 1, 5, 5, 12), "ES": (4, 4, 4, 2, 10), "PL": (2, 4, 4, 4, 4, 4, 4)}
    return _parts(text.removeprefix("PL"), sizes[country], " ")


def _parts(text: str, sizes: Sequence[int], mark: str) -> str:
    ends = list(accumulate(sizes))
    return mark.join(text[end - size : end] for size, end in zip(sizes, ends, strict=True))


def hidden_email(rng: random.Random) -> str:
    """An address as on pages and letterheads that hide it from machines."""
    local, _, domain = email(rng).partition("@")
    return rng.choice(
        (
            *(f"{local} (at) {domain}", f"{local}(at){domain}", f"{local} [at] {domain}"),
            f"{local}[at]{domain.replace('.', '[dot]')}",
        )
    )


def capital_email(rng: random.Random) -> str:
    """An address in the capitals that forms ask for."""
    return rng.choice((email, written_email))(rng).upper()


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


def switch_mac(rng: random.Random) -> str:
    """The same in groups parted by hyphens, of four or six, as other switches print it."""
    digits = "".join(rng.choices("0123456789abcdef", k=12))
    return _parts(digits, rng.choice(((4, 4, 4), (6, 6))), "-")


def mrz(rng: random.Random, sort: str) -> list[str]:
    """The lines of a machine-readable zone: TD1, TD2, TD3, MRVA, MRVB, or CNI: France's old card.

    After the sort may stand `full`: two given names, Germany's short code as well, days and months
    of all sorts, and a number in the optional part; or `permit`: all that, and its letters.
    """
    if sort == "CNI":
        return _old_french_card(rng)
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
    second = {"full": "D", "permit": "R"}.get(full, "<") if letter == "I" else "<"
    head = f"{letter}{second}{country}"
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


def _old_french_card(rng: random.Random) -> list[str]:
    """Two lines of 36, in an order of their own."""
    last, first = rng.choice(LAST).upper(), rng.choice(FIRST).upper()
    office = "".join(rng.choices(string.digits, k=6))
    top = f"IDFRA{last.ljust(25, '<')}{office}"
    number = f"{date(rng, 'tm', (2004, 2013))}{office[:3]}{rng.randint(10000, 99999)}"
    given, birth = (
        f"{first}<<{rng.choice(FIRST).upper()}".ljust(14, "<")[:14],
        birth_date(rng, "tmd"),
    )
    body = f"{number}{_check(number)}{given}{birth}{_check(birth)}{rng.choice('MF')}"
    return [top, body + _check(top + body)]


def _check(text: str) -> str:
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(v * (7, 3, 1)[i % 3] for i, v in enumerate(values)) % 10)
