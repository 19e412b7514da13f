"""Every command in the README is run, and its generated parts are up to date."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses, free_ports
from tests.readme import README, command_blocks, render
from tests.stream import ROOT, open_stream

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

RUN_BY_CI = {"make check", "make test", "make test-engines", "make test-real"}
"""The commands that this very test is a part of, or that run beside it in `.ci/run`."""

RUN_ELSEWHERE = {
    "make docs": "tests/contracts/test_schemas.py",
    "make chaos": "tests/chaos/test_faults.py",  # all of it, by `make test-real`
    "make bench": "tests/integration/test_benchmarks.py",  # with fewer events
}


def commands() -> list[str]:
    """The commands of the README, one by one, but for those of blocks that belong together."""
    together = ("export ", "curl ")
    blocks = [b for b in command_blocks() if not any(word in b for word in together)]
    return [line for block in blocks for line in block.splitlines()]


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run shell commands in the checkout, without any setting of ours but the given ones."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OCRSTREAM_")}
    return subprocess.run(
        ["bash", "-euc", command],
        cwd=ROOT,
        env={**own, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_readme_is_up_to_date() -> None:
    """Settings and examples are those of the code; `python -m tests.readme` writes them."""
    text = README.read_text(encoding="utf-8")
    assert render(text) == text


def test_readme_names_only_files_that_exist() -> None:
    """No link leads nowhere."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_ci_runs_what_the_readme_says() -> None:
    """`.ci/run` calls the README's commands themselves."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (line,) = (line for line in script.splitlines() if line.startswith("make "))
    assert {f"make {target}" for target in shlex.split(line)[1:]} == RUN_BY_CI


@pytest.mark.parametrize("command", [c for c in commands() if c not in RUN_BY_CI])
def test_readme_command_succeeds(command: str, tmp_path: Path) -> None:
    """Each command that stands alone does what it says: it ends with 0."""
    if command in RUN_ELSEWHERE:
        assert (ROOT / RUN_ELSEWHERE[command]).is_file()
        return
    done = run(command, {"OCRSTREAM_DATA_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr


async def test_readme_block_with_the_http_api_succeeds(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """As it is printed, but for the port: submitted, followed, read, deleted."""
    (block,) = (block for block in command_blocks() if "curl " in block)
    stream = await open_stream(servers)
    (port,) = free_ports(1)
    assert "127.0.0.1:8080" in block
    environment = {
        **stream.environment,
        "OCRSTREAM_GATEWAY_PORT": str(port),
        "OCRSTREAM_DATA_DIR": str(tmp_path),
    }
    block = block.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    done = run(f"set -m\n{block}wait", environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "event: done" in done.stdout
    expected = (ROOT / "samples" / "shop-sign.txt").read_text(encoding="utf-8").splitlines()
    assert "\n".join(expected[:2]) in done.stdout


async def test_readme_block_with_own_servers_succeeds(
    servers: ServerAddresses, tmp_path: Path
) -> None:
    """The block for one's own Kafka and store, with the addresses of the test's servers."""
    (block,) = (block for block in command_blocks() if "export " in block)
    stream = await open_stream(servers)
    assignments = dict(re.findall(r"^export (\w+)=(.*)$", block, re.MULTILINE))
    assert assignments.keys() <= stream.environment.keys()
    for name in assignments:
        block = re.sub(rf"(export {name}=).*", rf"\g<1>{stream.environment[name]}", block)
    environment = {**stream.environment, "OCRSTREAM_DATA_DIR": str(tmp_path)}
    done = run(f"set -m\n{block}wait", environment)
    assert "invoice.png: 57 lines" in done.stderr, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
