"""The checker of compatibility finds what breaks others, and nothing else."""

from copy import deepcopy
from typing import cast

import pytest

from schemas.codecs import JsonObject
from schemas.json_schemas import KINDS, RECOGNIZED, UPLOADED, Direction, MessageKind
from tests.contracts.compatibility import incompatibilities

NOBODY: frozenset[Direction] = frozenset()
PUBLISHED = frozenset({Direction.PUBLISHED})
CONSUMED = frozenset({Direction.CONSUMED})
BOTH = PUBLISHED | CONSUMED

MODE = {"$ref": "#/$defs/Mode"}
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {"mode": MODE}}
FIELDS: dict[str, object] = {
    "version": {"const": 1, "type": "integer"},
    "key": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^[a-z]+$"},
    "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "score": {"type": "number", "exclusiveMinimum": 0.0, "maximum": 1.0},
    "page_count": {"type": "integer"},
    "at": {"type": "string", "format": "date-time"},
    "lines": {"type": "array", "minItems": 1, "maxItems": 4, "items": {"type": "string"}},
    "timings": {"type": "object", "additionalProperties": {"type": "number"}},
    "options": OPTIONS,
}
SCHEMA: JsonObject = {
    "$defs": {"Mode": {"type": "string", "enum": ["off", "auto"]}},
    "type": "object",
    "properties": FIELDS,
    "required": ["version", "key", "note"],
}


def field(name: str, **keywords: object) -> JsonObject:
    """SCHEMA with one field added or replaced."""
    return {**SCHEMA, "properties": {**FIELDS, name: keywords}}


def without(name: str) -> JsonObject:
    """SCHEMA without one field."""
    return {
        **SCHEMA,
        "properties": {other: schema for other, schema in FIELDS.items() if other != name},
        "required": [other for other in ("version", "key", "note") if other != name],
    }


def required(*names: str) -> JsonObject:
    """SCHEMA with other required fields."""
    return {**SCHEMA, "required": list(names)}


def mode(*values: str) -> JsonObject:
    """SCHEMA with another enumeration."""
    return {**SCHEMA, "$defs": {"Mode": {"type": "string", "enum": list(values)}}}


def key(**keywords: object) -> JsonObject:
    """SCHEMA with keywords of `key` replaced; None removes one."""
    merged = {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^[a-z]+$"} | keywords
    return field("key", **{name: value for name, value in merged.items() if value is not None})


CHANGES: dict[str, tuple[JsonObject, frozenset[Direction]]] = {
    "nothing": (deepcopy(SCHEMA), NOBODY),
    "description added": ({**SCHEMA, "description": "A message."}, NOBODY),
    "reference written out": (
        field(
            "options",
            **OPTIONS | {"properties": {"mode": {"type": "string", "enum": ["off", "auto"]}}},
        ),
        NOBODY,
    ),
    "optional field added": (field("later", type="string"), NOBODY),
    "required field added": (
        field("later", type="string") | {"required": ["version", "key", "note", "later"]},
        CONSUMED,
    ),
    "required field removed": (without("key"), BOTH),
    "optional field removed": (without("page_count"), BOTH),
    "field may be left out": (required("version", "key"), PUBLISHED),
    "field may not be left out": (required("version", "key", "note", "score"), CONSUMED),
    "field may be null": (field("page_count", type=["integer", "null"]), PUBLISHED),
    "field may not be null": (field("note", type="string"), CONSUMED),
    "type changed": (field("page_count", type="string"), BOTH),
    "type widened": (field("page_count", type="number"), PUBLISHED),
    "type narrowed": (
        field("score", type="integer", exclusiveMinimum=0.0, maximum=1.0),
        CONSUMED,
    ),
    "type given up": (field("page_count"), PUBLISHED),
    "enumeration gained": (mode("off", "auto", "always"), PUBLISHED),
    "enumeration lost": (mode("off"), CONSUMED),
    "enumeration opened": ({**SCHEMA, "$defs": {"Mode": {"type": "string"}}}, PUBLISHED),
    "constant changed": (field("version", const=2, type="integer"), BOTH),
    "range widened": (field("score", type="number", minimum=0.0, maximum=1.0), PUBLISHED),
    "range narrowed": (field("score", type="number", exclusiveMinimum=0.0, maximum=0.5), CONSUMED),
    "range moved": (field("score", type="number", exclusiveMinimum=0.5, maximum=2.0), BOTH),
    "length limit dropped": (key(maxLength=None), PUBLISHED),
    "length limit lowered": (key(maxLength=8), CONSUMED),
    "pattern changed": (key(pattern="^[A-Z]+$"), BOTH),
    "pattern dropped": (key(pattern=None), PUBLISHED),
    "format added": (key(format="uuid"), CONSUMED),
    "format dropped": (field("at", type="string"), PUBLISHED),
    "fewer items": (
        field("lines", type="array", minItems=0, maxItems=4, items={"type": "string"}),
        PUBLISHED,
    ),
    "other items": (
        field("lines", type="array", minItems=1, maxItems=4, items={"type": "number"}),
        BOTH,
    ),
    "other values of a map": (
        field("timings", type="object", additionalProperties={"type": "integer"}),
        CONSUMED,
    ),
    "object closed": ({**SCHEMA, "additionalProperties": False}, CONSUMED),
    "closed object opened": (
        field("options", type="object", properties={"mode": MODE}),
        PUBLISHED,
    ),
    "option added": (
        field("options", **OPTIONS | {"properties": {"mode": MODE, "later": MODE}}),
        PUBLISHED,
    ),
    "option removed": (field("options", **OPTIONS | {"properties": {}}), BOTH),
}


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("change", CHANGES)
def test_incompatibilities_are_found_where_others_break(change: str, direction: Direction) -> None:
    """Each change breaks exactly those whom it is known to break."""
    current, breaks = CHANGES[change]
    found = incompatibilities(SCHEMA, current, direction)
    assert bool(found) is (direction in breaks), found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_incompatibilities_of_an_unchanged_message_are_none(kind: MessageKind) -> None:
    """The schemas that we have are within what the checker understands."""
    assert incompatibilities(kind.schema(), kind.schema(), kind.direction) == []


def test_incompatibilities_name_the_place() -> None:
    """A fault deep inside says where it is and what it is."""
    current = RECOGNIZED.schema()
    line = cast(dict[str, JsonObject], current["$defs"])["RecognizedLine"]
    cast(list[str], line["required"]).remove("polygon")
    found = incompatibilities(RECOGNIZED.schema(), current, Direction.PUBLISHED)
    assert found == ["$.pages[].lines[]: now writes objects without polygon"]


def test_incompatibilities_name_a_refused_option() -> None:
    """An option that is no longer known is named, and that it would now be refused."""
    current = UPLOADED.schema()
    options = cast(dict[str, JsonObject], current["$defs"])["DocumentOptions"]
    cast(JsonObject, options["properties"]).pop("pages")
    found = incompatibilities(UPLOADED.schema(), current, Direction.CONSUMED)
    assert found == ["$.options.pages: is gone"]


@pytest.mark.parametrize(
    "keywords", [{"not": {}}, {"$ref": "#/$defs/Mode", "enum": ["off"]}], ids=["not", "ref"]
)
def test_incompatibilities_refuse_to_guess(keywords: JsonObject) -> None:
    """A keyword that the checker does not know is an error, never silently compatible."""
    with pytest.raises(ValueError, match="cannot judge"):
        incompatibilities(SCHEMA, field("key", **keywords), Direction.PUBLISHED)
