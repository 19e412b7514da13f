"""How every part of ocrstream talks to the broker: one place for addresses and security."""

import ssl
from typing import TypedDict

from streams.settings import Settings


class KafkaClientOptions(TypedDict):
    """Arguments that aiokafka's consumer, producer and admin client share."""

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str
    sasl_plain_username: str | None
    sasl_plain_password: str | None
    ssl_context: ssl.SSLContext | None


def client_options(settings: Settings) -> KafkaClientOptions:
    """Turn the settings into aiokafka's arguments."""
    password = settings.kafka_password
    return {
        "bootstrap_servers": settings.kafka_brokers,
        "security_protocol": settings.kafka_security_protocol,
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
        "ssl_context": ssl_context(settings),
    }


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """What to trust; None where the broker is talked to without TLS."""
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    return ssl.create_default_context(cafile=settings.kafka_ca_file)
