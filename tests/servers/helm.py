"""Helm, which renders and checks the chart in its tests."""

from pathlib import Path

from tests.servers.install import go_install, install_once

VERSION = "v3.21.4"
"""Needs Go 1.26."""


def install_helm() -> Path:
    """Give the path of the `helm` program; install it where that was not done.

    Raises:
        ToolMissing: there is no Go.
        InstallFailed: it does not build.
    """
    folder = install_once(f"helm-{VERSION}", _build)
    return folder / "helm"


def _build(folder: Path) -> None:
    go_install(f"helm.sh/helm/v3/cmd/helm@{VERSION}", folder)
