"""The benchmarks run to their end; what they measure is not judged here."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.stream import ROOT, SAMPLES


def printed_by(benchmark: str, *arguments: str) -> list[str]:
    """The lines of a benchmark that ended with 0."""
    done = subprocess.run(
        (sys.executable, "-m", f"tests.benchmarks.{benchmark}", *arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


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
    assert printed_by("delivery", *arguments)[-1].startswith("| median | ")


def test_comparison_prints_its_tables(tmp_path: Path) -> None:
    """On a set of one's own, here of one sample, with the pipeline and the stream."""
    text = (SAMPLES / "shop-sign.txt").read_text(encoding="utf-8")
    row = {"image": str(SAMPLES / "shop-sign.jpg"), "lines": [{"text": text}]}
    (tmp_path / "labels.jsonl").write_bytes(orjson.dumps(row))
    contenders = ("--contenders", "ocrstream", "ocrstream, stream")
    lines = printed_by("comparison", str(tmp_path), "--rounds", "1", *contenders)
    rows = [line.split(" | ") for line in lines if line.startswith("| ocrstream")]
    assert [cells[5] for cells in rows if len(cells) == 7] == ["1.0000", "1.0000"]
    assert any(line.startswith("| recognize | ") for line in lines)
