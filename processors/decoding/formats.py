"""All formats that can be read."""

from processors.decoding.decoders import Decoders
from processors.decoding.images import ImageDecoder
from processors.decoding.pdf import PdfDecoder


def every_decoder(page_pixels_max: int) -> Decoders:
    """Decoders of every format.

    Args:
        page_pixels_max: Largest width times height of a page.
    """
    return Decoders([ImageDecoder(page_pixels_max), PdfDecoder(page_pixels_max)])
