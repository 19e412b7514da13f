"""Settings of encryption, masking and retention."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from streams.settings_rules import Bucket, RetainSeconds


class PrivacySettings(BaseSettings):
    """A part of `streams.settings.Settings`."""

    s3_sse: Literal["off", "s3", "kms"] = Field(
        "off", description="Have the store encrypt what is put: by its own keys or by its KMS."
    )
    s3_sse_kms_key_id: str | None = Field(
        None, description="With S3_SSE=kms. Absent: the store's default key."
    )
    master_keys_file: Path | None = Field(
        None,
        description="Lines of id:key, `ocrstream master-keys new` makes them; the first one "
        "encrypts. Absent: objects are not encrypted by us.",
    )
    keys_bucket: Bucket = Field(
        "ocr-keys", description="With MASTER_KEYS_FILE: where the objects' wrapped keys lie."
    )
    mask: str | None = Field(
        None,
        description="Personal data to mask: all, or kinds such as email,phone,iban. Absent: none.",
    )
    mask_patterns_file: Path | None = Field(
        None, description="More to mask: a TOML file of name = 'RE2 expression'."
    )
    mask_countries: str | None = Field(
        None, description="National and tax numbers of these only: DE,FR,… Absent: of all."
    )
    mask_phone_regions: str | None = Field(
        None, description="Where telephone numbers are masked without a word before them: DE,…"
    )
    mask_names_model: str | None = Field(
        None, description="For the kinds name and address: a model of spaCy, by its package."
    )
    page_pictures: bool = Field(
        True, description="With MASK: keep pages' pictures, personal data blackened."
    )
    retain_uploads_s: RetainSeconds = Field(
        None,
        description="How long uploads are kept after their result; longer than events ever wait. "
        "Absent: for ever.",
    )
    retain_results_s: RetainSeconds = Field(
        None, description="How long RESULTS_BUCKET keeps results. Absent: for ever."
    )
    retain_dead_letters_s: RetainSeconds = Field(
        None,
        description="How long RESULTS_BUCKET keeps parts of dead letters, and buckets the uploads "
        "of failed documents. Absent: for ever.",
    )
    retain_pictures_s: RetainSeconds = Field(
        None, description="How long RESULTS_BUCKET keeps blackened pages. Absent: for ever."
    )

    def s3_encryption_headers(self) -> dict[str, str]:
        """What asks the store to encrypt an object that is put."""
        name = "x-amz-server-side-encryption"
        if self.s3_sse == "off":
            return {}
        if self.s3_sse == "s3":
            return {name: "AES256"}
        key_id = self.s3_sse_kms_key_id
        return {name: "aws:kms", **({f"{name}-aws-kms-key-id": key_id} if key_id else {})}
