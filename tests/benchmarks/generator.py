"""k6, run with `load.js`: many clients that upload all the time, and what they saw."""

import os
import resource
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

from tests.servers.k6 import install_k6

SCRIPT = Path(__file__).with_name("load.js")

STATUSES = (0, 200, 202, 408, 413, 429, 500, 502, 503)
"""What is counted apart; 0: no answer."""

OTHER = -1
"""Stands for every other status."""

LATER = (429, 503)
"""Honest refusals, if they say when to come again."""

STOP_LIMIT_S = 180


@dataclass(frozen=True, slots=True)
class Saw:
    """What the clients of one run saw.

    Attributes:
        elapsed_s: From the first request to the last answer.
        statuses: How often each of `STATUSES` and `OTHER` came, where it did.
        untold: Refusals that do not say when to come again.
        p50_ms: Of accepted uploads, from the first byte sent to the last one received.
        p95_ms: The same.
        p99_ms: The same.
        cpu_s: Of the generator itself.
    """

    elapsed_s: float
    statuses: Mapping[int, int]
    untold: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_s: float

    @property
    def accepted(self) -> int:
        """How many uploads were taken."""
        return self.statuses.get(200, 0) + self.statuses.get(202, 0)

    @property
    def refused(self) -> int:
        """How many were told to come again later."""
        return sum(self.statuses.get(status, 0) for status in LATER) - self.untold

    @property
    def failed(self) -> int:
        """How many went wrong in any other way."""
        return sum(self.statuses.values()) - self.accepted - self.refused

    @property
    def per_s(self) -> float:
        """Accepted uploads per second."""
        return self.accepted / self.elapsed_s


class _State(BaseModel):
    elapsed_ms: float = Field(alias="testRunDurationMs")


class _Metric(BaseModel):
    values: dict[str, float]


class _Summary(BaseModel):
    """What k6 hands to `handleSummary`; a metric that saw nothing is not in it."""

    state: _State
    metrics: dict[str, _Metric]

    def value(self, metric: str, name: str) -> float:
        found = self.metrics.get(metric)
        return found.values[name] if found else 0.0


def upload_all_the_time(
    folder: Path, name: str, picture: Path, clients: int, seconds: int, **place: str
) -> Saw:
    """Let clients upload, each the next document as soon as it has an answer.

    Args:
        folder: For the summary and the log.
        name: Begins what makes each document another one.
        picture: What is uploaded.
        clients: How many at once.
        seconds: How long.
        place: `URL` that takes all of them, with the `KEY` of the clients, or `URLS`, a file with
            one for each.

    Raises:
        RuntimeError: k6 failed; its log is named.
    """
    summary, log_path = folder / f"{name}.json", folder / f"{name}.log"
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "NAME": name,
        "PICTURE": str(picture),
        "CLIENTS": str(clients),
        "SECONDS": str(seconds),
        "STATUSES": str([*STATUSES]),
        "SUMMARY": str(summary),
        **place,
    }
    command = (str(install_k6()), "run", "--quiet", "--no-usage-report", "--address=", str(SCRIPT))
    before_s = _children_cpu_s()
    with log_path.open("wb") as log:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=seconds + STOP_LIMIT_S,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"k6 ended with {done.returncode}: {log_path.read_text()[-2000:]}")
    return parse_summary(summary.read_bytes(), _children_cpu_s() - before_s)


def parse_summary(data: bytes, cpu_s: float) -> Saw:
    """What k6's summary says.

    Raises:
        ValidationError: it is none.
    """
    summary = _Summary.model_validate_json(data)
    names = {status: f"status_{status}" for status in STATUSES} | {OTHER: "status_other"}
    counts = {status: int(summary.value(name, "count")) for status, name in names.items()}
    return Saw(
        elapsed_s=summary.state.elapsed_ms / 1000,
        statuses={status: count for status, count in counts.items() if count},
        untold=int(summary.value("refused_without_retry_after", "count")),
        p50_ms=summary.value("accepted_ms", "p(50)"),
        p95_ms=summary.value("accepted_ms", "p(95)"),
        p99_ms=summary.value("accepted_ms", "p(99)"),
        cpu_s=cpu_s,
    )


def _children_cpu_s() -> float:
    """CPU seconds of all children that have ended; servers are children that have not."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
