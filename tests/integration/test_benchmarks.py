"""The benchmarks run to their end; what they measure is not judged here."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.benchmarks.accuracy_table import COLUMNS
from tests.benchmarks.generator import OTHER, Saw, parse_summary
from tests.benchmarks.load import Run, print_runs
from tests.benchmarks.personal.documents import fill
from tests.benchmarks.personal.report_templates import REPORTING
from tests.benchmarks.personal_data import SEEN, SETS
from tests.benchmarks.processes import Costs, cpu_of_stat
from tests.stream import ROOT, SAMPLES

_WORDED = re.compile(r"(?:^|\})[^{]*\w")


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


@pytest.mark.any_servers
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


@pytest.fixture
def signs(tmp_path: Path) -> Path:
    """A set of two pictures."""
    rows = []
    for name in ("shop-sign.jpg", "invoice.png"):
        text = (SAMPLES / name).with_suffix(".txt").read_text(encoding="utf-8")
        (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
        rows.append(orjson.dumps({"image": name, "lines": [{"text": text}]}))
    (tmp_path / "labels.jsonl").write_bytes(b"\n".join(rows))
    return tmp_path


@pytest.mark.any_servers
def test_ladder_prints_a_row_for_each_strength(signs: Path) -> None:
    """And the mean of each reader; what is so pale is only read once it was enhanced."""
    only = ("--damages", "contrast", "--strengths", "4", "5")
    lines = printed_by("ladder", str(signs), *only, "--readers", "off", "auto", "random")
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    names = ["damage", "---", "undamaged", "contrast 0.03", "contrast 0.02", "mean of the ladder"]
    assert [cells[0] for cells in rows] == [*names, "seconds"]
    assert float(rows[-2][2]) > float(rows[-2][1])


def test_calibration_prints_a_curve(signs: Path) -> None:
    """Whatever there is to fit it to."""
    lines = printed_by("calibration", str(signs))
    assert lines[2].startswith(f"| {signs.name} | ")
    assert lines[-1].startswith("INTERCEPT, SLOPE = ")


def test_table_of_accuracy_takes_its_place(tmp_path: Path) -> None:
    """Between its two comments, and nowhere else."""
    figures = dict.fromkeys(COLUMNS, 0.5) | {"auroc": None, "documents": 3, "seconds": 1.5}
    dataset: dict[str, object] = {
        "dataset": "own",
        "reader": "ocrstream",
        "failures": [],
        **figures,
    }
    pipeline = {"engine": "e", "device": "cpu", "precision": "fp32", "models": {"detect": "m"}}
    evaluation, document = tmp_path / "evaluation.json", tmp_path / "accuracy.md"
    evaluation.write_bytes(orjson.dumps({"pipeline": pipeline, "datasets": [dataset]}))
    document.write_text(
        "before\n<!-- tests.benchmarks.accuracy_table -->\nold\n<!-- end -->\nafter\n"
    )
    printed_by("accuracy_table", str(evaluation), str(document))
    text = document.read_text()
    assert "| own | 3 | ocrstream | 0.5000 | " in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("<!-- end -->\nafter\n")


@pytest.mark.any_servers
def test_personal_data_prints_its_table() -> None:
    """On text alone; with any of the fonts."""
    if not any(Path("/usr/share/fonts").rglob("DejaVuSans*.ttf")):
        pytest.skip("no fonts: install fonts-dejavu-core")
    lines = printed_by("personal_data", "--documents", "4", "--text-only")
    assert any(line.startswith("| email | ") for line in lines)


def test_templates_to_tune_with_are_not_those_reported_on() -> None:
    """They share no row that has words."""
    seen, reporting = (
        {
            row
            for one in sets
            for rows in one.values()
            for row in rows
            if _WORDED.search("".join(row))
        }
        for sets in (SEEN.values(), [REPORTING])
    )
    assert not seen & reporting


@pytest.mark.parametrize("name", SETS)
def test_places_of_templates_can_be_filled(name: str) -> None:
    """With something that has words or digits; those of scripts that no font is there for too."""
    places = re.findall(r"\{(?!mrz)([a-z][^{}]*)\}", str(SETS[name]))
    rng = random.Random(1)
    assert all(re.search(r"\w", fill(rng, place)[1]) for place in places)


def test_load_reads_the_summary_of_its_generator() -> None:
    """Statuses are sorted into accepted, told to come later, and failed; what never came is 0."""
    counts = {"status_202": 90, "status_503": 6, "status_429": 1, "status_0": 2, "status_other": 1}
    metrics = {name: {"values": {"count": count, "rate": 1.0}} for name, count in counts.items()}
    metrics["refused_without_retry_after"] = {"values": {"count": 3, "rate": 0.1}}
    times = {"count": 90, "p(50)": 1.5, "p(95)": 2.5, "p(99)": 3.5, "max": 4.5}
    metrics["accepted_ms"] = {"values": times}
    summary = {"state": {"testRunDurationMs": 30_000.0}, "metrics": metrics, "root_group": {}}
    saw = parse_summary(orjson.dumps(summary), 12.0)
    assert (saw.accepted, saw.refused, saw.failed) == (90, 4, 6)
    assert saw.statuses == {202: 90, 503: 6, 429: 1, 0: 2, OTHER: 1}
    assert (saw.per_s, saw.p50_ms, saw.p95_ms, saw.p99_ms, saw.cpu_s) == (3.0, 1.5, 2.5, 3.5, 12.0)


def test_cpu_time_is_found_behind_any_name() -> None:
    """A process may call itself whatever it likes, brackets and spaces included."""
    fields = ["S", *["0"] * 10, "250", "50", *["7"] * 30]
    tick = os.sysconf("SC_CLK_TCK")
    assert cpu_of_stat(f"12 (a) b) c) {' '.join(fields)}\n") == 300 / tick


async def test_costs_are_those_of_the_block() -> None:
    """Memory before and in it, CPU time taken in it."""
    async with Costs({"own": os.getpid()}) as costs:
        sum(range(3_000_000))
    assert costs.mib["own"][0] > 1
    assert 0 <= costs.cpu_s["own"] < 60


def test_load_prints_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each run in each table; ratios are to the bare PUTs."""
    saw = Saw(10.0, {202: 500, 503: 5}, 0, 1.0, 2.0, 3.0, 0.5)
    costs = Costs(
        {"gateway": 1}, {"gateway": 1.0, "store": 2.0}, {"gateway": [100.0, 120.0, 121.0]}
    )
    print_runs([Run("gateway", saw, costs, {408: 10})], bare_per_s=100.0)
    lines = capsys.readouterr().out.splitlines()
    assert "| gateway | 50 | 0.50 | 500 | 5 | 0 |" in lines
    assert "| gateway | 1 | 2 | 3 | 500 x 202, 5 x 503 | 10 x 408 |" in lines
    assert "| gateway | 1.00 | 2.00 | 4.00 |  |  | 7.00 | 0.35 |" in lines
    assert "| gateway, gateway | 100 | 100 | 120 | 121 |" in lines
