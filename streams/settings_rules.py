"""What several settings must fulfil together, and the small languages that some are written in."""

import re
import ssl
from pathlib import Path
from typing import Annotated

from pydantic import AnyHttpUrl, Field, UrlConstraints

from streams.access.transport import is_unalterable
from streams.places import TENANT_PATTERN, tenant_of_name

Bucket = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
Issuer = Annotated[AnyHttpUrl, UrlConstraints(preserve_empty_path=True)]
"""As it is written: tokens hold the same characters, with or without a slash at the end."""
RetainSeconds = Annotated[float | None, Field(ge=0.0, le=3_153_600_000.0)]


def parse_tenants(text: str | None) -> list[tuple[str, str]]:
    """Tenants and what the places of their objects begin with.

    Raises:
        ValueError: it is of another form.
    """
    rules = []
    for rule in (text or "").split(",") if text else ():
        name, _, source = rule.strip().partition("=")
        bucket, slash, _ = source.partition("/")
        if not re.fullmatch(TENANT_PATTERN, name) or not bucket or not slash:
            raise ValueError(
                "TENANT_SOURCES: rules are tenant=bucket/prefix, separated by commas; tenants are "
                "lower-case letters, digits and hyphens"
            )
        rules.append((tenant_of_name(name), source))
    return rules


def check_issuer(
    issuer: AnyHttpUrl | None, audience: str | None, jwks_url: AnyHttpUrl | None
) -> None:
    """Raises ValueError where the issuer of tokens could not be trusted, or is half configured."""
    if issuer is None:
        if audience is not None or jwks_url is not None:
            raise ValueError("OIDC_ISSUER is not set; OIDC_AUDIENCE and OIDC_JWKS_URL go with it")
        return
    if audience is None:
        raise ValueError("OIDC_ISSUER needs OCRSTREAM_OIDC_AUDIENCE, else any of its tokens passes")
    if issuer.query is not None or issuer.fragment is not None:
        raise ValueError("OIDC_ISSUER has a query or a fragment; write it as tokens have it in iss")
    for name, url in (("OIDC_ISSUER", issuer), ("OIDC_JWKS_URL", jwks_url)):
        if url is not None and not is_unalterable(str(url)):
            raise ValueError(f"{name} must be https; http is for this machine only")


def check_key_pair(
    cert_name: str, cert_file: Path | None, key_name: str, key_file: Path | None
) -> None:
    """Raises ValueError where a certificate and its key cannot be used together."""
    if cert_file is None and key_file is None:
        return
    if cert_file is None or key_file is None:
        raise ValueError(f"{cert_name} and _{key_name} go together: set both or neither")
    for name, file in ((cert_name, cert_file), (key_name, key_file)):
        try:
            file.open("rb").close()
        except OSError as err:
            raise ValueError(f"{name}: {file} cannot be read: {err.strerror}") from None
    try:
        # With a password, so that OpenSSL asks nobody for the one of an encrypted key.
        ssl.create_default_context().load_cert_chain(cert_file, key_file, password="")
    except ssl.SSLError as err:
        raise ValueError(
            f"{cert_name}: {cert_file} holds no certificate chain in PEM whose first certificate "
            f"is that of the key in {key_file}, without a password: {err.reason or err}"
        ) from None


def check_certificates(name: str, file: Path | None) -> None:
    """Raises ValueError where a file has no certificates to trust."""
    if file is None:
        return
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError as err:
        raise ValueError(f"{name}: {file} holds no certificates in PEM: {err}") from None
    except OSError as err:
        raise ValueError(f"{name}: {file} cannot be read: {err.strerror}") from None
