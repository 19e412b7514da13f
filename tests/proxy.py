"""A TCP proxy on loopback that can be cut, to take a server away without touching it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from streams.embedded import LOOPBACK, free_ports


class Proxy:
    """Forwards connections to one address; works in a thread of its own, so tests may block."""

    def __init__(self, host: str, port: int) -> None:
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
        for writer in set(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection(*self._target)
        ends = {writer, other_writer}
        self._writers |= ends
        await asyncio.gather(self._pump(reader, other_writer), self._pump(other_reader, writer))
        self._writers -= ends
        for end in ends:
            end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
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
