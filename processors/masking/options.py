"""What is to be masked."""

from dataclasses import dataclass

from processors.errors import ProcessorError
from processors.masking.entities import EntityFinder
from processors.masking.patterns import OwnPattern
from schemas.masking import PersonalKind

ENTITY_KINDS = frozenset({PersonalKind.NAME, PersonalKind.ADDRESS})
"""Kinds that only an entity finder finds."""

CHECKED_KINDS = frozenset(PersonalKind) - ENTITY_KINDS
"""Kinds that need nothing but this package: what the word `all` stands for."""

ALL = "all"


class InvalidMaskOptions(ProcessorError):
    """The options contradict each other, or name what does not exist."""


@dataclass(frozen=True, slots=True)
class MaskOptions:
    """What is to be masked, and what is known of where documents come from.

    Attributes:
        kinds: Kinds to mask; empty: own patterns only.
        patterns: Patterns of one's own.
        regions: ISO 3166 codes of two capitals: a telephone number written as within one of these
            countries is masked without a word such as `Tel.` before it. The first is preferred.
        countries: ISO 3166 codes of two capitals: national and tax numbers of these only; None:
            of every country in `number_catalog`.
        entity_finder: Finds names and addresses; needed for these two kinds only.
    """

    kinds: frozenset[PersonalKind] = CHECKED_KINDS
    patterns: tuple[OwnPattern, ...] = ()
    regions: tuple[str, ...] = ()
    countries: frozenset[str] | None = None
    entity_finder: EntityFinder | None = None

    def __post_init__(self) -> None:
        """Check what one cannot see from the types.

        Raises:
            InvalidMaskOptions: names or addresses are asked for without a finder, or a country is
                not named by its two letters.
        """
        asked = sorted(self.kinds & ENTITY_KINDS)
        if asked and self.entity_finder is None:
            raise InvalidMaskOptions(
                f"{', '.join(asked)}: needs an entity finder; install ocrstream[names] and name "
                "a model, or leave the kind out"
            )
        for code in (*self.regions, *sorted(self.countries or ())):
            if not (len(code) == 2 and code.isascii() and code.isupper()):
                raise InvalidMaskOptions(
                    f"{code!r} is no country; use its two capital letters, such as DE"
                )


def parse_kinds(text: str) -> frozenset[PersonalKind]:
    """Kinds from a setting such as `email,phone,card`.

    Args:
        text: Names separated by commas, case and blanks beside them ignored. `all` stands for every
            kind that needs no entity finder; `name` and `address` may stand beside it. Empty: none.

    Raises:
        InvalidMaskOptions: a name is unknown; the message names it, and those there are.
    """
    kinds: set[PersonalKind] = set()
    names = [name.strip().lower().replace("-", "_") for name in text.split(",")]
    for name in (name for name in names if name):
        if name == ALL:
            kinds |= CHECKED_KINDS
            continue
        try:
            kinds.add(PersonalKind(name))
        except ValueError as err:
            allowed = ", ".join((ALL, *PersonalKind))
            raise InvalidMaskOptions(f"{name!r} is no kind of data; known are {allowed}") from err
    return frozenset(kinds)
