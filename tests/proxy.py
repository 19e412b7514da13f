"""A TCP proxy on loopback that makes a server seem away, slow or broken without touching it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from streams.embedded import LOOPBACK, free_ports

SLOW_PIECE_BYTES = 128


class Proxy:
    """Forwards connections to one address; works in a thread of its own, so tests may block.

    Attributes:
        port: Where it listens.
        answer: Given to every new HTTP request in place of the server's.
        pause_s: Before every 128 bytes that the server sends.
        tear_after: Says how many bytes of the server's a new connection carries before it breaks.
    """

    def __init__(self, host: str, port: int) -> None:
        self.answer: bytes | None = None
        self.pause_s = 0.0
        self.tear_after: Callable[[], int] | None = None
        self._target = host, port
        (self.port,) = free_ports(1)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Listen, again after a cut if need be."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def cut(self) -> None:
        """Refuse new connections and break those that are there."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def reset(self) -> None:
        """Break all connections; new ones are taken."""
        self._loop.call_soon_threadsafe(self._abort)

    def freeze(self) -> None:
        """Keep connections, and take new ones, but let no byte through."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def close(self) -> None:
        """Cut, and end the thread."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> None:
        self._flows.set()
        if self._server is None or not self._server.is_serving():
            self._server = await asyncio.start_server(self._forward, LOOPBACK, self.port)

    async def _cut(self) -> None:
        self._flows.set()
        assert self._server is not None
        self._server.close()
        self._abort()
        await asyncio.sleep(0.05)

    def _abort(self) -> None:
        for writer in set(self._writers):
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self.answer is None:
                await self._connect(reader, writer)
            else:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self.answer)
                writer.write_eof()
                await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        self._writers.add(server_writer)
        try:
            await asyncio.gather(
                self._pump(reader, server_writer), self._pump_back(server_reader, writer)
            )
        finally:
            self._writers.discard(server_writer)
            server_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    async def _pump_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self.tear_after() if self.tear_after else None
        while data := await reader.read(SLOW_PIECE_BYTES if self.pause_s else 65536):
            await self._flows.wait()
            await asyncio.sleep(self.pause_s)
            writer.write(data[:left])
            await writer.drain()
            if left is not None:
                left -= len(data)
                if left <= 0:
                    raise ConnectionAbortedError
        writer.write_eof()


@contextmanager
def proxy_to(url: str) -> Iterator[Proxy]:
    """An open proxy to the server of a URL, closed at the end of the block."""
    target = urlsplit(url)
    assert target.hostname is not None
    assert target.port is not None
    proxy = Proxy(target.hostname, target.port)
    proxy.open()
    try:
        yield proxy
    finally:
        proxy.close()
