"""Around every request: its ids, what the log says of it, limits, and headers that protect.

One line per request goes to the log `streams.gateway.audit`: who did what to which document, and
what came of it. It holds no names, no text and no credential.
"""

import asyncio
import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers as HttpHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.gateway.problems import Overloaded, Problem
from streams.metrics import Metrics
from streams.places import ID_PATTERN
from streams.publisher import Headers
from streams.trace import REQUEST_ID, TRACE_PARENT, TRACE_STATE, is_valid, new_trace_parent

audit = logging.getLogger("streams.gateway.audit")
logger = logging.getLogger(__name__)

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
_HSTS = b"max-age=31536000"

SHARE_MAX = 0.5
"""Of the requests that may be in work, what one subject may have: waiting ones last long."""

UNKNOWN_ROUTE = "none"

SEND_MAX_S = 30.0
"""A client that takes nothing of an answer for so long is given up."""

_ID = re.compile(ID_PATTERN)

_CONTEXT = "ocrstream"


@dataclass(slots=True)
class Context:
    """What is known of one request.

    Attributes:
        request_id: The client's own, or one of ours.
        headers: Carried on to Kafka.
        subject: Who asks, once that is known.
        tenant: For which tenant.
        document_id: About which document.
        open_requests: How many of each subject are in work, this one included once that is known.
        share_max: How many of one subject may be.
    """

    request_id: str
    headers: Headers
    subject: str | None = None
    tenant: str | None = None
    document_id: str | None = None
    open_requests: Counter[str] = field(default_factory=Counter)
    share_max: int = 1

    def enter(self, subject: str, tenant: str) -> None:
        """Note who asks.

        Raises:
            Overloaded: they have too much in work, others need room as well.
        """
        self.subject, self.tenant = subject, tenant
        self.open_requests[subject] += 1
        if self.open_requests[subject] > self.share_max:
            detail = "this key has too many requests in work; wait for some of them"
            raise Overloaded(429, "too-many-at-once", detail, 1)

    def leave(self) -> None:
        """The request is done."""
        if self.subject is not None:
            self.open_requests[self.subject] -= 1
            if not self.open_requests[self.subject]:
                del self.open_requests[self.subject]


def context_of(scope: Scope | Mapping[str, object]) -> Context:
    """The context of the request with this scope."""
    context = scope[_CONTEXT]
    assert isinstance(context, Context)
    return context


class Guard:
    """An ASGI application around the gateway's.

    Args:
        app: What answers.
        metrics: What is counted.
        requests_max: How many requests may be in work.
        is_secure: Whether it is talked to by TLS.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, requests_max: int, is_secure: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._requests_max = requests_max
        self._headers = [*_HEADERS.items()]
        if is_secure:
            self._headers.append((b"strict-transport-security", _HSTS))
        self._in_work = 0
        self._open_requests: Counter[str] = Counter()
        metrics.in_flight.labels("requests").set_function(lambda: self._in_work)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = scope[_CONTEXT] = _new_context(HttpHeaders(scope=scope))
        context.open_requests = self._open_requests
        context.share_max = max(1, int(self._requests_max * SHARE_MAX))
        answer = _Answer(send, [*self._headers, (b"x-request-id", context.request_id.encode())])
        started_at = time.perf_counter()
        self._in_work += 1
        try:
            if self._in_work > self._requests_max and scope["path"] != "/livez":
                detail = "too many requests are in work; try again in a second"
                raise Overloaded(503, "overloaded", detail, 1)
            await self._app(scope, receive, answer.send)
        except Problem as problem:
            await problem.response(context.request_id)(scope, receive, answer.send)
        except Exception:
            logger.exception("a fault of ours in request %s", context.request_id)
            if not answer.is_complete:
                raise
        finally:
            self._in_work -= 1
            context.leave()
            self._note(scope, context, answer.status, time.perf_counter() - started_at)

    def _note(self, scope: Scope, context: Context, status: int, elapsed_s: float) -> None:
        route = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
        self._metrics.requests.labels(route, scope["method"], str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(elapsed_s)
        if route == UNKNOWN_ROUTE or not route.startswith("/v1/"):
            return
        asked_for = str(scope.get("path_params", {}).get("document_id"))
        document_id = context.document_id or (asked_for if _ID.fullmatch(asked_for) else None)
        audit.info(
            "%s %s %d",
            scope["method"],
            route,
            status,
            extra={
                "subject": context.subject,
                "tenant": context.tenant,
                "action": f"{scope['method']} {route}",
                "document_id": document_id,
                "status": status,
                "request_id": context.request_id,
                "elapsed_s": round(elapsed_s, 3),
            },
        )


class _Answer:
    """Sends an answer with our headers, and remembers its status; 0: none was sent yet.

    Raises:
        TimeoutError: the client does not read it.
    """

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0
        self.is_complete = False

    async def send(self, message: Message) -> None:
        """See ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            there = {name.lower() for name, _ in message.get("headers", ())}
            more = [header for header in self._headers if header[0] not in there]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        async with asyncio.timeout(SEND_MAX_S):
            await self._send(message)
        is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
        self.is_complete = self.is_complete or is_last


def _new_context(headers: HttpHeaders) -> Context:
    """Take over the client's ids where they are well-formed."""
    request_id = headers.get(REQUEST_ID, "")
    if not is_valid(REQUEST_ID, request_id):
        request_id = secrets.token_hex(8)
    parent, state = headers.get(TRACE_PARENT, ""), headers.get(TRACE_STATE, "")
    carried = [(REQUEST_ID, request_id.encode())]
    if is_valid(TRACE_PARENT, parent):
        carried.append((TRACE_PARENT, parent.encode()))
        if is_valid(TRACE_STATE, state):
            carried.append((TRACE_STATE, state.encode()))
    else:
        carried.append((TRACE_PARENT, new_trace_parent().encode()))
    return Context(request_id, tuple(carried))
