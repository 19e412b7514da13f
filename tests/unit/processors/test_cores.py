"""Cores are counted as the container may use them."""

from pathlib import Path

import pytest

from processors.cores import available_cores, computes_in_int8


def test_available_cores_honours_a_containers_limit(tmp_path: Path) -> None:
    """Half a core is one; no limit, or no container, is all there are."""
    quota = tmp_path / "cpu.max"
    everything = available_cores(quota)
    assert everything >= 1
    quota.write_text("50000 100000\n")
    assert available_cores(quota) == 1
    quota.write_text("max 100000\n")
    assert available_cores(quota) == everything


@pytest.mark.parametrize("text", ["", "nonsense"])
def test_available_cores_ignores_what_it_cannot_read(tmp_path: Path, text: str) -> None:
    """Another kernel's file is no reason to fail."""
    quota = tmp_path / "cpu.max"
    quota.write_text(text)
    assert available_cores(quota) == available_cores(tmp_path / "absent")


@pytest.mark.parametrize(
    ("flags", "able"),
    [("avx512f avx512_vnni", True), ("avx2 avx_vnni", True), ("avx2 avx512f", False), ("", False)],
)
def test_int8_needs_instructions_for_it(flags: str, able: bool, tmp_path: Path) -> None:
    """Others gain little by it, and may overflow."""
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text(f"processor : 0\nflags : fpu {flags}\n")
    assert computes_in_int8(cpu_info) is able
    assert computes_in_int8(tmp_path / "absent") is False
