"""Decoding processes, and what becomes of those that overstep."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processors.decoding import sandbox as module
from processors.decoding.decoders import each_page
from processors.decoding.limits import SandboxLimits
from processors.decoding.sandbox import Sandbox
from processors.decoding.wire import Disconnected, receive, send
from processors.errors import CorruptDocument, DecoderFailed, DecodeTimeout, TooManyPixels
from processors.values import EncodedDocument
from tests.unit.processors.decoding.test_documents import SHADES, minimal_pdf, shades
from tests.unit.processors.pictures import encode

LIMITS = SandboxLimits(page_pixels_max=50_000_000)
ENDLESS = minimal_pdf("\n".join(f"{i} 0 m 100 {i} l S" for i in range(2000)) * 400, "3000 3000")
"""Eight hundred thousand strokes: seconds of rendering."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """With two processes."""
    opened = Sandbox(LIMITS, 2)
    yield opened
    opened.close()


def first_page(sandbox: Sandbox, document: EncodedDocument) -> np.ndarray:
    """Its pixels."""
    with sandbox.open(document, all_frames=False) as opened:
        page = opened.page(1)
        assert page is not None
        return page.decode().pixels


def process_of(sandbox: Sandbox) -> int:
    """Id of a process that is idle now."""
    return sandbox._idle[0]._process.pid


def test_sandbox_gives_what_decoders_give(sandbox: Sandbox) -> None:
    """Pixels, places and numbers, over three pages."""
    with sandbox.open(shades("TIFF"), all_frames=False) as opened:
        pages = [page.decode() for page in each_page(opened)]
    assert [page.page_number for page in pages] == [1, 2, 3]
    assert [int(page.pixels[0, 0, 0]) for page in pages] == list(SHADES)
    assert pages[0].pixels.shape == (30, 40, 3)
    np.testing.assert_array_equal(pages[0].upright.to_file, np.eye(3))


def test_sandbox_passes_on_what_is_wrong_with_a_document(sandbox: Sandbox) -> None:
    """With the decoder's words; the process goes on."""
    with pytest.raises(CorruptDocument, match="header is damaged"):
        first_page(sandbox, EncodedDocument(b"\xff\xd8\xff" + b"text" * 50))
    process = process_of(sandbox)
    with pytest.raises(TooManyPixels, match="limit"):
        first_page(sandbox, encode(Image.new("1", (10_000, 6_000))))
    assert first_page(sandbox, shades("TIFF")).shape == (30, 40, 3)
    assert process_of(sandbox) == process


def test_process_that_dies_costs_its_document_only(sandbox: Sandbox) -> None:
    """It is replaced."""
    with sandbox.open(shades("TIFF"), all_frames=False) as opened:
        assert opened.page(1) is not None
        os.kill(process_of(sandbox), signal.SIGKILL)
        sandbox._idle[0]._process.wait()
        page = opened.page(2)
        assert page is not None
        assert page.decode().pixels[0, 0, 0] == SHADES[1]


def test_process_that_is_killed_in_mid_page_fails_its_document() -> None:
    """And the next document is read."""
    sandbox = Sandbox(LIMITS, 1)
    try:
        assert first_page(sandbox, shades("TIFF")).size
        process = process_of(sandbox)
        threading.Timer(0.5, os.kill, (process, signal.SIGKILL)).start()
        with pytest.raises(DecoderFailed, match=r"died \(-9\)"):
            first_page(sandbox, ENDLESS)
        assert first_page(sandbox, shades("TIFF")).size
        assert process_of(sandbox) != process
    finally:
        sandbox.close()


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (replace(LIMITS, wall_s_max=1.5), "more than 1.5 s and"),
        (replace(LIMITS, cpu_s_max=1), "more than 1 s of CPU time"),
    ],
    ids=["wall", "cpu"],
)
def test_process_that_takes_too_long_is_killed(limits: SandboxLimits, what: str) -> None:
    """By us or by the kernel."""
    sandbox = Sandbox(limits, 1)
    try:
        assert first_page(sandbox, shades("TIFF")).size
        process = process_of(sandbox)
        with pytest.raises(DecodeTimeout, match=what):
            first_page(sandbox, ENDLESS)
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
        assert first_page(sandbox, shades("TIFF")).size
    finally:
        sandbox.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory: NOT tested")
def test_process_cannot_take_more_memory_than_allowed() -> None:
    """The picture is within its limit of pixels, and needs more memory than there may be."""
    sandbox = Sandbox(SandboxLimits(page_pixels_max=10**9, memory_bytes_max=2**28), 1)
    try:
        with pytest.raises(DecoderFailed, match="256 MiB"):
            first_page(sandbox, encode(Image.new("L", (20_000, 20_000))))
        assert first_page(sandbox, shades("TIFF")).size
    finally:
        sandbox.close()


def test_process_knows_no_secrets(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is made for it."""
    monkeypatch.setenv("OCRSTREAM_S3_SECRET_KEY", "hush")
    assert first_page(sandbox, shades("TIFF")).size
    environment = Path(f"/proc/{process_of(sandbox)}/environ")
    if environment.exists():
        assert b"hush" not in environment.read_bytes()


def test_process_ends_with_its_reader(sandbox: Sandbox) -> None:
    """Nothing is left behind."""
    assert first_page(sandbox, shades("TIFF")).size
    process = process_of(sandbox)
    sandbox.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(DecoderFailed, match="closed"):
        first_page(sandbox, shades("TIFF"))


def test_documents_take_turns_page_by_page() -> None:
    """A long document does not keep the only process from the others."""
    sandbox = Sandbox(LIMITS, 1)
    try:
        with (
            sandbox.open(shades("TIFF"), all_frames=False) as first,
            sandbox.open(shades("GIF"), all_frames=True) as second,
        ):
            for number, shade in enumerate(SHADES, 1):
                for document in (first, second):
                    page = document.page(number)
                    assert page is not None
                    np.testing.assert_allclose(page.decode().pixels[0, 0], shade, atol=1)
    finally:
        sandbox.close()


def test_threads_share_processes(sandbox: Sandbox) -> None:
    """More threads than processes wait for each other, and none gets another one's picture."""

    def read(shade: int) -> bool:
        picture = encode(Image.new("RGB", (50, 50), (shade,) * 3))
        return bool((first_page(sandbox, picture) == shade).all())

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(read, range(0, 250, 5)))
    assert len(sandbox._idle) <= 2


def test_process_is_replaced_after_many_documents(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its decoders have leaked goes with it."""
    monkeypatch.setattr(module, "DOCUMENTS_PER_PROCESS", 2)
    seen = set()
    for _ in range(6):
        assert first_page(sandbox, shades("TIFF")).size
        seen |= {process._process.pid for process in sandbox._idle}
    assert len(seen) >= 2


@pytest.mark.parametrize(
    "answer",
    [
        {"pixel_count": -1},
        {"pixel_count": "many"},
        {"error": "SystemExit", "message": "x"},
        {"error": "EngineError", "message": "x"},
        {},
        {"failure": ["x"]},
    ],
)
def test_answers_of_a_process_that_was_taken_over_are_not_believed(
    sandbox: Sandbox, answer: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says, its document fails as one that broke a decoder."""
    assert first_page(sandbox, shades("TIFF")).size
    process = sandbox._idle[0]
    real = receive

    def lie(connection: socket.socket, size: int) -> tuple[dict[str, object], memoryview]:
        header, payload = real(connection, size)
        return (answer if "pixel_count" in header else header), payload

    monkeypatch.setattr(module, "receive", lie)
    with pytest.raises(DecoderFailed):
        first_page(sandbox, shades("TIFF"))
    assert process is not None


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0", b"\xff" * 12, b"\0\0\0\2\0\0\0\0\0\0\0\0no", b"\0\0\0\1" + bytes(8) + b"1"],
)
def test_wire_refuses_what_is_no_message(data: bytes) -> None:
    """Cut off, too long, no JSON, no object."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(data)
        ours.shutdown(socket.SHUT_WR)
        with pytest.raises(Disconnected):
            receive(theirs, 100)


def test_wire_carries_messages() -> None:
    """One behind the other."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, {"do": "it"}, b"now")
        send(ours, {})
        header, payload = receive(theirs, 3)
        assert (header, bytes(payload)) == ({"do": "it"}, b"now")
        header, payload = receive(theirs, 0)
        assert (header, bytes(payload)) == ({}, b"")


def test_reader_gives_up_on_slow_answers() -> None:
    """A byte now and then does not keep a document alive."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.05):
                theirs.send(b"\0")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            with pytest.raises(TimeoutError):
                receive(module._Until(ours, time.monotonic() + 0.4), 2**40)
        finally:
            stop.set()
            dripping.join()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_sandbox_lets_nothing_be_written(sandbox: Sandbox) -> None:
    """A decoder that would like a temporary file gets none, and a crash leaves no core."""
    first_page(sandbox, shades("TIFF"))
    limits = Path(f"/proc/{process_of(sandbox)}/limits").read_text()
    told = {line[:25].strip(): line.split()[-3:-1] for line in limits.splitlines()[1:]}
    assert told["Max file size"] == told["Max core file size"] == ["0", "0"]
