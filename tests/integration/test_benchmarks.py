"""The benchmark of delivery runs to its end; what it measures is not judged here."""

import subprocess
import sys

import pytest

from tests.stream import ROOT, SAMPLES


@pytest.mark.real_servers
@pytest.mark.parametrize(
    "arguments",
    [
        ("events", "--events", "300", "--rounds", "1"),
        ("pages", "--rounds", "1", "--documents", str(SAMPLES / "invoice.png")),
    ],
    ids=["events", "pages"],
)
def test_benchmark_prints_its_medians(arguments: tuple[str, ...]) -> None:
    """It ends with 0 and the row that counts."""
    done = subprocess.run(
        (sys.executable, "-m", "tests.benchmarks.delivery", *arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("| median | ")
