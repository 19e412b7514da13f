"""The AsyncAPI document is valid, whole, and true of the settings' defaults."""

from pathlib import Path
from typing import Final, cast

import orjson
import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT7

from schemas.codecs import JsonObject
from schemas.json_schemas import KINDS
from streams.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
SPECIFICATION = Path(__file__).parent / "asyncapi-3.0.0.schema.json"

TOPIC_SETTINGS: Final = {
    "uploads": "uploads_topic",
    "results": "results_topic",
    "alerts": "alerts_topic",
    "deadLetters": "dead_letters_topic",
    "rawResults": "raw_results_topic",
    "progress": "progress_topic",
}


def read_json(path: Path) -> JsonObject:
    """A JSON object from a file."""
    content: JsonObject = orjson.loads(path.read_bytes())
    return content


@pytest.fixture(scope="module")
def document() -> JsonObject:
    """The document in docs/."""
    return read_json(DOCS / "asyncapi.json")


@pytest.fixture(scope="module")
def specification() -> Draft7Validator:
    """The official schema. It holds all it refers to; an empty registry fetches nothing."""
    return Draft7Validator(read_json(SPECIFICATION), registry=Registry())


def part(document: JsonObject, *names: str) -> JsonObject:
    """What lies at a path of names."""
    for name in names:
        document = cast(JsonObject, document[name])
    return document


def references(value: object) -> list[str]:
    """All `$ref` of a document."""
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [found for item in value.values() for found in references(item)]


def test_document_is_valid_asyncapi(document: JsonObject, specification: Draft7Validator) -> None:
    """It is what the specification's own schema calls AsyncAPI 3.0.0."""
    assert [error.message for error in specification.iter_errors(document)] == []


@pytest.mark.parametrize(
    "fault",
    [
        {"info": {"title": "ocrstream"}},
        {"operations": {"sendResults": {"action": "publish", "channel": {"$ref": "#/x"}}}},
        {"channels": {"results": {"bindings": {"kafka": {"topics": "ocr.results"}}}}},
    ],
    ids=["no version", "wrong action", "wrong binding"],
)
def test_specification_refuses_what_is_wrong(
    document: JsonObject, specification: Draft7Validator, fault: JsonObject
) -> None:
    """The schema at hand does look at info, operations and Kafka's bindings."""
    assert not specification.is_valid({**document, **fault})


def test_document_refers_to_nothing_that_is_not_there(document: JsonObject) -> None:
    """Every reference leads to a part of the document, or to a schema beside it."""
    registry = Registry().with_resource("", DRAFT7.create_resource(document))
    for reference in references(document):
        if reference.startswith("#"):
            try:
                registry.resolver().lookup(reference)
            except Unresolvable as err:
                pytest.fail(f"{reference}: {err}")
        else:
            assert (DOCS / reference).is_file(), reference


@pytest.mark.parametrize(("channel", "setting"), TOPIC_SETTINGS.items())
def test_channel_has_the_topic_of_the_settings(
    document: JsonObject, channel: str, setting: str
) -> None:
    """Its address is where a worker looks or writes unless told otherwise."""
    topic = Settings.model_fields[setting].default
    assert part(document, "channels", channel)["address"] == topic
    assert part(document, "channels", channel, "bindings", "kafka")["topic"] == topic


def test_document_has_an_operation_for_each_channel(document: JsonObject) -> None:
    """A worker receives uploads, under the group of the settings, and sends the rest."""
    operations = cast(dict[str, JsonObject], document["operations"])
    actions = {part(op, "channel")["$ref"]: op["action"] for op in operations.values()}
    assert actions == {
        "#/channels/uploads": "receive",
        "#/channels/results": "send",
        "#/channels/alerts": "send",
        "#/channels/deadLetters": "send",
        "#/channels/rawResults": "send",
        "#/channels/progress": "send",
    }
    group = part(operations["receiveUploads"], "bindings", "kafka", "groupId")
    assert group["default"] == Settings.model_fields["consumer_group"].default


def test_document_has_every_kind_of_message(document: JsonObject) -> None:
    """Each is on a channel, with its schema and an example that the schema accepts."""
    messages = cast(dict[str, JsonObject], part(document, "components", "messages"))
    assert {message["name"] for message in messages.values()} == {kind.name for kind in KINDS}
    for message in messages.values():
        schema = read_json(DOCS / str(part(message, "payload")["$ref"]))
        (example,) = cast(list[JsonObject], message["examples"])
        Draft202012Validator(schema).validate(example["payload"])


@pytest.mark.parametrize(
    "message",
    ["documentUploaded", "storeNotification", "documentRecognized", "documentLowConfidence"],
)
def test_message_is_keyed_by_its_object(document: JsonObject, message: str) -> None:
    """The Kafka key is bucket/key, so that one object's messages share a partition."""
    key = part(document, "components", "messages", message, "bindings", "kafka", "key")
    assert key["examples"] == ["uploads/2026/11/corner café.png"]
