"""Times as they are written on the command line."""

from datetime import UTC, datetime, timedelta

import pytest
import typer

from streams.cli.times import parse_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-01", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-24T08:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T08:00Z", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T08:00+02:00", datetime(2026, 11, 24, 6, tzinfo=UTC)),
    ],
)
def test_parse_time_reads_dates(text: str, expected: datetime) -> None:
    """UTC where nothing else is said."""
    assert parse_time(text, is_past=True) == parse_time(text, is_past=False) == expected


@pytest.mark.parametrize(
    ("text", "span"),
    [("90d", timedelta(days=90)), ("2h", timedelta(hours=2)), ("0s", timedelta())],
)
def test_parse_time_counts_spans_from_now(text: str, span: timedelta) -> None:
    """Back or ahead, as the option means it."""
    before = datetime.now(UTC)
    past, future = parse_time(text, is_past=True), parse_time(text, is_past=False)
    after = datetime.now(UTC)
    assert before - span <= past <= after - span
    assert before + span <= future <= after + span


@pytest.mark.parametrize(
    "text", ["", "soon", "90", "d", "-1d", "1d\n", "9999999999d", "2027-13-01"]
)
def test_parse_time_says_what_to_write(text: str) -> None:
    """What is no time, or too far away, is wrong usage."""
    with pytest.raises(typer.BadParameter, match="use 2h, 3d, or 2026"):
        parse_time(text, is_past=False)
