"""Labelled pictures: folders with `labels.jsonl`, one JSON object a line.

    {"image": "images/1.jpg", "complete": true,
     "lines": [{"text": "TOTAL 9.00", "box": [[x, y], ...], "page": 0, "ignore": false}]}

`image` is a path within the folder; only it and the texts are required. `box` has the four corners
of a line in pixels of the upright page, `page` counts from 0. `complete: false` says that there is
more text than `lines` tell; where there are none at all, that is taken for granted, and only
`complete: true` says that a page is blank. What else there is does not matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from processors.evaluation import TruthLine
from streams.errors import DatasetError

LABELS = "labels.jsonl"

Corner = tuple[float, float]


class _Line(BaseModel):
    text: str
    box: Annotated[list[Corner], Field(min_length=4, max_length=4)] | None = None
    page: int = Field(0, ge=0)
    ignore: bool = False


class _Row(BaseModel):
    image: str = Field(min_length=1)
    lines: list[_Line]
    complete: bool | None = None

    @property
    def is_complete(self) -> bool:
        """A document that nobody labelled is not a blank one, unless that is said."""
        return bool(self.lines) if self.complete is None else self.complete


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A file and what stands in it."""

    path: Path
    lines: tuple[TruthLine, ...]
    is_complete: bool


def read_dataset(folder: Path, limit: int | None = None) -> list[LabelledDocument]:
    """Read the labels of a folder.

    Args:
        folder: Holds `labels.jsonl`.
        limit: Only so many, from the first on.

    Raises:
        DatasetError: there is none, or a line of it is wrong.
    """
    try:
        documents = list(_documents(folder, limit))
    except OSError as err:
        raise DatasetError(f"{folder / LABELS} cannot be read: {err.strerror}") from err
    if not documents:
        raise DatasetError(f"{folder / LABELS} has no lines; each is one labelled picture")
    return documents


def _documents(folder: Path, limit: int | None) -> Iterator[LabelledDocument]:
    with (folder / LABELS).open("rb") as file:
        for number, line in enumerate(file, 1):
            if limit is not None and number > limit:
                return
            if not line.strip():
                continue
            try:
                row = _Row.model_validate_json(line)
            except ValidationError as err:
                fault = err.errors()[0]
                place = [".".join(map(str, fault["loc"]))] if fault["loc"] else []
                raise DatasetError(
                    ": ".join((f"{folder / LABELS}, line {number}", *place, fault["msg"]))
                ) from err
            path = folder / row.image
            if not path.resolve().is_relative_to(folder.resolve()):
                raise DatasetError(f"{folder / LABELS}, line {number}: {row.image} is outside")
            yield LabelledDocument(path, tuple(map(_truth, row.lines)), row.is_complete)


def _truth(line: _Line) -> TruthLine:
    polygon = None if line.box is None else np.array(line.box, dtype=np.float32)
    return TruthLine(line.text, polygon, line.page + 1, line.ignore)
