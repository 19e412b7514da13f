"""Messages between the reader and its decoding processes: a JSON object, and bytes behind it.

Either side may be fed by an attacker's file through the other one, so that both lengths are bounded
before anything is read, and nothing is unpickled.
"""

import socket
import struct
from typing import Protocol

import numpy as np
import orjson

Header = dict[str, object]

HEADER_BYTES_MAX = 64 * 1024

_BUFFER_BYTES = 4 * 2**20

_LENGTHS = struct.Struct(">IQ")


def connected() -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection that takes a page's pixels in few pieces."""
    ends = socket.socketpair()
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    return ends


class Source(Protocol):
    """What bytes come from: a socket."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """See `socket.socket.recv_into`."""
        ...


class Disconnected(Exception):
    """The other side has ended."""


def send(connection: socket.socket, header: Header, payload: bytes | memoryview = b"") -> None:
    """Send a message.

    Args:
        connection: To the other side.
        header: JSON values.
        payload: Any bytes; a view must be contiguous.
    """
    encoded = orjson.dumps(header)
    size = memoryview(payload).nbytes
    connection.sendall(_LENGTHS.pack(len(encoded), size) + encoded)
    if size:
        connection.sendall(payload)


def receive(connection: Source, payload_bytes_max: int) -> tuple[Header, memoryview]:
    """Wait for a message.

    Args:
        connection: To the other side.
        payload_bytes_max: More is refused.

    Raises:
        Disconnected: the other side has ended, or has sent what is no message.
        TimeoutError: the connection's time is over.
    """
    header_size, payload_size = _LENGTHS.unpack(_exactly(connection, _LENGTHS.size))
    if header_size > HEADER_BYTES_MAX or payload_size > payload_bytes_max:
        raise Disconnected("a message is larger than allowed")
    encoded = _exactly(connection, header_size)
    try:
        header = orjson.loads(encoded)
    except orjson.JSONDecodeError as err:
        raise Disconnected("a message is no JSON") from err
    if not isinstance(header, dict):
        raise Disconnected("a message is no object")
    return header, _exactly(connection, payload_size)


def _exactly(connection: Source, size: int) -> memoryview:
    view, filled = np.empty(size, dtype=np.uint8).data, 0  # a bytearray would be zeroed first
    while filled < size:
        received = connection.recv_into(view[filled:])
        if received == 0:
            raise Disconnected("the other side has ended")
        filled += received
    return view
