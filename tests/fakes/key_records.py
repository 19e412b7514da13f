"""Records of keys in memory."""

from dataclasses import dataclass, field

from streams.access.keys import KeyRecord, parse_record
from streams.errors import StoreAway


@dataclass
class MemoryKeyRecords:
    """`KeyRecords`; they are away while `is_away`.

    Attributes:
        objects: What lies at a key's place.
        asked: Every call, by its method and key.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    async def ids(self) -> frozenset[str]:
        """See `KeyRecords`."""
        self._answer("ids")
        return frozenset(self.objects)

    async def get(self, key_id: str) -> KeyRecord | None:
        """See `KeyRecords`."""
        self._answer(f"get {key_id}")
        data = self.objects.get(key_id)
        return None if data is None else parse_record(key_id, data)

    async def put(self, record: KeyRecord) -> None:
        """See `KeyRecords`."""
        self._answer(f"put {record.id}")
        self.objects[record.id] = record.model_dump_json().encode()

    async def delete(self, key_id: str) -> bool:
        """See `KeyRecords`."""
        self._answer(f"delete {key_id}")
        return self.objects.pop(key_id, None) is not None

    def _answer(self, call: str) -> None:
        self.asked.append(call)
        if self.is_away:
            raise StoreAway("away for the sake of a test")
