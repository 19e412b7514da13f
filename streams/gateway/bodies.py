"""A document on its way in: checked while it flows, never held whole.

Problem
  Unacceptable   408 too slow, 413 too large, 415 not a document, 422 empty
  Overloaded     503 too many bytes of all clients are on their way
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from processors.decoding.sniff import HEAD_BYTES, sniff
from streams.gateway.problems import Overloaded, Unacceptable
from streams.store.object_store import PART_BYTES

HELD_PARTS = 2
"""One on its way to the store, and what comes meanwhile."""

SILENCE_MAX_S = 10.0
"""A client that sends nothing for so long is given up."""

RATE_MIN_BYTES_PER_S = 1_024
"""A client that has sent less than this on average, once `SILENCE_MAX_S` are over, is given up."""


class Room:
    """Bytes of all bodies that are in memory.

    Args:
        bytes_max: How many there may be.
    """

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self.held_bytes = 0

    def take(self, size_bytes: int) -> None:
        """Take room, at once or not at all.

        Raises:
            Overloaded: there is none.
        """
        if self.held_bytes + size_bytes > self._bytes_max:
            raise Overloaded(
                503, "overloaded", "too many uploads are on their way; try again in a second", 1
            )
        self.held_bytes += size_bytes

    def give_back(self, size_bytes: int) -> None:
        """Give room back."""
        self.held_bytes -= size_bytes


@dataclass(slots=True)
class Arriving:
    """A document while it arrives; the store takes it from `chunks`.

    Attributes:
        room: Where its bytes are counted.
        bytes_max: Largest document that is taken.
        media_types: What is taken.
        media_type: What it is, once its first bytes were there.
        size_bytes: How much has come.
    """

    room: Room
    bytes_max: int
    media_types: frozenset[str]
    media_type: str = ""
    size_bytes: int = 0
    _held_bytes: int = 0

    async def chunks(self, body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """The document's bytes, checked.

        Raises:
            Unacceptable: it is none that we take.
            Overloaded: there is no room for it.
        """
        head = b""
        try:
            async for chunk in body:
                self._note(chunk)
                if self.media_type:
                    yield chunk
                    continue
                head += chunk
                if len(head) >= HEAD_BYTES:
                    self._look(head)
                    yield head
            if not self.media_type:
                self._look(head)
                yield head
        finally:
            self.room.give_back(self._held_bytes)
            self._held_bytes = 0

    def _note(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        if self.size_bytes > self.bytes_max:
            raise too_large(self.bytes_max)
        held_bytes = min(self.size_bytes, HELD_PARTS * PART_BYTES)  # the rest is with the store
        self.room.take(held_bytes - self._held_bytes)
        self._held_bytes = held_bytes

    def _look(self, head: bytes) -> None:
        if not head:
            raise Unacceptable(422, "empty", "the body is empty; send the document's bytes")
        self.media_type = sniff(head)
        if self.media_type not in self.media_types:
            raise Unacceptable(
                415,
                "unsupported-format",
                f"this is {self.media_type}, told by its bytes; send one of "
                f"{', '.join(sorted(self.media_types))}",
            )


def too_large(bytes_max: int) -> Unacceptable:
    """The problem of a document that is too large."""
    return Unacceptable(
        413, "too-large", f"documents may have {bytes_max} bytes; split it, or scan it less finely"
    )


async def at_a_fair_pace(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, as long as the client keeps sending.

    Raises:
        Unacceptable: it is too slow.
    """
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    size_bytes = 0
    iterator = aiter(body)
    while True:
        try:
            async with asyncio.timeout(SILENCE_MAX_S):
                chunk = await anext(iterator, None)
        except TimeoutError:
            raise _too_slow() from None
        if chunk is None:
            return
        size_bytes += len(chunk)
        elapsed_s = loop.time() - started_at
        if elapsed_s > SILENCE_MAX_S and size_bytes < elapsed_s * RATE_MIN_BYTES_PER_S:
            raise _too_slow()
        yield chunk


def _too_slow() -> Unacceptable:
    detail = "the body came too slowly; send it again over a better connection"
    return Unacceptable(408, "too-slow", detail)
