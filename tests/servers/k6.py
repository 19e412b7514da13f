"""k6, which loads the gateway in its benchmark, built from its Go module."""

from pathlib import Path

from tests.servers.install import go_install, install_once

VERSION = "v1.8.1"
"""Needs Go 1.25."""


def install_k6() -> Path:
    """Give the path of the `k6` program; build it where that was not done.

    Raises:
        ToolMissing: there is no Go.
        InstallFailed: it does not build.
    """
    return install_once(f"k6-{VERSION}", _build) / "k6"


def _build(folder: Path) -> None:
    go_install(f"go.k6.io/k6@{VERSION}", folder)
