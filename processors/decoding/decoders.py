"""The seam for formats, and the choice among them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from processors.decoding.sniff import UNKNOWN, sniff
from processors.errors import CorruptDocument, UnsupportedFormat
from processors.values import EncodedDocument, PageImage


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page whose size is known before it takes any memory.

    Attributes:
        page_number: Counted from 1.
        pixel_count: Width times height that decoding will give.
        decode: Decodes it; raises `DocumentError` where that fails.
    """

    page_number: int
    pixel_count: int
    decode: Callable[[], PageImage]


class PageDecoder(Protocol):
    """Decodes some media types, page by page."""

    @property
    def media_types(self) -> frozenset[str]:
        """What it decodes, as `sniff` names it."""
        ...

    def pages(self, document: EncodedDocument) -> Iterator[EncodedPage]:
        """Yield the pages in order, not yet decoded; raises `DocumentError` where there is none."""
        ...


class Decoders:
    """Finds the decoder of a document by its content."""

    def __init__(self, decoders: Sequence[PageDecoder]) -> None:
        self._by_type = {name: decoder for decoder in decoders for name in decoder.media_types}

    def choose(self, document: EncodedDocument) -> tuple[str, PageDecoder]:
        """Tell the media type of a document and who decodes it.

        Raises:
            CorruptDocument: it is empty.
            UnsupportedFormat: nobody does.
        """
        if not document.data:
            raise CorruptDocument("the file is empty; upload it again from its source")
        media_type = sniff(document.data)
        decoder = self._by_type.get(media_type)
        if decoder is None:
            what = "not a known picture format" if media_type == UNKNOWN else media_type
            known = ", ".join(sorted(self._by_type))
            raise UnsupportedFormat(f"the file's content is {what}; readable are {known}")
        return media_type, decoder
