"""API keys: `ocrs_<id>_<secret>`, and what is kept of them.

The secret is 256 random bits. It is stored as salted SHA-256 and nothing slower: a slow hash makes
guessing expensive where people choose passwords, but nobody guesses 256 random bits at any speed,
and a slow one would let every stranger spend our CPU with a wrong key.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

from streams.access.caller import Caller, Scope, Tenant
from streams.access.errors import BrokenRecord

KEY_PREFIX = "ocrs_"

ID_PATTERN = r"^[a-z2-7]{12}$"
"""60 random bits in base32: short enough to be read aloud, and never the same twice."""

NOTE_CHARACTERS_MAX = 200

RATE_PER_S_MAX = 100_000.0

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ID_CHARACTERS = 12
_SECRET_BYTES = 32
_SALT_BYTES = 16
_KEY = re.compile(rf"{KEY_PREFIX}([a-z2-7]{{12}})_([A-Za-z0-9_-]{{43}})")


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters are allowed")
    return text


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner has it."""

    id: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return f"{KEY_PREFIX}{self.id}_{self.secret}"


class KeyRecord(BaseModel):
    """What is stored of a key; the secret cannot be had from it.

    A field that is not known may be a restriction that a later version made, so that such a record
    is refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    tenant: Tenant
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", repr=False)]
    salted_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    rate_per_s: Annotated[float, Field(gt=0.0, le=RATE_PER_S_MAX)] | None
    note: Annotated[str, Field(max_length=NOTE_CHARACTERS_MAX), AfterValidator(_printable)]

    def fits(self, secret: str) -> bool:
        """Whether it is the key's secret, in the same time whatever it is."""
        return hmac.compare_digest(_salted_sha256(self.salt, secret), self.salted_sha256)

    def is_expired(self, now: datetime) -> bool:
        """Whether the key's time is over."""
        return self.expires_at is not None and now >= self.expires_at

    def caller(self) -> Caller:
        """Whoever has the key."""
        return Caller(self.id, self.tenant, frozenset(self.scopes), self.rate_per_s)


def create_key(
    tenant: str,
    scopes: Iterable[Scope],
    created_at: datetime,
    expires_at: datetime | None = None,
    rate_per_s: float | None = None,
    note: str = "",
) -> tuple[ApiKey, KeyRecord]:
    """Make a new key, for its owner and for the store.

    Raises:
        pydantic.ValidationError: a value is not allowed in a record.
    """
    key = ApiKey(
        "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_CHARACTERS)),
        secrets.token_urlsafe(_SECRET_BYTES),
    )
    salt = secrets.token_hex(_SALT_BYTES)
    record = KeyRecord(
        id=key.id,
        tenant=tenant,
        scopes=tuple(sorted(set(scopes))),
        salt=salt,
        salted_sha256=_salted_sha256(salt, key.secret),
        created_at=created_at,
        expires_at=expires_at,
        rate_per_s=rate_per_s,
        note=note,
    )
    return key, record


def parse_key(text: str) -> ApiKey | None:
    """Take a key apart; None if it has not the form of one."""
    match = _KEY.fullmatch(text)
    return ApiKey(match[1], match[2]) if match else None


def parse_record(key_id: str, data: bytes) -> KeyRecord:
    """Read what is stored at a key's place.

    Raises:
        BrokenRecord: it is no record, or another key's.
    """
    try:
        record = KeyRecord.model_validate_json(data)
    except ValidationError as err:
        fields = ", ".join(sorted({".".join(map(str, fault["loc"])) for fault in err.errors()}))
        raise BrokenRecord(
            f"what is stored of key {key_id} is no record of a key ({fields or 'no JSON'}); "
            f"`ocrstream keys revoke {key_id}` removes it"
        ) from None
    if record.id != key_id:
        raise BrokenRecord(
            f"what is stored of key {key_id} belongs to another key; "
            f"`ocrstream keys revoke {key_id}` removes it"
        )
    return record


def _salted_sha256(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()


NOBODY = create_key("nobody", (Scope.READ,), datetime.now(UTC))[1]
"""Stands for keys that are not known, so that they take the same path; its secret is forgotten."""
