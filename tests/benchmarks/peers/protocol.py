"""How the driver of the comparison talks to one contender: a JSON object a line, both ways.

A contender runs in an environment of its own, so this file imports nothing but the standard
library. It keeps its models loaded and waits, without using the processor, until it is asked:

    {"mode": "many", "files": [...]}   read all files, in whatever way is fastest for it
    {"mode": "each", "files": [...]}   read one file after another, nothing else going on

and answers with the texts, wall and CPU seconds, and the memory that it has had at most.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ReadMany = Callable[[list[bytes]], Iterable[str]]
Usage = Callable[[], tuple[float, int]]
"""CPU seconds so far, and bytes of memory at most."""


def own_usage() -> tuple[float, int]:
    """What this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def serve(
    read_many: ReadMany,
    about: dict[str, str],
    usage: Usage = own_usage,
    stages: Callable[[], dict[str, dict[str, float]]] = dict,
) -> None:
    """Answer requests from standard input until it ends.

    Args:
        read_many: From encoded pictures to their texts, lines separated by line breaks, in order.
        about: What the contender is: versions, settings.
        usage: What has been used, where it is another process that reads.
        stages: Figures of the stages since the last call.
    """
    answers = sys.stdout
    sys.stdout = sys.stderr  # some libraries print
    print(json.dumps(about), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pictures = [Path(path).read_bytes() for path in request["files"]]
        groups = [pictures] if request["mode"] == "many" else [[one] for one in pictures]
        texts: list[str] = []
        latencies_s: list[float] = []
        stages()
        cpu_before_s, _ = usage()
        for group in groups:
            started_at = time.perf_counter()
            texts += read_many(group)
            latencies_s.append(time.perf_counter() - started_at)
        cpu_s, peak_bytes = usage()
        answer = {
            "texts": texts,
            "latencies_s": latencies_s,
            "cpu_s": cpu_s - cpu_before_s,
            "peak_bytes": peak_bytes,
            "stages": stages(),
        }
        print(json.dumps(answer), file=answers, flush=True)
