"""Apache Kafka: one combined KRaft broker and controller, from its Maven artifacts."""

import asyncio
import base64
import hashlib
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from streams.embedded import LOOPBACK, ServerFailed, ServerProcess, broker_answers, free_ports
from tests.servers.install import find_tool, install_once, run_build

Result = TypeVar("Result")

_POM = Path(__file__).with_name("kafka-pom.xml")
_FORMAT_TIMEOUT_S = 60
_REQUEST_TIMEOUT_MS = 5_000

# Quick to start; no performance data in /tmp, native libraries unpacked into the server's folder.
_JAVA_OPTIONS = (
    *("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-XX:-UsePerfData", "-Djava.io.tmpdir=."),
)


@dataclass(frozen=True, slots=True)
class Listener:
    """A further way into a broker.

    Attributes:
        name: In capitals.
        port: Where the broker listens.
        advertised_port: Where clients are sent, as that of a proxy.
        protocol: One of Kafka's security protocols.
        properties: Of the listener, without the prefix `listener.name.<name>.`.
        users: Names and passwords, for SCRAM.
    """

    name: str
    port: int
    advertised_port: int
    protocol: str = "PLAINTEXT"
    properties: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """A running broker; chaos tests kill, freeze and restart its process.

    Attributes:
        brokers: `host:port`, the same before and after a restart.
        process: The broker's process.
    """

    brokers: str
    process: ServerProcess

    def restart(self) -> None:
        """Stop the broker if it runs, start it on the same port and data, wait for its answer.

        Raises:
            ServerFailed: it does not start.
        """
        self.process.stop()
        self.process.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the broker is a member of its own cluster's metadata.

        Raises:
            ServerFailed: it ended or did not answer in time.
        """
        self.process.wait_until(lambda: _knows_a_broker(self.brokers))


@contextmanager
def apache_kafka(
    folder: Path, *listeners: Listener, properties: Mapping[str, str] | None = None
) -> Iterator[KafkaServer]:
    """Run a broker on free ports of 127.0.0.1 until the block ends.

    Args:
        folder: Data, configuration and log; made if missing.
        listeners: Besides the plain one of `KafkaServer.brokers`.
        properties: Of the broker, beside those that it needs to run.

    Raises:
        ToolMissing: java or mvn is missing.
        InstallFailed: the jars could not be fetched.
        ServerFailed: the broker did not start.
    """
    classpath = f"{install_kafka() / 'lib'}/*"
    folder.mkdir(parents=True, exist_ok=True)
    broker_port, controller_port = free_ports(2)
    configuration = folder / "server.properties"
    plain = Listener("PLAINTEXT", broker_port, broker_port)
    configuration.write_text(
        _describe_broker(folder / "data", controller_port, (plain, *listeners), properties or {})
    )
    java = (find_tool("java"), *_JAVA_OPTIONS, "-cp", classpath)
    if not (folder / "data").exists():
        users = {name: word for listener in listeners for name, word in listener.users.items()}
        _format_data(java, configuration, users)
    command = (*java, "kafka.Kafka", str(configuration))
    with ServerProcess("kafka", command, folder) as process:
        server = KafkaServer(f"{LOOPBACK}:{broker_port}", process)
        server.wait_until_ready()
        yield server


def install_kafka() -> Path:
    """Give the folder whose `lib/` has the broker's jars; fetch them where that was not done.

    Raises:
        ToolMissing: there is no Maven or no Java.
        InstallFailed: Maven failed.
    """
    find_tool("java")
    digest = hashlib.sha256(_POM.read_bytes()).hexdigest()
    return install_once(f"apache-kafka-{digest[:12]}", _fetch_jars)


def create_topic(brokers: str, topic: str, partition_count: int = 1) -> None:
    """Create a topic; one that exists stays as it is.

    Blocks, also where an event loop runs: the request has a loop and a thread of its own.
    """
    _run_in_thread(_create_topic(brokers, topic, partition_count))


def _fetch_jars(folder: Path) -> None:
    shutil.copy(_POM, folder / "pom.xml")  # Maven works where the pom is
    goal = ("dependency:copy-dependencies", "-DoutputDirectory=lib", "-DincludeScope=runtime")
    run_build([find_tool("mvn"), "--batch-mode", "--strict-checksums", *goal], folder)


def _describe_broker(
    data_folder: Path,
    controller_port: int,
    listeners: tuple[Listener, ...],
    more: Mapping[str, str],
) -> str:
    controller = Listener("CONTROLLER", controller_port, controller_port)
    properties = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "listeners": ",".join(
            f"{one.name}://{LOOPBACK}:{one.port}" for one in (*listeners, controller)
        ),
        "advertised.listeners": ",".join(
            f"{one.name}://{LOOPBACK}:{one.advertised_port}" for one in listeners
        ),
        "listener.security.protocol.map": ",".join(
            f"{one.name}:{one.protocol}" for one in (*listeners, controller)
        ),
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": data_folder,
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "broker.session.timeout.ms": 3000,  # a killed broker may not come back sooner
        "broker.heartbeat.interval.ms": 1000,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,  # the default of 50 delays the first group by seconds
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        **{
            f"listener.name.{one.name.lower()}.{name}": value
            for one in listeners
            for name, value in one.properties.items()
        },
        **more,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _format_data(
    java: tuple[str, ...], configuration: Path, scram_users: Mapping[str, str]
) -> None:
    cluster_id = "t" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
    command = (
        *java,
        "kafka.tools.StorageTool",
        "format",
        "-t",
        cluster_id,
        "-c",
        str(configuration),
        *(
            argument
            for name, password in scram_users.items()
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for argument in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ),
    )
    folder = configuration.parent
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_FORMAT_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise ServerFailed(f"kafka could not format {folder}: {done.stdout}{done.stderr}")


def _knows_a_broker(brokers: str) -> bool:
    port = int(brokers.rpartition(":")[2])
    try:
        return broker_answers(port) and _run_in_thread(_count_brokers(brokers)) > 0
    except (KafkaError, OSError, TimeoutError):
        return False


async def _count_brokers(brokers: str) -> int:
    async with _connect(brokers) as admin:
        cluster = await admin.describe_cluster()
    return len(cluster["brokers"])


async def _create_topic(brokers: str, topic: str, partition_count: int) -> None:
    async with _connect(brokers) as admin:
        answer = await admin.create_topics([NewTopic(topic, partition_count, replication_factor=1)])
    for _, code, *detail in answer.topic_errors:  # the client raises nothing for these
        if code not in (0, TopicAlreadyExistsError.errno):
            raise ServerFailed(f"kafka did not create topic {topic}: error {code}, {detail}")


@asynccontextmanager
async def _connect(brokers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers, request_timeout_ms=_REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


def _run_in_thread(work: Coroutine[object, object, Result]) -> Result:
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
