"""What arrives on `ocr.uploads`: our own event, and the notifications of S3 stores.

`schemas.codecs.decode_uploads` turns the bytes of any of them into `DocumentUploaded`.
"""

from typing import Annotated, Literal
from urllib.parse import unquote_plus

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from schemas.base import Consumed
from schemas.options import DocumentOptions

Bucket = Annotated[str, StringConstraints(min_length=1, max_length=255)]
ObjectKey = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class DocumentUploaded(Consumed):
    """An object was put into the store and wants to be read."""

    type: Literal["document.uploaded"]
    version: Literal[1]
    bucket: Bucket
    key: ObjectKey = Field(description="The object's key, as the store knows it (not URL-encoded).")
    event_id: Annotated[str, StringConstraints(max_length=255)] | None = None
    occurred_at: AwareDatetime | None = None
    version_id: str | None = Field(None, description="Version of the object; absent: the newest.")
    etag: str | None = None
    content_type: str | None = Field(None, description="For information only: bytes decide.")
    options: DocumentOptions = DocumentOptions()


class _StoreModel(BaseModel):
    """Names on the wire are camel case, as AWS chose them."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class StoredObject(_StoreModel):
    """The `s3.object` part of a record. Only the key is always there."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    etag: str | None = Field(None, alias="eTag")
    content_type: str | None = Field(None, alias="contentType")
    version_id: str | None = Field(None, alias="versionId")
    sequencer: str | None = None


class StoredBucket(_StoreModel):
    """The `s3.bucket` part of a record."""

    name: Bucket


class StoredEntity(_StoreModel):
    """The `s3` part of a record."""

    bucket: StoredBucket
    object: StoredObject


class StoreRecord(_StoreModel):
    """One entry of `Records`, the form that AWS, MinIO and RustFS share."""

    event_name: str = Field(alias="eventName")
    event_time: AwareDatetime | None = Field(None, alias="eventTime")
    s3: StoredEntity

    @property
    def is_upload(self) -> bool:
        """Whether the record tells of a new object; AWS leaves out the prefix `s3:`."""
        return self.event_name.removeprefix("s3:").startswith("ObjectCreated:")

    def to_upload(self) -> DocumentUploaded:
        """The same as our own event. The key is form-encoded in notifications: `+` is a blank."""
        stored = self.s3.object
        return DocumentUploaded(
            type="document.uploaded",
            version=1,
            bucket=self.s3.bucket.name,
            key=unquote_plus(stored.key, errors="strict"),
            event_id=stored.sequencer,
            occurred_at=self.event_time,
            version_id=stored.version_id or None,
            etag=stored.etag or None,
            content_type=stored.content_type or None,
        )


class StoreNotification(_StoreModel):
    """A bucket notification: MinIO puts one record into it, AWS one or more."""

    records: Annotated[tuple[StoreRecord, ...], Field(min_length=1, max_length=1000)] = Field(
        alias="Records"
    )


class CloudEvent(Consumed):
    """A CloudEvents 1.0 envelope, from the body (structured) or the `ce_` headers (binary)."""

    specversion: Literal["1.0"]
    id: str
    type: str
    time: AwareDatetime | None = None
