"""Events of uploads that are not there any more, because they were done with before.

An event may come twice: its producer or the store sent it so, or offsets were set back. If its
upload was deleted meanwhile, by its owner or because its time was over, nothing is wrong, and it
must not end as a dead letter.

Of the gateway's documents, and of uploads whose event names a version, the stored outcome tells.
The id of others depends on their content, which is gone: those, a worker knows that deleted them
itself. Their offset was committed before, so that a crash brings none of them back.
"""

from dataclasses import dataclass

from schemas import ids
from schemas.events import DocumentUploaded
from streams.gateway_documents import GatewayDocuments
from streams.places import Owned
from streams.retention.settled_uploads import SettledUploads
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Repeats:
    """See the module.

    Attributes:
        settings: Whose an upload is.
        documents: Knows what became of documents.
        settled: Knows what this worker deleted.
    """

    settings: Settings
    documents: GatewayDocuments
    settled: SettledUploads

    async def was_done_with(self, upload: DocumentUploaded, owned: Owned | None) -> bool:
        """Whether a missing upload was deleted by its owner, or by us after its result.

        Args:
            upload: What is missing.
            owned: What the gateway called it, None where it did not come through the gateway.

        Raises:
            StoreAway: no answer to rely on.
        """
        if self.settled.was_deleted(upload):
            return True
        if owned is None:
            owned = self._by_version(upload)
        if owned is None:
            return False
        if await self.documents.was_deleted(owned):
            return True
        return self.settled.is_on and await self.documents.was_read(owned)

    def _by_version(self, upload: DocumentUploaded) -> Owned | None:
        """The document of an upload whose version alone tells its id."""
        if not upload.version_id:
            return None
        bucket, key = upload.bucket, upload.key
        tenant = self.settings.tenant_of(bucket, key)
        return Owned(tenant, ids.document_id(tenant, bucket, key, upload.version_id, ""))
