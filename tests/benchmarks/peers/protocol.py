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

ReadMany = Callable[[list[bytes]], Iterable[str]]


def serve(read_many: ReadMany, about: dict[str, str]) -> None:
    """Answer requests from standard input until it ends.

    Args:
        read_many: From encoded pictures to their texts, lines separated by line breaks, in order.
        about: What the contender is: versions, settings.
    """
    answers = sys.stdout
    sys.stdout = sys.stderr  # some libraries print
    print(json.dumps(about), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pictures = [_content(path) for path in request["files"]]
        groups = [pictures] if request["mode"] == "many" else [[one] for one in pictures]
        texts: list[str] = []
        latencies_s: list[float] = []
        cpu_before_s = _cpu_s()
        for group in groups:
            started_at = time.perf_counter()
            texts += read_many(group)
            latencies_s.append(time.perf_counter() - started_at)
        answer = {
            "texts": texts,
            "latencies_s": latencies_s,
            "cpu_s": _cpu_s() - cpu_before_s,
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
        print(json.dumps(answer), file=answers, flush=True)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
