"""Decodes untrusted bytes in processes of their own, which are killed when they overstep a limit.

A process has no secrets in its environment, writes no files, and talks to nobody but the reader.
What it may take beyond its own size in memory, and in CPU seconds, the kernel limits; how long it
may take, the reader does. A process that oversteps, or dies, is replaced, and its document fails
alone. Each thread of the reader that decodes has at most one process at work, so that there are as
many as threads; a document's process may be lent to another document between two pages.

Outside Linux the kernel does not limit memory: there a bomb is stopped by the limits of pixels,
CPU seconds and time only.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import numpy as np
import orjson

from processors import errors
from processors.decoding.decoders import EncodedPage
from processors.decoding.formats import every_decoder
from processors.decoding.limits import SandboxLimits
from processors.decoding.wire import Disconnected, Header, connected, receive, send
from processors.errors import DecoderFailed, DecodeTimeout, DocumentError, ProcessorError
from processors.geometry import ROTATIONS
from processors.values import EncodedDocument, PageImage, Upright, Warned

DOCUMENTS_PER_PROCESS = 500
"""What a decoder may have leaked goes with its process."""


class _Process:
    """One decoding process."""

    def __init__(self, limits: SandboxLimits) -> None:
        self._limits = limits
        self.holds: SandboxedDocument | None = None
        self.document_count = 0
        ours, theirs = connected()
        with theirs:
            environment = {
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            }
            command = [sys.executable, "-m", "processors.decoding.child", str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [*command, orjson.dumps(asdict(limits)).decode()],
                pass_fds=(theirs.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._connection = ours

    def ask(self, request: Header, payload: bytes = b"") -> tuple[Header, memoryview]:
        """Have a request answered.

        Raises:
            DocumentError: what the decoder says about the document.
            DecodeTimeout: it took too long; the process was killed.
            DecoderFailed: it died, or broke down.
        """
        deadline = time.monotonic() + self._limits.wall_s_max
        self._connection.settimeout(self._limits.wall_s_max)
        pixels_max = 3 * self._limits.page_pixels_max
        try:
            send(self._connection, request, payload)
            answer, pixels = receive(_Until(self._connection, deadline), pixels_max)
        except TimeoutError as err:
            self.kill()
            raise DecodeTimeout(
                f"decoding took more than {self._limits.wall_s_max:g} s and was given up"
            ) from err
        except (Disconnected, OSError) as err:
            raise self._epitaph() from err
        if "error" in answer:
            raise _document_error(answer)
        if "failure" in answer:
            raise DecoderFailed(_explain(str(answer["failure"]), self._limits))
        return answer, pixels

    def forget(self) -> None:
        """Let the process forget its document."""
        self.holds = None
        try:
            send(self._connection, {"do": "close"})
        except OSError:
            self.kill()

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._connection.close()

    def _epitaph(self) -> DecoderFailed:
        """Why it died."""
        try:
            code = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            code = 0
        self.kill()
        if code == -signal.SIGXCPU:
            return DecodeTimeout(
                f"decoding took more than {self._limits.cpu_s_max} s of CPU time and was given up"
            )
        return DecoderFailed(f"the decoding process died ({code})")


class _Until:
    """A socket that is read until a moment, however slowly the bytes come."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def recv_into(self, buffer: memoryview, /) -> int:
        """See `socket.recv_into`."""
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        return self._connection.recv_into(buffer)


class Sandbox:
    """Lends decoding processes to documents. Threads may share it.

    Args:
        limits: Of each process.
        size: Most processes at once.
    """

    def __init__(self, limits: SandboxLimits, size: int) -> None:
        self._limits = limits
        self._size = size
        self._formats = every_decoder(limits.page_pixels_max)
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._changed = threading.Condition()
        self._is_closed = False

    def media_type(self, document: EncodedDocument) -> str:
        """See `DocumentOpener`."""
        return self._formats.media_type(document)

    @contextmanager
    def open(self, document: EncodedDocument, all_frames: bool) -> "Iterator[SandboxedDocument]":
        """Hold a document open; nothing is looked at before its first page is asked for."""
        opened = SandboxedDocument(self, document, all_frames)
        try:
            yield opened
        finally:
            with self._changed:
                for process in self._idle:
                    if process.holds is opened:
                        process.forget()

    @contextmanager
    def lend(self, document: "SandboxedDocument") -> Iterator[_Process]:
        """Have a process for a while, if possible the one that holds the document."""
        process = self._take(document)
        try:
            yield process
        finally:
            with self._changed:
                self._busy.discard(process)
                if self._is_closed or process.document_count > DOCUMENTS_PER_PROCESS:
                    process.kill()
                elif process.is_alive:
                    self._idle.append(process)
                self._changed.notify()

    def _take(self, document: "SandboxedDocument") -> _Process:
        with self._changed:
            while True:
                if self._is_closed:
                    raise DecoderFailed("the reader was closed")
                self._idle = [process for process in self._idle if process.is_alive]
                holding = [process for process in self._idle if process.holds is document]
                free = [process for process in self._idle if process.holds is None]
                if (
                    holding
                    or free
                    or (self._idle and len(self._busy) + len(self._idle) >= self._size)
                ):
                    process = (holding or free or self._idle)[0]
                    self._idle.remove(process)
                    break
                if len(self._busy) < self._size:
                    process = _Process(self._limits)
                    break
                self._changed.wait()
            self._busy.add(process)
            return process

    def close(self) -> None:
        """Kill all processes."""
        with self._changed:
            self._is_closed = True
            for process in (*self._idle, *self._busy):
                process.kill()
            self._idle.clear()
            self._changed.notify_all()


class SandboxedDocument:
    """An `OpenDocument` whose bytes only decoding processes look into."""

    def __init__(self, sandbox: Sandbox, document: EncodedDocument, all_frames: bool) -> None:
        self._sandbox = sandbox
        self._document = document
        self._all_frames = all_frames
        self._page_count: int | None = None
        self._remarks: tuple[Warned, ...] = ()

    @property
    def page_count(self) -> int | None:
        """See `OpenDocument`; known once a page was asked for."""
        return self._page_count

    def remarks(self) -> tuple[Warned, ...]:
        """See `OpenDocument`."""
        return self._remarks

    def page(self, number: int) -> EncodedPage | None:
        """See `OpenDocument`.

        Raises:
            DocumentError: what the decoder says about the page, or about the document.
            DecodeTimeout: looking took too long.
            DecoderFailed: the decoder broke down.
        """
        answer, _ = self._ask({"do": "page", "number": number})
        with _understood():
            if answer["pixel_count"] is None:
                return None
            return EncodedPage(number, _whole(answer["pixel_count"]), lambda: self._decode(number))

    def _decode(self, number: int) -> PageImage:
        answer, pixels = self._ask({"do": "decode", "number": number})
        with _understood():
            width, height = _whole(answer["width"]), _whole(answer["height"])
            dpi = answer["dpi"]
            rotation = next(turn for turn in ROTATIONS if turn == answer["rotation"])
            return PageImage(
                page_number=number,
                pixels=np.frombuffer(pixels, dtype=np.uint8).reshape(height, width, 3),
                upright=Upright(
                    np.array(answer["to_file"], dtype=np.float64).reshape(3, 3), rotation
                ),
                source_width=_whole(answer["source_width"]),
                source_height=_whole(answer["source_height"]),
                dpi=None if dpi is None else float(str(dpi)),
                warnings=_warnings(answer["warnings"]),
                is_incomplete=answer["is_incomplete"] is True,
            )

    def _ask(self, request: Header) -> tuple[Header, memoryview]:
        with self._sandbox.lend(self) as process:
            if process.holds is not self:
                process.holds = None
                process.document_count += 1
                opened, _ = process.ask(
                    {"do": "open", "all_frames": self._all_frames}, self._document.data
                )
                with _understood():
                    count = opened["page_count"]
                    self._page_count = None if count is None else _whole(count)
                    self._remarks = _warnings(opened["remarks"])
                process.holds = self
            return process.ask(request)


@contextmanager
def _understood() -> Iterator[None]:
    """An answer that makes no sense comes from a process that somebody has taken over."""
    try:
        yield
    except (LookupError, TypeError, ValueError, StopIteration) as err:
        raise DecoderFailed("the decoding process answered nonsense") from err


def _whole(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _warnings(values: object) -> tuple[Warned, ...]:
    if not isinstance(values, list):
        raise TypeError("no list")
    return tuple(
        Warned(
            str(value["code"]),
            str(value["detail"]),
            None if value["page_number"] is None else _whole(value["page_number"]),
        )
        for value in values
    )


def _document_error(answer: Header) -> ProcessorError:
    """What the process said about the document, if that is an error that documents have."""
    kind = getattr(errors, str(answer["error"]), None)
    if isinstance(kind, type) and issubclass(kind, DocumentError):
        return kind(str(answer.get("message")))
    return DecoderFailed("the decoding process answered nonsense")


def _explain(failure: str, limits: SandboxLimits) -> str:
    if failure == "MemoryError":
        return f"decoding needs more than {limits.memory_bytes_max >> 20} MiB of memory"
    return f"the decoder failed unexpectedly ({failure})"
