"""What is collected while one document is read."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from processors.confidence import confidence
from processors.recognizers import Chosen, LineReader
from processors.values import PageWatcher, ReadOptions, TextLine, Warned


@dataclass(slots=True)
class Run:
    """One document's options, warnings and times, and what reads its lines just now.

    Attributes:
        options: Of the document.
        chosen: What may read it.
        watch: Is shown each page.
        line_reader: What reads the page.
        reader_name: Its name.
        names: Of all that have read a page.
        warnings: For whoever reads the result.
        timings_ms: Stage to milliseconds.
        is_incomplete: A part of a page is missing.
    """

    options: ReadOptions
    chosen: Chosen
    watch: PageWatcher
    line_reader: LineReader = field(init=False)
    reader_name: str = ""
    names: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    is_incomplete: bool = False

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add up what a stage takes."""
        started_at = time.perf_counter()
        try:
            yield
        finally:
            elapsed_ms = (time.perf_counter() - started_at) * 1000
            self.timings_ms[stage] = self.timings_ms.get(stage, 0.0) + elapsed_ms

    def warn(self, code: str, detail: str, page_number: int | None) -> None:
        """Tell whoever reads the result."""
        self.warnings.append(Warned(code, detail, page_number))

    def drop_uncertain(self, lines: list[TextLine], page_number: int) -> list[TextLine]:
        """Keep what reaches `min_confidence`, and tell how much did not."""
        limit = self.options.min_confidence
        kept = [one for one in lines if one.reading is None or confidence(one.reading) >= limit]
        if len(kept) < len(lines):
            detail = f"{len(lines) - len(kept)} line(s) below the confidence {limit} were dropped"
            self.warn("lines_dropped", detail, page_number)
        return kept
