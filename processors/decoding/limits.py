"""What decoding may take, and how large a page may be."""

from dataclasses import dataclass

from processors.errors import TooManyPixels, UnsupportedFormat

PAGE_SIDE_MIN_PX = 8
"""No writing is legible in fewer pixels."""

PAGE_SIDE_MAX_PX = 30_000
"""OpenCV's warps take sides below 32 767; a region that runs diagonally is longer than its page."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What decoding may take.

    Attributes:
        page_pixels_max: Width times height of a page.
        document_bytes_max: Of a file.
        memory_bytes_max: Of a process, beyond its own size.
        cpu_s_max: CPU seconds for opening a document, or for one page.
        wall_s_max: Seconds for the same.
    """

    page_pixels_max: int = 100_000_000
    document_bytes_max: int = 2**31
    memory_bytes_max: int = 2 * 2**30
    cpu_s_max: int = 30
    wall_s_max: float = 60.0


def check_size(width: int, height: int, page_pixels_max: int) -> None:
    """Refuse a page that is too large, or too small to hold any writing.

    Args:
        width: In pixels.
        height: In pixels.
        page_pixels_max: Largest width times height.

    Raises:
        TooManyPixels: it has more pixels, or longer sides, than is allowed.
        UnsupportedFormat: it has too few for any writing.
    """
    if width * height > page_pixels_max:
        raise TooManyPixels(
            f"the picture has {width} x {height} pixels, "
            f"the limit is {page_pixels_max}; reduce it or raise the limit"
        )
    if max(width, height) > PAGE_SIDE_MAX_PX:
        raise TooManyPixels(
            f"the picture has {width} x {height} pixels, "
            f"each side may have {PAGE_SIDE_MAX_PX}; cut it into several"
        )
    if min(width, height) < PAGE_SIDE_MIN_PX:
        raise UnsupportedFormat(
            f"the picture has {width} x {height} pixels, too few for any writing; "
            f"each side needs at least {PAGE_SIDE_MIN_PX}"
        )
