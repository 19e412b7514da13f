"""The gateway does what docs/openapi.json says, whatever it is asked."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.embedded import ServerAddresses
from tests.gateway import QUICK_WORKER, add_key, gateway_process
from tests.stream import ROOT, open_stream, worker_process

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

SECONDS_MAX = 35
EXAMPLES_MAX = 10

# What no schema can say is why some of what it allows is refused all the same: bytes must be a
# picture (415), JSON within a string must be options (422), `auto` stands alone (422), sizes have
# a limit that is a setting (413), a document may have been deleted (410) or not be read yet (409).
# Links are those of the document: the one from a form for the store to its confirmation, which
# would be inferred, leaves out that the file must be sent in between.
CONFIG = """
[auth.openapi.ApiKey]
api_key = "{key}"

[generation]
with-security-parameters = false
deterministic = true

[phases.stateful.inference]
algorithms = []

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 403, 404, 409, 410, 413, 415, 422]
"""


@pytest.fixture(scope="module")
def site(
    servers: ServerAddresses, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """URL of a gateway with a worker behind it, and a key."""
    stream = asyncio.run(open_stream(servers))
    key = asyncio.run(add_key(stream))
    folder = tmp_path_factory.mktemp("schema")
    with (
        gateway_process(stream, folder) as (url, _),
        worker_process(stream, folder, program=QUICK_WORKER),
    ):
        yield url, key


def test_answers_are_as_described(site: tuple[str, str], tmp_path: Path) -> None:
    """Every check of schemathesis, none left out: see CONFIG for what a schema cannot say."""
    url, key = site
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(key=key))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(config)),
        *("run", str(ROOT / "docs" / "openapi.json"), "--url", url, "--checks", "all"),
        *("--max-examples", str(EXAMPLES_MAX), "--max-time", str(SECONDS_MAX)),
        *("--continue-on-failure", "--request-timeout", "130"),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
        cwd=tmp_path,
        env=os.environ | hooks,
    )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert "Tested: 9" in run.stdout
