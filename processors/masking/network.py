"""Addresses of machines: IPv4, IPv6 and MAC."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from processors.masking.findings import Finding
from processors.masking.labels import labels
from processors.masking.page_text import PageText
from schemas.masking import PersonalKind

_OCTET = r"[0-9OolISB]{1,3}"
_IPV4 = re.compile(
    rf"(?:(?<![A-Za-z0-9.])|(?<=[A-Za-z]{{3}})(?=[0-9]))"
    rf"(?:{_OCTET}(?: ?[.,] ?|  ?)){{3}}{_OCTET}(?![A-Za-z0-9])(?!\.[0-9])"
)
_IPV6 = re.compile(
    r"(?<![A-Za-z0-9:.])(?:[0-9A-FOa-fol]{0,4}: ?){2,7}[0-9A-FOa-fol.]{0,15}(?![0-9:])"
)
_HEX = "[0-9A-FOa-fol]"
_MAC = re.compile(
    rf"(?<![A-Za-z0-9:\-.])(?:{_HEX}{{2}}(?:(?: ?: ?{_HEX}{{2}}){{5}}|(?: ?- ?{_HEX}{{2}}){{5}})"
    rf"|{_HEX}{{4}}(?:\. ?{_HEX}{{4}}){{2}})(?![A-Za-z0-9:\-])"
)
_MAC_IN_ONE = re.compile(r"(?<![A-Za-z0-9])(?=[0-9]{0,11}[A-Fa-f])[0-9A-Fa-f]{12}(?![A-Za-z0-9])")
_HEX_SLIPS = str.maketrans("Ool", "001")
_OCTET_SLIPS = str.maketrans("OolISB", "001158")

_LABELS = labels(
    *(
        "ip",
        "ipv4",
        "ipv6",
        "ip ?adr[a-z]*",
        "ip ?add[a-z]*",
        "adresse ip",
        "direccion ip",
        "server",
    ),
    *("indirizzo ip", "endereco ip", "host", "gateway", "dns", "client", "peer", "router"),
    *("adres ip", "remote", "ping", "login", "ipアドレス", "ip地址"),
)
_VERSIONS = labels(
    *(
        "v",
        "ver",
        "version",
        "versi[a-z]+",
        "vers[a-z]{1,3}",
        "wersja",
        "release",
        "rev",
        "build",
        "firmware",
    ),
    *(
        "fw",
        "driver",
        "treiber",
        "software",
        "section",
        "edition",
        "patch(?:ed)?",
        "update[ds]?",
        "upgraded?",
        "bios",
        "kernel",
        "abschnitt",
        "chapter",
        "kapitel",
        "clause",
        "package",
        "paket",
        "paquete?",
    ),
    *("article", "schema", "install[a-z]*", "sw", "バージョン", "版本"),
)
_MAC_LABELS = labels(
    *("mac", "mac ?add[a-z]*", "mac ?adr[a-z]*", "ethernet", "wlan", "wifi", "bssid", "ether"),
    *("adresse mac", "adresse physique", "physical address", "hwaddr", "direccion mac"),
)


_NETMASK_BEGIN = 255
"""No machine has an address that begins so."""


def find_ip_addresses(page: PageText) -> Iterator[Finding]:
    """Find addresses; four numbers after a word such as `version`, and netmasks, are none."""
    for match in _IPV4.finditer(page.text):
        if _is_ipv4(page, match):
            yield Finding(PersonalKind.IP_ADDRESS, *match.span())
    for match in _IPV6.finditer(page.text):
        text = match.group().replace(" ", "").translate(_HEX_SLIPS)
        if len(text) >= 5 and any(c.isdigit() for c in text) and _is_ipv6(text):
            yield Finding(PersonalKind.IP_ADDRESS, match.start(), _stripped_end(match))


def find_mac_addresses(page: PageText) -> Iterator[Finding]:
    """Find addresses; six pairs of digits with hyphens need a letter among them, or a label.

    What is written in one piece needs a letter and a label.
    """
    for match in _MAC.finditer(page.text):
        text = match.group().translate(_HEX_SLIPS)
        if (
            ":" in text
            or re.search(r"[A-Fa-f]", text)
            or _MAC_LABELS.stand_before(page, match.start())
        ):
            yield Finding(PersonalKind.MAC_ADDRESS, *match.span())
    for match in _MAC_IN_ONE.finditer(page.text):
        if _MAC_LABELS.stand_before(page, match.start()):
            yield Finding(PersonalKind.MAC_ADDRESS, *match.span())


def _is_ipv4(page: PageText, match: re.Match[str]) -> bool:
    is_labelled = _LABELS.stand_before(page, match.start())
    if not is_labelled and _VERSIONS.stand_before(page, match.start()):
        return False
    numbers = re.split(r"[ .,]+", match.group().translate(_OCTET_SLIPS))
    try:
        address = IPv4Address(".".join(numbers))
    except AddressValueError:
        return False
    if address.packed[0] == _NETMASK_BEGIN:
        return False
    if is_labelled:
        return True
    has_dots = re.search(r"[,OolISB]|[0-9] +[0-9]", match.group()) is None
    is_long = sum(len(number) >= 2 for number in numbers) >= 2
    return has_dots and (is_long or address.is_private)


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text.rstrip("."))
    except AddressValueError:
        return False
    return True


def _stripped_end(match: re.Match[str]) -> int:
    return match.start() + len(match.group().rstrip(" ."))
