"""The benchmarks run to their end; what they measure is not judged here."""

import subprocess
import sys
from pathlib import Path

import orjson
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


def test_comparison_prints_its_tables(tmp_path: Path) -> None:
    """On a set of one's own, here of one sample, with the pipeline and the stream."""
    text = (SAMPLES / "shop-sign.txt").read_text(encoding="utf-8")
    row = {"image": str(SAMPLES / "shop-sign.jpg"), "lines": [{"text": text}]}
    (tmp_path / "labels.jsonl").write_bytes(orjson.dumps(row))
    command = ("-m", "tests.benchmarks.comparison", str(tmp_path), "--rounds", "1")
    done = subprocess.run(
        (sys.executable, *command, "--contenders", "ocrstream", "ocrstream, stream"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [
        line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ocrstream")
    ]
    assert [cells[5] for cells in rows if len(cells) == 7] == ["1.0000", "1.0000"]
    assert "| recognize | " in done.stdout
