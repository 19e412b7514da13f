"""Write what clients need to know of the HTTP API: `openapi.json`.

python -m streams.gateway.export docs            write it into docs/
python -m streams.gateway.export --check docs    exit with 1 if it differs
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from streams.gateway.app import build_api

FILE_NAME = "openapi.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Of the command line; None: this process's own.

    Returns:
        Its exit code: 0 done, 1 the file differs.
    """
    parser = argparse.ArgumentParser(prog="python -m streams.gateway.export", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="where to write, docs")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args(arguments)
    path = options.folder / FILE_NAME
    if not options.check:
        path.write_text(openapi_json())
        return 0
    if path.is_file() and path.read_text() == openapi_json():
        return 0
    sys.stderr.write(f"{path}: out of date, run `make docs`\n")
    return 1


def openapi_json() -> str:
    """The OpenAPI document, as it is written."""
    document = build_api(None).openapi()
    return f"{json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)}\n"


if __name__ == "__main__":
    sys.exit(main())
