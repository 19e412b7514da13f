"""Pictures of pages with what was read on them, for `demo` and `evaluate`."""

from collections.abc import Iterable, Iterator

from PIL import Image

from processors.decoding.decoders import DocumentOpener
from processors.draw import draw_page
from processors.values import EncodedDocument
from schemas.results import RecognizedPage


def drawn(
    opener: DocumentOpener, data: bytes, pages: Iterable[RecognizedPage]
) -> Iterator[tuple[int, Image.Image]]:
    """Draw what was read on some pages of a document.

    Args:
        opener: Decodes them.
        data: The document's bytes.
        pages: What was read on them.

    Yields:
        A page's number, and its picture.
    """
    with opener.open(EncodedDocument(data), all_frames=False) as opened:
        for page in pages:
            encoded = opened.page(page.page_number)
            if encoded is not None:
                yield page.page_number, draw_page(encoded.decode(), page)
