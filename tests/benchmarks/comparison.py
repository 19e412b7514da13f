"""ocrstream next to the programs that read with the same weights, in one alternating run.

    make bench
    python -m tests.benchmarks.comparison sroie icdar2015 --limit 20 --rounds 5
    python -m tests.benchmarks.comparison /my/receipts --contenders ocrstream "PaddleOCR"

A set is a folder with `labels.jsonl`, by path or by its name in the folder of test data. Every
contender runs in a process and an environment of its own, on the same files and cores, and waits
while another one reads; the first round warms up and does not count. `many` gives all files at
once, `each` one after another. Prints Markdown tables: medians of the rounds, and ratios to
the first contender within the same round. `MiB` is the most that the process has had, of the stream
what its worker has at the end.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel

from processors.models.catalog import Format, Stage, Weights
from processors.models.registry import DEFAULTS, Registry
from tests.labelled import DATA, LabelledPicture, agreement, read_labels
from tests.stream import ROOT

Mode = Literal["many", "each"]

PEERS = "tests.benchmarks.peers."
LATENCY_FILES = 10


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that reads.

    Attributes:
        python: Interpreter of its environment.
        module: What is run, with `arguments`.
    """

    python: Path
    module: str
    arguments: tuple[str, ...] = ()


class Answer(BaseModel):
    """What a contender did in one round."""

    texts: list[str]
    latencies_s: list[float]
    cpu_s: float
    peak_bytes: int
    stages: dict[str, dict[str, float]]

    @property
    def pages_per_s(self) -> float:
        """Of the whole round."""
        return len(self.texts) / sum(self.latencies_s)


@dataclass(slots=True)
class Process:
    """A contender at work."""

    name: str
    about: dict[str, str]
    _process: "subprocess.Popen[str]"
    answers: dict[tuple[str, Mode], list[Answer]] = field(default_factory=dict)

    def read(self, files: Sequence[Path], mode: Mode) -> Answer:
        """Let it read."""
        request = {"mode": mode, "files": [str(path) for path in files]}
        _pipe(self._process.stdin).write(json.dumps(request) + "\n")
        _pipe(self._process.stdin).flush()
        answer = _pipe(self._process.stdout).readline()
        if not answer:
            raise SystemExit(f"{self.name} ended with {self._process.wait()}")
        return Answer.model_validate_json(answer)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def contenders(int8: Path | None = None) -> dict[str, Contender]:
    """All of them; see the Makefile for their environments.

    Args:
        int8: Folder of INT8 builds for one more.
    """
    registry = Registry()

    def onnx(stage: Stage) -> str:
        model = registry.model(DEFAULTS[stage], stage)
        return str(registry.find(model, [(Format.ONNX, Weights.FLOAT)]).path)

    here = Path(sys.executable)
    peers = ROOT / ".cache" / "peers"
    faster_paddle = peers / "faster-paddle/bin/python"
    models = ("--detect", onnx("detect"), "--recognize", onnx("recognize"))
    known = {
        "ocrstream": Contender(here, f"{PEERS}read_ocrstream"),
        "ocrstream, FP32": Contender(here, f"{PEERS}read_ocrstream", ("--precision", "fp32")),
        "ocrstream, enhance off": Contender(here, f"{PEERS}read_ocrstream", ("--enhance", "off")),
        "ocrstream, stream": Contender(here, f"{PEERS}read_stream"),
        "ocrstream, Kafka": Contender(here, f"{PEERS}read_stream", ("--servers", "real")),
        "faster-paddle": Contender(faster_paddle, f"{PEERS}read_faster_paddle"),
        "faster-paddle, 960": Contender(
            faster_paddle, f"{PEERS}read_faster_paddle", ("--side", "960")
        ),
        "PaddleOCR": Contender(ROOT / ".venv-paddle/bin/python", f"{PEERS}read_paddleocr", models),
        "RapidOCR": Contender(peers / "rapidocr/bin/python", f"{PEERS}read_rapidocr"),
    }
    if int8 is not None:
        arguments = ("--precision", "int8", "--models", str(int8.resolve()))
        known["ocrstream, INT8"] = Contender(here, f"{PEERS}read_ocrstream", arguments)
    return known


@contextmanager
def running(name: str, contender: Contender) -> Iterator[Process]:
    """Start a contender, and end it."""
    if not contender.python.exists():
        raise SystemExit(f"{name}: {contender.python} is missing; run `make bench` once")
    command = [str(contender.python), "-m", contender.module, *contender.arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        started = _pipe(process.stdout).readline()
        if not started:
            raise SystemExit(f"{name} did not start: try {' '.join(command)}")
        yield Process(name, json.loads(started), process)
    finally:
        _pipe(process.stdin).close()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def compare(processes: list[Process], sets: dict[str, list[LabelledPicture]], rounds: int) -> None:
    """Let all contenders read all sets, in turns; the first round warms up."""
    for name, pictures in sets.items():
        files = [picture.path for picture in pictures]
        tasks: list[tuple[Mode, list[Path]]]
        tasks = [("many", files), ("each", files[:LATENCY_FILES])]
        for mode, some in tasks:
            for number in range(rounds + 1):
                order = processes if number % 2 else processes[::-1]
                for process in order:
                    answer = process.read(some, mode)
                    if number:
                        process.answers.setdefault((name, mode), []).append(answer)


def print_many(processes: list[Process], name: str, pictures: list[LabelledPicture]) -> None:
    """Throughput, agreement with the truth and memory on one set."""
    print(f"\n### {name}: {len(pictures)} files at once\n")
    _row("contender", "pages/s", "of the first", "CPU s/page", "of the first", "word F1", "MiB")
    _row(*["---"] * 7)
    first = processes[0].answers[name, "many"]
    for process in processes:
        answers = process.answers[name, "many"]
        pairs = list(zip(answers, first, strict=True))
        found = agreement(
            (picture.text, text) for picture, text in zip(pictures, answers[-1].texts, strict=True)
        )
        _row(
            process.name,
            f"{statistics.median(a.pages_per_s for a in answers):.2f}",
            f"{statistics.median(a.pages_per_s / b.pages_per_s for a, b in pairs):.2f}",
            f"{statistics.median(a.cpu_s for a in answers) / len(pictures):.3f}",
            f"{statistics.median(a.cpu_s / b.cpu_s for a, b in pairs):.2f}",
            f"{found.f1:.4f}",
            f"{max(a.peak_bytes for a in answers) / 2**20:.0f}",
        )


def print_plot(processes: list[Process], name: str) -> None:
    """Pages per second of one set, as a chart that Markdown viewers draw."""
    rates = [
        statistics.median(answer.pages_per_s for answer in process.answers[name, "many"])
        for process in processes
    ]
    names = ", ".join(f'"{process.name.replace("ocrstream, ", "")}"' for process in processes)
    print(f'\n```mermaid\nxychart-beta horizontal\n    title "{name}: pages per second"')
    print(f"    x-axis [{names}]\n    y-axis 0 --> {max(rates) * 1.1:.1f}")
    print(f"    bar [{', '.join(f'{rate:.2f}' for rate in rates)}]\n```", flush=True)


def print_each(processes: list[Process], name: str) -> None:
    """Latency of single files on one set."""
    print(f"\n### {name}: one file after another\n")
    _row("contender", "p50 ms", "p95 ms", "CPU s/page")
    _row(*["---"] * 4)
    for process in processes:
        answers = process.answers[name, "each"]
        latencies = sorted(value * 1000 for answer in answers for value in answer.latencies_s)
        cpu_s = statistics.median(a.cpu_s / len(a.texts) for a in answers)
        p95 = latencies[min(len(latencies) - 1, round(0.95 * len(latencies)))]
        _row(process.name, f"{statistics.median(latencies):.0f}", f"{p95:.0f}", f"{cpu_s:.3f}")


def print_stages(process: Process, name: str) -> None:
    """Where the engine's time goes, and how full its batches are."""
    answer = process.answers[name, "many"][-1]
    total_s = sum(stage["run_s"] for stage in answer.stages.values())
    print(f"\n### {name}: {process.name}, stages\n")
    _row("stage", "share of engine time", "batches", "items", "mean fill")
    _row(*["---"] * 5)
    for stage, figures in answer.stages.items():
        share = f"{figures['run_s'] / total_s:.0%}"
        counts = (f"{figures['batches']:.0f}", f"{figures['items']:.0f}")
        _row(stage, share, *counts, f"{figures['fill']:.0%}")


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help=f"folders, or names of folders in {DATA}")
    parser.add_argument("--limit", type=int, help="files of each set")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--contenders", nargs="+", metavar="NAME", help="all, unless given")
    parser.add_argument("--int8", type=Path, help="INT8 builds, for the contender ocrstream, INT8")
    arguments = parser.parse_args()
    known = contenders(arguments.int8)
    names = arguments.contenders or list(known)
    if unknown := set(names) - set(known):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    sets = {name: read_labels(DATA / name, arguments.limit) for name in arguments.sets}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with ExitStack() as stack:
        processes = [stack.enter_context(running(name, known[name])) for name in names]
        for process in processes:
            print(f"- {process.name}: {', '.join(process.about.values())}", flush=True)
        compare(processes, sets, arguments.rounds)
    for name, pictures in sets.items():
        print_many(processes, name, pictures)
        print_plot(processes, name)
        print_each(processes, name)
        for process in processes:
            if process.answers[name, "many"][-1].stages:
                print_stages(process, name)


if __name__ == "__main__":
    main()
