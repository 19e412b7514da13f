"""`ocrstream demo`: the whole path on this machine, with nothing to install or configure."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
import urllib3
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from processors.decoding.sandbox import Sandbox
from streams.cli.console import errors, expand_paths, say
from streams.cli.report import Report
from streams.client import Client
from streams.embedded import (
    LOOPBACK,
    ServerAddresses,
    ServerProcess,
    embedded_servers,
    free_ports,
)
from streams.provision import TopicPlan, provision
from streams.settings import PREFIX, Settings

SAMPLES = Path(__file__).parents[2] / "samples"

SESSION_TIMEOUT_S = 3.0
"""The embedded broker lets a worker join only after a part of this."""

OUTCOMES_TIMEOUT_S = 1800.0

_PICTURES = frozenset({".png", ".jpg", ".jpeg"})


def demo(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders; default: the samples.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where results and pictures go; kept.")] = Path(
        "demo-output"
    ),
    keep_running: Annotated[
        bool, typer.Option("--keep-running", help="Leave everything running until Ctrl-C.")
    ] = False,
) -> None:
    """Start a broker, a store and a worker on this machine and read documents through them.

    For each document OUT holds the result's JSON and a picture of the page with its boxes and
    confidences. Everything that was started is ended again, and nothing else is left behind.
    """
    files = expand_paths(paths) if paths else _samples()
    say("starting broker, store and worker ...")
    with (
        _interruptible(),
        _temporary_folder() as folder,
        embedded_servers(folder) as servers,
        _worker(servers, folder) as (worker, settings),
    ):
        succeeded = asyncio.run(_run(worker, settings, files, out, keep_running))
        say("stopping ...")
    if not succeeded:
        sys.exit(1)


def _samples() -> list[Path]:
    files = sorted(p for p in SAMPLES.glob("*") if p.suffix in _PICTURES)
    if not files:
        raise typer.BadParameter("this installation has no samples; give files or folders to read")
    return files


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does: by unwinding, which ends every child."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ocrstream-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _worker(servers: ServerAddresses, folder: Path) -> Iterator[tuple[ServerProcess, Settings]]:
    """A worker as a process of its own, as in production, with the user's settings."""
    (http_port,) = free_ports(1)
    overrides: dict[str, str | None] = {
        "kafka_brokers": servers.kafka_brokers,
        "kafka_security_protocol": "PLAINTEXT",
        "kafka_session_timeout_s": str(SESSION_TIMEOUT_S),
        "s3_endpoint": servers.s3_endpoint,
        "s3_access_key": servers.s3_access_key,
        "s3_secret_key": servers.s3_secret_key,
        "allowed_sources": None,
        "notification_arn": None,
        "data_dir": str(folder),
        "http_host": LOOPBACK,
        "http_port": str(http_port),
    }
    settings = Settings.from_environment(**overrides)
    asyncio.run(provision(settings, TopicPlan(partition_count=2, replication_factor=1), False))
    ours = {PREFIX + name.upper(): value or "" for name, value in overrides.items()}
    own = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    command = (sys.executable, "-m", "streams.cli", "worker")
    with ServerProcess("worker", command, folder, {**own, **ours}) as worker:
        worker.wait_until(lambda: _is_ready(http_port))
        yield worker, settings


def _is_ready(http_port: int) -> bool:
    url = f"http://{LOOPBACK}:{http_port}/readyz"
    try:
        return urllib3.request("GET", url, timeout=1.0, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


async def _run(
    worker: ServerProcess, settings: Settings, files: list[Path], out: Path, keep_running: bool
) -> bool:
    """Read the files; tell whether all of them became results."""
    decoding = settings.reader_options().decoding
    with closing(Sandbox(decoding, 1)) as sandbox:
        report = Report(out, files, sandbox)
        await _read_all(worker, settings, files, report)
    report.print()
    if keep_running:
        _say_where(settings)
        await _watch(worker)
    return report.is_complete


async def _read_all(
    worker: ServerProcess, settings: Settings, files: list[Path], report: Report
) -> None:
    """Read the files, unless the worker ends."""
    async with Client(settings) as client:
        reading = asyncio.create_task(_read(client, files, report))
        watching = asyncio.create_task(_watch(worker))
        try:
            await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
            await reading
        finally:
            reading.cancel()
            watching.cancel()


async def _read(client: Client, files: list[Path], report: Report) -> None:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
    ) as progress:
        uploading = progress.add_task("uploading", total=len(files))
        reading = progress.add_task("reading", total=len(files))
        submitted = []
        for path in files:
            submitted.append(await client.submit(path))
            report.started(path)
            progress.advance(uploading)
        async with asyncio.timeout(OUTCOMES_TIMEOUT_S):
            async for item, outcome in client.outcomes(submitted):
                report.add(item.path, outcome)
                progress.advance(reading)


async def _watch(worker: ServerProcess) -> None:
    """Wait for the worker to end, which it should not; raises `ServerFailed` with its log."""
    while worker.is_running():  # noqa: ASYNC110 - a process sets no event
        await asyncio.sleep(0.25)
    worker.wait_until(lambda: False, timeout_s=0)


def _say_where(settings: Settings) -> None:
    secret = settings.s3_secret_key
    say("still running; end it with Ctrl-C. In another shell:")
    for line in (
        f"export {PREFIX}KAFKA_BROKERS={settings.kafka_brokers}",
        f"export {PREFIX}S3_ENDPOINT={settings.s3_endpoint}",
        f"export {PREFIX}S3_ACCESS_KEY={settings.s3_access_key}",
        f"export {PREFIX}S3_SECRET_KEY={secret.get_secret_value() if secret else ''}",
        "ocrstream submit --wait FILE",
        "ocrstream gateway  # documents by HTTP, from this machine",
    ):
        say(f"  {line}")
