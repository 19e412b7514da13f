"""What decoding in processes of their own costs, next to decoding in the reader's own.

    python -m tests.benchmarks.decoding sroie icdar2015

Prints CPU and wall milliseconds per page, medians of rounds in which both take turns.
"""

import argparse
import statistics
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from processors.decoding.decoders import DocumentOpener, each_page
from processors.decoding.formats import every_decoder
from processors.decoding.limits import SandboxLimits
from processors.decoding.sandbox import Sandbox
from processors.values import EncodedDocument
from tests.labelled import DATA, read_labels

TICKS_PER_S = 100


def children_cpu_s() -> float:
    """CPU seconds of the processes that are our children now."""
    listed = Path("/proc/thread-self/children").read_text(encoding="ascii").split()
    total = 0
    for process in listed:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_PER_S


def decode_all(opener: DocumentOpener, documents: list[EncodedDocument]) -> int:
    """Decode every page, and count them."""
    count = 0
    for document in documents:
        with opener.open(document, all_frames=False) as opened:
            for page in each_page(opened):
                page.decode()
                count += 1
    return count


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help=f"folders, or names of folders in {DATA}")
    parser.add_argument("--limit", type=int, default=20, help="files of each set")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print("| set | where | wall ms/page | CPU ms/page |\n| --- | --- | --- | --- |")
    with closing(Sandbox(SandboxLimits(), 1)) as sandbox:
        openers: dict[str, DocumentOpener] = {
            "here": every_decoder(10**8),
            "processes": sandbox,
        }
        for name in arguments.sets:
            pictures = read_labels(DATA / name, arguments.limit)
            documents = [EncodedDocument(picture.path.read_bytes()) for picture in pictures]
            took: dict[str, list[tuple[float, float]]] = defaultdict(list)
            for number in range(arguments.rounds + 1):
                for where, opener in openers.items():
                    started_s = time.perf_counter()
                    used_s = time.process_time() + children_cpu_s()
                    pages = decode_all(opener, documents)
                    used_s = time.process_time() + children_cpu_s() - used_s
                    if number:
                        wall_s = time.perf_counter() - started_s
                        took[where].append((wall_s / pages, used_s / pages))
            for where, values in took.items():
                wall, cpu = (statistics.median(each) * 1000 for each in zip(*values, strict=True))
                print(
                    f"| {name} ({len(documents)}) | {where} | {wall:.1f} | {cpu:.1f} |", flush=True
                )


if __name__ == "__main__":
    main()
