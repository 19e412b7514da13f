"""Writes what `ocrstream evaluate --baseline --json` printed into docs/accuracy.md.

    make evaluate
    python -m tests.benchmarks.accuracy_table evaluation.json docs/accuracy.md

Replaces what stands between the two comments that name this module.
"""

import argparse
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

BEGIN, END = "<!-- tests.benchmarks.accuracy_table -->", "<!-- end -->"

COLUMNS = {
    "word_f1": "word F1",
    "word_recall": "word recall",
    "detection_hmean": "Hmean",
    "character_error_rate": "CER",
    "exact_lines": "exact lines",
    "reading_order": "order",
    "auroc": "AUROC",
    "calibration_error": "ECE",
}


def table(evaluation: dict[str, Any]) -> str:
    """The figures of each set and reader."""
    pipeline = evaluation["pipeline"]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, "
        f"{pipeline['engine']} on {pipeline['device']} in {pipeline['precision']}, "
        f"{', '.join(pipeline['models'].values())}.",
        "",
        f"| set | documents | reader | {' | '.join(COLUMNS.values())} | failed | seconds |",
        f"|{' --- |' * (len(COLUMNS) + 5)}",
    ]
    for one in evaluation["datasets"]:
        values = (one[name] for name in COLUMNS)
        cells = " | ".join("" if value is None else f"{value:.4f}" for value in values)
        lines.append(
            f"| {one['dataset']} | {one['documents']} | {one['reader']} | {cells} "
            f"| {len(one['failures'])} | {one['seconds']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Parse, replace."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("document", type=Path)
    arguments = parser.parse_args()
    text = arguments.document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{arguments.document} has no place for the table: {BEGIN} ... {END}")
    body = table(orjson.loads(arguments.evaluation.read_bytes()))
    arguments.document.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")
    print(body)


if __name__ == "__main__":
    main()
