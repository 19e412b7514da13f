"""Whether a JSON Schema still keeps what its released form promised. Pure functions.

One question decides: can whoever reads a message live with everything its writer may write? For
what we publish, the current form is the writer's and the released one the reader's; for what we
consume it is the other way round. So these break others, and need a new version:

- published: a field goes, may be left out or may be null; a type, a range or a pattern widens or
  changes; an enumeration gains a value. Losing a value is fine. (Most of our published enumerations
  are open, `schemas.json_schemas`: they are strings here, and may gain values.)
- consumed: a field becomes required, or is not read any more; null, a value of an enumeration or
  unknown fields are refused; a type, a range or a pattern narrows or changes.

Added fields break nobody: readers ignore what they do not know. Patterns and formats are compared
as text. Recursive schemas are not supported.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from schemas.codecs import JsonObject
from schemas.json_schemas import Direction

_ANNOTATIONS: Final = frozenset(
    {"$comment", "$defs", "$id", "$schema", "default", "description", "examples", "title"}
)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A keyword that bounds a quantity; `sign` makes the stricter one of two the larger."""

    keyword: str
    exclusive_keyword: str | None
    sign: int
    beyond: str

    def of(self, schema: JsonObject) -> tuple[float, bool] | None:
        """The bound as something that can be compared, None if there is none."""
        bounds = [
            (self.sign * float(cast(float, schema[keyword])), keyword == self.exclusive_keyword)
            for keyword in (self.keyword, self.exclusive_keyword)
            if keyword in schema
        ]
        return max(bounds, default=None)


_LIMITS: Final = (
    _Limit("minimum", "exclusiveMinimum", 1, "smaller numbers"),
    _Limit("maximum", "exclusiveMaximum", -1, "larger numbers"),
    _Limit("minLength", None, 1, "shorter text"),
    _Limit("maxLength", None, -1, "longer text"),
    _Limit("minItems", None, 1, "fewer items"),
    _Limit("maxItems", None, -1, "more items"),
)

_UNDERSTOOD: Final = (
    _ANNOTATIONS
    | {"$ref", "additionalProperties", "anyOf", "const", "enum", "format", "items", "pattern"}
    | {"properties", "required", "type"}
    | {limit.keyword for limit in _LIMITS}
    | {limit.exclusive_keyword for limit in _LIMITS if limit.exclusive_keyword}
)


def incompatibilities(released: JsonObject, current: JsonObject, direction: Direction) -> list[str]:
    """What would break those who rely on the released form.

    Args:
        released: The schema that others were given.
        current: The schema as it is now.
        direction: Whether we write such messages or read them.

    Returns:
        One line for each fault, its place first; empty if the change is compatible.

    Raises:
        ValueError: a schema has a keyword whose change this module could not judge.
    """
    if direction is Direction.PUBLISHED:
        return _Comparison(current, released, direction).faults(current, released, "$")
    return _Comparison(released, current, direction).faults(released, current, "$")


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Of what a writer may write with what a reader can read.

    Attributes:
        writer: The writer's whole schema, for its references.
        reader: The reader's.
        direction: Says which of the two is the current one.
    """

    writer: JsonObject
    reader: JsonObject
    direction: Direction

    def faults(self, writer: JsonObject, reader: JsonObject, path: str) -> list[str]:
        """What the writer may write here and the reader cannot read."""
        forms = _forms(reader, self.reader)
        found: list[str] = []
        for form in _forms(writer, self.writer):
            judged = [self._of_form(form, other, path) for other in forms if _fits(form, other)]
            judged = judged or [[self._fault(path, str(form["type"]))]]
            closest = min(judged, key=len)
            found += closest
        return found

    def _of_form(self, writer: JsonObject, reader: JsonObject, path: str) -> list[str]:
        faults = [self._fault(path, value) for value in _values_beyond(writer, reader)]
        for limit in _LIMITS:
            bound, own = limit.of(reader), limit.of(writer)
            if bound is not None and (own is None or own < bound):
                faults.append(self._fault(path, limit.beyond))
        for keyword in ("pattern", "format"):
            if keyword in reader and reader[keyword] != writer.get(keyword):
                faults.append(self._fault(path, f"text of another {keyword}"))
        if "items" in reader:
            items = _object(reader["items"])
            faults += self.faults(_object(writer.get("items", {})), items, f"{path}[]")
        if reader["type"] == "object":
            faults += self._of_fields(writer, reader, path)
        return faults

    def _of_fields(self, writer: JsonObject, reader: JsonObject, path: str) -> list[str]:
        written, read = _object(writer.get("properties", {})), _object(reader.get("properties", {}))
        left_out = _names(reader) - _names(writer)
        faults = [self._fault(path, f"objects without {name}") for name in sorted(left_out)]
        is_published = self.direction is Direction.PUBLISHED
        released, current = (read, written) if is_published else (written, read)
        faults += [f"{path}.{name}: is gone" for name in released if name not in current]
        for name in written:
            if name in read:
                place = f"{path}.{name}"
                faults += self.faults(_object(written[name]), _object(read[name]), place)
            elif name in current:
                faults += self._of_unknown(written[name], reader, f"{path}.{name}")
        return faults + self._of_unknown(
            writer.get("additionalProperties", True), reader, f"{path}.*"
        )

    def _of_unknown(self, written: object, reader: JsonObject, path: str) -> list[str]:
        """Of a field that the reader does not name; False: there is none."""
        read = reader.get("additionalProperties", True)
        if written is False or read is True:
            return []
        if read is False:
            return [self._fault(path, "unknown fields")]
        return self.faults({} if written is True else _object(written), _object(read), path)

    def _fault(self, path: str, what: str) -> str:
        verb = "writes" if self.direction is Direction.PUBLISHED else "refuses"
        return f"{path}: now {verb} {what}"


def _forms(schema: JsonObject, root: JsonObject) -> list[JsonObject]:
    """The alternatives of a schema, references resolved, each with exactly one `type`."""
    unknown = schema.keys() - _UNDERSTOOD
    if unknown:
        raise ValueError(f"cannot judge the keyword(s) {', '.join(sorted(unknown))}")
    combining = schema.keys() & {"$ref", "anyOf"}
    if combining and schema.keys() - _ANNOTATIONS - combining:
        raise ValueError("cannot judge $ref or anyOf beside other keywords")
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        return _forms(_object(_object(root["$defs"])[name]), root)
    if "anyOf" in schema:
        alternatives = cast(list[JsonObject], schema["anyOf"])
        return [form for alternative in alternatives for form in _forms(alternative, root)]
    types = schema.get("type", "anything")
    return [{**schema, "type": kind} for kind in (types if isinstance(types, list) else [types])]


def _fits(writer: JsonObject, reader: JsonObject) -> bool:
    """Whether the reader reads values of the writer's type at all."""
    readable = {writer["type"], "anything"} | ({"number"} if writer["type"] == "integer" else set())
    return reader["type"] in readable


def _values_beyond(writer: JsonObject, reader: JsonObject) -> list[str]:
    """Values that the writer's enumeration has and the reader's does not."""
    written, read = _values(writer), _values(reader)
    if read is None:
        return []
    if written is None:
        return ["any value"]
    return sorted(written - read)


def _values(schema: JsonObject) -> frozenset[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values is None:
        return None
    return frozenset(json.dumps(value) for value in cast(Iterable[object], values))


def _names(schema: JsonObject) -> frozenset[str]:
    return frozenset(cast(Iterable[str], schema.get("required", ())))


def _object(value: object) -> JsonObject:
    assert isinstance(value, Mapping), f"not a JSON object: {type(value).__name__}"
    return dict(value)
