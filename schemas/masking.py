"""What was blackened in a page: kinds of personal data, and their places."""

from enum import StrEnum

from pydantic import Field

from schemas.base import Published
from schemas.geometry import Box, Polygon


class PersonalKind(StrEnum):
    """Kinds of personal data that can be masked.

    `name` and `address` need an entity finder; the others are found by their form, by their check
    digits and by the words beside them.
    """

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"
    TAX_NUMBER = "tax_number"
    BIRTH_DATE = "birth_date"
    IP_ADDRESS = "ip_address"
    MAC_ADDRESS = "mac_address"
    MRZ = "mrz"
    NAME = "name"
    ADDRESS = "address"


class MaskedSpan(Published):
    """A part of a line that was masked, and must be blackened in the picture."""

    kind: str = Field(description="A `PersonalKind`, or the name of one's own pattern.")
    line_index: int = Field(ge=0, description="Index into `lines`.")
    box: Box
    polygon: Polygon = Field(description="Of the words touched, or of the line, with a margin.")
