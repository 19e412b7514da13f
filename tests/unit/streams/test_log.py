"""Log lines, for people and for machines."""

import logging

import orjson

from streams.log import JsonFormatter, TextFormatter


def record(**extra: object) -> logging.LogRecord:
    """One record with extras."""
    made = logging.LogRecord("streams.x", logging.WARNING, __file__, 1, "read %s", ("d1",), None)
    vars(made).update(extra)
    return made


def test_json_formatter_writes_one_object_per_line() -> None:
    """Message, level and extras are fields; a line break in a value stays inside."""
    line = JsonFormatter().format(record(event_id="e\n1", category="corrupt_document"))
    assert "\n" not in line
    body = orjson.loads(line)
    assert body["message"] == "read d1"
    assert (body["level"], body["event_id"]) == ("warning", "e\n1")


def test_text_formatter_appends_ids() -> None:
    """A person sees what the record is about."""
    assert TextFormatter().format(record(event_id="e1")).endswith("read d1 event_id=e1")


def test_text_formatter_says_who_did_what() -> None:
    """The audit log is of use to people as well."""
    line = TextFormatter().format(record(subject="key1", tenant="acme", document_id="d1"))
    assert line.endswith("subject=key1 tenant=acme document_id=d1")
