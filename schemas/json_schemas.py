"""JSON Schemas of the messages, as others are to read them.

What ocrstream publishes is described as it is written: every field is there. What it consumes is
described as it may be written: a field with a default may be left out.

All of them are open to added fields, which is how a version grows; only an event's `options` are
closed. In what is published, string enumerations are open too, since a new category or reason is
no reason for a new version: they appear as strings whose known values are `examples`. Closed are
the constants, the numbers, and `DocumentStatus`, whose two values every reader must tell apart.

The schemas mean the same in draft 2020-12 and in draft 7, which is what AsyncAPI tools read.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import ClassVar, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from schemas import examples
from schemas.base import Published
from schemas.codecs import JsonObject, encode
from schemas.results import DocumentStatus

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

OPEN_ENUM_NOTE: Final = "Known values are examples: more may be added within this version."


class Direction(StrEnum):
    """Who writes a message."""

    PUBLISHED = "published"
    CONSUMED = "consumed"


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One kind of message that is described to others.

    Attributes:
        name: As in the message's `type`, or what it is called where it has none.
        version: As in the message's `version`; None where others decide on the form.
        summary: What it tells, in one line.
        example: A realistic one.
    """

    name: str
    version: int | None
    summary: str
    example: BaseModel

    @property
    def direction(self) -> Direction:
        """Whether ocrstream writes it or reads it."""
        return Direction.PUBLISHED if isinstance(self.example, Published) else Direction.CONSUMED

    @property
    def file_name(self) -> str:
        """Of its schema and of its example."""
        return f"{self.name}.json" if self.version is None else f"{self.name}.v{self.version}.json"

    @property
    def urn(self) -> str:
        """Of its schema."""
        suffix = "" if self.version is None else f":{self.version}"
        return f"urn:ocrstream:{self.name}{suffix}"

    def example_json(self) -> JsonObject:
        """The example as it stands on its topic."""
        if isinstance(self.example, Published):
            written: JsonObject = orjson.loads(encode(self.example))
            return written
        return self.example.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def schema(self) -> JsonObject:
        """Its JSON Schema."""
        mode: JsonSchemaMode = (
            "serialization" if self.direction is Direction.PUBLISHED else "validation"
        )
        generated = type(self.example).model_json_schema(
            schema_generator=_OpenJsonSchema, mode=mode
        )
        version = "" if self.version is None else f", version {self.version}"
        return {
            **generated,
            "$schema": DIALECT,
            "$id": self.urn,
            "title": f"{self.name}{version}",
        }


UPLOADED: Final = MessageKind(
    "document.uploaded", 1, "An object wants to be read.", examples.UPLOADED
)
NOTIFICATION: Final = MessageKind(
    "store-notification", None, "The store tells of new objects.", examples.NOTIFICATION
)
RECOGNIZED: Final = MessageKind(
    "document.recognized", 1, "A document was read.", examples.RECOGNIZED
)
LOW_CONFIDENCE: Final = MessageKind(
    "document.low_confidence", 1, "A result should be reviewed.", examples.LOW_CONFIDENCE
)
DEAD_LETTERED: Final = MessageKind(
    "document.dead_lettered", 1, "An event ended without a result.", examples.DEAD_LETTERED
)

DELETED: Final = MessageKind(
    "document.deleted", 1, "A document was deleted: forget it.", examples.DELETED
)
PROGRESSED: Final = MessageKind(
    "document.progressed", 1, "A document has come one step further.", examples.PROGRESSED
)

KINDS: Final = (
    *(UPLOADED, NOTIFICATION, RECOGNIZED, LOW_CONFIDENCE),
    *(DEAD_LETTERED, DELETED, PROGRESSED),
)


class _OpenJsonSchema(GenerateJsonSchema):
    """Pydantic's generator, with the rules of this module."""

    closed_enums: ClassVar[frozenset[type[Enum]]] = frozenset({DocumentStatus})

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """`Published` forbids fields it does not know to keep our own code honest, not readers."""
        json_schema = super().model_schema(schema)
        if issubclass(schema["cls"], Published):
            json_schema.pop("additionalProperties", None)
        return json_schema

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """`encode` leaves nothing out, whether it has a default or not."""
        return self.mode == "serialization" or super().field_is_required(field, total)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """What is always written needs no default."""
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """Open, unless it is one of `closed_enums`."""
        json_schema = super().enum_schema(schema)
        return json_schema if schema["cls"] in self.closed_enums else self._opened(json_schema)

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """Open where it names several strings."""
        return self._opened(super().literal_schema(schema))

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        """Without `prefixItems`, which draft 7 does not know: all items have one form here."""
        json_schema = super().tuple_schema(schema)
        forms = json_schema.pop("prefixItems", None)
        if forms is None:
            return json_schema
        assert all(form == forms[0] for form in forms), "a tuple of different things"
        return {**json_schema, "items": forms[0]}

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never: it would repeat the field's name."""
        return False

    def _opened(self, json_schema: JsonSchemaValue) -> JsonSchemaValue:
        is_open = self.mode == "serialization" and json_schema.get("type") == "string"
        if not is_open or "enum" not in json_schema:
            return json_schema
        kept = {name: value for name, value in json_schema.items() if name != "enum"}
        return {**kept, "examples": json_schema["enum"], "$comment": OPEN_ENUM_NOTE}
