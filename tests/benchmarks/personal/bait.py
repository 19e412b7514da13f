"""What looks like personal data and is none: business and technical numbers, and other dates.

Everything is drawn from a seed. None of it is personal data, whatever its digits.
"""

import random
import re
import string

from stdnum import ean, luhn
from stdnum.iso7064 import mod_97_10

from tests.benchmarks.personal.dates import date


def bait(rng: random.Random, name: str, style: str = "") -> str:
    """A number of a sort of bait.

    `day` is a date that is no birth, for its style see `date`; `like` has a digit for each `#`.
    """
    if name == "day":
        return date(rng, style, (2012, 2027))
    if name == "like":
        return re.sub("#", lambda _: rng.choice(string.digits), style)
    for sorts in (_plain, _business, _technical, _registered, _moved):
        if name in (texts := sorts(rng)):
            return texts[name]
    raise KeyError(name)


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _grouped(siret: str) -> str:
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


def _plain(rng: random.Random) -> dict[str, str]:
    """What the first templates have."""

    def digits(count: int) -> str:
        return _digits(rng, count)

    body = rng.choice(("400", "401", "590", "871", "544")) + digits(9)
    return {
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


def _business(rng: random.Random) -> dict[str, str]:
    """What stands on invoices, in banks' and doctors' letters, on parcels."""

    def digits(count: int) -> str:
        return _digits(rng, count)

    siret = digits(13)
    letters = "".join(rng.choices("ABCDEFGH", k=4))
    return {
        "price": f"{rng.randint(1, 9)}.{digits(3)},{digits(2)}",
        "percent": f"{rng.randint(0, 99)},{rng.randint(0, 9)} %",
        "invoice": rng.choice(
            (f"RE-20{rng.randint(20, 26)}-{digits(5)}", f"{digits(4)}/{digits(4)}")
        ),
        "customer": f"{digits(4)} {digits(4)} {digits(4)}",
        "part": f"{digits(4)}-{digits(4)}-{digits(2)}",
        "creditor": f"DE{digits(2)}ZZZ0{digits(10)}",
        "bic": f"{letters}DE{rng.choice(('FF', 'MM', '2H'))}XXX",
        "meter": f"DE000{digits(28)}",
        "siret": _grouped(siret + luhn.calc_check_digit(siret)),
        "isbn": f"978-3-{digits(3)}-{digits(5)}-{digits(1)}",
        "customs": f"{digits(4)}.{digits(2)}.{digits(2)}",
        "ups": f"1Z{letters[:3]}{digits(13)}",
        "parcel": f"JJD{digits(18)}",
        "lot": f"L{digits(5)}",
        "pressure": f"{rng.randint(100, 160)}/{rng.randint(60, 95)}",
        "hours": f"{rng.randint(7, 9):02}:00-{rng.randint(16, 20)}:30",
        "case": f"{rng.randint(1, 30)} C {digits(3)}/{rng.randint(12, 26)}",
    }


def _technical(rng: random.Random) -> dict[str, str]:
    """What stands in logs, inventories and manuals."""
    hexes = "0123456789abcdef"

    def some(count: int) -> str:
        return "".join(rng.choices(hexes, k=count))

    imei = f"35{_digits(rng, 12)}"
    return {
        "semver": f"{rng.randint(0, 19)}.{rng.randint(0, 30)}.{rng.randint(0, 60)}",
        "build": f"{rng.randint(10, 130)}.0.{rng.randint(1000, 9999)}.{rng.randint(10, 199)}",
        "commit": some(10),
        "sha": some(40),
        "uuid": "-".join(map(some, (8, 4, 4, 4, 12))),
        "hex": f"0x{some(8)}",
        "imei": imei + luhn.calc_check_digit(imei),
        "iccid": f"8949{_digits(rng, 16)}",
        "oid": f"1.3.6.1.4.1.{rng.randint(2, 9999)}.{rng.randint(1, 20)}",
        "mask": rng.choice(("255.255.255.0", "255.255.0.0", "255.255.255.128")),
        "coordinates": f"{rng.randint(36, 60)}.{_digits(rng, 6)}, {rng.randint(1, 24)}."
        f"{_digits(rng, 6)}",
        "uptime": f"{rng.randint(2, 400)} days, {rng.randint(10, 23)}:{rng.randint(10, 59)}",
        "stamp": f"20{rng.randint(20, 26)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}T"
        f"{rng.randint(10, 23)}:{rng.randint(10, 59)}:{rng.randint(10, 59)}.{_digits(rng, 3)}Z",
    }


def _registered(rng: random.Random) -> dict[str, str]:
    """What companies are registered under, and what payments are told apart by."""

    def digits(count: int) -> str:
        return _digits(rng, count)

    company, stamps, giro = f"556{digits(6)}", digits(15), digits(26)
    reference = digits(rng.randint(12, 19))
    carry = 0
    for digit in giro:
        carry = int("0946827135"[(carry + int(digit)) % 10])
    giro += str((10 - carry) % 10)
    wrong = str((int(luhn.calc_check_digit(stamps)) + rng.randint(1, 9)) % 10)
    return {
        "orgnr": f"{company[:6]}-{company[6:]}{luhn.calc_check_digit(company)}",
        "creditref": _fours(f"RF{mod_97_10.calc_check_digits(reference + 'RF')}{reference}"),
        "qrref": f"{giro[:2]} " + " ".join(giro[i : i + 5] for i in range(2, 27, 5)),
        "loyalty": _fours(stamps + wrong),
        "range": f"{rng.randint(2, 90)}.{digits(1)} - {rng.randint(91, 400)}.{digits(1)}",
    }


def _fours(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _moved(rng: random.Random) -> dict[str, str]:
    """What travels, and what machines are told apart by."""

    def letters(count: int) -> str:
        return "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=count))

    def pairs(count: int) -> str:
        return ":".join("".join(rng.choices("0123456789abcdef", k=2)) for _ in range(count))

    return {
        "locator": f"{letters(2)}{_digits(rng, 1)}{letters(2)}{_digits(rng, 1)}",
        "flight": f"{letters(2)} {rng.randint(100, 9999)}",
        "vin": f"WV{letters(1)}ZZZ{_digits(rng, 1)}{letters(1)}Z{letters(1)}{_digits(rng, 7)}",
        "mail": f"R{letters(1)} {_digits(rng, 3)} {_digits(rng, 3)} {_digits(rng, 3)} DE",
        "fingerprint": pairs(20),
        "wwn": pairs(8),
    }
