"""Labelled pictures: folders with `labels.jsonl`, and how well a text agrees with its truth.

They are not part of the project: OCRSTREAM_TEST_DATA names their folder, by default the folder
`shared/data` beside the checkout. Where it is absent, what needs it says so.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.stream import ROOT

DATA = Path(os.environ.get("OCRSTREAM_TEST_DATA") or ROOT.parent / "shared" / "data")


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture and the text on it."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Micro-averaged agreement of bags of words."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read_labels(folder: Path, limit: int | None = None) -> list[LabelledPicture]:
    """Read a set.

    Args:
        folder: Holds `labels.jsonl`, whose paths are relative to it.
        limit: Only so many, from the first on.
    """
    with (folder / "labels.jsonl").open("rb") as file:
        rows = [orjson.loads(line) for line in file][:limit]
    return [
        LabelledPicture(
            folder / row["image"],
            "\n".join(line["text"] for line in row["lines"] if not line.get("ignore")),
        )
        for row in rows
    ]


def words(text: str) -> Counter[str]:
    """The bag of words that the receipts of SROIE are scored by: upper-cased runs of A-Z, 0-9."""
    return Counter(re.findall(r"[A-Z0-9]+", text.upper()))


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Compare texts with their truths, summed over all documents.

    Args:
        pairs: (truth, text) of each document.
    """
    shared = expected = found = 0
    for truth, text in pairs:
        true_words, read_words = words(truth), words(text)
        shared += (true_words & read_words).total()
        expected += true_words.total()
        found += read_words.total()
    return Agreement(shared / max(1, found), shared / max(1, expected))
