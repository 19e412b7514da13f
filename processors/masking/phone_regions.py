"""Numbers written as they are within a country, and which countries a page speaks of."""

import re
from itertools import pairwise

import phonenumbers

from processors.masking.page_text import PageText

REGIONS = (
    *("DE", "AT", "CH", "GB", "IE", "FR", "BE", "NL", "IT", "SE", "FI", "HU", "RO", "BG", "HR"),
    *("SI", "RS", "SK", "TR", "UA", "RU", "US", "AU", "NZ", "ZA", "JP", "KR", "CN", "IN", "BR"),
)
"""Where numbers begin with 0 or a bracket when written in full."""

_CODE = re.compile(r"(?<![A-Za-z0-9+])(?:\+ ?|00)([1-9][0-9]{0,2})")
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})[0-9]{2}(?: ?[A-Z0-9]{4}){3}")
_DOMAIN = re.compile(r"(?:@|www\.|://)[a-z0-9.\-]{1,60}\.([a-z]{2})(?![a-z0-9.\-])")

_BRACKETED = re.compile(r"\([0-9]{3}\) ?[0-9]{3}[\-. ][0-9]{4}$|\(0[0-9]{0,4}\) ?[0-9]")
"""Nothing but telephone numbers have such a beginning."""


def page_regions(page: PageText) -> tuple[str, ...]:
    """Countries of the page's international numbers, accounts and domains, of `REGIONS` only."""
    found = {match.group(1).upper() for match in _DOMAIN.finditer(page.lower)}
    found |= {match.group(1) for match in _IBAN.finditer(page.text)}
    if "UK" in found:
        found.add("GB")
    for code in {match.group(1) for match in _CODE.finditer(page.text)}:
        for length in range(1, len(code) + 1):
            found.update(phonenumbers.region_codes_for_country_code(int(code[:length]))[:1])
    return tuple(region for region in REGIONS if region in found)


def is_bracketed(text: str) -> bool:
    """Whether a number begins with an area's code in brackets, as no other number does."""
    return _BRACKETED.match(text) is not None and any(is_written_so(text, one) for one in REGIONS)


def is_written_so(text: str, region: str, *, needs_zero: bool = True) -> bool:
    """Whether a number is valid in a country, and its first group is the area's code there.

    Args:
        text: Digits in groups.
        region: ISO 3166, two capitals.
        needs_zero: It must begin with 0 or a bracket; else four groups, or those that the country
            uses, are enough as well. Numbers of North America need none if written with hyphens.
    """
    text = text.replace("(0)", "0")
    groups = re.findall(r"[0-9]+", text)
    try:
        number = phonenumbers.parse("".join(groups), region)
    except phonenumbers.NumberParseException:
        return False
    if len(groups) < 2 or not phonenumbers.is_valid_number_for_region(number, region):
        return False
    printed = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    is_usual = groups == re.findall(r"[0-9]+", printed)
    prefix = len("".join(groups)) - len(phonenumbers.national_significant_number(number))
    has_area = len(groups[0]) == prefix + phonenumbers.length_of_national_destination_code(number)
    if text[0] in "0(" or (is_usual and region == "US" and "-" in text):
        return (has_area or is_usual) and not _are_consecutive(groups)
    has_no_zero = not printed.startswith(("0", "(0"))
    return not needs_zero and (is_usual or (has_no_zero and (has_area or len(groups) >= 4)))


def _are_consecutive(groups: list[str]) -> bool:
    """Whether these are the numbers of pages or months."""
    return {int(after) - int(one) for one, after in pairwise(groups)} == {1}
