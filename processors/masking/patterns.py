"""Patterns of one's own, in the syntax of RE2.

RE2 needs time in proportion to the text whatever the pattern, so that neither a pattern nor a
document can stall a worker; a time limit would make the result depend on the machine. It knows no
look-around and no back-references, and says so when a pattern is compiled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, cast

import re2

from processors.errors import ProcessorError

PATTERN_LENGTH_MAX = 1000
"""In characters."""

MEMORY_MAX_BYTES = 1 << 20
"""Of a compiled pattern; a pattern such as `(a{100}){100}` needs more."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class InvalidPattern(ProcessorError):
    """A pattern cannot be compiled, or matches where nothing is."""


class _Match(Protocol):
    def span(self) -> tuple[int, int]: ...


class _Compiled(Protocol):
    def finditer(self, text: str) -> Iterator[_Match]: ...

    def search(self, text: str) -> _Match | None: ...


@dataclass(frozen=True, slots=True)
class OwnPattern:
    """A named pattern; what it matches within a line is masked.

    Attributes:
        name: Published as the span's kind: a letter, then letters, digits and underscores.
        expression: RE2's syntax; `(?i)` in front ignores case.
    """

    name: str
    expression: str
    _compiled: _Compiled = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the pattern.

        Raises:
            InvalidPattern: the name or the expression cannot be used; says why.
        """
        if not _NAME.fullmatch(self.name):
            raise InvalidPattern(f"{self.name!r} is no name of a pattern: use a-z, 0-9 and _")
        if len(self.expression) > PATTERN_LENGTH_MAX:
            raise InvalidPattern(f"{self.name}: longer than {PATTERN_LENGTH_MAX} characters")
        options = re2.Options()
        options.max_mem = MEMORY_MAX_BYTES
        options.log_errors = False
        try:
            compiled = cast(_Compiled, re2.compile(self.expression, options))
        except re2.error as err:
            reason = err.args[0] if err.args else "unknown"
            said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
            raise InvalidPattern(f"{self.name}: no pattern of RE2 ({said})") from err
        if compiled.search("") is not None:
            raise InvalidPattern(f"{self.name}: matches the empty text; ask for a character")
        object.__setattr__(self, "_compiled", compiled)

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Where the pattern matches in a line, as offsets into it."""
        places = (match.span() for match in self._compiled.finditer(line))
        return [(start, end) for start, end in places if end > start]
