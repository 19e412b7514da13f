"""The seam to whatever knows names and addresses from other words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.masking import PersonalKind


@dataclass(frozen=True, slots=True)
class Entity:
    """A name or an address: `text[start:end]` of the text that was given."""

    kind: PersonalKind
    start: int
    end: int


class EntityFinder(Protocol):
    """Finds names and addresses; the same in the same text, and from any thread."""

    def find(self, text: str) -> Sequence[Entity]:
        """Find them in a page's text, one line of the page to a line, in any order."""
        ...
