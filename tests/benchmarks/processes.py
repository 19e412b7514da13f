"""What running processes cost: CPU time and memory, as the kernel counts them."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_INTERVAL_S = 1.0


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has taken, all its threads and no child that still runs."""
    return cpu_of_stat(Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace"))


def cpu_of_stat(stat: str) -> float:
    """The same, of a line of `/proc/<pid>/stat`: its 14th and 15th field, user and system."""
    fields = stat.rpartition(")")[2].split()  # the second field is a name, and may hold anything
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Costs:
    """Watches processes while something is done with them.

    Attributes:
        pids: What is watched, by name.
        cpu_s: What each took within the block.
        mib: Memory of each, before the block and once a second in it.
    """

    pids: Mapping[str, int]
    cpu_s: dict[str, float] = field(default_factory=dict)
    mib: dict[str, list[float]] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> "Costs":
        for name, pid in self.pids.items():
            self.cpu_s[name] = -cpu_s(pid)
            self.mib[name] = [resident_mib(pid)]
        self._tasks.append(asyncio.create_task(self._sample()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for name, pid in self.pids.items():
            self.cpu_s[name] += cpu_s(pid)

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_INTERVAL_S)
            for name, pid in self.pids.items():
                with suppress(OSError):  # it ended; whoever reads its CPU time will hear of it
                    self.mib[name].append(resident_mib(pid))
