"""Addresses of e-mail, also where a reader put blanks or a comma into them."""

import re
from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from processors.masking.findings import Finding
from processors.masking.page_text import PageText
from schemas.masking import PersonalKind

_AT = re.compile(
    r"[ \n]?@[ \n]?| ?[\(\[\{<] ?(?:at|AT|a|A|@) ?[\)\]\}>] ?|(?<=[A-Za-z0-9])[®©](?=[A-Za-z0-9])"
)
_LOCAL = re.compile(r"[A-Za-z0-9_+](?:[A-Za-z0-9._%+'\-]{0,62}[A-Za-z0-9_+\-])?$")
_LOCAL_MAX = 64
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?")
_DOT = re.compile(r"(?: ?[.,] ?| ?[\(\[] ?(?:dot|punkt|point|punto) ?[\)\]] ?| (?=[a-z]{2,3}\b))")
_PLAIN_DOT = re.compile(r"\.[A-Za-z0-9]")
_BROKEN_DOT = re.compile(r"\.?\n\.?(?=[a-z0-9\-]{2,62}(?:[.\n ]|$))|\n(?=[a-z0-9\-]{1,62}\.)")
_MESSAGE_ID = re.compile(r"(?:message|content)-?id ?:\s?<?$|(?:references|in-reply-to) ?:\s?<?$")
"""Before the name of a message, which is written as an address."""

_REST = re.compile(r"-\n[a-z0-9\-]{1,62}")
_LABELS_MAX = 8

_TLDS = frozenset(
    (
        *("com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "eu"),
        *("uk", "online", "shop", "app", "dev", "cloud", "email", "tech", "io", "site", "web"),
        *("store", "blog", "example", "test", "invalid", "berlin", "wien", "swiss", "cat"),
    )
) | {region.lower() for region in SUPPORTED_REGIONS}
"""Endings that are common; others are taken where nothing was misread."""


def find_emails(page: PageText) -> Iterator[Finding]:
    """Find addresses, each from its at-sign to both sides; at most 64 and 256 characters of them.

    One that is cut by the end of a line goes on in the next: after the sign, after a dot, after a
    hyphen, or where its domain has no end yet.
    """
    for match in _AT.finditer(page.text):
        is_plain = "@" in match.group()
        end = _domain_end(page.text, match.end())
        start = _local_start(page.text, match.start())
        if (
            start is None
            or end is None
            or _MESSAGE_ID.search(page.lower[max(0, start - 20) : start])
        ):
            continue
        if not is_plain and not _is_known(re.split(r"[ .,)\]]", page.text[start:end])[-1]):
            continue
        yield Finding(PersonalKind.EMAIL, start, end)


def _local_start(text: str, end: int) -> int | None:
    """Where the part before the sign begins; None: nothing like it stands there."""
    found = _LOCAL.search(text[max(0, end - _LOCAL_MAX) : end])
    if found is None:
        return None
    start = end - (found.end() - found.start())
    before = text[max(0, start - _LOCAL_MAX) : start]
    more = re.search(r"[A-Za-z0-9_.+\-]{1,63}(?:[._+\-]\n| \.|(?<=\n)\.)$", before)
    if more is None and text[start] in "._":
        more = re.search(r"[A-Za-z0-9_.+\-]{1,63} $", before)
    if more is None and text[start : start + 1].islower():
        more = re.search(r"(?:^|[\n:] ?)([a-z0-9_\-]{1,40}\. )$", before)
        return start if more is None else start - len(more.group(1))
    return start if more is None else start - len(more.group())


def _domain_end(text: str, start: int) -> int | None:
    """Where the part after the sign ends; None: it is no domain."""
    place, end, is_whole = start, None, False
    for count in range(_LABELS_MAX):
        label = _LABEL.match(text, place, place + 63)
        if label is None:
            break
        place = _joined_label_end(text, label)
        last = text[label.start() : place].replace("-\n", "").replace("\n", "")
        if count and any(c.isalpha() for c in last) and len(last) >= 2:
            end, is_whole = place, _is_known(last)
        dot = _next_dot(text, place, is_whole=is_whole)
        if dot is None:
            break
        place = dot
    return end


def _joined_label_end(text: str, label: re.Match[str]) -> int:
    """Where a label ends that may go on in the next line after a hyphen."""
    rest = _REST.match(text, label.end(), label.end() + 64)
    return rest.end() if rest is not None else label.end()


def _next_dot(text: str, place: int, *, is_whole: bool) -> int | None:
    """Where the label after a dot begins, or what was read for one; None: the domain ends here.

    A blank or a comma counts only while the domain has no known end, and a dot at the end of a line
    as well.
    """
    if _PLAIN_DOT.match(text, place):
        return place + 1
    if is_whole:
        return None
    broken = _BROKEN_DOT.match(text, place)
    if broken is not None and (
        "." in broken.group() or "." not in text[max(0, place - 40) : place]
    ):
        return broken.end()
    dot = _DOT.match(text, place)
    if dot is None:
        return None
    after = _LABEL.match(text, dot.end(), dot.end() + 63)
    if after is None:
        return None
    goes_on = text[after.end() : after.end() + 1] in (".", ",")
    return dot.end() if _is_known(after.group()) or (goes_on and dot.group() != " ") else None


def _is_known(label: str) -> bool:
    return label.lower() in _TLDS
