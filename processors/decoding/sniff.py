"""What a file is, told by its first bytes."""

from collections.abc import Callable

_SIGNATURES: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("image/jpeg", lambda head: head.startswith(b"\xff\xd8\xff")),
    ("image/png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    ("image/tiff", lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    ("application/pdf", lambda head: b"%PDF-" in head[:1024]),
    ("image/gif", lambda head: head[:6] in (b"GIF87a", b"GIF89a")),
    ("image/webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    ("image/bmp", lambda head: head.startswith(b"BM")),
    ("image/avif", lambda head: head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis")),
    ("image/heic", lambda head: head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1")),
)

UNKNOWN = "application/octet-stream"


def sniff(data: bytes) -> str:
    """Name the media type of `data`; `UNKNOWN` where its first bytes tell nothing."""
    head = data[:1024]
    return next((media_type for media_type, matches in _SIGNATURES if matches(head)), UNKNOWN)
