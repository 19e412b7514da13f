"""Words that say what the number beside them is.

A label counts where nothing but a few short words stands between it and the value: in the same
line, in the line to the left, in the line above, or at the end of the line before.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from processors.masking.page_text import BLOCK, LOWER_LETTERS, PageText, fold

TAIL_LENGTH = 72
"""How many characters before a value are searched for its label."""

GAP_LENGTH_MAX = 36
"""How far a label may stand from its value in the text, in characters."""

_VALUE = re.compile(rf"[0-9{BLOCK}]")
_LOWER = f"[{LOWER_LETTERS}]"
_OWN_LABEL = re.compile(rf"{_LOWER}{{3}}|{_LOWER}:")
"""A line that names its value itself takes no neighbour's label, but may go on with a sentence."""

_CONFUSED = re.compile(r"\[[^\]]*\]|\\.|[lio]")
"""Letters of a label that are often misread; classes and escapes of a pattern are passed over."""

_BOUNDED = frozenset(c for c in map(chr, range(0x370, 0x530)) if re.match(_LOWER, c))
_WORDS_MAX = 2
_WORD = re.compile(rf"{_LOWER}{{3,}}")
_SAYING = re.compile(r"[^0-9\s.,:;/()+\-]")
_ASIDE = re.compile(r"\((?:[^()0-9]{1,32}|[0-9]{1,2}[a-z]?\.?)\)")
"""Says how to write a value, when to call, or which field it is: `(day/month/year)`, `(4)`."""

STOPS = re.compile(
    r"order|invoice|article|artikel|customer|kunde|rechnung|bestell|facture|commande|client|pedido"
    r"|factura|fattura|ordine|cliente|item|ticket|ref|serial|model|version|total|sum|price|amount"
    r"|delivery|deliver|lieferung|livraison|entrega|consegna|issue|ausgestellt|expir|valid|gultig"
    r"|ean|gtin|sku|isbn|receipt|beleg|betrag|auftrag|product|contract|vertrag|contrat|zamowieni"
    r"|firmware|release|driver|treiber|build|software|patch|upgrade|wersja|package|imei|imsi|iccid|netmask"
    r"|angebot|offert|tarif|§|(?<![a-z])(?:art|pos|teil|abs)(?:\.|(?= ?$))|заказ|счет|договор"
)
"""Words that say that a number is something else."""

_PARTING = re.compile(r",\s+")


@dataclass(frozen=True, slots=True)
class Labels:
    """Words of one meaning, in many languages.

    Attributes:
        pattern: Over folded lower-case text; built by `labels`.
    """

    pattern: re.Pattern[str]

    def stand_before(self, page: PageText, place: int) -> bool:
        """Whether one of them says what begins at a place of the text."""
        return self.end(contexts(page, place))

    def end(self, texts: Iterable[str]) -> bool:
        """Whether one of some contexts ends with one of them."""
        return any(self._ends(text) for text in texts)

    def _ends(self, context: str) -> bool:
        """Whether a context ends with a label, apart from a gap."""
        if _SAYING.search(context) is None:
            return False
        ends = [match.end() for match in self.pattern.finditer(context)]
        if not ends:
            return False
        gap = _ASIDE.sub("", context[ends[-1] :])
        return (
            len(gap) <= GAP_LENGTH_MAX
            and len(_WORD.findall(gap)) <= _WORDS_MAX
            and _VALUE.search(gap) is None
            and STOPS.search(gap) is None
        )


def labels(*lists: str) -> Labels:
    """Labels from words.

    Args:
        lists: Words, several of them parted by a comma and a blank. In lower case, with or without
            accents. A blank may be missing in the text, or a dot, colon, hyphen or slash stand for
            it; other characters are a regular expression's. Words that begin with a Latin, Greek or
            Cyrillic letter begin and end with no letter beside them. Without any, nothing is a
            label.
    """
    bounded: list[str] = []
    others: list[str] = []
    words = {word for one in lists for word in _PARTING.split(one.strip()) if word}
    for word in sorted(words, key=lambda one: (-len(one), one)):
        plain = fold(word)
        part = _CONFUSED.sub(_either, plain)
        part = part.replace(" ?", " ").replace(" ", r"[ .:\-/]{0,3}")
        is_bounded = plain[0].isascii() or plain[0] in _BOUNDED
        (bounded if is_bounded else others).append(part)
    if bounded:
        others.append(rf"(?<!{_LOWER})(?:{'|'.join(bounded)})(?!{_LOWER})")
    return Labels(re.compile("|".join(others) or "(?!)"))


def _either(match: re.Match[str]) -> str:
    return {"l": "[l1i|]", "i": "[il1|]", "o": "[o0]"}.get(match.group(), match.group())


def contexts(page: PageText, place: int) -> Iterator[str]:
    """What can be read before a place: its own line first, then with its neighbours before it."""
    line = page.line_of(place)
    own = page.lower[max(page.starts[line], place - TAIL_LENGTH) : place]
    yield own
    if len(own) > TAIL_LENGTH // 2:
        return
    neighbours = [page.lefts[line], page.heads[line], line - 1]
    if _OWN_LABEL.search(own):
        if not page.text[page.starts[line]].islower():
            return
        neighbours = neighbours[2:]
    seen = {-1}
    for other in neighbours:
        if other not in seen:
            seen.add(other)
            yield f"{page.line_text(other)[-TAIL_LENGTH:]} {own}"
