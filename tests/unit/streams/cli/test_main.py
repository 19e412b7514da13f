"""The command line as a whole."""

import subprocess
import sys


def test_main_needs_nothing_of_the_gateway() -> None:
    """Keys are made where only a worker is installed: what verifies tokens is not imported."""
    code = (
        "import sys, streams.cli.main; sys.exit('jwt' in sys.modules or 'fastapi' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
