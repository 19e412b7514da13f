"""Worker and gateway as the compose file and the chart start them, on real servers.

Command, arguments and environment are the manifest's; only addresses, credentials, the port and
the folders are this machine's. The store announces the upload itself: nobody here publishes.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiokafka import AIOKafkaConsumer
from minio import Minio

from streams.embedded import ServerAddresses
from tests.deployment.dockerfile import read_stages
from tests.deployment.manifests import (
    ROOT,
    Container,
    chart_container,
    compose_container,
    render_chart,
)

pytestmark = pytest.mark.real_servers

SAMPLE = ROOT / "samples" / "price-table.png"
OCRSTREAM = Path(sys.executable).with_name("ocrstream")
# Values that the chart leaves empty by default; what they are is replaced below.
CHART_VALUES = (
    "credentials.s3AccessKey=a,credentials.s3SecretKey=s,s3.notificationArn=arn:minio:x,"
    "gateway.enabled=true"
)
SETUP_TIMEOUT_S = 180
READY_TIMEOUT_S = 180
RESULT_TIMEOUT_S = 180
EXIT_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one way of deployment starts, in this order."""

    setup: Container
    worker: Container
    gateway: Container


@pytest.fixture(params=["compose", "chart"])
def manifest(request: pytest.FixtureRequest) -> Manifest:
    """The containers of each way of deployment."""
    names = ("setup", "worker", "gateway")
    if request.param == "compose":
        return Manifest(*map(compose_container, names))
    rendered = render_chart(request.getfixturevalue("helm"), "--set", CHART_VALUES)
    return Manifest(*(chart_container(rendered, name) for name in names))


def relocate(
    environment: Mapping[str, str], servers: ServerAddresses, port: int, folder: Path
) -> dict[str, str]:
    """A manifest's environment with the addresses, port and folders of this machine.

    Nothing of this process's environment comes along but PATH. Every address must have been in
    the manifest: one that it forgets may not be added here.
    """
    addresses = {
        "OCRSTREAM_KAFKA_BROKERS": servers.kafka_brokers,
        "OCRSTREAM_S3_ENDPOINT": servers.s3_endpoint,
        "OCRSTREAM_S3_ACCESS_KEY": servers.s3_access_key,
        "OCRSTREAM_S3_SECRET_KEY": servers.s3_secret_key,
        "OCRSTREAM_NOTIFICATION_ARN": servers.notification_arn or "",
    }
    assert addresses.keys() <= environment.keys()
    return {
        **environment,
        **addresses,
        "OCRSTREAM_HTTP_PORT": str(port),
        "OCRSTREAM_DATA_DIR": str(folder),
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run_setup(container: Container, environment: dict[str, str], folder: Path) -> None:
    """Run the manifest's setup to its end; it has to succeed."""
    run_command(container.arguments, environment, folder)


def run_command(arguments: tuple[str, ...], environment: dict[str, str], folder: Path) -> str:
    """Run a command to its end; it has to succeed. Returns what it printed."""
    done = subprocess.run(
        [OCRSTREAM, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SETUP_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until_ready(worker: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for 200 from /readyz; a worker that ends before is a failure at once."""
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline_s:
        assert worker.poll() is None, f"the worker ended:\n{log.read_text()[-4000:]}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.2)
    pytest.fail(f"not ready within {READY_TIMEOUT_S} s:\n{log.read_text()[-4000:]}")


def upload_sample(environment: Mapping[str, str]) -> str:
    """Put the sample into the uploads bucket under a new key; returns bucket/key."""
    endpoint = urlsplit(environment["OCRSTREAM_S3_ENDPOINT"])
    store = Minio(
        endpoint=endpoint.netloc,
        access_key=environment["OCRSTREAM_S3_ACCESS_KEY"],
        secret_key=environment["OCRSTREAM_S3_SECRET_KEY"],
        secure=endpoint.scheme == "https",
    )
    bucket, key = environment["OCRSTREAM_UPLOADS_BUCKET"], f"deployment/{uuid.uuid4()}.png"
    store.fput_object(
        bucket_name=bucket, object_name=key, file_path=str(SAMPLE), content_type="image/png"
    )
    return f"{bucket}/{key}"


async def read_result(environment: Mapping[str, str], place: str) -> dict[str, object]:
    """The first result whose Kafka key is the upload's bucket/key."""
    consumer = AIOKafkaConsumer(
        environment["OCRSTREAM_RESULTS_TOPIC"],
        bootstrap_servers=environment["OCRSTREAM_KAFKA_BROKERS"],
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(RESULT_TIMEOUT_S):
            async for message in consumer:
                if message.key == place.encode():
                    result: dict[str, object] = json.loads(message.value)
                    return result
    finally:
        await consumer.stop()
    raise AssertionError("unreachable: the consumer iterates until the timeout")


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """A worker that is ready, and the environment it was given."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    log: Path


@pytest.fixture
def worker(manifest: Manifest, servers: ServerAddresses, tmp_path: Path) -> Iterator[RunningWorker]:
    """The manifest's worker after the manifest's setup; killed if a test leaves it running."""
    if servers.notification_arn is None:
        pytest.skip("these servers' store announces nothing: set OCRSTREAM_TEST_NOTIFICATION_ARN")
    port, log = free_port(), tmp_path / "worker.log"
    run_setup(
        manifest.setup, relocate(manifest.setup.environment, servers, port, tmp_path), tmp_path
    )
    environment = relocate(manifest.worker.environment, servers, port, tmp_path)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [OCRSTREAM, *manifest.worker.arguments],
            env=environment,
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_ready(process, port, log)
        yield RunningWorker(process, environment, log)
    finally:
        process.kill()
        process.wait(timeout=10)


def test_deployed_worker_reads_an_upload_and_stops_on_sigterm(worker: RunningWorker) -> None:
    """From an object in the bucket to its text on ocr.results, then exit code 0 within 30 s."""
    place = upload_sample(worker.environment)
    result = asyncio.run(read_result(worker.environment, place))
    expected = set(SAMPLE.with_suffix(".txt").read_text().split())
    assert result["type"] == "document.recognized"
    assert result["status"] == "complete"
    assert len(expected & set(str(result["text"]).split())) >= 0.8 * len(expected)
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(timeout=EXIT_TIMEOUT_S) == 0, worker.log.read_text()[-4000:]


def submit(port: int, key: str | None) -> int:
    """Submit the sample to a gateway; returns the answer's status."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/documents",
        SAMPLE.read_bytes(),
        {"X-API-Key": key} if key else {},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_deployed_gateway_takes_documents_of_those_with_a_key(
    manifest: Manifest, servers: ServerAddresses, tmp_path: Path
) -> None:
    """A key is made, the gateway listens where the manifest says, and stops on SIGTERM."""
    port, health_port, log = free_port(), free_port(), tmp_path / "gateway.log"
    environment = relocate(manifest.setup.environment, servers, health_port, tmp_path)
    run_setup(manifest.setup, environment, tmp_path)
    create = ("keys", "create", "--scope", "submit")
    key = run_command(create, environment, tmp_path).strip()
    image = read_stages()["gateway"].environment()
    assert image["OCRSTREAM_GATEWAY_PORT"] == manifest.gateway.environment["OCRSTREAM_GATEWAY_PORT"]
    environment = relocate(manifest.gateway.environment, servers, health_port, tmp_path)
    environment["OCRSTREAM_GATEWAY_PORT"] = str(port)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [OCRSTREAM, *manifest.gateway.arguments],
            env=environment,
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_ready(process, health_port, log)
        assert submit(port, key) == 202
        assert submit(port, None) == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=EXIT_TIMEOUT_S) == 0, log.read_text()[-4000:]
    finally:
        process.kill()
        process.wait(timeout=10)
