"""What ties a request to its result: W3C trace context and request id, carried by Kafka headers."""

import re
import secrets
from collections.abc import Mapping

from streams.publisher import Headers

TRACE_PARENT = "traceparent"
TRACE_STATE = "tracestate"
REQUEST_ID = "x-request-id"

_FORMS = {
    TRACE_PARENT: re.compile(
        r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    ),
    TRACE_STATE: re.compile(r"[\x20-\x7e]{1,512}"),
    REQUEST_ID: re.compile(r"[A-Za-z0-9._:/+=-]{1,128}"),
}
"""What is carried on; the first is that of https://www.w3.org/TR/trace-context."""


def trace_of(headers: Mapping[str, bytes | None]) -> Headers:
    """The headers of an event that its result is to have as well; malformed ones are left out."""
    texts = {name: (headers.get(name) or b"").decode("latin-1") for name in _FORMS}
    return tuple((name, text.encode()) for name, text in texts.items() if is_valid(name, text))


def is_valid(name: str, text: str) -> bool:
    """Whether a header that is to be carried on is of its form."""
    return _FORMS[name].fullmatch(text) is not None


def new_trace_parent() -> str:
    """A trace of its own, which nobody asked to record."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
