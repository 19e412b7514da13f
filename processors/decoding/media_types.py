"""What can be read, by media type as `sniff` names it; apart from what reads it.

The gateway refuses what is none of these, and has no decoder installed.
"""

PICTURES = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/tiff": ("TIFF",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/bmp": ("BMP",),
    "image/avif": ("AVIF",),
    "image/heic": ("HEIF",),
    "image/jp2": ("JPEG2000",),
}
"""Media type to what Pillow calls it; what else Pillow knows is never tried."""

PDF = "application/pdf"

MEDIA_TYPES = frozenset({*PICTURES, PDF})
