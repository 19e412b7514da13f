"""The two kinds of message: what we publish is closed, what we consume is open."""

from pydantic import BaseModel, ConfigDict


class Published(BaseModel):
    """A message, or a part of one, that ocrstream publishes: exactly these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Consumed(BaseModel):
    """A message, or a part of one, that others publish: unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
