"""How much of a page's CPU time is the interpreter's, and whose lines it is spent in.

    pip install py-spy
    python -m tests.benchmarks.interpreter sroie icdar2015

py-spy looks a hundred times a second who holds the interpreter's lock. The native code in which
pages spend their time (inference, OpenCV, JPEG) gives it back; what numpy and Python do, and native
code that keeps it, counts as the interpreter's, so that the share is an upper bound.
"""

import argparse
import asyncio
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import EncodedDocument, ReadOptions
from tests.labelled import DATA, read_labels

PASSES = 3
SAMPLES_PER_S = 100
SHOWN = 12
_SET_PTRACER, _ANYBODY = 0x59616D61, -1


async def read_all(reader: Reader, documents: list[bytes]) -> None:
    """All at once; the reader holds back what is too much."""
    await asyncio.gather(*(reader.read(EncodedDocument(d), ReadOptions()) for d in documents))


def watch(py_spy: str, output: Path) -> "subprocess.Popen[bytes]":
    """Let py-spy look at this process until it is interrupted."""
    ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYBODY, 0, 0, 0)
    command = [py_spy, "record", "--gil", "--rate", str(SAMPLES_PER_S), "--format", "raw"]
    command += ["--pid", str(os.getpid()), "--output", str(output)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2.0)
    if process.poll() is not None:
        raise SystemExit(f"py-spy ended with {process.returncode}: try {' '.join(command)}")
    return process


def measure(py_spy: str, reader: Reader, name: str, limit: int | None) -> None:
    """Read a set three times, and print who held the lock."""
    documents = [picture.path.read_bytes() for picture in read_labels(DATA / name, limit)]
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        runner.run(read_all(reader, documents))
        output = Path(folder) / "stacks"
        process = watch(py_spy, output)
        before_s = time.process_time()
        for _ in range(PASSES):
            runner.run(read_all(reader, documents))
        cpu_s = time.process_time() - before_s
        process.send_signal(2)
        process.wait(timeout=60)
        samples = [line.rsplit(" ", 1) for line in output.read_text().splitlines()]
    own: Counter[str] = Counter()
    for stack, times in samples:
        own[stack.rsplit(";", 1)[-1]] += int(times)
    held_s = own.total() / SAMPLES_PER_S
    pages = PASSES * len(documents)
    print(
        f"\n### {name}: {len(documents)} files, {cpu_s / pages:.3f} CPU s/page, "
        f"of which the interpreter {held_s / pages:.3f}: {held_s / cpu_s:.1%}\n"
    )
    print("| function, file:line | share of the interpreter's |\n| --- | --- |")
    for function, count in own.most_common(SHOWN):
        print(f"| {function} | {count / SAMPLES_PER_S / held_s:.0%} |")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help=f"folders, or names of folders in {DATA}")
    parser.add_argument("--limit", type=int, help="files of each set")
    arguments = parser.parse_args()
    beside = Path(sys.executable).parent / "py-spy"
    py_spy = str(beside) if beside.exists() else shutil.which("py-spy")
    if py_spy is None:
        raise SystemExit("py-spy is missing: pip install py-spy")
    with open_reader(ReaderOptions()) as reader:
        for name in arguments.sets:
            measure(py_spy, reader, name, arguments.limit)


if __name__ == "__main__":
    main()
