"""Serving the API by uvicorn, with limits against clients that take their time."""

import asyncio
import ipaddress
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from streams.errors import SettingsError
from streams.settings import Settings

HEAD_TIMEOUT_S = 10.0
"""From a connection, or a request's first byte, to the end of its headers.

As long is waited for the rest of a body that was answered before it had come.
"""

HEAD_BYTES_MAX = 65_536
"""Of a request's line and headers."""

KEEP_ALIVE_S = 15

ANSWER_LIMIT_S = 600.0
"""An answer that was not taken for so long, once it was complete, is given up."""

CONNECTIONS_BACKLOG = 2_048

CONNECTIONS_MAX = 4_096
"""Open connections; more are closed at once. Too many requests are answered, see `Guard`."""

STOP_LIMIT_S = 15
"""What requests in work may still take after SIGTERM."""

logger = logging.getLogger(__name__)


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP, but a connection that sends no whole request head in time is closed.

    So is one whose request was answered and whose body does not end in time, and one whose client
    takes nothing of an answer for so long.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _answer_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            self._give_up()
            return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._forget_head()
        self._forget_answer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head()
        if self._head_timer is not None and not self._is_in_body:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and b"\r\n\r\n" not in data:
                self._give_up()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._forget_head()
        super().on_headers_complete()
        self._is_in_body = True

    def on_message_complete(self) -> None:
        """See httptools."""
        super().on_message_complete()
        self._is_in_body = False
        self._forget_head()

    def on_response_complete(self) -> None:
        """See uvicorn; the transport has what it could not send yet, for as long as it takes."""
        super().on_response_complete()
        self._forget_answer()
        if self.transport.get_write_buffer_size():
            self._answer_timer = self.loop.call_later(ANSWER_LIMIT_S, self.transport.abort)

    def _forget_answer(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
        self._answer_timer = None

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
        self._head_timer, self._head_bytes = None, 0

    def _give_up(self) -> None:
        self._forget_head()
        self.transport.close()


class Server(uvicorn.Server):
    """Uvicorn's server, but what it was started by goes on when it has ended.

    Uvicorn's own lets the signal that ended it kill the process then, with all that is still open.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals, as long as it serves, for the wish to end."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        with suppress(NotImplementedError):  # Windows
            for number in numbers:
                loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            with suppress(NotImplementedError):
                for number in numbers:
                    loop.remove_signal_handler(number)


def server_of(app: ASGIApp, settings: Settings, host: str) -> Server:
    """A server, not yet started."""
    config = uvicorn.Config(
        app,
        host=host,
        port=settings.gateway_port,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=CONNECTIONS_BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_LIMIT_S,
        ssl_certfile=settings.tls_cert_file,
        ssl_keyfile=settings.tls_key_file,
    )
    return Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        SettingsError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as err:
        listening.close()
        raise SettingsError(
            f"OCRSTREAM_GATEWAY_PORT: cannot listen on {host}:{port}: {err}"
        ) from err
    return listening


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
