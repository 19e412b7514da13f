"""Programs that only tests need, installed once into `.cache/` by the tools of their makers.

Errors:

    RuntimeError
        ToolMissing     java, mvn or go is not on this machine
        InstallFailed   the tool ran, and failed or took too long
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

CACHE_FOLDER = Path(__file__).parents[2] / ".cache"
"""Ignored by git; may be deleted at any time, what is missing is installed again."""

BUILD_TIMEOUT_S = 20 * 60
"""MinIO, the slowest, builds in 3 minutes on two idle cores (2026-11)."""

_STAMP = ".installed"
_LOG_TAIL_LINE_COUNT = 20

_PACKAGES = {
    "java": "a JDK, 17 or newer (Debian: openjdk-17-jdk-headless)",
    "mvn": "Apache Maven (Debian: maven)",
    "go": "Go, 1.26 or newer (https://go.dev/dl)",
}


class ToolMissing(RuntimeError):
    """A tool that installs or runs a server is not on this machine; the message says what to do."""


class InstallFailed(RuntimeError):
    """A tool failed or took too long; the message has the last lines of its log."""


def find_tool(name: str) -> str:
    """Find the absolute path of java, mvn or go.

    Raises:
        ToolMissing: it is not on the PATH.
    """
    path = shutil.which(name)
    if path is None:
        raise ToolMissing(
            f"the tests against real servers need `{name}`; install {_PACKAGES[name]}, "
            "or run the tests with --servers=embedded"
        )
    return path


def install_once(name: str, build: Callable[[Path], None]) -> Path:
    """Give the folder of an installed program, and install it first where that was not done.

    A stamp is written only after success, so that half an installation is done again. Two runs at
    the same time take turns.

    Args:
        name: The folder's name in `.cache/`; has the version in it.
        build: Fills an empty folder.

    Raises:
        ToolMissing: a tool that `build` needs is missing.
        InstallFailed: `build` failed.
    """
    folder = CACHE_FOLDER / name
    with _locked(name):
        if not (folder / _STAMP).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            print(f"installing {name} into {folder}, once ...", file=sys.stderr, flush=True)  # noqa: T201
            build(folder)
            (folder / _STAMP).touch()
    return folder


def run_build(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run one step of an installation in `folder`, with its output in `build.log` there.

    Raises:
        InstallFailed: the step failed or took longer than `BUILD_TIMEOUT_S`.
    """
    log_path = folder / "build.log"
    try:
        with log_path.open("ab") as log:
            subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=BUILD_TIMEOUT_S,
                check=True,
            )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as err:
        lines = log_path.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINE_COUNT:]
        raise InstallFailed("\n".join([f"{err}. The end of {log_path}:", *lines])) from err


def go_install(package: str, folder: Path) -> None:
    """Build a Go program, `path@version`, into `folder`.

    Raises:
        ToolMissing: there is no Go.
        InstallFailed: it does not build.
    """
    run_build([find_tool("go"), "install", package], folder, {"GOBIN": str(folder)})


@contextmanager
def _locked(name: str) -> Iterator[None]:
    CACHE_FOLDER.mkdir(exist_ok=True)
    with (CACHE_FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed
        yield
