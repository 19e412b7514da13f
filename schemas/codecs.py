"""Bytes to events, and messages to bytes.

SchemaError
  MalformedEvent    not an event that anybody could act upon
  InvalidOptions    an upload, but its options are wrong

Neither carries any of the event's values: messages end up in dead letters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from schemas.base import Published
from schemas.events import CloudEvent, DocumentUploaded, StoreNotification

JsonObject = dict[str, object]
ModelT = TypeVar("ModelT", bound=BaseModel)


class SchemaError(ValueError):
    """An event cannot be understood."""


class MalformedEvent(SchemaError):
    """The value is not JSON, or none of the known kinds of event."""


class InvalidOptions(SchemaError):
    """The event asks for something that does not exist or cannot be."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is valid and none of our business, such as a removal."""

    reason: str


def _never(_bucket: str, _key: str) -> bool:
    return False


def decode_uploads(
    value: bytes | None,
    headers: Mapping[str, bytes | None],
    is_announced: Callable[[str, str], bool] = _never,
) -> tuple[DocumentUploaded, ...] | Ignored:
    """Understand what stands on the uploads topic.

    Args:
        value: The message's value; None is a tombstone.
        headers: The message's headers; `ce_...` ones make it a binary CloudEvent.
        is_announced: Whether an object, by bucket and key, has an event of our own already, so that
            its store's notification is of no use.

    Returns:
        The uploads, one per record, or why there are none.

    Raises:
        MalformedEvent: not JSON, or of unknown type or version, or a field is wrong.
        InvalidOptions: the event's `options` are wrong.
    """
    if value is None:
        return Ignored("tombstone")
    body = _parse_object(value)
    if "Records" in body:
        return _from_notification(body, is_announced)
    if body.get("Event") == "s3:TestEvent":
        return Ignored("test event of the store")
    event = _unwrap_cloud_event(body, headers)
    if event.get("type") == "document.deleted":
        return Ignored("document.deleted")
    return (_validate(DocumentUploaded, event),)


def encode(message: Published) -> bytes:
    """JSON in UTF-8, the form of everything that is published."""
    return orjson.dumps(message.model_dump(mode="json"))


def _parse_object(value: bytes) -> JsonObject:
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as err:
        raise MalformedEvent(f"the event is not JSON: {err}") from err
    if not isinstance(body, dict):
        raise MalformedEvent(f"the event is a JSON {type(body).__name__}, not an object")
    return body


def _from_notification(
    body: JsonObject, is_announced: Callable[[str, str], bool]
) -> tuple[DocumentUploaded, ...] | Ignored:
    notification = _validate(StoreNotification, body)
    try:
        uploads = tuple(r.to_upload() for r in notification.records if r.is_upload)
    except UnicodeDecodeError as err:
        raise MalformedEvent("a record's key is not form-encoded UTF-8") from err
    except ValidationError as err:
        raise _fault(DocumentUploaded, err) from err
    if not uploads:
        return Ignored(notification.records[0].event_name)
    unannounced = tuple(u for u in uploads if not is_announced(u.bucket, u.key))
    return unannounced or Ignored("has an event of our own")


def _unwrap_cloud_event(body: JsonObject, headers: Mapping[str, bytes | None]) -> JsonObject:
    """Merge a CloudEvent's attributes into its data; anything else stays as it is."""
    data: object
    if "ce_specversion" in headers:
        attributes: JsonObject = {
            name.removeprefix("ce_"): value.decode("utf-8", "replace")
            for name, value in headers.items()
            if name.startswith("ce_") and value is not None
        }
        data = body
    elif "specversion" in body:
        attributes, data = body, body.get("data")
    else:
        return body
    envelope = _validate(CloudEvent, attributes)
    if not isinstance(data, dict):
        raise MalformedEvent("the CloudEvent's data is not a JSON object")
    base = {"version": 1, "event_id": envelope.id, "occurred_at": envelope.time}
    return {**base, **data, "type": envelope.type}


def _validate(model: type[ModelT], body: JsonObject) -> ModelT:
    try:
        return model.model_validate(body)
    except ValidationError as err:
        raise _fault(model, err) from err


def _fault(model: type[BaseModel], err: ValidationError) -> SchemaError:
    """Say which fields are wrong and why, without what stood in them."""
    faults = err.errors(include_url=False, include_input=False)
    error = InvalidOptions if faults[0]["loc"][:1] == ("options",) else MalformedEvent
    listed = "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults[:5]
    )
    return error(f"the event is not a valid {model.__name__}: {listed}")
