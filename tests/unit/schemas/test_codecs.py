"""What stands on the uploads topic, right and wrong."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.alerts import AlertReason, DocumentLowConfidence
from schemas.codecs import (
    Ignored,
    InvalidOptions,
    MalformedEvent,
    SchemaError,
    decode_uploads,
    encode,
)
from schemas.events import DocumentUploaded
from schemas.options import EnhanceMode

OWN_EVENT: dict[str, object] = {
    "type": "document.uploaded",
    "version": 1,
    "bucket": "uploads",
    "key": "2026/11/a.png",
}

SECRET = "rosebud"


def encoded(event: object) -> bytes:
    """An event as it stands on the topic."""
    return json.dumps(event).encode()


def record(event_name: str, key: str, **stored: str) -> dict[str, object]:
    """One entry of a bucket notification."""
    return {
        "eventName": event_name,
        "eventTime": "2026-11-23T08:00:00.000Z",
        "s3": {"bucket": {"name": "uploads"}, "object": {"key": key, **stored}},
    }


def decode_one(
    value: bytes | None, headers: dict[str, bytes | None] | None = None
) -> DocumentUploaded:
    """Decode an event of which exactly one upload is expected."""
    uploads = decode_uploads(value, headers or {})
    assert isinstance(uploads, tuple)
    (upload,) = uploads
    return upload


def test_decode_uploads_takes_the_four_required_fields() -> None:
    """Everything but type, version, bucket and key may be left out."""
    upload = decode_one(encoded(OWN_EVENT))
    assert (upload.bucket, upload.key) == ("uploads", "2026/11/a.png")
    assert upload.event_id is None
    assert upload.options.model_dump(exclude_none=True) == {}


def test_decode_uploads_takes_all_fields() -> None:
    """An event with every field keeps all of them."""
    options = {
        "languages": ["en", "zh-Hant"],
        "detect": False,
        "classify": True,
        "recognize": True,
        "enhance": "always",
        "pages": "1-3,7",
        "words": True,
        "frames": "all",
        "det_db_thresh": 0.25,
        "det_db_box_thresh": 0.5,
        "det_db_unclip_ratio": 2.0,
    }
    event = {
        **OWN_EVENT,
        "event_id": "e-1",
        "occurred_at": "2026-11-23T08:00:00Z",
        "version_id": "v-1",
        "etag": "abc",
        "content_type": "image/png",
        "options": options,
    }
    upload = decode_one(encoded(event))
    assert upload.occurred_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert (upload.event_id, upload.version_id, upload.etag) == ("e-1", "v-1", "abc")
    assert upload.options.enhance is EnhanceMode.ALWAYS
    assert upload.options.languages == ("en", "zh-Hant")
    assert upload.options.model_dump(mode="json") == options


def test_decode_uploads_ignores_unknown_fields() -> None:
    """A field that a newer producer adds does no harm."""
    assert decode_one(encoded({**OWN_EVENT, "colour": "red"})) == decode_one(encoded(OWN_EVENT))


def test_decode_uploads_decodes_form_encoded_key_of_minio() -> None:
    """In MinIO's notification a blank is `+`, and other bytes are percent-encoded UTF-8."""
    stored = {
        "eTag": "abc",
        "contentType": "image/png",
        "versionId": "v-1",
        "sequencer": "17F2",
    }
    notification = {
        "EventName": "s3:ObjectCreated:Put",
        "Key": "uploads/in box/é1.png",
        "Records": [record("s3:ObjectCreated:Put", "in+box%2F%C3%A91.png", **stored)],
    }
    upload = decode_one(encoded(notification))
    assert upload.key == "in box/é1.png"
    assert upload.bucket == "uploads"
    assert (upload.version_id, upload.etag, upload.event_id) == ("v-1", "abc", "17F2")
    assert upload.occurred_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_decode_uploads_takes_empty_version_for_none() -> None:
    """A bucket without versions has an empty version id in its notifications."""
    notification = {"Records": [record("s3:ObjectCreated:Put", "a.png", versionId="", eTag="")]}
    upload = decode_one(encoded(notification))
    assert upload.version_id is None
    assert upload.etag is None


def test_decode_uploads_takes_all_uploads_of_aws_and_leaves_out_removals() -> None:
    """AWS leaves out the prefix `s3:` and may put several records into an event."""
    names = ["ObjectCreated:Put", "ObjectRemoved:Delete", "ObjectCreated:Copy"]
    notification = {"Records": [record(name, f"{i}.png") for i, name in enumerate(names)]}
    uploads = decode_uploads(encoded(notification), {})
    assert isinstance(uploads, tuple)
    assert [upload.key for upload in uploads] == ["0.png", "2.png"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "tombstone"),
        (encoded({"Service": "Amazon S3", "Event": "s3:TestEvent"}), "test event of the store"),
        (encoded({"type": "document.deleted"}), "document.deleted"),
        (encoded({"Records": [record("s3:ObjectRemoved:Delete", "a")]}), "s3:ObjectRemoved:Delete"),
    ],
)
def test_decode_uploads_ignores_what_is_no_upload(value: bytes | None, reason: str) -> None:
    """Tombstones, test events and removals are valid and none of our business."""
    assert decode_uploads(value, {}) == Ignored(reason)


def test_decode_uploads_unwraps_structured_cloud_event() -> None:
    """The envelope's id and time stand for those of the event."""
    event = {
        "specversion": "1.0",
        "id": "ce-1",
        "source": "/gateway",
        "type": "document.uploaded",
        "time": "2026-11-23T08:00:00Z",
        "data": {"bucket": "uploads", "key": "a.png"},
    }
    upload = decode_one(encoded(event))
    assert (upload.bucket, upload.key, upload.event_id) == ("uploads", "a.png", "ce-1")
    assert upload.occurred_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_decode_uploads_unwraps_binary_cloud_event() -> None:
    """In binary mode the attributes are headers and the value is the data."""
    headers: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": b"ce-1",
        "ce_type": b"document.uploaded",
        "content-type": b"application/json",
    }
    upload = decode_one(encoded({"bucket": "uploads", "key": "a.png"}), headers)
    assert (upload.bucket, upload.key, upload.event_id) == ("uploads", "a.png", "ce-1")


def test_decode_uploads_ignores_removal_in_cloud_event() -> None:
    """A removal is one in every envelope."""
    event = {"specversion": "1.0", "id": "1", "type": "document.deleted", "data": {}}
    assert decode_uploads(encoded(event), {}) == Ignored("document.deleted")


def test_decode_uploads_refuses_cloud_event_with_null_header() -> None:
    """Kafka allows headers without a value; such an attribute is missing."""
    headers = {"ce_specversion": b"1.0", "ce_id": None, "ce_type": b"document.uploaded"}
    with pytest.raises(MalformedEvent, match="id: Field required"):
        decode_uploads(encoded(OWN_EVENT), headers)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"", "not JSON"),
        (b"{'type'", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "a JSON list, not an object"),
        (b"null", "a JSON NoneType, not an object"),
        (encoded({**OWN_EVENT, "type": "document.moved"}), "type: "),
        (encoded({**OWN_EVENT, "version": 2}), "version: "),
        (encoded({k: v for k, v in OWN_EVENT.items() if k != "key"}), "key: Field required"),
        (encoded({**OWN_EVENT, "key": ""}), "key: "),
        (encoded({**OWN_EVENT, "occurred_at": "2026-11-23T08:00:00"}), "occurred_at: "),
        (encoded({"Records": []}), "Records: "),
        (encoded({"Records": [{"eventName": "s3:ObjectCreated:Put"}]}), r"Records.0.s3: "),
        (encoded({"Records": [record("s3:ObjectCreated:Put", "%FF")]}), "form-encoded"),
        (encoded({"Records": [record("s3:ObjectCreated:Put", "a" * 1025)]}), "key: "),
        (encoded({"specversion": "0.3", "id": "1", "type": "t"}), "specversion: "),
        (encoded({"specversion": "1.0", "id": "1", "type": "t", "data": []}), "data is not"),
    ],
)
def test_decode_uploads_refuses_malformed_events(value: bytes, message: str) -> None:
    """What cannot be acted upon is named as such, with the field that is wrong."""
    with pytest.raises(MalformedEvent, match=message):
        decode_uploads(value, {})


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"detekt": True}, "options.detekt"),
        ({"detect": "perhaps"}, "options.detect"),
        ({"enhance": "strong"}, "options.enhance"),
        ({"pages": "0-3"}, "options.pages"),
        ({"det_db_thresh": 1.0}, "options.det_db_thresh"),
        ({"det_db_unclip_ratio": 0.5}, "options.det_db_unclip_ratio"),
        ({"languages": []}, "options.languages"),
        ("fast", "options"),
    ],
)
def test_decode_uploads_refuses_wrong_options(options: object, name: str) -> None:
    """A wrong name or value of an option is the option's fault, not the event's."""
    with pytest.raises(InvalidOptions, match=name):
        decode_uploads(encoded({**OWN_EVENT, "options": options}), {})


def test_decode_uploads_blames_event_before_its_options() -> None:
    """An event without a key cannot be acted upon, whatever its options."""
    event = {"type": "document.uploaded", "version": 1, "bucket": "b", "options": {"detekt": 1}}
    with pytest.raises(MalformedEvent):
        decode_uploads(encoded(event), {})


@pytest.mark.parametrize(
    "value",
    [
        f'{{"key": {SECRET}}}'.encode(),
        encoded([SECRET]),
        encoded({**OWN_EVENT, "type": SECRET}),
        encoded({**OWN_EVENT, "version": SECRET}),
        encoded({**OWN_EVENT, "key": SECRET * 200}),
        encoded({**OWN_EVENT, "key": {"name": SECRET}}),
        encoded({**OWN_EVENT, "occurred_at": SECRET}),
        encoded({**OWN_EVENT, "options": SECRET}),
        encoded({**OWN_EVENT, "options": {"pages": SECRET, "enhance": SECRET}}),
        encoded({**OWN_EVENT, "options": {"languages": [SECRET + "!"], "detect": SECRET}}),
        encoded({"Records": [record("s3:ObjectCreated:Put", SECRET * 200)]}),
        encoded({"Records": [record("s3:ObjectCreated:Put", SECRET + "%FF")]}),
        encoded({"Records": [record("s3:ObjectCreated:Put", "a", sequencer=SECRET * 50)]}),
        encoded({"specversion": SECRET, "id": SECRET, "type": SECRET}),
        encoded({"specversion": "1.0", "id": "1", "type": SECRET, "data": {"key": SECRET}}),
    ],
)
def test_decode_uploads_never_tells_values(value: bytes) -> None:
    """Messages end up in dead letters and logs; they name fields and never what stood in them."""
    with pytest.raises(SchemaError) as caught:
        decode_uploads(value, {})
    assert SECRET not in str(caught.value)


FIELD_NAMES = st.sampled_from(
    [
        *("type", "version", "bucket", "key", "event_id", "occurred_at", "options", "pages"),
        *("Records", "eventName", "eventTime", "s3", "object", "name", "sequencer", "Event"),
        *("specversion", "id", "time", "data", "detect", "languages", "enhance"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["document.uploaded", "s3:ObjectCreated:Put", "1.0", "%FF+", "%"])
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(FIELD_NAMES | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
CLOUD_EVENT_HEADERS = st.dictionaries(
    st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_time", "content-type"]),
    st.none() | st.binary(max_size=8) | st.sampled_from([b"1.0", b"document.uploaded"]),
)


def decode_or_refuse(value: bytes, headers: dict[str, bytes | None]) -> None:
    """Decode a value; anything but uploads, `Ignored` and a `SchemaError` escapes."""
    try:
        decoded = decode_uploads(value, headers)
    except SchemaError:
        return
    assert isinstance(decoded, (tuple, Ignored))


@given(st.binary(max_size=64), CLOUD_EVENT_HEADERS)
@settings(deadline=None, max_examples=200)
@example(b'"\\ud800"', {})
@example(b"[" * 2000, {})
def test_decode_uploads_refuses_arbitrary_bytes_in_order(
    value: bytes, headers: dict[str, bytes | None]
) -> None:
    """No bytes make it raise anything but its own errors."""
    decode_or_refuse(value, headers)


@given(JSON_VALUES, CLOUD_EVENT_HEADERS)
@settings(deadline=None, max_examples=300)
def test_decode_uploads_refuses_arbitrary_json_in_order(
    event: object, headers: dict[str, bytes | None]
) -> None:
    """No JSON makes it raise anything but its own errors."""
    decode_or_refuse(encoded(event), headers)


@given(FIELD_NAMES, JSON_VALUES)
@settings(deadline=None, max_examples=300)
def test_decode_uploads_refuses_events_with_one_wrong_field_in_order(
    name: str, value: object
) -> None:
    """An otherwise valid event may be wrong in any one field."""
    decode_or_refuse(encoded({**OWN_EVENT, name: value}), {})
    stored = record("s3:ObjectCreated:Put", "a.png")
    decode_or_refuse(encoded({"Records": [{**stored, name: value}]}), {})


def test_encode_writes_json_with_plain_values() -> None:
    """Enumerations become their values, tuples become arrays, text stays UTF-8."""
    alert = DocumentLowConfidence(
        alert_id="a",
        result_id="r",
        document_id="d",
        bucket="uploads",
        key="é.png",
        event_id=None,
        threshold=0.8,
        reasons=(AlertReason.PARTIAL_RESULT,),
        confidence=None,
        uncertain_line_count=0,
        lines=(),
    )
    written = encode(alert)
    assert "é.png".encode() in written
    assert json.loads(written)["reasons"] == ["partial_result"]
    assert DocumentLowConfidence.model_validate_json(written) == alert
