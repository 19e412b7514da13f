"""The JSON Schemas in docs/ say what our messages are, and keep what they promised.

`released/` holds the schemas as the last release gave them to others. A release copies
docs/schemas there; a change in between must be compatible with them or have a new version.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import cast

import orjson
import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from schemas import examples
from schemas.codecs import JsonObject, decode_uploads
from schemas.dead_letters import Category, Stage
from schemas.events import DocumentUploaded
from schemas.export import differences, main
from schemas.json_schemas import (
    DEAD_LETTERED,
    KINDS,
    NOTIFICATION,
    RECOGNIZED,
    UPLOADED,
    Direction,
    MessageKind,
)
from tests.contracts.compatibility import incompatibilities

DOCS = Path(__file__).parents[2] / "docs"
RELEASED = Path(__file__).parent / "released"
PUBLISHED_KINDS = [kind for kind in KINDS if kind.direction is Direction.PUBLISHED]

FORMATS = FormatChecker(())
FORMATS.checks("date-time", raises=ValueError)(
    lambda value: not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
)

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_published_kind = pytest.mark.parametrize("kind", PUBLISHED_KINDS, ids=lambda kind: kind.name)


def read_json(path: Path) -> JsonObject:
    """A JSON object from a file."""
    content: JsonObject = orjson.loads(path.read_bytes())
    return content


def faults(kind: MessageKind, message: JsonObject) -> list[str]:
    """What the schema in docs/ has against a message."""
    schema = read_json(DOCS / "schemas" / kind.file_name)
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    return [error.message for error in validator.iter_errors(message)]


def with_added_fields(value: object) -> object:
    """The same JSON with a new field in every object that has fixed fields, except `options`."""
    if isinstance(value, list):
        return [with_added_fields(item) for item in value]
    if not isinstance(value, dict):
        return value
    as_it_is = ("options", "models", "timings_ms")
    grown = {
        name: item if name in as_it_is else with_added_fields(item) for name, item in value.items()
    }
    return {**grown, "added_later": {"a": [1]}}


def test_docs_are_up_to_date() -> None:
    """Whoever changes a message runs `make docs`."""
    assert differences(DOCS) == []


def test_export_check_names_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is missing, altered or left over is named, and the exit code is 1."""
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    (tmp_path / "asyncapi.json").unlink()
    with (tmp_path / "schemas" / UPLOADED.file_name).open("a") as altered:
        altered.write("\n")
    (tmp_path / "examples" / "forgotten.json").write_text("{}")
    assert main(["--check", str(tmp_path)]) == 1
    named = {line.partition(":")[0] for line in capsys.readouterr().err.splitlines()}
    assert {Path(name).relative_to(tmp_path).as_posix() for name in named} == {
        "asyncapi.json",
        "schemas/document.uploaded.v1.json",
        "examples/forgotten.json",
    }


@every_kind
def test_schema_is_valid_and_says_what_it_is(kind: MessageKind) -> None:
    """It is draft 2020-12, and its name is that of the messages it accepts."""
    schema = read_json(DOCS / "schemas" / kind.file_name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == kind.urn
    if kind.version is not None:
        properties = cast(dict[str, JsonObject], schema["properties"])
        assert properties["type"]["const"] == kind.name
        assert properties["version"]["const"] == kind.version


@every_kind
def test_schema_accepts_its_example(kind: MessageKind) -> None:
    """The example in docs/ is valid, formats included, and in draft 7 too."""
    example = read_json(DOCS / "examples" / kind.file_name)
    assert faults(kind, example) == []
    Draft7Validator(kind.schema()).validate(example)


@every_kind
def test_example_round_trips_through_its_model(kind: MessageKind) -> None:
    """What is read from the example in docs/ is what it was made of."""
    content = (DOCS / "examples" / kind.file_name).read_bytes()
    assert type(kind.example).model_validate_json(content) == kind.example


def test_examples_of_uploads_are_decoded() -> None:
    """The worker understands both, and both tell of the same object."""
    (event,) = cast(
        tuple[object, ...], decode_uploads(json.dumps(UPLOADED.example_json()).encode(), {})
    )
    assert event == examples.UPLOADED
    notification = json.dumps(NOTIFICATION.example_json()).encode()
    (upload,) = cast(tuple[DocumentUploaded, ...], decode_uploads(notification, {}))
    assert (upload.bucket, upload.key) == (examples.UPLOADED.bucket, examples.UPLOADED.key)


@every_kind
def test_schema_is_open_to_added_fields(kind: MessageKind) -> None:
    """A later message of this version, with more in it at every level, is valid today."""
    grown = cast(JsonObject, with_added_fields(kind.example_json()))
    assert "added_later" in grown
    assert faults(kind, grown) == []


@pytest.mark.parametrize("kind", [UPLOADED, NOTIFICATION], ids=lambda kind: kind.name)
def test_model_ignores_added_fields(kind: MessageKind) -> None:
    """What others add to what we consume changes nothing."""
    grown = with_added_fields(kind.example_json())
    assert type(kind.example).model_validate_json(json.dumps(grown)) == kind.example


def test_schema_refuses_an_unknown_option() -> None:
    """`options` is closed: an unknown name would be silently without effect."""
    event = UPLOADED.example_json() | {"options": {"langauges": ["en"]}}
    assert len(faults(UPLOADED, event)) == 1


@pytest.mark.parametrize("occurred_at", ["yesterday", "2026-11-23T08:30:15"])
def test_schema_refuses_a_time_that_is_none(occurred_at: str) -> None:
    """Formats are checked here, and a time without a zone is none."""
    assert len(faults(UPLOADED, UPLOADED.example_json() | {"occurred_at": occurred_at})) == 1


@every_published_kind
def test_schema_requires_every_field_we_write(kind: MessageKind) -> None:
    """Readers may rely on every field, those with a default included."""
    example = kind.example_json()
    for name in example:
        assert faults(kind, {other: example[other] for other in example if other != name}), name


def test_schema_of_events_requires_four_fields() -> None:
    """The shortest event is type, version, bucket and key."""
    shortest = {
        name: UPLOADED.example_json()[name] for name in ("type", "version", "bucket", "key")
    }
    assert faults(UPLOADED, shortest) == []
    for name in shortest:
        assert faults(UPLOADED, {n: v for n, v in shortest.items() if n != name}), name


def test_schema_accepts_a_result_by_reference() -> None:
    """A result that lies in the store has neither pages nor text."""
    place = {"bucket": "ocr-results", "key": "a.json", "sha256": "0" * 64, "size_bytes": 2_000_000}
    announced = {"pages": None, "text": None, "confidence": None, "result_ref": place}
    assert faults(RECOGNIZED, RECOGNIZED.example_json() | announced) == []


def test_schema_is_open_to_new_categories_and_names_the_known() -> None:
    """A new category needs no new version; those there are can be read from the schema."""
    example = DEAD_LETTERED.example_json()
    assert faults(DEAD_LETTERED, example | {"category": "out_of_ink", "stage": "print"}) == []
    definitions = cast(dict[str, JsonObject], DEAD_LETTERED.schema()["$defs"])
    assert definitions["Category"]["examples"] == list(Category)
    assert definitions["Stage"]["examples"] == list(Stage)


def test_schema_is_closed_to_a_new_status() -> None:
    """A reader need tell two statuses apart, and no third within this version."""
    assert len(faults(RECOGNIZED, RECOGNIZED.example_json() | {"status": "failed"})) == 1


@every_kind
def test_schema_keeps_what_was_released(kind: MessageKind) -> None:
    """A change that breaks others needs a new version."""
    released = RELEASED / kind.file_name
    assert released.is_file(), f"new: copy docs/schemas/{kind.file_name} to {RELEASED.name}/"
    current = read_json(DOCS / "schemas" / kind.file_name)
    assert incompatibilities(read_json(released), current, kind.direction) == []


def test_schemas_released_are_still_there_or_succeeded() -> None:
    """A kind of message does not vanish; a version may, once there is a newer one."""
    newest = {kind.name: kind.version or 0 for kind in KINDS}
    for path in RELEASED.glob("*.json"):
        name, _, version = path.stem.rpartition(".v")
        released_version = int(version) if name else 0
        assert newest.get(name or path.stem, -1) >= released_version, path.name
