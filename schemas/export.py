"""Write what others need to know of the messages: JSON Schemas, examples, the AsyncAPI document.

    python -m schemas.export docs            write them into docs/
    python -m schemas.export --check docs    exit with 1, and name the files, if any differs

The folders `schemas` and `examples` hold nothing else; what is left over there is named as well.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from schemas.asyncapi import asyncapi_document
from schemas.codecs import JsonObject
from schemas.json_schemas import KINDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Of the command line; None: this process's own.

    Returns:
        Its exit code: 0 done, 1 a file differs.
    """
    parser = argparse.ArgumentParser(prog="python -m schemas.export", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="where to write, docs")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args(arguments)
    if not options.check:
        write(options.folder)
        return 0
    found = differences(options.folder)
    for difference in found:
        sys.stderr.write(f"{difference}\n")
    return 1 if found else 0


def exported_files() -> dict[Path, bytes]:
    """Every file, by its place within the folder."""
    documents = {Path("asyncapi.json"): asyncapi_document()}
    for kind in KINDS:
        documents[Path("schemas", kind.file_name)] = kind.schema()
        documents[Path("examples", kind.file_name)] = kind.example_json()
    return {place: _render(document) for place, document in documents.items()}


def write(folder: Path) -> None:
    """Write every file.

    Raises:
        OSError: the folder cannot be written to.
    """
    for place, content in exported_files().items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def differences(folder: Path) -> list[str]:
    """What `write` would change, and what nothing writes any more, one line per file."""
    files = exported_files()
    found = [
        f"{folder / place}: out of date, run `make docs`"
        for place, content in files.items()
        if not (folder / place).is_file() or (folder / place).read_bytes() != content
    ]
    there = {path for name in ("schemas", "examples") for path in (folder / name).glob("*.json")}
    left_over = there - {folder / place for place in files}
    return found + [f"{path}: nothing writes it, remove it" for path in sorted(left_over)]


def _render(document: JsonObject) -> bytes:
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode()


if __name__ == "__main__":
    sys.exit(main())
