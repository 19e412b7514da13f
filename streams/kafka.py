"""How every part of ocrstream talks to the broker: one place for addresses and security."""

import ssl
from typing import TypedDict

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError

from streams.settings import Settings

PROBE_MS = 5_000


class _Security(TypedDict):
    """Arguments of a single connection."""

    security_protocol: str
    sasl_mechanism: str
    sasl_plain_username: str | None
    sasl_plain_password: str | None
    ssl_context: ssl.SSLContext | None


class KafkaClientOptions(_Security):
    """Arguments that aiokafka's consumer, producer and admin client share."""

    bootstrap_servers: str


def client_options(settings: Settings) -> KafkaClientOptions:
    """Turn the settings into aiokafka's arguments."""
    return {"bootstrap_servers": settings.kafka_brokers, **_security(settings)}


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """What to trust and what to show; None where the broker is talked to without TLS."""
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_cert_file is not None:
        context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file)
    return context


async def why_unreachable(settings: Settings) -> str:
    """Say what the brokers do to a connection; the client's own error names no reason."""
    reasons = []
    for host, port, _ in collect_hosts(settings.kafka_brokers):
        try:
            connection = await create_conn(
                host, port, request_timeout_ms=PROBE_MS, **_security(settings)
            )
        except (KafkaError, OSError) as err:
            reasons.append(f"{host}:{port}: {err or type(err).__name__}")
        else:
            connection.close()
    return "; ".join(reasons)


def _security(settings: Settings) -> _Security:
    password = settings.kafka_password
    return {
        "security_protocol": settings.kafka_security_protocol,
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
        "ssl_context": ssl_context(settings),
    }
