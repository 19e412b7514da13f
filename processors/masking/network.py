"""Addresses of machines: IPv4, IPv6 and MAC."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from processors.masking.findings import Finding
from processors.masking.labels import GAP_LENGTH_MAX, STOPS
from processors.masking.network_labels import (
    IP_LABELS,
    IP_NAMES,
    MAC_LABELS,
    MAC_NAMES,
    PROGRAM_LABELS,
    VERSION_LABELS,
)
from processors.masking.page_text import PageText
from schemas.masking import PersonalKind

_GLUED = (
    r"(?<=[A-Za-z]{3})(?=[0-9])|(?<=[Ii][Pp])(?=[0-9])|(?<=[Mm][Aa][Cc])|(?<=[Mm][Aa][Cc][:=.\-])"
    r"|(?<=[Vv]6:)|(?<=[G-Zg-z][:=.\-])|(?<=[G-Zg-z][A-Fa-f][:=.\-])"
)
"""After a word read together with the address, or parted from it by a mark only."""

_OCTET = r"[0-9OolISB]{1,3}"
_IPV4 = re.compile(
    rf"(?:(?<![A-Za-z0-9.])|{_GLUED})"
    rf"(?:{_OCTET}(?: ?[.,] ?|  ?)){{3}}{_OCTET}(?![A-Za-z0-9])(?!\.[0-9])"
)
_IPV6 = re.compile(
    r"(?:(?<![A-Za-z0-9:.])|(?<=[Vv]6:)|(?<=[G-Zg-z][:=])|(?<=[G-Zg-z][A-Fa-f][:=]))"
    r"(?:[0-9A-FOa-fol]{0,4}: ?){2,7}[0-9A-FOa-fol.]{0,15}"
    r"(?:(?![0-9A-Fa-f:])|(?=:[0-9]{1,5}(?![0-9A-Fa-f:])))"
)
_HEX = "[0-9A-FOa-fol]"
_MAC = re.compile(
    rf"(?:(?<![A-Za-z0-9:\-.])|{_GLUED})"
    rf"(?:{_HEX}{{2}}(?:(?: ?: ?{_HEX}{{2}}){{5}}|(?: ?- ?{_HEX}{{2}}){{5}}|(?: {_HEX}{{2}}){{5}})"
    rf"|{_HEX}{{4}}(?:(?:\. ?{_HEX}{{4}}){{2}}|(?:-{_HEX}{{4}}){{2}}|(?::{_HEX}{{4}}){{2}})"
    rf"|{_HEX}{{6}}[:\-]{_HEX}{{6}})(?![A-Za-z0-9:\-])"
)
_MAC_IN_ONE = re.compile(
    rf"(?:(?<![A-Za-z0-9])|(?<=[Mm][Aa][Cc]))(?=[0-9Ool]{{0,11}}[A-Fa-f]){_HEX}{{12}}(?![A-Za-z0-9])"
)
_MAC_PLAIN = re.compile(r".{2}:.{2}:.*|.{2}-.{2}-.*|.{4}\..*")
"""Needs no label if a letter is among its figures; what has colons, not even that."""

_MAC_OF_SWITCH = re.compile(r"[^ ]{4}[:\-][^ ]{4}[:\-][^ ]{4}|[^ ]{6}[:\-][^ ]{6}")
"""Needs no label if a letter is among its figures, on a page that speaks of networks."""

_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2}:){7}[0-9A-Fa-f]{2}")
"""Eight of them name a disk's port or begin a fingerprint."""

_QUAD = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
_QUAD_BEFORE = re.compile(rf"(?<![0-9.]){_QUAD}[ ,;|]{{0,3}}$")
_QUAD_BEHIND = re.compile(rf"[ ,;|]{{0,3}}{_QUAD}(?![0-9.])")
_QUAD_LENGTH = 18

_HEX_SLIPS = str.maketrans("Ool", "001")
_OCTET_SLIPS = str.maketrans("OolISB", "001158")

_JOINED = re.compile(
    r" ?(?:[-=]?>|→|(?:(?:replaced|superseded) by|ersetzt durch|remplacee? par|reemplazad[oa] por"
    r"|sostituit[oa] da|substituid[oa] por|to|until|and|or|bis|auf|und|oder|et|ou|naar|tot|na|на"
    r"|до)(?= )) ?"
)
"""Between two versions of one thing."""

_VERSION_AFTER = re.compile(
    r" ?\(?(?:replaced|superseded|released?\b|ersetzt|remplace|or (?:later|newer|higher|above)"
    r"|and (?:later|newer|higher|above)|oder (?:neuer|hoher)|und (?:neuer|hoher)|ou (?:plus|sup)"
    r"|o superior|build\b|beta\b|alpha\b|rc[0-9]?\b|patch|hotfix|update|firmware)"
)
_PRICE = re.compile(r"[0-9][.,][0-9]{2} ?(?:€|eur|\$|usd|£|gbp|chf|kr\b|zl\b|pln)|[€$£] ?[0-9]")
_REST_LENGTH = 80
"""Characters after an article's number that are searched for its price."""

_FORM = re.compile(r"(?<![a-z])form(?:ular[a-z]{0,3}|ulaire)?[ .:\n]{1,3}$")
"""Before the version of a printed form."""

_VERSION_BEGIN_MAX = 31
"""With a greater first number nothing is a version or an outline unless a word says so."""

_LOOSE = re.compile(r",|[0-9OolISB] +[0-9OolISB]")
"""So addresses are misread, and lists of numbers written."""

_OUTLINE = re.compile(r"^ ?([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.? ", re.MULTILINE)
_LOOPBACK_BEGIN = 127
_MULTICAST_BEGIN = 224
"""From here on no address is a machine's: groups, netmasks."""


def find_ip_addresses(page: PageText) -> Iterator[Finding]:
    """Find addresses; versions, outlines, articles, masks, groups and networks are none."""
    outlines = frozenset(match.group(1) for match in _OUTLINE.finditer(page.text))
    has_versions_only = not IP_LABELS.pattern.search(page.lower) and any(
        one.pattern.search(page.lower) for one in (VERSION_LABELS, PROGRAM_LABELS)
    )
    last_version = -1
    for match in _IPV4.finditer(page.text):
        address = _ipv4(match.group())
        if address is None or _is_network(page, match, address):
            continue
        names = IP_NAMES if _LOOSE.search(match.group()) else IP_LABELS
        if not names.stand_before(page, match.start()):
            is_low = address.packed[0] <= _VERSION_BEGIN_MAX
            if _is_version(page, match) or (is_low and _is_other(page, match, outlines)):
                last_version = match.end()
                continue
            if last_version >= 0 and _JOINED.fullmatch(page.lower, last_version, match.start()):
                continue
            if not _is_plain(match.group(), address, needs_private=has_versions_only and is_low):
                continue
        yield Finding(PersonalKind.IP_ADDRESS, *match.span())
    for match in _IPV6.finditer(page.text):
        text = match.group().replace(" ", "").translate(_HEX_SLIPS)
        has_digit = any(c.isdigit() for c in match.group())
        if len(text) >= 5 and has_digit and not text.endswith("::") and _is_ipv6(text):
            yield Finding(PersonalKind.IP_ADDRESS, match.start(), _stripped_end(match))


def find_mac_addresses(page: PageText) -> Iterator[Finding]:
    """Find addresses; but for those with colons they need a letter among them, or a label.

    What is written in one piece needs a letter and a label, or an IPv4 address beside it; what is
    parted as switches do, a letter and a page about networks; what is parted by blanks, a label
    that says address; what is parted otherwise, any label.
    """
    is_of_networks = any(one.pattern.search(page.lower) for one in (IP_LABELS, MAC_LABELS))
    for match in _MAC.finditer(page.text):
        text = match.group().translate(_HEX_SLIPS).replace(" :", ":").replace(" -", "-")
        is_plain = _MAC_PLAIN.fullmatch(text) is not None
        is_clear = is_plain and (text[2] == ":" or re.search(r"[A-Fa-f]", text) is not None)
        names = MAC_NAMES if text[2] == " " else MAC_LABELS
        if is_clear or names.stand_before(page, match.start()):
            yield Finding(PersonalKind.MAC_ADDRESS, *match.span())
        elif is_of_networks and _MAC_OF_SWITCH.fullmatch(text) and _is_hex(text):
            before = page.lower[max(0, match.start() - GAP_LENGTH_MAX) : match.start()]
            if not STOPS.search(before):
                yield Finding(PersonalKind.MAC_ADDRESS, *match.span())
    for match in _MAC_IN_ONE.finditer(page.text):
        if MAC_LABELS.stand_before(page, match.start()) or _is_beside_quad(page, match):
            yield Finding(PersonalKind.MAC_ADDRESS, *match.span())


def _is_hex(text: str) -> bool:
    """Whether both digits and letters are among the figures."""
    return bool(re.search(r"[0-9]", text) and re.search(r"[A-Fa-f]", text))


def _is_beside_quad(page: PageText, match: re.Match[str]) -> bool:
    """Whether an IPv4 address stands before or behind, in the same line or the one beside it."""
    start, end = match.span()
    line = page.line_of(start)
    before = page.text[max(page.starts[line], start - _QUAD_LENGTH) : start]
    if _QUAD_BEFORE.search(before) or _QUAD_BEHIND.match(page.text, end, page.line_end(line)):
        return True
    if page.line_end(line) - page.starts[line] != end - start:
        return False
    following = line + 1
    is_beside = following < len(page.lefts) and page.lefts[following] == line
    neighbours = (page.lefts[line], following if is_beside else -1)
    return any(one >= 0 and re.fullmatch(_QUAD, page.line_text(one)) for one in neighbours)


def _ipv4(text: str) -> IPv4Address | None:
    numbers = re.split(r"[ .,]+", text.translate(_OCTET_SLIPS))
    try:
        return IPv4Address(".".join(numbers))
    except AddressValueError:
        return None


def _is_network(page: PageText, match: re.Match[str], address: IPv4Address) -> bool:
    """Whether this is no machine's among others: a mask, a group, itself, a network."""
    length = re.compile("/([0-9]{1,2})(?![0-9])").match(page.text, match.end())
    bits = 32 - min(32, int(length.group(1))) if length else 0
    is_whole = bits > 0 and int(address) % 2**bits == 0
    return is_whole or address.packed[0] in (0, _LOOPBACK_BEGIN, *range(_MULTICAST_BEGIN, 256))


def _is_version(page: PageText, match: re.Match[str]) -> bool:
    """Whether a word before says that this is a version or an article's number."""
    start = match.start()
    return re.search(
        r"[A-Za-z]/$", page.text[max(0, start - 2) : start]
    ) is not None or VERSION_LABELS.stand_before(page, start)


def _is_other(page: PageText, match: re.Match[str], outlines: frozenset[str]) -> bool:
    """Whether what may be a version, a section's number or an article's stands where they do."""
    start, end = match.span()
    line = page.line_of(start)
    rest = page.lower[end : min(page.line_end(line), end + _REST_LENGTH)]
    begins = start == page.starts[line]
    return (
        (begins and match.group().rpartition(".")[0] in outlines)
        or (begins and _PRICE.search(rest) is not None)
        or _VERSION_AFTER.match(rest) is not None
        or _FORM.search(page.lower[max(0, start - 16) : start]) is not None
        or PROGRAM_LABELS.stand_before(page, start)
    )


def _is_plain(text: str, address: IPv4Address, *, needs_private: bool) -> bool:
    """Whether an address needs no label: a private one, or one with two numbers of two digits."""
    if re.search(r"[,OolISB]|[0-9] +[0-9]", text) is not None:
        return False
    is_long = sum(len(number) >= 2 for number in text.split(".")) >= 2
    return address.is_private or (is_long and not needs_private)


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text.rstrip("."))
    except AddressValueError:
        return False
    return _PAIRS.fullmatch(text.rstrip(".")) is None


def _stripped_end(match: re.Match[str]) -> int:
    return match.start() + len(match.group().rstrip(" ."))
