"""One line per record, as text for people or as JSON for machines."""

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, and whatever was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class TextFormatter(logging.Formatter):
    """Time, level and message, then what was passed as `extra`, for reading on a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        shown = (
            *("event_id", "origin", "stage", "reason"),
            *("subject", "tenant", "document_id", "request_id"),
        )
        extras = (f"{name}={vars(record)[name]}" for name in shown if vars(record).get(name))
        return " ".join((super().format(record), *extras))


def configure_logging(log_format: Literal["text", "json"]) -> None:
    """Send our records from INFO and everybody else's from WARNING to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for package in ("streams", "processors"):
        logging.getLogger(package).setLevel(logging.INFO)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
