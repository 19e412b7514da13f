"""The real servers of a test run: those that the environment names, else ones started here."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from os import environ as process_environment
from pathlib import Path

from streams.embedded import ServerAddresses
from tests.servers.kafka import apache_kafka, install_kafka
from tests.servers.minio import install_minio, minio

PREFIX = "OCRSTREAM_TEST_"
"""Begins every variable that names a server from outside."""

_REQUIRED = ("KAFKA_BROKERS", "S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY")


class IncompleteAddresses(ValueError):
    """The environment names some part of the external servers, but not all of it."""


def addresses_from_environment(environ: Mapping[str, str]) -> ServerAddresses | None:
    """Read where external servers are: all of the four required variables, or none.

    Args:
        environ: OCRSTREAM_TEST_KAFKA_BROKERS, _S3_ENDPOINT, _S3_ACCESS_KEY, _S3_SECRET_KEY and, if
            the store notifies, _NOTIFICATION_ARN. An empty variable counts as missing.

    Returns:
        The addresses, None if none of the variables is there.

    Raises:
        IncompleteAddresses: some are there and a required one is missing.
    """
    values = {name: environ.get(PREFIX + name, "") for name in (*_REQUIRED, "NOTIFICATION_ARN")}
    if not any(values.values()):
        return None
    missing = [PREFIX + name for name in _REQUIRED if not values[name]]
    if missing:
        raise IncompleteAddresses(
            f"{', '.join(missing)} missing: set all of {PREFIX}{{{','.join(_REQUIRED)}}}, or none"
        )
    return ServerAddresses(
        kafka_brokers=values["KAFKA_BROKERS"],
        s3_endpoint=values["S3_ENDPOINT"],
        s3_access_key=values["S3_ACCESS_KEY"],
        s3_secret_key=values["S3_SECRET_KEY"],
        notification_arn=values["NOTIFICATION_ARN"] or None,
    )


@contextmanager
def real_servers(
    folder: Path, notification_topic: str = "ocr.uploads"
) -> Iterator[ServerAddresses]:
    """Give real servers: external ones if the environment names them, else Apache Kafka and MinIO.

    Args:
        folder: Data and logs of servers that are started here.
        notification_topic: Where the store's notifications go; created if the servers are ours.

    Raises:
        IncompleteAddresses: the environment names a part of the servers only.
        ToolMissing: java, mvn or go is missing.
        InstallFailed: a server could not be installed.
        ServerFailed: a server did not start.
    """
    external = addresses_from_environment(process_environment)
    if external is not None:
        yield external
        return
    with ThreadPoolExecutor() as pool:
        for installed in [pool.submit(install_kafka), pool.submit(install_minio)]:
            installed.result()
    with (
        apache_kafka(folder / "kafka") as kafka,
        minio(folder / "minio", kafka.brokers, notification_topic) as store,
    ):
        yield store.addresses
