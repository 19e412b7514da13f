"""Objects that the store cannot read, and what becomes of them when keys go."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from streams.errors import DataKeyDestroyed, DecryptionFailed, MasterKeyUnknown, ObjectExists
from streams.store.envelope import Envelope
from streams.store.master_keys import MasterKeys, new_line
from streams.store.object_store import ONLY_NEW, Condition
from streams.store.sealed_store import SealedStore
from streams.store.transfers import NO_METADATA, Metadata
from tests.fakes.store import MemoryObjectStore

SECRET = b"a picture of a passport" * 1000


@dataclass
class Vault:
    """A sealed store and what lies below it."""

    keys: str = field(default_factory=lambda: new_line("first"))
    below: MemoryObjectStore = field(
        default_factory=lambda: MemoryObjectStore(buckets={"b", "keys"})
    )

    def store(self, keys: str | None = None) -> SealedStore:
        """The sealed store, by its own master keys or by others."""
        return SealedStore(self.below, Envelope(MasterKeys.parse(keys or self.keys)), "keys")

    async def put(self, key: str = "k") -> None:
        """Put the secret."""
        await self.store().put("b", key, SECRET, "image/png")

    async def fetch(self, key: str = "k", keys: str | None = None) -> bytes:
        """Get it."""
        return (await self.store(keys).fetch("b", key, None, len(SECRET))).data


async def test_nothing_below_can_be_read() -> None:
    """Not a piece of what was put lies in either bucket."""
    vault = Vault()
    await vault.put()
    assert await vault.fetch() == SECRET
    for data in vault.below.objects.values():
        assert SECRET[:23] not in data


async def test_an_object_is_gone_when_its_key_is() -> None:
    """Also where the object itself stays, as in a store that only appends."""
    vault = Vault()
    await vault.put()
    kept = vault.below.objects["b", "k"]
    await vault.store().delete("b", "k")
    assert not [key for bucket, key in vault.below.objects if bucket == "keys"]
    vault.below.objects["b", "k"] = kept
    with pytest.raises(DataKeyDestroyed):
        await vault.fetch()


async def test_delete_leaves_the_keys_of_other_objects() -> None:
    """Though their names begin alike."""
    vault = Vault()
    for key in ("k", "k/a", "k2"):
        await vault.put(key)
    await vault.store().delete("b", "k")
    assert await vault.fetch("k/a") == await vault.fetch("k2") == SECRET


async def test_delete_takes_the_keys_of_earlier_versions() -> None:
    """A version that a store keeps is unreadable as well."""
    vault = Vault()
    await vault.put()
    first = vault.below.objects["b", "k"]
    await vault.put()
    await vault.store().delete("b", "k")
    vault.below.objects["b", "k"] = first
    with pytest.raises(DataKeyDestroyed):
        await vault.fetch()


@dataclass
class RepeatingStore(MemoryObjectStore):
    """It loses the answer to a write of what is new, which is made again; or nothing is written."""

    is_written: bool = True

    async def put(
        self,
        bucket: str,
        key: str,
        data: bytes,
        content_type: str,
        metadata: Metadata = NO_METADATA,
        *,
        condition: Condition | None = None,
    ) -> None:
        """See `ObjectStore`."""
        if condition is not None and not self.is_written:
            raise ObjectExists("another request is in work")
        for _ in range(1 if condition is None else 2):
            await super().put(bucket, key, data, content_type, metadata, condition=condition)


async def put_new(vault: Vault, data: bytes, is_stream: bool) -> None:
    """Put what must not be there yet."""

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    if is_stream:
        await vault.store().put_stream("b", "k", chunks(), "a/b", condition=ONLY_NEW)
    else:
        await vault.store().put("b", "k", data, "a/b", condition=ONLY_NEW)


def data_keys(vault: Vault) -> list[str]:
    """Where they lie."""
    return [key for bucket, key in vault.below.objects if bucket == "keys"]


@pytest.mark.parametrize("is_stream", [False, True])
async def test_what_exists_keeps_its_key_and_no_other(is_stream: bool) -> None:
    """The key of what was refused is taken back."""
    vault = Vault()
    await vault.put()
    before = data_keys(vault)
    with pytest.raises(ObjectExists):
        await put_new(vault, b"another", is_stream)
    assert await vault.fetch() == SECRET
    assert data_keys(vault) == before
    assert len(before) == 1


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_write_that_was_made_twice_keeps_its_key(is_stream: bool) -> None:
    """The second one finds the first: it is the object itself, and no other's."""
    vault = Vault(below=RepeatingStore(buckets={"b", "keys"}))
    await put_new(vault, SECRET, is_stream)
    assert await vault.fetch() == SECRET


async def test_a_conflict_that_leaves_nothing_keeps_the_key() -> None:
    """What was sent may come yet; the sweep takes keys of what never came."""
    vault = Vault(below=RepeatingStore(buckets={"b", "keys"}, is_written=False))
    with pytest.raises(ObjectExists):
        await put_new(vault, SECRET, is_stream=False)
    assert len(data_keys(vault)) == 1


async def test_an_altered_object_never_opens() -> None:
    """Cut, or with a bit turned, or put in another one's place."""
    vault = Vault()
    await vault.put()
    good = vault.below.objects["b", "k"]
    for bad in (
        b"",
        good[:5],
        b"x" + good[1:],
        good[:-1],
        good[:10_000],
        good[:50] + bytes([good[50] ^ 1]) + good[51:],
    ):
        vault.below.objects["b", "k"] = bad
        with pytest.raises(DecryptionFailed):
            await vault.fetch()
        assert await vault.store().stat("b", "k") is not None
    vault.below.objects["b", "elsewhere"] = good
    with pytest.raises(DecryptionFailed):
        await vault.fetch("elsewhere")


async def test_master_keys_are_rotated() -> None:
    """The new one seals, the old one still opens; without it the object waits for it."""
    vault = Vault()
    await vault.put()
    new = new_line("second")
    assert await vault.fetch(keys=f"{new}\n{vault.keys}") == SECRET
    with pytest.raises(MasterKeyUnknown, match="first"):
        await vault.fetch(keys=new)


async def test_what_others_put_in_the_clear_is_taken() -> None:
    """A producer without our keys may go on."""
    vault = Vault()
    vault.below.objects["b", "plain"] = b"in the clear"
    assert await vault.fetch("plain") == b"in the clear"


async def test_without_master_keys_nothing_sealed_opens() -> None:
    """It is said, and it is no text."""
    vault = Vault()
    await vault.put()
    with pytest.raises(DecryptionFailed, match="MASTER_KEYS_FILE"):
        await SealedStore(vault.below, None, "keys").fetch("b", "k", None, 10**6)
