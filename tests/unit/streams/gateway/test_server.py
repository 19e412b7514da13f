"""What arrives on a socket is a request, or is refused; either way nothing is left of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from streams.embedded import LOOPBACK
from streams.gateway import bodies, server
from streams.gateway.server import is_loopback
from tests.fakes.gateway import NOTHING_LEFT, MemoryGateway, serve
from tests.stream import wait_until

ID = "0" * 32
PDF = b"%PDF- hello"
MIB = 2**20
SUBMIT = b"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\n"
FORM = SUBMIT + b"Content-Type: multipart/form-data; boundary=b\r\n"


@pytest.fixture
def memory() -> MemoryGateway:
    """Everybody on this machine may do everything."""
    return MemoryGateway.of(document_bytes_max=MIB)


@pytest.fixture
async def port(memory: MemoryGateway) -> AsyncIterator[int]:
    """Of the gateway."""
    async with serve(memory) as port:
        yield port


async def talk(
    port: int, *pieces: bytes, is_closed: bool = False, is_one: bool = False, timeout_s: float = 5.0
) -> bytes:
    """Send pieces one after the other; gives all that is answered until the other side closes.

    Args:
        port: Where to.
        pieces: What to send.
        is_closed: Close our side after the last piece.
        is_one: Wait for one answer only.
        timeout_s: For the answer; what came until then is given.
    """
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    answer = bytearray()
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if is_closed:
            writer.write_eof()
        async with asyncio.timeout(timeout_s):
            while chunk := await reader.read(65_536):
                answer += chunk
                if is_one and is_whole(bytes(answer)):
                    break
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return bytes(answer)


def is_whole(answer: bytes) -> bool:
    """Whether an answer with a length is there to its end."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return length.isdigit() and len(body) >= int(length)


async def ask(port: int, head: bytes, body: bytes, *more: bytes) -> bytes:
    """Send a request with a body of the right length; gives its answer."""
    return await talk(port, with_length(head, body, *more), is_one=True)


def with_length(head: bytes, body: bytes, *more: bytes) -> bytes:
    """A request with a body of the right length."""
    lines = b"".join(line + b"\r\n" for line in more)
    return head + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def statuses(answer: bytes) -> list[int]:
    """Of all answers on one connection."""
    lines = answer.split(b"HTTP/1.1 ")[1:]
    return [int(line[:3]) for line in lines]


async def settle(memory: MemoryGateway) -> dict[str, object]:
    """What is left once everything is over."""
    assert await wait_until(lambda: memory.requests_in_work == 0, 5)
    await asyncio.sleep(0.05)
    return memory.leftovers()


async def test_whole_request_is_answered(port: int, memory: MemoryGateway) -> None:
    """So that the other tests here mean something."""
    answer = await ask(port, SUBMIT, PDF)
    assert statuses(answer) == [202]
    assert list(memory.store.objects.values()) == [PDF]


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [b"GET /livez HT"],
        [b"GET /livez HTTP/1.1\r\n", b"Host: localhost\r\nX-A: "],
        [b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n"],
        [b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", b"GET"],
        [b"POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", b"a", b"b"],
        [b"POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"],
    ],
)
async def test_client_that_does_not_go_on_is_let_go(
    port: int, monkeypatch: pytest.MonkeyPatch, pieces: list[bytes]
) -> None:
    """In the midst of headers, between requests, in a body that nobody waits for any more."""
    monkeypatch.setattr(server, "HEAD_TIMEOUT_S", 0.3)
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        while await reader.read(65_536):
            pass
    writer.close()
    assert loop.time() - started_at < 3


async def test_headers_that_drip_are_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However regularly something comes."""
    monkeypatch.setattr(server, "HEAD_TIMEOUT_S", 0.3)
    drops = [b"GET /livez HTTP/1.1\r\n", *(b"X-%d: a\r\n" % n for n in range(100))]
    assert statuses(await talk(port, *drops)) == []


@pytest.mark.parametrize(
    "head",
    [
        b"X-Long: " + b"a" * 200_000,
        b"".join(b"X-%d: a\r\n" % n for n in range(30_000)),
        b"A" * 200_000 + b": a",
    ],
)
async def test_endless_headers_are_cut_off(port: int, head: bytes) -> None:
    """One that is long, or many of them."""
    pieces = [head[start : start + 16_384] for start in range(0, len(head), 16_384)]
    answer = await talk(port, b"GET /livez HTTP/1.1\r\n", *pieces)
    assert statuses(answer) in ([], [400])
    line = b"GET /" + b"a" * 200_000
    answer = await talk(port, *(line[n : n + 16_384] for n in range(0, len(line), 16_384)))
    assert statuses(answer) in ([], [400])


SMUGGLED = b"GET /v1/documents/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        SUBMIT + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
        SUBMIT + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        SUBMIT + b"Content-Length: 5\r\nContent-Length: 11\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Content-Length: 5, 11\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Content-Length: +11\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Content-Length: -1\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Content-Length: 0x0b\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Content-Length: 99999999999999999999999\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Content-Length : 11\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Transfer-Encoding: xchunked\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Transfer-Encoding: chunked, identity\r\n\r\n" + PDF + SMUGGLED,
        SUBMIT + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        SUBMIT + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        SUBMIT + b" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        SUBMIT + CHUNKED + b"\r\nzz\r\n" + PDF + SMUGGLED,
        SUBMIT + CHUNKED + b"\r\n-5\r\n" + PDF + SMUGGLED,
        SUBMIT + CHUNKED + b"\r\nffffffffffffffffff\r\n" + PDF + SMUGGLED,
        SUBMIT + CHUNKED + b"\r\nb\r\n" + PDF + b"XX0\r\n\r\n" + SMUGGLED,
        SUBMIT + b"X-A: b\x00c\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
        SUBMIT + b"X-A\x01: c\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    ],
)
async def test_request_whose_end_is_in_doubt_is_the_last_one(
    port: int, memory: MemoryGateway, request_: bytes
) -> None:
    """It is refused, nothing of it is stored, and what stands behind it is no request."""
    answer = await talk(port, request_, is_closed=True, timeout_s=2)
    assert statuses(answer) == [400]
    assert await settle(memory) == NOTHING_LEFT


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /livez HTTP/1.0\r\n\r\n", 200),
        (b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", 200),
        (b"GET http://localhost/livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
        (b"GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        (b"GET http://localhost HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET /livez HTTP/2.0\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
        (b"GET /livez HTTP/9.9\r\nHost: a\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"NONE /livez HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"TRACE /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        (b"CONNECT localhost:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /v1/documents/%2e%2e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 422),
        (b"GET /v1/documents/" + b"0" * 32 + b"%2f.. HTTP/1.1\r\nHost: localhost\r\n"
         b"Connection: close\r\n\r\n", 404),
        (b"GET /v1/documents/" + b"%EF%BC%90" * 32 + b" HTTP/1.1\r\nHost: localhost\r\n"
         b"Connection: close\r\n\r\n", 422),
        (b"GET /v1/documents/%ff%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 422),
        (b"GET /v1/documents/" + b"0" * 32 + b" HTTP/1.1\r\nHost: [::1\r\n"
         b"Connection: close\r\n\r\n", 403),
        (b"GET /v1/documents/" + b"0" * 32 + b" HTTP/1.1\r\nHost: localhost.evil.example\r\n"
         b"Connection: close\r\n\r\n", 403),
        (b"GET /v1/documents/" + b"0" * 32 + b" HTTP/1.1\r\nHost: localhost\r\n"
         b"Origin: null\r\nConnection: close\r\n\r\n", 403),
        (b"GET /v1/documents/" + b"0" * 32 + b" HTTP/1.1\r\nHost: localhost:80\r\n"
         b"Connection: close\r\n\r\n", 404),
    ],
)  # fmt: skip
async def test_strange_request_gets_its_answer(
    port: int, memory: MemoryGateway, head: bytes, status: int
) -> None:
    """Each on its own connection, which ends then."""
    answer = await talk(port, head, timeout_s=3)
    assert statuses(answer.replace(b"HTTP/1.0", b"HTTP/1.1")) == [status]
    assert await settle(memory) == NOTHING_LEFT


async def test_pipelined_requests_are_answered_in_their_order(port: int) -> None:
    """A document, then what has no answer of its own, then another document."""
    keep = SUBMIT + b"Content-Length: 11\r\n\r\n" + PDF
    missing = b"GET /v1/documents/" + b"0" * 32 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = await talk(
        port, keep + missing + keep + missing + with_length(SUBMIT, PDF, b"Connection: close")
    )
    assert statuses(answer) == [202, 404, 202, 404, 202]


@pytest.mark.parametrize("head", [SUBMIT, FORM, SUBMIT + b"Content-Type: application/json\r\n"])
@pytest.mark.parametrize("sent", [b"", b"%", PDF, PDF + b"a" * 100_000])
async def test_upload_that_is_broken_off_leaves_nothing(
    port: int, memory: MemoryGateway, head: bytes, sent: bytes
) -> None:
    """With a length that is not reached, or chunks that do not end; closed or half-closed."""
    long = head + b"Content-Length: 500000\r\n\r\n" + sent
    await talk(port, long, timeout_s=0.05)
    endless = head + CHUNKED + b"\r\n" + (b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b"")
    await talk(port, endless, timeout_s=0.05)
    assert await settle(memory) == NOTHING_LEFT


async def test_body_that_is_longer_than_it_says_is_no_document(
    port: int, memory: MemoryGateway
) -> None:
    """The document ends where it was said to; the rest is no request."""
    answer = await talk(port, SUBMIT + b"Content-Length: 11\r\n\r\n" + PDF + b" and more\r\n\r\n")
    assert statuses(answer)[-1:] in ([202], [400])
    assert set(memory.store.objects.values()) <= {PDF}


async def test_chunked_document_is_taken(port: int, memory: MemoryGateway) -> None:
    """With an extension and a trailer, whatever they say."""
    body = b"5;a=b\r\n%PDF-\r\n6\r\n hello\r\n0\r\nX-Tenant: other\r\n\r\n"
    answer = await talk(port, SUBMIT + CHUNKED + b"Connection: close\r\n\r\n" + body)
    assert statuses(answer) == [202]
    assert list(memory.store.objects.values()) == [PDF]


async def test_client_that_asks_may_go_on(port: int) -> None:
    """100 for a body that is wanted, the answer itself for one that is not."""
    head = SUBMIT + b"Connection: close\r\nExpect: 100-continue\r\n"
    answer = await talk(port, head + b"Content-Length: 11\r\n\r\n", PDF)
    assert statuses(answer) == [100, 202]
    bad = head.replace(b"/v1/documents", b"/v1/documents?options=x")
    answer = await talk(port, bad + b"Content-Length: 11\r\n\r\n", is_one=True)
    assert statuses(answer) == [422]


async def test_upgrade_is_ignored(port: int) -> None:
    """There is no other protocol here."""
    head = SUBMIT + b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 11\r\n\r\n"
    assert 500 not in statuses(await talk(port, head + PDF, timeout_s=1))


async def test_slow_body_is_given_up(
    port: int, memory: MemoryGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence, and a drip that is too thin; of documents, and of JSON."""
    monkeypatch.setattr(bodies, "SILENCE_MAX_S", 0.2)
    monkeypatch.setattr(bodies, "RATE_MIN_BYTES_PER_S", 1_000)
    for path in (b"/v1/documents", b"/v1/read", b"/v1/uploads", b"/v1/uploads/" + b"0" * 32):
        head = SUBMIT.replace(b"/v1/documents", path) + b"Content-Length: 100000\r\n\r\n"
        for pieces in ([head, PDF], [head, *[b"%"] * 60]):
            assert statuses(await talk(port, *pieces, is_one=True)) == [408], path
    assert await settle(memory) == NOTHING_LEFT


async def test_json_has_its_limit(port: int, memory: MemoryGateway) -> None:
    """Wherever it is taken, whoever asks."""
    body = b'{"size_bytes": "' + b"a" * MIB + b'"}'
    for path in (b"/v1/documents", b"/v1/uploads", b"/v1/uploads/" + b"0" * 32):
        head = SUBMIT.replace(b"/v1/documents", path) + b"Content-Type: application/json\r\n"
        assert statuses(await ask(port, head, body)) == [413]
    assert await settle(memory) == NOTHING_LEFT


JSON_BOMBS = [
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"bucket": "uploads", "key": "a", "options": ' + b"[" * 50_000,
    b'{"size_bytes": ' + b"9" * 60_000 + b"}",
    b'{"size_bytes": 1e400}',
    b'{"size_bytes": -1e400}',
    b'{"size_bytes": NaN}',
    b'{"size_bytes": Infinity}',
    b'{"size_bytes": true}',
    b'{"size_bytes": 1, "size_bytes": "x"}',
    b'{"\\ud800": 1}',
    b'{"bucket": "\\udfff", "key": "a"}',
    b'{"bucket": "uploads", "key": "\\u0000"}',
    b'{"bucket": "uploads", "key": "\xff"}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b"null",
    b'"%PDF-"',
    b"{",
]


@pytest.mark.parametrize("body", JSON_BOMBS)
async def test_hostile_json_is_refused(port: int, memory: MemoryGateway, body: bytes) -> None:
    """As a body, and as options in an address and in a form; nothing is stored."""
    for path in (b"/v1/documents", b"/v1/uploads", b"/v1/uploads/" + b"0" * 32):
        head = SUBMIT.replace(b"/v1/documents", path) + b"Content-Type: application/json\r\n"
        answer = await ask(port, head, body)
        assert statuses(answer)[0] in (404, 422), answer
        assert b"application/problem+json" in answer
    fields = [
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n%PDF-\r\n',
        b'--b\r\nContent-Disposition: form-data; name="options"\r\n\r\n' + body + b"\r\n",
    ]
    for parts in (fields, fields[::-1]):
        answer = await ask(port, FORM, b"".join(parts) + b"--b--\r\n")
        assert statuses(answer) == [422], answer
    if len(body) < 3_000:
        quoted = b"".join(b"%%%02x" % byte for byte in body)
        head = SUBMIT.replace(b"/v1/documents", b"/v1/documents?options=" + quoted)
        assert statuses(await ask(port, head, PDF)) == [422]
    assert await settle(memory) == NOTHING_LEFT


FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
FIELD = b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n'


def form_bombs() -> Iterator[bytes]:
    """Forms that are none, or not ours."""
    file = FILE + PDF + b"\r\n"
    end = b"--b--\r\n"
    yield b"".join(FIELD % n for n in range(10_000)) + file + end
    yield file + b"".join(FIELD % n for n in range(10_000)) + end
    yield b"--b\r\nContent-Disposition: form-data; x=" + b"a" * MIB + b"\r\n\r\nx\r\n" + file + end
    yield b"--b\r\nX-Long: " + b"a" * MIB + b"\r\n\r\nx\r\n" + file + end
    yield b"--b\r\n" + b"A" * MIB + b": a\r\n\r\nx\r\n" + file + end
    yield b"--b\r\n" + b"A: a\r\n" * 100_000 + b"\r\nx\r\n" + file + end
    yield b"preamble " * 100_000 + b"\r\n" + file + end
    yield file + end + b"epilogue " * 100_000
    yield file + file + end
    yield file
    yield FILE + PDF
    yield file + b"--b-"
    yield FILE + PDF + b"\r\n--c--\r\n"
    yield b"--c\r\n" + file + end
    yield b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\n' + PDF + b"\r\n" + end
    yield b"--b\r\n\r\n" + PDF + b"\r\n" + end
    yield b"--b\r\nContent-Disposition: form-data\r\n\r\n" + PDF + b"\r\n" + end
    yield b'--b\r\nContent-Disposition: form-data; name="options"\r\n\r\n{}\r\n' * 2 + file + end
    yield b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" + file + end
    yield b"\r\n" * 50_000
    yield b"-" * 200_000
    yield b"--b" * 50_000
    yield b""


@pytest.mark.parametrize("body", [*form_bombs()])
async def test_hostile_form_is_refused(port: int, memory: MemoryGateway, body: bytes) -> None:
    """Many parts, endless headers, no end, two files: told so, and nothing is stored."""
    answer = await ask(port, FORM, body)
    assert statuses(answer) == [400], answer
    assert b"application/problem+json" in answer
    assert await settle(memory) == NOTHING_LEFT


@pytest.mark.parametrize(
    "content_type",
    [
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"multipart/form-data; boundary=" + b"b" * 71,
        b"multipart/form-data; boundary=\xff\xfe",
        b'multipart/form-data; boundary="',
        b"multipart/form-data; boundary*=utf-8''b",
        b"multipart/form-data;" + b" a=b;" * 5_000,
    ],
)
async def test_form_without_a_boundary_is_refused(
    port: int, memory: MemoryGateway, content_type: bytes
) -> None:
    """Whatever else its content type says."""
    head = SUBMIT + b"Content-Type: " + content_type + b"\r\n"
    answer = await ask(port, head, FILE + PDF + b"\r\n--b--\r\n")
    assert statuses(answer) == [400]
    assert await settle(memory) == NOTHING_LEFT


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (b"a" * 16, 202),
        (b"a" * 255, 202),
        (b"a" * 15, 422),
        (b"a" * 256, 422),
        (b"a" * 60_000, 422),
        (b"with a blank in it", 422),
        (b"\xc3\xa9" * 16, 422),
        (b"\xff" * 16, 422),
        (b"a" * 16 + b"\tb", 422),
        (b"../../../../../../etc", 202),
    ],
)
async def test_idempotency_key_is_told_by_its_form(port: int, key: bytes, status: int) -> None:
    """It is no part of any name, whatever it looks like."""
    answer = await ask(port, SUBMIT, PDF, b"Idempotency-Key: " + key)
    assert statuses(answer) == [status]


async def test_follower_that_vanishes_is_forgotten(port: int, memory: MemoryGateway) -> None:
    """Nobody listens any more, and no request is in work."""
    answer = await ask(port, SUBMIT, PDF)
    place = answer.lower().partition(b"location: ")[2].partition(b"\r\n")[0]
    heads = [
        b"GET " + place + b"/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET " + place + b"?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    for _ in range(20):
        followed = await talk(port, heads[0], timeout_s=0.05)
        assert b"event: queued" in followed
    assert await settle(memory) == {**NOTHING_LEFT, "objects": sorted(memory.store.objects)}


async def test_waiting_client_that_vanishes_is_forgotten(port: int, memory: MemoryGateway) -> None:
    """A wait of a minute ends with the connection of whoever waits."""
    answer = await ask(port, SUBMIT, PDF)
    place = answer.lower().partition(b"location: ")[2].partition(b"\r\n")[0]
    await talk(port, b"GET " + place + b"?wait=60 HTTP/1.1\r\nHost: a\r\n\r\n", timeout_s=0.1)
    left = await settle(memory)
    assert (left["listeners"], left["requests"]) == (0, 0)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("127.0.0.1.example", False),
        ("localhost.", False),
        ("", False),
    ],
)
def test_is_loopback_knows_this_machine(host: str, expected: bool) -> None:
    """Only addresses that nobody else can reach."""
    assert is_loopback(host) is expected
