"""`make demo` as a newcomer sees it, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.stream import ROOT, SAMPLES

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

TIMEOUT_S = 240


StartDemo = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start_demo() -> Iterator[StartDemo]:
    """Start the demo with a temporary folder of its own, so that leftovers can be seen.

    What a failed test has left running is terminated. The demo heeds Ctrl-C even where the tests
    run in the background of a script, whose children would ignore it.
    """
    started: list[subprocess.Popen[str]] = []

    def start(temporary: Path, *arguments: str) -> subprocess.Popen[str]:
        temporary.mkdir()
        own = {key: value for key, value in os.environ.items() if not key.startswith("OCRSTREAM_")}
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            demo = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "demo", *arguments],
                cwd=ROOT,
                env={**own, "TMPDIR": str(temporary), "COLUMNS": "100"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, handler)
        started.append(demo)
        return demo

    yield start
    for demo in started:
        if demo.poll() is None:
            demo.terminate()
            demo.communicate(timeout=TIMEOUT_S)


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes that work in a folder or below it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def assert_nothing_left(temporary: Path) -> None:
    """No child and no folder: what was started is ended, what was written is gone."""
    assert processes_in(temporary) == []
    assert list(temporary.iterdir()) == []


def test_demo_reads_the_samples(start_demo: StartDemo, tmp_path: Path) -> None:
    """Every sample is in the table, with its JSON and its picture; nothing else is left."""
    out = tmp_path / "out"
    demo = start_demo(tmp_path / "tmp", "--out", str(out))
    stdout, stderr = demo.communicate(timeout=TIMEOUT_S)
    assert demo.returncode == 0, stderr
    samples = [path for path in SAMPLES.iterdir() if path.suffix in (".png", ".jpg")]
    assert len(samples) == 8
    for sample in samples:
        assert sample.name in stdout
        result = json.loads((out / f"{sample.stem}.json").read_text(encoding="utf-8"))
        (page,) = result["pages"]
        with Image.open(out / f"{sample.stem}.png") as picture:
            assert picture.size == (page["width"], page["height"])
    form = json.loads((out / "turned-form.json").read_text(encoding="utf-8"))
    assert form["pages"][0]["source"]["rotation_degrees"] == 270
    assert_nothing_left(tmp_path / "tmp")


def test_demo_shows_a_dead_letter_and_fails(start_demo: StartDemo, tmp_path: Path) -> None:
    """A file that is no picture is a dead letter in the table, the others are read; exit code 1."""
    text = tmp_path / "notes with blanks.png"
    text.write_text("not a picture", encoding="utf-8")
    out = tmp_path / "out"
    sign = str(SAMPLES / "shop-sign.jpg")
    demo = start_demo(tmp_path / "tmp", "--out", str(out), str(text), sign)
    stdout, stderr = demo.communicate(timeout=TIMEOUT_S)
    assert demo.returncode == 1, stderr
    assert "unsupported_format" in stdout
    assert (out / "shop-sign.png").is_file()
    assert json.loads((out / "notes with blanks.json").read_text())["type"] == (
        "document.dead_lettered"
    )
    assert_nothing_left(tmp_path / "tmp")


def test_demo_refuses_a_path_that_is_not_there(start_demo: StartDemo, tmp_path: Path) -> None:
    """Wrong usage is told before anything is started."""
    demo = start_demo(tmp_path / "tmp", "no-such-file.png")
    _, stderr = demo.communicate(timeout=60)
    assert demo.returncode == 2
    assert "no-such-file.png" in stderr
    assert_nothing_left(tmp_path / "tmp")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["starting", "running"])
def test_demo_ends_its_children_when_interrupted(
    start_demo: StartDemo, tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    """Ctrl-C and SIGTERM, while servers start or when all is running, leave nothing behind."""
    temporary = tmp_path / "tmp"
    demo = start_demo(temporary, "--out", str(tmp_path / "out"), "--keep-running")
    wanted = "weed" if moment == "starting" else "worker"
    deadline = time.monotonic() + 60
    while not any(wanted in line for line in processes_in(temporary)):
        assert time.monotonic() < deadline, f"no {wanted} within 60 s"
        time.sleep(0.05)
    demo.send_signal(number)
    _, stderr = demo.communicate(timeout=60)
    assert demo.returncode == 130, stderr
    assert_nothing_left(temporary)
