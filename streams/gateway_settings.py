"""Settings of the HTTP API: where it listens, its limits, and who may ask."""

from pathlib import Path
from typing import Annotated

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings

from streams.settings_rules import Issuer


class GatewaySettings(BaseSettings):
    """A part of `streams.settings.Settings`."""

    gateway_host: str = Field(
        "127.0.0.1", description="Where the gateway listens; beyond loopback it needs access."
    )
    gateway_port: int = Field(8080, ge=0, le=65535, description="The gateway's port; 0: any.")
    gateway_requests_max: int = Field(
        1_000, ge=1, description="Requests in work, waiting ones included; more get 503."
    )
    gateway_bytes_max: int = Field(
        256 * 2**20, ge=2**23, description="Of uploads in the gateway's memory; more get 503."
    )
    gateway_cors_origins: str | None = Field(
        None, description="Web pages that may call the gateway: https://a.example,… Absent: none."
    )
    tls_cert_file: Path | None = Field(
        None,
        description="Certificate chain of the gateway, and with HTTP_TLS of the worker, PEM; "
        "absent: plain HTTP.",
    )
    tls_key_file: Path | None = Field(None, description="Key of TLS_CERT_FILE, PEM.")
    oidc_issuer: Issuer | None = Field(
        None, description="Whose bearer tokens the gateway accepts; absent: API keys only."
    )
    oidc_audience: str | None = Field(
        None, description="What tokens must have in `aud`; with OIDC_ISSUER."
    )
    oidc_jwks_url: AnyHttpUrl | None = Field(
        None, description="The issuer's keys; absent: as its discovery document says."
    )
    oidc_tenant_claim: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        "tenant", description="The claim with the tenant; a token without it is refused."
    )
    oidc_ca_file: Path | None = Field(
        None, description="Certificates to trust, PEM; absent: the system's."
    )

    def cors_origins(self) -> list[str]:
        """Web pages that may call the gateway."""
        return [origin.strip() for origin in (self.gateway_cors_origins or "").split(",")]
