"""Times on the command line: a span from now, or a date."""

import re
from datetime import UTC, datetime, timedelta

import typer

_SPAN = re.compile(r"(\d+)([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_time(text: str, is_past: bool) -> datetime:
    """A time such as `3d`, `2027-01-01` or `2026-11-24T08:00Z`; without a zone it is UTC.

    Args:
        text: What was written.
        is_past: A span counts back from now; else ahead.

    Raises:
        typer.BadParameter: it is no time.
    """
    try:
        if span := _SPAN.fullmatch(text):
            length = timedelta(**{_UNITS[span[2]]: int(span[1])})
            return datetime.now(UTC) + (-length if is_past else length)
        time = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as err:
        raise typer.BadParameter(f"{text!r} is no time; use 2h, 3d, or 2026-11-24T08:00Z") from err
    return time if time.tzinfo else time.replace(tzinfo=UTC)
