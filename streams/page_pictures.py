"""Pictures of pages whose personal data is blackened, for whoever may not see the originals."""

import asyncio
from dataclasses import dataclass

import cv2

from processors.describe import describe_page
from processors.masking.burn import burn
from processors.values import SeenPage
from schemas.results import DocumentRecognized
from streams.errors import ObjectMissing
from streams.masking import Masker
from streams.places import PICTURE_BYTES_MAX, Owned
from streams.store.object_store import ObjectStore

JPEG_QUALITY = 85

PICTURE_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class PagePictures:
    """Keeps the pictures of documents while they are read.

    Attributes:
        bucket: Where they lie.
        store: Brings them there.
        masker: Says what is blackened.
    """

    bucket: str
    store: ObjectStore
    masker: Masker

    async def keep(self, owned: Owned, seen: SeenPage) -> None:
        """Store a page's picture.

        Raises:
            StoreAway: it was not stored; try again.
        """
        picture = await asyncio.to_thread(blackened, seen, self.masker)
        key = owned.picture_key(seen.page.page_number)
        await self.store.put(self.bucket, key, picture, PICTURE_TYPE)

    async def copy(self, known: DocumentRecognized, owned: Owned) -> bool:
        """Take over the pictures of a document with the same content; whether they all were there.

        Raises:
            StoreAway: no answer to rely on; try again.
        """
        before = Owned(owned.tenant, known.document_id)
        if before == owned:
            return True
        for page in known.pages or ():
            try:
                stored = await self.store.fetch(
                    self.bucket, before.picture_key(page.page_number), None, PICTURE_BYTES_MAX
                )
            except ObjectMissing:
                return False
            key = owned.picture_key(page.page_number)
            await self.store.put(self.bucket, key, stored.data, PICTURE_TYPE)
        return True


def blackened(seen: SeenPage, masker: Masker) -> bytes:
    """A page as a JPEG, its personal data under black bars."""
    masked = masker.mask_page(describe_page(seen.page), with_words=False)
    picture = burn(seen.pixels, masked.masked or ())
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return encoded.tobytes()
