"""MinIO, built from its Go module, with a notification target that leads to Kafka."""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streams.embedded import (
    LOOPBACK,
    ServerAddresses,
    ServerProcess,
    free_ports,
    store_answers,
)
from tests.servers.install import go_install, install_once
from tests.servers.kafka import create_topic

VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
"""The last state of the community edition, archived in 2026."""

NOTIFICATION_ARN = "arn:minio:sqs::OCR:kafka"
"""MinIO's name of the target that its environment calls OCR."""


@dataclass(frozen=True, slots=True)
class MinioServer:
    """A running store; chaos tests kill, freeze and restart its process.

    Attributes:
        addresses: Of the store and its broker, the same before and after a restart.
        process: The store's process.
        ca_file: What signed its certificate; None without TLS.
    """

    addresses: ServerAddresses
    process: ServerProcess
    ca_file: Path | None = None

    def restart(self) -> None:
        """Stop the store if it runs, start it on the same port and data, wait for its answer.

        Raises:
            ServerFailed: it does not start.
        """
        self.process.stop()
        self.process.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the store says that it can serve.

        Raises:
            ServerFailed: it ended or did not answer in time.
        """
        health = f"{self.addresses.s3_endpoint}/minio/health/ready"
        self.process.wait_until(lambda: store_answers(health, self.ca_file))


@contextmanager
def minio(
    folder: Path,
    kafka_brokers: str,
    notification_topic: str,
    certificates: Path | None = None,
) -> Iterator[MinioServer]:
    """Run a store on a free port of 127.0.0.1 until the block ends; it has no console.

    Buckets notify once `set_bucket_notification` names the target `notification_arn`. While the
    broker is away, notifications wait in a queue folder.

    Args:
        folder: Data, queue and log; made if missing.
        kafka_brokers: `host:port,...`; must answer.
        notification_topic: Created if missing. MinIO would start without it, and without the
            broker, and keep the notifications in its queue.
        certificates: A folder with public.crt, private.key and CAs/ca.crt, for TLS.

    Raises:
        ToolMissing: there is no Go.
        InstallFailed: MinIO does not build.
        ServerFailed: the store did not start, or the topic was refused.
    """
    program = install_minio()
    create_topic(kafka_brokers, notification_topic)
    folder.mkdir(parents=True, exist_ok=True)
    (port,) = free_ports(1)
    addresses = ServerAddresses(
        kafka_brokers=kafka_brokers,
        s3_endpoint=f"{'https' if certificates else 'http'}://{LOOPBACK}:{port}",
        s3_access_key=secrets.token_hex(10),
        s3_secret_key=secrets.token_hex(20),
        notification_arn=NOTIFICATION_ARN,
    )
    tls = () if certificates is None else ("--certs-dir", str(certificates))
    ca_file = None if certificates is None else certificates / "CAs" / "ca.crt"
    address = ("--address", f"{LOOPBACK}:{port}")
    command = (str(program), "server", *tls, *address, str(folder / "data"))
    environment = _describe_store(addresses, folder / "queue", notification_topic)
    with ServerProcess("minio", command, folder, environment) as process:
        server = MinioServer(addresses, process, ca_file)
        server.wait_until_ready()
        yield server


def install_minio() -> Path:
    """Give the path of the `minio` program; build it where that was not done.

    Raises:
        ToolMissing: there is no Go.
        InstallFailed: it does not build.
    """
    return install_once(f"minio-{VERSION}", _build) / "minio"


def _build(folder: Path) -> None:
    go_install(f"github.com/minio/minio@{VERSION}", folder)


def _describe_store(
    addresses: ServerAddresses, queue_folder: Path, notification_topic: str
) -> dict[str, str]:
    encryption_key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "MINIO_ROOT_USER": addresses.s3_access_key,
        "MINIO_ROOT_PASSWORD": addresses.s3_secret_key,
        "MINIO_KMS_SECRET_KEY": f"ocrstream:{encryption_key}",  # SSE-S3 needs one
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_NOTIFY_KAFKA_ENABLE_OCR": "on",
        "MINIO_NOTIFY_KAFKA_BROKERS_OCR": addresses.kafka_brokers,
        "MINIO_NOTIFY_KAFKA_TOPIC_OCR": notification_topic,
        "MINIO_NOTIFY_KAFKA_QUEUE_DIR_OCR": str(queue_folder),
    }
