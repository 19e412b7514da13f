"""Every setting, read once from the environment: `OCRSTREAM_<NAME>`.

    settings = Settings.from_environment()

Nothing below `app.py` and `cli/` knows the environment; they pass frozen options down.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from processors.decoding.limits import SandboxLimits
from processors.engines.base import GpuOptions, Precision
from processors.engines.choose import ENGINES
from processors.reader_options import ReaderOptions
from processors.values import ReadOptions
from schemas.ids import DEFAULT_TENANT
from schemas.options import DocumentOptions, EnhanceMode, Frames, Probability, UnclipRatio
from streams.errors import SettingsError
from streams.gateway_settings import GatewaySettings
from streams.privacy_settings import PrivacySettings
from streams.settings_rules import (
    Bucket,
    check_certificates,
    check_issuer,
    check_key_pair,
    parse_tenants,
)

PREFIX = "OCRSTREAM_"

Confidence = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(min_length=1, max_length=249, pattern=r"^[A-Za-z0-9._-]+$")]
Brokers = Annotated[str, Field(pattern=r"^[^\s,:/]+:\d+(,[^\s,:/]+:\d+)*$")]


def _data_dir() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "ocrstream"


def _known_engine(name: str) -> str:
    if name not in ("auto", *ENGINES):
        raise ValueError(f"known are auto, {', '.join(ENGINES)}")
    return name


class Settings(GatewaySettings, PrivacySettings, BaseSettings):
    """All settings with their defaults. Field names are the variables' in lower case."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    kafka_brokers: Brokers = Field("127.0.0.1:9092", description="host:port,…")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to the broker."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="With a SASL protocol."
    )
    kafka_username: str | None = Field(None, description="With a SASL protocol.")
    kafka_password: SecretStr | None = Field(None, description="With a SASL protocol.")
    kafka_ca_file: Path | None = Field(
        None, description="Certificates to trust, PEM; absent: the system's."
    )
    kafka_cert_file: Path | None = Field(
        None, description="Our own certificate chain, PEM, for a broker that asks for one (mTLS)."
    )
    kafka_key_file: Path | None = Field(None, description="Key of KAFKA_CERT_FILE, PEM.")
    kafka_session_timeout_s: float = Field(
        10.0, ge=1.0, le=300.0, description="A worker silent for so long loses its partitions."
    )

    s3_endpoint: AnyHttpUrl = Field(
        AnyHttpUrl("http://127.0.0.1:9000"), description="URL of the object store."
    )
    s3_access_key: str | None = Field(None, description="Absent: anonymous.")
    s3_secret_key: SecretStr | None = Field(None, description="Absent: anonymous.")
    s3_public_endpoint: AnyHttpUrl | None = Field(
        None, description="The store's URL for clients of the gateway. Absent: S3_ENDPOINT."
    )
    s3_ca_file: Path | None = Field(
        None, description="Certificates to trust, PEM; absent: the system's."
    )
    s3_region: str = Field("us-east-1", description="Region of the buckets.")
    uploads_bucket: Bucket = Field("uploads", description="Where `submit` puts documents.")
    results_bucket: Bucket = Field(
        "ocr-results", description="Where results too large for a message go."
    )
    allowed_sources: str | None = Field(
        None, description="Buckets, or bucket/prefix, that are read: a,b/c. Absent: UPLOADS_BUCKET."
    )
    tenant_sources: str | None = Field(
        None,
        description="Whose an object is: tenant=bucket/prefix,… Absent: everything is `default`'s.",
    )
    notification_arn: str | None = Field(
        None, description="The store's target for `setup`, such as arn:minio:sqs::OCR:kafka."
    )

    consumer_group: Name = Field("ocrstream", description="Kafka consumer group.")
    uploads_topic: Name = Field("ocr.uploads", description="Events come from here.")
    results_topic: Name = Field("ocr.results", description="Results go here.")
    alerts_topic: Name = Field("ocr.alerts", description="Low-confidence alerts go here.")
    dead_letters_topic: Name = Field("ocr.dead-letters", description="Failed events go here.")
    raw_results_topic: Name = Field(
        "ocr.results.raw", description="With MASK: results with personal data go here."
    )
    progress_topic: Name = Field(
        "ocr.progress", description="How far the gateway's documents are goes here."
    )

    engine: Annotated[str, AfterValidator(_known_engine)] = Field(
        "auto",
        description="auto: openvino on a CPU, paddle or onnxruntime on an NVIDIA GPU.",
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|gpu:\d+)$")] = Field(
        "auto", description="auto, cpu or gpu:N."
    )
    precision: Precision = Field(
        Precision.AUTO,
        description="auto: int8 where it was measured to lose nothing, else bf16 or fp32.",
    )
    detection_model: str | None = Field(None, description="Absent: PP-OCRv6_small_det.")
    recognition_model: str | None = Field(
        None,
        description="What reads where no language asks for another. Absent: PP-OCRv6_small_rec.",
    )
    gpu_memory_bytes_max: int = Field(
        4 * 2**30, ge=2**28, description="Of a GPU, for each network; batches shrink to fit."
    )
    tensorrt: bool = Field(
        False, description="Compile the models with TensorRT: minutes at the first start."
    )
    detect: bool = Field(True, description="Find lines; off: a picture is one line.")
    classify: bool = Field(True, description="Find lines that are upside down.")
    recognize: bool = Field(True, description="Read lines; off: boxes only.")
    enhance: EnhanceMode = Field(
        EnhanceMode.AUTO,
        description="Less noise, more contrast, sharper edges: off, auto or always.",
    )
    det_db_thresh: Probability = Field(0.3, description="A pixel above it is text.")
    det_db_box_thresh: Probability = Field(0.6, description="A weaker box is dropped.")
    det_db_unclip_ratio: UnclipRatio = Field(1.5, description="How far boxes are grown.")
    alert_confidence: Confidence = Field(
        0.5, description="Lines that are less probably right raise an alert."
    )
    min_confidence: Confidence = Field(
        0.0, description="Lines that are less probably right are dropped and counted."
    )

    max_documents_in_flight: int = Field(16, ge=1, le=10_000, description="Per worker.")
    bytes_in_flight_max: int = Field(
        512 * 2**20, ge=1024, description="Of documents in memory; a larger one runs alone."
    )
    pixels_in_flight_max: int = Field(
        100_000_000, ge=10_000, description="Of pages in memory; a larger one runs alone."
    )
    document_bytes_max: int = Field(64 * 2**20, ge=1024, description="Larger ones are refused.")
    page_pixels_max: int = Field(100_000_000, ge=10_000, description="Larger ones are refused.")
    pages_max: int = Field(5_000, ge=1, description="Documents with more pages are refused.")
    decode_memory_bytes_max: int = Field(
        2 * 2**30, ge=2**28, description="Of a decoding process, beyond its own size."
    )
    decode_cpu_s_max: int = Field(30, ge=1, description="CPU seconds for decoding a page.")
    decode_wall_s_max: float = Field(60.0, ge=1.0, description="Seconds for decoding a page.")
    message_bytes_max: int = Field(
        900_000, ge=10_000, description="Larger results go to RESULTS_BUCKET."
    )
    cache_age_s: float = Field(
        604_800.0, ge=0.0, description="How long results answer equal content; 0: no cache."
    )
    cache_entries_max: int = Field(
        100_000, ge=1, description="Results that a worker knows of; the oldest are forgotten."
    )
    breaker_limit: int = Field(
        20,
        ge=0,
        description="Missing, forbidden or unreadable in a row until documents are held; 0: never.",
    )
    drain_timeout_s: float = Field(
        20.0, ge=0.0, le=3600.0, description="What SIGTERM lets documents in flight take."
    )
    data_dir: Path = Field(default_factory=_data_dir, description="Local models, working files.")
    http_host: str = Field("127.0.0.1", description="Where health and metrics listen.")
    http_port: int = Field(0, ge=0, le=65535, description="Health and metrics; 0: none.")
    http_tls: bool = Field(
        False, description="Health and metrics by HTTPS, with TLS_CERT_FILE; off: plain HTTP."
    )
    log_format: Literal["text", "json"] = Field("text", description="text or json.")

    @classmethod
    def from_environment(cls, **overrides: object) -> Self:
        """Read the environment.

        Args:
            overrides: Settings that are known already, by field name.

        Raises:
            SettingsError: a value is wrong; the message names the variables, never a secret.
        """
        try:
            return cls(**overrides)  # type: ignore[arg-type]
        except ValidationError as err:
            faults = [_explain(fault["loc"], fault["msg"]) for fault in err.errors()]
            raise SettingsError("\n".join(faults)) from None

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_username and self.kafka_password
        ):
            raise ValueError(
                "KAFKA_SECURITY_PROTOCOL with SASL needs OCRSTREAM_KAFKA_USERNAME and _PASSWORD"
            )
        check_certificates("KAFKA_CA_FILE", self.kafka_ca_file)
        check_key_pair(
            "KAFKA_CERT_FILE", self.kafka_cert_file, "KAFKA_KEY_FILE", self.kafka_key_file
        )
        if self.kafka_cert_file and not self.kafka_security_protocol.endswith("SSL"):
            raise ValueError("KAFKA_CERT_FILE needs OCRSTREAM_KAFKA_SECURITY_PROTOCOL with SSL")
        check_key_pair("TLS_CERT_FILE", self.tls_cert_file, "TLS_KEY_FILE", self.tls_key_file)
        if self.http_tls and not self.tls_cert_file:
            raise ValueError("HTTP_TLS needs OCRSTREAM_TLS_CERT_FILE and _TLS_KEY_FILE")
        check_certificates("S3_CA_FILE", self.s3_ca_file)
        check_certificates("OIDC_CA_FILE", self.oidc_ca_file)
        check_issuer(self.oidc_issuer, self.oidc_audience, self.oidc_jwks_url)
        if bool(self.s3_access_key) != bool(self.s3_secret_key):
            raise ValueError("S3_ACCESS_KEY and _S3_SECRET_KEY go together: set both or neither")
        parse_tenants(self.tenant_sources)
        if self.s3_sse_kms_key_id and self.s3_sse != "kms":
            raise ValueError("S3_SSE_KMS_KEY_ID needs OCRSTREAM_S3_SSE=kms")
        if self.master_keys_file and self.keys_bucket in self._document_buckets():
            raise ValueError(
                "KEYS_BUCKET holds documents or results: keys must lie in a bucket of their own"
            )
        return self

    @property
    def s3_address(self) -> str:
        """Host and port of the store, an IPv6 address in brackets."""
        host = self.s3_endpoint.host or ""
        return f"{f'[{host}]' if ':' in host else host}:{self.s3_endpoint.port}"

    @property
    def cached_topic(self) -> str:
        """The topic with full results, from which equal content is answered."""
        return self.raw_results_topic if self.mask else self.results_topic

    @property
    def readings_topic(self) -> str:
        """Where workers that share the results topic agree on who reads what."""
        return f"{self.results_topic}.readings"

    def read_options(self, wanted: DocumentOptions) -> ReadOptions:
        """Options of one document: what its event asks for, over these settings."""

        def either(name: str) -> object:
            value = getattr(wanted, name)
            return getattr(self, name) if value is None else value

        names = ("detect", "classify", "recognize", "enhance")
        thresholds = ("det_db_thresh", "det_db_box_thresh", "det_db_unclip_ratio")
        return ReadOptions(
            **{name: either(name) for name in (*names, *thresholds)},  # type: ignore[arg-type]
            languages=wanted.languages or (),
            pages=wanted.pages,
            all_frames=wanted.frames is Frames.ALL,
            words=bool(wanted.words) or bool(self.mask),
            min_confidence=self.min_confidence,
        )

    def reader_options(self) -> ReaderOptions:
        """What the pipeline is built from."""
        return ReaderOptions(
            engine=self.engine,
            device=self.device,
            precision=self.precision,
            gpu=GpuOptions(
                memory_bytes_max=self.gpu_memory_bytes_max,
                tensorrt=self.tensorrt,
                cache_folder=self.data_dir / "tensorrt" if self.tensorrt else None,
            ),
            detection_model=self.detection_model,
            recognition_model=self.recognition_model,
            models_folder=self.data_dir / "models",
            decoding=SandboxLimits(
                page_pixels_max=self.page_pixels_max,
                document_bytes_max=self.document_bytes_max,
                memory_bytes_max=self.decode_memory_bytes_max,
                cpu_s_max=self.decode_cpu_s_max,
                wall_s_max=self.decode_wall_s_max,
            ),
            pages_max=self.pages_max,
            pixels_max=self.pixels_in_flight_max,
        )

    def allows(self, bucket: str, key: str) -> bool:
        """Whether an object may be read; keys are opaque, a prefix is compared as text."""
        return any(
            bucket == allowed_bucket and key.startswith(prefix)
            for allowed_bucket, prefix in self.sources()
        )

    def sources(self) -> list[tuple[str, str]]:
        """Buckets that are read, and the prefixes in them."""
        sources = (self.allowed_sources or self.uploads_bucket).split(",")
        places = (source.strip().partition("/") for source in sources)
        return [(bucket, prefix) for bucket, _, prefix in places]

    def _document_buckets(self) -> set[str]:
        """Where documents and results lie."""
        return {
            self.uploads_bucket,
            self.results_bucket,
            *(bucket for bucket, _ in self.sources()),
        }

    def tenant_of(self, bucket: str, key: str) -> str:
        """Whose an object is that was not uploaded through the gateway; the longest prefix wins."""
        matches = [
            (len(source), tenant)
            for tenant, source in parse_tenants(self.tenant_sources)
            if f"{bucket}/{key}".startswith(source)
        ]
        return max(matches, default=(0, DEFAULT_TENANT))[1]


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Say which `OCRSTREAM_` variables mean nothing, each with what may have been meant."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    strangers = sorted(n for n in environment if n.startswith(PREFIX) and n not in known)
    return [
        f"{name} is no setting of ocrstream"
        + "".join(f"; did you mean {near}?" for near in difflib.get_close_matches(name, known, n=1))
        for name in strangers
        if not name.startswith((f"{PREFIX}TEST_", f"{PREFIX}PORT", f"{PREFIX}SERVICE_"))
    ]


def _explain(place: tuple[int | str, ...], fault: str) -> str:
    if not place:  # a fault of several settings together
        return PREFIX + fault.removeprefix("Value error, ")
    name = str(place[0])
    field = Settings.model_fields[name]
    variable = PREFIX + name.upper()
    value = os.environ.get(variable)
    shown = "" if value is None or "Secret" in str(field.annotation) else f" (it is {value!r})"
    return f"{variable}: {fault}{shown}. {field.description}"
