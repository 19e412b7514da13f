"""How many cores this process may use."""

import math
import os
from pathlib import Path

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Quota and period of a container in microseconds (cgroup v2), `max` for no limit."""


def available_cores(quota: Path = CGROUP_QUOTA) -> int:
    """Count the cores of this process's affinity, or of its container's CPU limit if that is less.

    A pod with a limit of two cores on a machine of 64 would otherwise start 64 threads, which the
    kernel then holds back.
    """
    affine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = affine or 1
    try:
        limit, period = quota.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return cores
    return cores if limit == "max" else max(1, min(cores, math.ceil(int(limit) / int(period))))


def computes_in_int8(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies and adds bytes in one step (VNNI, AMX).

    Others gain little by INT8, and may overflow their 16-bit sums.
    """
    try:
        flags = cpu_info.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return False
    return not {"avx512_vnni", "avx_vnni", "amx_int8"}.isdisjoint(flags)
