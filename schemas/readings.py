"""What workers tell each other: who reads which content, and where its result lies.

It stands on a topic of the workers' own. Nobody else need read it, and its form may change from one
version of ocrstream to the next: a worker ignores what it does not understand, and reads.
"""

from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from schemas.base import Published


class RecordPlace(NamedTuple):
    """Where a message stands on its topic."""

    partition: int
    offset: int


class ReadingChange(Published):
    """One step in the life of a reading: claimed, then known, or free again.

    It holds only where the reading's state is still the one that it names, so that of several
    steps from the same state the first on the topic wins. A result is good whoever read it, and
    holds in any case.
    """

    reading_id: str
    token: str = Field(description="Names the state that this makes; a renewed claim keeps it.")
    was: str | None = Field(None, description="The state before; null: there was none.")
    claimed_by: str | None = Field(None, description="The event whose document is being read.")
    result: RecordPlace | None = Field(None, description="On the results topic.")
    is_forgotten: bool = Field(
        False, description="Whatever the state was: the document was deleted, and nothing is known."
    )


class ReadingsChanged(Published):
    """Steps of any number of readings, in order."""

    type: Literal["readings.changed"] = "readings.changed"
    version: Literal[1] = 1
    changes: tuple[ReadingChange, ...]


def parse_readings(value: bytes | None) -> tuple[ReadingChange, ...]:
    """The steps of a message; none where it is of another version, or nobody's."""
    try:
        return ReadingsChanged.model_validate_json(value or b"").changes
    except ValidationError:
        return ()
