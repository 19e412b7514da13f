"""Words that say what the number beside them is.

A label counts where nothing but a few short words stands between it and the value: in the same
line, in the line to the left, in the line above, or at the end of the line before.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from processors.masking.page_text import BLOCK, PageText, fold

TAIL_LENGTH = 72
"""How many characters before a value are searched for its label."""

GAP_LENGTH_MAX = 36
"""How far a label may stand from its value in the text, in characters."""

_VALUE = re.compile(rf"[0-9{BLOCK}]")
_OWN_LABEL = re.compile(r"[a-z]{3}|[a-z]:")
"""A line that names its value itself takes no neighbour's label, but may go on with a sentence."""

_CONFUSED = re.compile(r"\[[^\]]*\]|\\.|[lio]")
"""Letters of a label that are often misread; classes and escapes of a pattern are passed over."""

_WORDS_MAX = 2
_STOPS = re.compile(
    r"order|invoice|article|artikel|customer|kunde|rechnung|bestell|facture|commande|client|pedido"
    r"|factura|fattura|ordine|cliente|item|ticket|ref|serial|model|version|total|sum|price|amount"
    r"|delivery|deliver|lieferung|livraison|entrega|consegna|issue|ausgestellt|expir|valid|gultig"
    r"|ean|gtin|sku|isbn|receipt|beleg|betrag|auftrag|product"
)


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
        ends = [match.end() for match in self.pattern.finditer(context)]
        if not ends:
            return False
        gap = context[ends[-1] :]
        words = re.findall(r"[a-z]{3,}", gap)
        return (
            len(gap) <= GAP_LENGTH_MAX
            and len(words) <= _WORDS_MAX
            and _VALUE.search(gap) is None
            and _STOPS.search(gap) is None
        )


def labels(*words: str) -> Labels:
    """Labels from words.

    Args:
        words: In lower case; Latin letters without their accents. A blank may be missing in the
            text, a dot as well; other characters are a regular expression's. Words of Latin letters
            begin and end with no letter beside them. Without any, nothing is a label.
    """
    parts = []
    for word in words:
        plain = _CONFUSED.sub(_either, fold(word))
        part = plain.replace(" ", r"[ .:\-/]{0,3}")
        is_latin = word[0].isascii()
        parts.append(rf"(?<![a-z]){part}(?![a-z])" if is_latin else part)
    return Labels(re.compile("|".join(parts) or "(?!)"))


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
