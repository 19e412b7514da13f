"""A stream whose objects are encrypted, and whose master keys are rotated."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from minio.versioningconfig import VersioningConfig

from streams.embedded import ServerAddresses
from streams.places import BYTES
from streams.settings import Settings
from streams.store.master_keys import MasterKeys, new_line
from streams.store.rewrapping import Rewrapping, RewrapReport
from streams.store.s3_store import S3ObjectStore
from streams.store.sealed_store import OpenStore
from streams.store.store_admin import ObjectVersion, S3Admin
from tests.stream import Stream, open_stream

OLD, NEW = new_line("old"), new_line("new")
SECRET = b"a picture of a passport"


@dataclass(frozen=True, slots=True)
class Vault:
    """A stream whose objects are encrypted.

    Attributes:
        stream: Its servers and names.
        file: Master keys, at first the old one.
    """

    stream: Stream
    file: Path

    @property
    def settings(self) -> Settings:
        """Of the stream."""
        return self.stream.settings

    def set_keys(self, *lines: str) -> None:
        """Write the file of master keys."""
        self.file.unlink(missing_ok=True)
        self.file.write_text("\n".join(lines))
        self.file.chmod(0o400)

    def set_versions(self) -> None:
        """From now on the bucket of data keys keeps versions."""
        self.stream.store.set_bucket_versioning(
            bucket_name=self.settings.keys_bucket, config=VersioningConfig("Enabled")
        )

    async def put(self, *names: str) -> None:
        """Put the secret under some names."""
        async with OpenStore(self.settings, 8) as store:
            bucket = self.settings.uploads_bucket
            await asyncio.gather(*(store.put(bucket, name, SECRET, BYTES) for name in names))

    async def fetch(self, name: str) -> bytes:
        """Get it."""
        async with OpenStore(self.settings, 1) as store:
            return (await store.fetch(self.settings.uploads_bucket, name, None, 1_000)).data

    async def delete(self, name: str) -> None:
        """Delete the object, its data key first."""
        async with OpenStore(self.settings, 1) as store:
            await store.delete(self.settings.uploads_bucket, name)

    def versions(self, name: str = "") -> list[ObjectVersion]:
        """Versions and markers of the records of an object, or of all."""
        place = f"{self.settings.uploads_bucket}/{name}"
        return [*S3Admin(self.settings, 1).versions(self.settings.keys_bucket, place)]

    async def rewrap(
        self, store: S3ObjectStore, told: list[str], later: timedelta = timedelta()
    ) -> RewrapReport:
        """Wrap all data keys anew, with a store of the test's own, now or later."""
        keys, versions = MasterKeys.read(self.file), S3Admin(self.settings, 16).versions
        return await Rewrapping(
            store,
            versions,
            self.settings.keys_bucket,
            keys,
            told.append,
            now=lambda: datetime.now(UTC) + later,
        ).run()


async def open_vault(servers: ServerAddresses, folder: Path) -> Vault:
    """Make one whose first master key is the old one."""
    file = folder / "master-keys"
    file.write_text(OLD)
    file.chmod(0o400)
    bucket = f"keys-{random.randbytes(5).hex()}"
    stream = await open_stream(servers, master_keys_file=str(file), keys_bucket=bucket)
    return Vault(stream, file)
