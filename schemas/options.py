"""What an event may ask for. Everything left out follows the worker's settings."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

PAGES_PATTERN = r"^[1-9][0-9]{0,5}(-[1-9][0-9]{0,5})?(,[1-9][0-9]{0,5}(-[1-9][0-9]{0,5})?)*$"


class EnhanceMode(StrEnum):
    """When noise is smoothed, contrast raised, blur undone.

    Never; where some lines read better so; or, without a trial, whatever a page is measured to
    lack.
    """

    OFF = "off"
    AUTO = "auto"
    ALWAYS = "always"


class Frames(StrEnum):
    """Which pictures of an animation are pages."""

    FIRST = "first"
    ALL = "all"


Probability = Annotated[float, Field(gt=0.0, lt=1.0)]
UnclipRatio = Annotated[float, Field(ge=1.0, le=5.0)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")]
AUTO_LANGUAGE: Literal["auto"] = "auto"
"""Instead of a language: whichever of the recognisers reads best."""


class DocumentOptions(BaseModel):
    """Options of one document. An unknown name is an error: it would be silently without effect."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: (
        Annotated[tuple[Language | Literal["auto"], ...], Field(min_length=1, max_length=8)] | None
    ) = Field(
        None,
        description="Languages of the text, ISO 639 codes such as `en` or `ja`; or `auto`: the "
        "recogniser that reads some lines of a page best.",
    )
    detect: bool | None = Field(
        None, description="Find the lines of text; off: the picture is one line."
    )
    classify: bool | None = Field(None, description="Find lines that are upside down.")
    recognize: bool | None = Field(None, description="Read the lines; off: boxes only.")
    enhance: EnhanceMode | None = Field(
        None, description="Less noise, more contrast, sharper edges, where a page lacks them."
    )
    pages: Annotated[str, StringConstraints(pattern=PAGES_PATTERN)] | None = Field(
        None, description="Pages to read, for example `1-3,7`."
    )
    words: bool | None = Field(
        None, description="Tell the words of each line with their places; by default not."
    )
    frames: Frames | None = Field(
        None, description="Pictures of an animation to read; by default the first one."
    )
    det_db_thresh: Probability | None = Field(
        None, description="A pixel above this probability is text (DB)."
    )
    det_db_box_thresh: Probability | None = Field(
        None, description="A box whose mean probability is below this is dropped (DB)."
    )
    det_db_unclip_ratio: UnclipRatio | None = Field(
        None, description="How far the shrunken text kernel is grown (DB)."
    )

    @field_validator("languages")
    @classmethod
    def _auto_stands_alone(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value and AUTO_LANGUAGE in value and len(value) > 1:
            raise ValueError("auto stands alone, or the languages are named")
        return value
