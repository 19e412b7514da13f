"""Where personal data stands in a page: every finder, and which of them wins where two agree."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from processors.masking.birth_dates import find_birth_dates
from processors.masking.cards import find_cards
from processors.masking.emails import find_emails
from processors.masking.findings import Finding
from processors.masking.ibans import find_ibans
from processors.masking.mrz import find_mrz
from processors.masking.network import find_ip_addresses, find_mac_addresses
from processors.masking.numbers import find_numbers
from processors.masking.options import ENTITY_KINDS, MaskOptions
from processors.masking.page_text import BLOCK, LinePart, PageText, page_text
from processors.masking.phones import find_phones
from schemas.masking import PersonalKind
from schemas.results import RecognizedPage

Finder = Callable[[PageText, MaskOptions], Iterable[Finding]]

_FINDERS: dict[PersonalKind, Finder] = {
    PersonalKind.MRZ: lambda page, _: find_mrz(page),
    PersonalKind.IBAN: lambda page, _: find_ibans(page),
    PersonalKind.CARD: lambda page, _: find_cards(page),
    PersonalKind.NATIONAL_ID: lambda page, options: find_numbers(
        page, PersonalKind.NATIONAL_ID, options.countries
    ),
    PersonalKind.TAX_NUMBER: lambda page, options: find_numbers(
        page, PersonalKind.TAX_NUMBER, options.countries
    ),
    PersonalKind.EMAIL: lambda page, _: find_emails(page),
    PersonalKind.IP_ADDRESS: lambda page, _: find_ip_addresses(page),
    PersonalKind.MAC_ADDRESS: lambda page, _: find_mac_addresses(page),
    PersonalKind.BIRTH_DATE: lambda page, _: find_birth_dates(page),
    PersonalKind.PHONE: lambda page, options: find_phones(page, options.regions),
}
"""In order of trust: where spans overlap, the first kind names their union."""

_RANKS = {kind: rank for rank, kind in enumerate(_FINDERS)}


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One piece of personal data on a page, and the parts of lines that it takes."""

    kind: str
    parts: tuple[LinePart, ...]


def find_personal_data(page: RecognizedPage, options: MaskOptions) -> tuple[PersonalData, ...]:
    """Find what is to be masked on a page, in the order of its lines.

    Spans of several finders that overlap are one. The time is in proportion to the length of the
    text: each finder looks at a bounded stretch from each place on.

    Args:
        page: As published; lines that were not read are passed over.
        options: What to look for.
    """
    text = page_text(page)
    found = list(_merged(_findings(text, options)))
    return tuple(PersonalData(one.kind, text.parts(one.start, one.end)) for one in found)


def _findings(text: PageText, options: MaskOptions) -> Iterator[Finding]:
    for kind, finder in _FINDERS.items():
        if kind in options.kinds:
            yield from finder(text, options)
    for pattern in options.patterns:
        for line, start in enumerate(text.starts):
            for first, end in pattern.spans(text.raw[start : text.line_end(line)]):
                yield Finding(pattern.name, start + first, start + end)
    if options.entity_finder is not None and options.kinds & ENTITY_KINDS:
        for entity in options.entity_finder.find(text.raw):
            if entity.kind in options.kinds and BLOCK not in text.raw[entity.start : entity.end]:
                yield Finding(entity.kind, entity.start, entity.end)


def _merged(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Unite spans that overlap; they keep the kind that is trusted most."""
    current: Finding | None = None
    for one in sorted(findings, key=lambda finding: (finding.start, finding.end, finding.kind)):
        if current is None or one.start >= current.end:
            if current is not None:
                yield current
            current = one
            continue
        kind = min(current.kind, one.kind, key=_rank)
        current = Finding(kind, current.start, max(current.end, one.end))
    if current is not None:
        yield current


def _rank(kind: str) -> int:
    """Own patterns come first, for who wrote them knows; entities last."""
    try:
        return _RANKS.get(PersonalKind(kind), len(_RANKS))
    except ValueError:
        return -1
