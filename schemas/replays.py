"""What a replayed event carries beside its own bytes: one header."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, ValidationError

from schemas.base import Consumed
from schemas.codecs import MalformedEvent
from schemas.options import DocumentOptions

HEADER = "ocrstream-replay"


class Replay(Consumed):
    """Why and how an event is read again."""

    dead_letter_id: str = Field(description="The dead letter that is replayed.")
    record_index: Annotated[int, Field(ge=0)] = Field(
        0, description="Which record of the event it was about; the others are left alone."
    )
    attempts: Annotated[int, Field(ge=0)] = Field(0, description="Tries so far, over all replays.")
    replays: Annotated[int, Field(ge=1)] = Field(1, description="Replays so far, with this one.")
    options: DocumentOptions = DocumentOptions()

    def apply(self, options: DocumentOptions) -> DocumentOptions:
        """The event's options, those of the replay winning."""
        return options.model_copy(update=self.options.model_dump(exclude_none=True))


def parse_replay(headers: Mapping[str, bytes | None]) -> Replay | None:
    """Find the replay's header; None where the event came for the first time.

    Raises:
        MalformedEvent: there is one and it is wrong.
    """
    value = headers.get(HEADER)
    if value is None:
        return None
    try:
        return Replay.model_validate_json(value)
    except ValidationError as err:
        fields = ", ".join(".".join(map(str, fault["loc"])) for fault in err.errors())
        raise MalformedEvent(f"the header {HEADER} is wrong: {fields or 'no JSON'}") from err
