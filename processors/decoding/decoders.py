"""The seam for formats, and the choice among them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from processors.decoding.sniff import UNKNOWN, sniff
from processors.errors import CorruptDocument, UnsupportedFormat
from processors.values import EncodedDocument, PageImage, Warned


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


class OpenDocument(Protocol):
    """A document whose pages can be looked at, in any order."""

    @property
    def page_count(self) -> int | None:
        """How many pages there are; None where only looking at them tells."""
        ...

    def page(self, number: int) -> EncodedPage | None:
        """Look at a page without decoding it.

        Args:
            number: Counted from 1.

        Returns:
            None where the document has fewer pages.

        Raises:
            DocumentError: the page cannot be read.
        """
        ...

    def remarks(self) -> tuple[Warned, ...]:
        """What a reader of the document should know, other than about single pages."""
        ...


class PageDecoder(Protocol):
    """Decodes some media types, page by page."""

    @property
    def media_types(self) -> frozenset[str]:
        """What it decodes, as `sniff` names it."""
        ...

    def open(
        self, document: EncodedDocument, all_frames: bool
    ) -> AbstractContextManager[OpenDocument]:
        """Open a document.

        Args:
            document: Of one of `media_types`.
            all_frames: Whether each picture of an animation is a page, or the first one only.

        Raises:
            DocumentError: it cannot be opened.
        """
        ...


class DocumentOpener(Protocol):
    """Opens documents of every format: `Decoders` in this process, `Sandbox` in others."""

    def media_type(self, document: EncodedDocument) -> str:
        """Tell what a document is.

        Raises:
            CorruptDocument: it is empty.
            UnsupportedFormat: it is nothing that can be read.
        """
        ...

    def open(
        self, document: EncodedDocument, all_frames: bool
    ) -> AbstractContextManager[OpenDocument]:
        """Open a document; see `PageDecoder.open`."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Decoders:
    """Finds the decoder of a document by its content."""

    def __init__(self, decoders: Sequence[PageDecoder]) -> None:
        self._by_type = {name: decoder for decoder in decoders for name in decoder.media_types}

    def media_type(self, document: EncodedDocument) -> str:
        """See `DocumentOpener`."""
        if not document.data:
            raise CorruptDocument("the file is empty; upload it again from its source")
        media_type = sniff(document.data)
        if media_type not in self._by_type:
            what = "not a known picture format" if media_type == UNKNOWN else media_type
            known = ", ".join(sorted(self._by_type))
            raise UnsupportedFormat(f"the file's content is {what}; readable are {known}")
        return media_type

    def open(
        self, document: EncodedDocument, all_frames: bool
    ) -> AbstractContextManager[OpenDocument]:
        """See `DocumentOpener`."""
        return self._by_type[self.media_type(document)].open(document, all_frames)

    def close(self) -> None:
        """Nothing to let go of."""


def each_page(document: OpenDocument) -> Iterator[EncodedPage]:
    """All pages from the first on; raises `DocumentError` at the first that cannot be read."""
    number = 1
    while (page := document.page(number)) is not None:
        yield page
        number += 1
