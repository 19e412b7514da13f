"""Settings are read once, checked once, and never tell a secret."""

import os
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from schemas.options import DocumentOptions, EnhanceMode
from streams.errors import SettingsError
from streams.settings import Settings, unknown_variables
from tests.tls import write_key_pair


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting of ours."""
    for name in list(os.environ):
        if name.startswith("OCRSTREAM_"):
            monkeypatch.delenv(name)
    return monkeypatch


def test_settings_have_the_documented_defaults(environ: pytest.MonkeyPatch) -> None:
    """The names and defaults that documentation, chart and users rely on."""
    settings = Settings.from_environment()
    assert settings.uploads_topic == "ocr.uploads"
    assert settings.results_topic == "ocr.results"
    assert settings.alerts_topic == "ocr.alerts"
    assert settings.dead_letters_topic == "ocr.dead-letters"
    assert (settings.uploads_bucket, settings.results_bucket) == ("uploads", "ocr-results")
    assert (settings.alert_confidence, settings.min_confidence) == (0.5, 0.0)
    assert settings.enhance is EnhanceMode.AUTO


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("ENHANCE", "maybe", "'off', 'auto' or 'always'"),
        ("DEVICE", "tpu", "auto, cpu or gpu:N"),
        ("KAFKA_BROKERS", "broker", "host:port"),
        ("S3_ENDPOINT", "store:9000", "URL"),
        ("DET_DB_THRESH", "1.5", "less than 1"),
        ("DETECT", "perhaps", "boolean"),
        ("MAX_DOCUMENTS_IN_FLIGHT", "0", "greater than or equal to 1"),
        ("KAFKA_CA_FILE", "/no/such/file", "No such file"),
        ("S3_CA_FILE", __file__, "holds no certificates"),
        ("OIDC_CA_FILE", "/no/such/file", "No such file"),
        ("OIDC_ISSUER", "issuer.example", "URL"),
        ("OIDC_ISSUER", "https://issuer.example", "needs OCRSTREAM_OIDC_AUDIENCE"),
    ],
)
def test_settings_name_the_variable_and_what_is_allowed(
    environ: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    """A wrong value stops the start with its variable, its fault and what is allowed."""
    environ.setenv(f"OCRSTREAM_{name}", value)
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    assert f"OCRSTREAM_{name}" in str(caught.value)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"S3_SSE_KMS_KEY_ID": "k"}, "OCRSTREAM_S3_SSE_KMS_KEY_ID needs OCRSTREAM_S3_SSE=kms"),
        (
            {"S3_SSE": "s3", "S3_SSE_KMS_KEY_ID": "k"},
            "OCRSTREAM_S3_SSE_KMS_KEY_ID needs OCRSTREAM_S3_SSE=kms",
        ),
        *(
            ({"MASTER_KEYS_FILE": "/keys", "KEYS_BUCKET": bucket, **more}, "a bucket of their own")
            for bucket, more in (
                ("uploads", {}),
                ("ocr-results", {}),
                ("scans", {"ALLOWED_SOURCES": "uploads, scans/in/"}),
            )
        ),
    ],
)
def test_settings_of_encryption_are_checked_together(
    environ: pytest.MonkeyPatch, variables: dict[str, str], fault: str
) -> None:
    """A key that nothing uses, and keys that lie with what they open."""
    for name, value in variables.items():
        environ.setenv(f"OCRSTREAM_{name}", value)
    with pytest.raises(SettingsError, match=fault):
        Settings.from_environment()


def test_settings_of_encryption_are_off_by_default(environ: pytest.MonkeyPatch) -> None:
    """And taken where they agree."""
    settings = Settings.from_environment()
    assert (settings.s3_sse, settings.master_keys_file) == ("off", None)
    assert settings.keys_bucket == "ocr-keys"
    environ.setenv("OCRSTREAM_S3_SSE", "kms")
    environ.setenv("OCRSTREAM_S3_SSE_KMS_KEY_ID", "k")
    environ.setenv("OCRSTREAM_MASTER_KEYS_FILE", "/keys")
    assert Settings.from_environment().s3_sse_kms_key_id == "k"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"OIDC_AUDIENCE": "a"}, "OIDC_ISSUER is not set"),
        ({"OIDC_JWKS_URL": "https://a.example"}, "OIDC_ISSUER is not set"),
        ({"OIDC_ISSUER": "http://issuer.example"}, "OIDC_ISSUER must be https"),
        ({"OIDC_ISSUER": "https://issuer.example?a=b"}, "has a query"),
        (
            {"OIDC_ISSUER": "https://issuer.example", "OIDC_JWKS_URL": "http://issuer.example"},
            "OIDC_JWKS_URL must be https",
        ),
    ],
)
def test_settings_refuse_an_issuer_that_cannot_be_trusted(
    environ: pytest.MonkeyPatch, values: dict[str, str], fault: str
) -> None:
    """Keys that come in the open, or an issuer that is half configured, let anybody in."""
    for name, value in values.items():
        environ.setenv(f"OCRSTREAM_{name}", value)
    if "OIDC_ISSUER" in values:
        environ.setenv("OCRSTREAM_OIDC_AUDIENCE", "ocrstream")
    with pytest.raises(SettingsError, match=f"OCRSTREAM_.*{fault}"):
        Settings.from_environment()


@pytest.mark.parametrize(
    "issuer", ["https://issuer.example", "https://issuer.example/", "http://127.0.0.1:8080/a"]
)
def test_settings_keep_an_issuer_as_it_is_written(environ: pytest.MonkeyPatch, issuer: str) -> None:
    """Tokens hold the same characters, with or without a slash at the end."""
    settings = Settings.from_environment(oidc_issuer=issuer, oidc_audience="ocrstream")
    assert str(settings.oidc_issuer) == issuer


def test_settings_report_all_faults_at_once(environ: pytest.MonkeyPatch) -> None:
    """Two wrong values take one start, not two, to be found."""
    environ.setenv("OCRSTREAM_ENHANCE", "maybe")
    environ.setenv("OCRSTREAM_ENGINE", "steam")
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    assert "OCRSTREAM_ENHANCE" in str(caught.value)
    assert "OCRSTREAM_ENGINE" in str(caught.value)


def test_settings_never_print_a_secret(environ: pytest.MonkeyPatch) -> None:
    """Neither a fault nor a printed object shows a password."""
    environ.setenv("OCRSTREAM_S3_SECRET_KEY", "hunter2-secret")
    environ.setenv("OCRSTREAM_KAFKA_PASSWORD", "hunter2-password")
    environ.setenv("OCRSTREAM_ENHANCE", "maybe")
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    environ.setenv("OCRSTREAM_ENHANCE", "off")
    environ.setenv("OCRSTREAM_S3_ACCESS_KEY", "someone")
    assert "hunter2" not in str(caught.value) + repr(Settings.from_environment())


def test_settings_take_empty_variables_for_absent(environ: pytest.MonkeyPatch) -> None:
    """`${VAR:-}` in a compose file means that nothing is set."""
    environ.setenv("OCRSTREAM_ENHANCE", "")
    assert Settings.from_environment().enhance is EnhanceMode.AUTO


def test_unknown_variables_suggests_the_nearest_name() -> None:
    """A typing error in a name is told, with what may have been meant."""
    (told,) = unknown_variables({"OCRSTREAM_EHNANCE": "off", "PATH": "/bin"})
    assert "OCRSTREAM_EHNANCE" in told
    assert "OCRSTREAM_ENHANCE?" in told


def test_read_options_prefers_the_event(environ: pytest.MonkeyPatch) -> None:
    """What an event asks for wins; what it leaves open follows the settings."""
    settings = Settings.from_environment(classify=False, det_db_thresh=0.2)
    options = settings.read_options(DocumentOptions(detect=False, det_db_unclip_ratio=2.0))
    assert (options.detect, options.classify, options.recognize) == (False, False, True)
    assert (options.det_db_thresh, options.det_db_unclip_ratio) == (0.2, 2.0)


@pytest.mark.parametrize(
    ("allowed", "bucket", "key", "expected"),
    [
        (None, "uploads", "any/thing", True),
        (None, "other", "any/thing", False),
        ("a, b/in/", "a", "x", True),
        ("a, b/in/", "b", "in/x", True),
        ("a, b/in/", "b", "out/x", False),
        ("b/in/", "b", "in/../out/x", True),
        ("b/in/", "bb", "in/x", False),
    ],
)
def test_allows_compares_keys_as_text(
    environ: pytest.MonkeyPatch, allowed: str | None, bucket: str, key: str, expected: bool
) -> None:
    """A key is an opaque string: `..` means nothing in it, a prefix is a prefix."""
    assert Settings.from_environment(allowed_sources=allowed).allows(bucket, key) is expected


@pytest.mark.parametrize(
    ("cert", "key", "more"),
    [
        ("TLS_CERT_FILE", "TLS_KEY_FILE", {}),
        ("KAFKA_CERT_FILE", "KAFKA_KEY_FILE", {"KAFKA_SECURITY_PROTOCOL": "SSL"}),
    ],
)
def test_a_certificate_is_checked_with_its_key(
    environ: pytest.MonkeyPatch, tmp_path: Path, cert: str, key: str, more: dict[str, str]
) -> None:
    """Both or neither, readable, of each other; the fault names the variable."""
    authority = trustme.CA()
    one, other = (
        write_key_pair(authority.issue_cert(name), tmp_path, name) for name in ("one", "other")
    )
    missing = tmp_path / "missing.pem"

    def read(**values: object) -> Settings:
        for name in (cert, key):
            environ.delenv(f"OCRSTREAM_{name}", raising=False)
        for name, value in (more | values).items():
            environ.setenv(f"OCRSTREAM_{name}", str(value))
        return Settings.from_environment()

    assert getattr(read(**{cert: one.chain, key: one.key}), cert.lower()) == one.chain
    for values, fault in (
        ({cert: one.chain}, f"OCRSTREAM_{cert} and _{key} go together"),
        ({key: one.key}, f"OCRSTREAM_{cert} and _{key} go together"),
        ({cert: missing, key: one.key}, f"OCRSTREAM_{cert}: {missing} cannot be read"),
        ({cert: one.chain, key: missing}, f"OCRSTREAM_{key}: {missing} cannot be read"),
        ({cert: one.chain, key: other.key}, f"OCRSTREAM_{cert}: {one.chain} holds no certificate"),
        ({cert: one.key, key: one.key}, f"OCRSTREAM_{cert}: {one.key} holds no certificate"),
    ):
        with pytest.raises(SettingsError) as caught:
            read(**values)
        assert fault in str(caught.value)


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(
    environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A worker that waits for somebody at a terminal would never start."""
    certificate = trustme.CA().issue_cert("one")
    pair = write_key_pair(certificate, tmp_path)
    key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    hidden = BestAvailableEncryption(b"password")
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    with pytest.raises(SettingsError, match="without a password"):
        Settings.from_environment(tls_cert_file=pair.chain, tls_key_file=pair.key)


@pytest.mark.parametrize(
    ("name", "needs"), [("kafka_cert_file", "SECURITY_PROTOCOL"), ("http_tls", "TLS_CERT_FILE")]
)
def test_a_certificate_that_would_protect_nothing_is_refused(
    environ: pytest.MonkeyPatch, tmp_path: Path, name: str, needs: str
) -> None:
    """Nobody is to believe in encryption that is not there."""
    pair = write_key_pair(trustme.CA().issue_cert("one"), tmp_path)
    values: dict[str, object] = {"http_tls": True}
    if name == "kafka_cert_file":
        values = {"kafka_cert_file": pair.chain, "kafka_key_file": pair.key}
    with pytest.raises(SettingsError, match=f"OCRSTREAM_{name.upper()} needs OCRSTREAM_.*{needs}"):
        Settings.from_environment(**values)
