"""Which pages were asked for: `1-3,7`."""

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

    def __contains__(self, page_number: int) -> bool:
        return not self.ranges or any(first <= page_number <= last for first, last in self.ranges)
