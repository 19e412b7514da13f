"""The AsyncAPI 3.0 document: which message stands on which topic, under which key.

It is written from the worker's side: `receive` is what a worker reads, `send` what it writes.
Topics have the names they have unless the settings say otherwise. Payloads are references to the
schemas beside the document.
"""

from dataclasses import dataclass
from typing import Final, Literal

from schemas.codecs import JsonObject
from schemas.json_schemas import (
    DEAD_LETTERED,
    DELETED,
    LOW_CONFIDENCE,
    NOTIFICATION,
    PROGRESSED,
    RECOGNIZED,
    UPLOADED,
    MessageKind,
)

API_VERSION: Final = "1.0.0"
"""Of the interface, not of the package: the minor part counts additions."""

KAFKA_BINDING_VERSION: Final = "0.5.0"

_OBJECT_KEY: Final[JsonObject] = {
    "type": "string",
    "description": "bucket/key of the document's object, in UTF-8.",
    "examples": [f"{UPLOADED.example_json()['bucket']}/{UPLOADED.example_json()['key']}"],
}

_DOCUMENT_ID: Final[JsonObject] = {
    "type": "string",
    "description": "The document's id.",
    "examples": [PROGRESSED.example_json()["document_id"]],
}

_EVENT_KEY: Final[JsonObject] = {
    "type": "string",
    "description": "The key of the event that failed, byte for byte; empty if it had none.",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """One topic, and what a worker does with it.

    Attributes:
        name: Within the document.
        topic: Its address.
        action: What a worker does.
        description: What stands on it.
        kinds: What may stand on it.
        key: Schema of its messages' Kafka keys.
    """

    name: str
    topic: str
    action: Literal["receive", "send"]
    description: str
    kinds: tuple[MessageKind, ...]
    key: JsonObject

    @property
    def operation(self) -> str:
        """Name of what a worker does with it."""
        return f"{self.action}{self.name[0].upper()}{self.name[1:]}"


CHANNELS: Final = (
    Channel(
        "uploads",
        "ocr.uploads",
        "receive",
        "Documents to read: events of our own, or bucket notifications of MinIO, AWS S3 and other "
        "S3 stores. Our own may come as CloudEvents 1.0 too, whose `type` is that of the event: "
        "in structured mode with the event's fields in `data`, in binary mode with the attributes "
        "in `ce_` headers. Unknown fields are ignored; an unknown option is an error. Uploads of "
        "one object should have one key, so that they are read in their order.",
        (UPLOADED, NOTIFICATION),
        _OBJECT_KEY,
    ),
    Channel(
        "results",
        "ocr.results",
        "send",
        "One result per document, at least once: a consumer that keeps the last message per "
        "`document_id` has each document once, read by the newest pipeline. Where personal data is "
        "masked, it is masked here. A deleted document is told as such, and by a tombstone after.",
        (RECOGNIZED, DELETED),
        _OBJECT_KEY,
    ),
    Channel(
        "rawResults",
        "ocr.results.raw",
        "send",
        "Where personal data is masked: the same results in full, for a restricted group.",
        (RECOGNIZED, DELETED),
        _OBJECT_KEY,
    ),
    Channel(
        "progress",
        "ocr.progress",
        "send",
        "How far documents of the gateway's are. One partition, kept for an hour; steps may be "
        "missing.",
        (PROGRESSED,),
        _DOCUMENT_ID,
    ),
    Channel(
        "alerts",
        "ocr.alerts",
        "send",
        "Results that a person should look at, at most one alert per result. Never any text.",
        (LOW_CONFIDENCE,),
        _OBJECT_KEY,
    ),
    Channel(
        "deadLetters",
        "ocr.dead-letters",
        "send",
        "Events that ended without a result, with all that is needed to send them again.",
        (DEAD_LETTERED,),
        _EVENT_KEY,
    ),
)


def asyncapi_document() -> JsonObject:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ocrstream",
            "version": API_VERSION,
            "description": "Streaming OCR: uploads in an object store become text on Kafka.",
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/json",
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {channel.operation: _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {
                _message_name(kind): _message(kind, channel.key)
                for channel in CHANNELS
                for kind in channel.kinds
            }
        },
    }


def _channel(channel: Channel) -> JsonObject:
    return {
        "address": channel.topic,
        "description": channel.description,
        "messages": {
            _message_name(kind): {"$ref": f"#/components/messages/{_message_name(kind)}"}
            for kind in channel.kinds
        },
        "bindings": _kafka({"topic": channel.topic}),
    }


def _operation(channel: Channel) -> JsonObject:
    operation: JsonObject = {
        "action": channel.action,
        "summary": " ".join(kind.summary for kind in channel.kinds),
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "messages": [
            {"$ref": f"#/channels/{channel.name}/messages/{_message_name(kind)}"}
            for kind in channel.kinds
        ],
    }
    if channel.action == "receive":
        group: JsonObject = {"type": "string", "default": "ocrstream"}
        operation["bindings"] = _kafka({"groupId": group})
    return operation


def _message(kind: MessageKind, key: JsonObject) -> JsonObject:
    return {
        "name": kind.name,
        "title": kind.name,
        "summary": kind.summary,
        "contentType": "application/json",
        "payload": {"$ref": f"schemas/{kind.file_name}"},
        "examples": [{"name": _message_name(kind), "payload": kind.example_json()}],
        "bindings": _kafka({"key": key}),
    }


def _kafka(binding: JsonObject) -> JsonObject:
    return {"kafka": {**binding, "bindingVersion": KAFKA_BINDING_VERSION}}


def _message_name(kind: MessageKind) -> str:
    """`document.low_confidence` is `documentLowConfidence`, as AsyncAPI names components."""
    first, *others = kind.name.replace(".", "_").replace("-", "_").split("_")
    return first + "".join(other.capitalize() for other in others)
