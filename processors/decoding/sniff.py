"""What a file is, told by its first bytes."""

from collections.abc import Callable

HEAD_BYTES = 1024
"""What a file is told by."""


def _is_iso_media(*brands: bytes) -> Callable[[bytes], bool]:
    """Whether one of some brands is named in the `ftyp` box (ISO/IEC 14496-12)."""

    def matches(head: bytes) -> bool:
        if head[4:8] != b"ftyp":
            return False
        box = head[8 : min(int.from_bytes(head[:4]), HEAD_BYTES)]
        named = {box[start : start + 4] for start in range(0, len(box), 4) if start != 4}
        return not named.isdisjoint(brands)

    return matches


_SIGNATURES: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("image/jpeg", lambda head: head.startswith(b"\xff\xd8\xff")),
    ("image/png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    ("image/tiff", lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    ("image/gif", lambda head: head[:6] in (b"GIF87a", b"GIF89a")),
    ("image/webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    ("image/bmp", lambda head: head.startswith(b"BM")),
    ("image/avif", _is_iso_media(b"avif", b"avis")),
    ("image/heic", _is_iso_media(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1")),
    ("image/jp2", lambda head: head[4:12] == b"jP  \r\n\x87\n" or head[:4] == b"\xff\x4f\xff\x51"),
    ("image/jxl", lambda head: head[4:12] == b"JXL \r\n\x87\n" or head[:2] == b"\xff\x0a"),
    ("image/vnd.adobe.photoshop", lambda head: head.startswith(b"8BPS")),
    ("application/pdf", lambda head: head.startswith(b"%PDF-")),
    ("image/svg+xml", lambda head: b"<svg" in head.lower()),
    ("application/zip", lambda head: head.startswith(b"PK\x03\x04")),
    ("application/pdf", lambda head: b"%PDF-" in head),
)
"""In the order in which they are tried: a PDF may begin behind other bytes, so it comes last."""

UNKNOWN = "application/octet-stream"


def sniff(data: bytes) -> str:
    """Name the media type of `data`; `UNKNOWN` where its first bytes tell nothing."""
    head = data[:HEAD_BYTES]
    return next((media_type for media_type, matches in _SIGNATURES if matches(head)), UNKNOWN)
