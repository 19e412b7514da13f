"""Which pages were asked for: `1-3,7`."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageRanges:
    """Ranges of page numbers, first and last included; none at all means every page."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str | None) -> "PageRanges":
        """Read `1-3,7`, whose form `schemas.options.PAGES_PATTERN` has checked."""
        if text is None:
            return cls()
        bounds = (part.partition("-") for part in text.split(","))
        return cls(tuple((int(first), int(last or first)) for first, _, last in bounds))

    def numbers(self) -> Iterator[int]:
        """The pages in rising order, each once; without end where every page was asked for."""
        if not self.ranges:
            yield from itertools.count(1)
        last_seen = 0
        for first, last in sorted(self.ranges):
            yield from range(max(first, last_seen + 1), last + 1)
            last_seen = max(last_seen, last)
