"""A decoding process: opens one document at a time and sends its pages, within its limits.

Started by `sandbox.py` with the number of an open socket and its limits; ends with the socket.
"""

import math
import os
import resource
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import orjson

from processors.decoding.decoders import EncodedPage, OpenDocument
from processors.decoding.formats import every_decoder
from processors.decoding.wire import Disconnected, Header, receive, send
from processors.errors import DocumentError
from processors.values import EncodedDocument, PageImage, Warned


class Child:
    """Answers requests, one after the other.

    Args:
        connection: To the reader.
        page_pixels_max: Largest width times height of a page.
        document_bytes_max: Of a file.
        cpu_s_max: CPU seconds that a request may take; beyond, the kernel kills the process.
    """

    def __init__(
        self,
        connection: socket.socket,
        page_pixels_max: int,
        document_bytes_max: int,
        cpu_s_max: int,
    ) -> None:
        self._connection = connection
        self._decoders = every_decoder(page_pixels_max)
        self._document_bytes_max = document_bytes_max
        self._cpu_s_max = cpu_s_max
        self._opened = ExitStack()
        self._document: OpenDocument | None = None
        self._page: EncodedPage | None = None

    def serve(self) -> None:
        """Answer until the reader closes the connection."""
        while True:
            try:
                request, payload = receive(self._connection, self._document_bytes_max)
            except Disconnected:
                return
            self._allow_cpu()
            try:
                answer, pixels = self._answer(request, payload)
            except DocumentError as error:
                answer, pixels = {"error": type(error).__name__, "message": str(error)}, None
            except Exception as error:  # noqa: BLE001 - told to the reader by its name
                answer, pixels = {"failure": type(error).__name__}, None
            if answer:
                send(self._connection, answer, pixels if pixels is not None else b"")

    def _answer(self, request: Header, payload: memoryview) -> tuple[Header, memoryview | None]:
        what = request["do"]
        if what in ("open", "close"):
            self._document = self._page = None
            self._opened.close()
            if what == "close":
                return {}, None
            document = EncodedDocument(bytes(payload))
            opened = self._decoders.open(document, bool(request["all_frames"]))
            self._document = self._opened.enter_context(opened)
            return {
                "page_count": self._document.page_count,
                "remarks": [_plain(warned) for warned in self._document.remarks()],
            }, None
        assert self._document is not None
        number = int(str(request["number"]))
        if what == "page":
            self._page = self._document.page(number)
            return {"pixel_count": None if self._page is None else self._page.pixel_count}, None
        if self._page is None or self._page.page_number != number:  # lent away in between
            self._page = self._document.page(number)
        assert self._page is not None
        image = self._page.decode()
        return _describe(image), np.ascontiguousarray(image.pixels).data.cast("B")

    def _allow_cpu(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = math.ceil(used.ru_utime + used.ru_stime) + self._cpu_s_max
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


def _describe(image: PageImage) -> Header:
    height, width = image.pixels.shape[:2]
    return {
        "width": width,
        "height": height,
        "to_file": image.upright.to_file.ravel().tolist(),
        "rotation": image.upright.rotation_degrees,
        "source_width": image.source_width,
        "source_height": image.source_height,
        "dpi": image.dpi,
        "warnings": [_plain(warned) for warned in image.warnings],
        "is_incomplete": image.is_incomplete,
    }


def _plain(warned: Warned) -> Header:
    return {"code": warned.code, "detail": warned.detail, "page_number": warned.page_number}


def _limit_memory(bytes_max: int) -> None:
    """Allow so much beyond what the process has now; only Linux tells, and keeps to it."""
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        size = int(statistics.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (size + bytes_max, size + bytes_max))


def main() -> None:
    """Take on the limits and serve."""
    number, limits = int(sys.argv[1]), orjson.loads(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _limit_memory(limits["memory_bytes_max"])
    with socket.socket(fileno=number) as connection:
        Child(
            connection,
            limits["page_pixels_max"],
            limits["document_bytes_max"],
            limits["cpu_s_max"],
        ).serve()


if __name__ == "__main__":
    main()
