"""From headers to a caller, or one and the same refusal."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.access.access import Access
from streams.access.caller import Caller, Scope
from streams.access.errors import CHALLENGE, Unauthenticated
from streams.access.issuer_keys import IssuerKeys, IssuerPlace
from streams.access.keys import ApiKey, KeyRecord, create_key
from streams.access.known_keys import KnownKeys
from streams.access.tokens import TokenRules, TokenVerifier
from streams.errors import DependencyAway
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import AUDIENCE, TENANT_CLAIM, serve_issuer
from tests.fakes.key_records import MemoryKeyRecords

NOW = datetime(2027, 1, 1, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:1"


@pytest.fixture
def clock() -> FakeClock:
    """Stands still."""
    return FakeClock()


@pytest.fixture
def records() -> MemoryKeyRecords:
    """No keys."""
    return MemoryKeyRecords()


@pytest.fixture
def access(records: MemoryKeyRecords, clock: FakeClock) -> Access:
    """With keys alone."""
    return Access(KnownKeys(records, clock), None, lambda: NOW)


async def add_key(records: MemoryKeyRecords, **changed: datetime) -> tuple[ApiKey, KeyRecord]:
    """Store a new key, its record with some fields changed."""
    key, record = create_key("acme", (Scope.READ,), NOW, rate_per_s=5)
    record = record.model_copy(update=changed)
    await records.put(record)
    return key, record


def with_tokens(records: MemoryKeyRecords, clock: FakeClock, address: str) -> Access:
    """With keys and an issuer."""
    verifier = TokenVerifier(
        TokenRules(address, AUDIENCE, TENANT_CLAIM), IssuerKeys(IssuerPlace(address), clock)
    )
    return Access(KnownKeys(records, clock), verifier, lambda: NOW)


async def test_authenticate_takes_a_key_in_either_header(
    access: Access, records: MemoryKeyRecords
) -> None:
    """As `X-API-Key` or as a bearer; the scheme is written as one likes."""
    key, record = await add_key(records)
    expected = Caller(record.id, "acme", frozenset({Scope.READ}), 5)
    for authorization, api_key in (
        (None, str(key)),
        (f"Bearer {key}", None),
        (f"bearer  {key} ", None),
    ):
        assert await access.authenticate(authorization, api_key) == expected


async def test_authenticate_takes_a_token_and_a_key_side_by_side(
    records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """What a bearer sends tells which of the two it is."""
    key, record = await add_key(records)
    async with serve_issuer() as issuer:
        access = with_tokens(records, clock, issuer.address)
        assert (await access.authenticate(f"Bearer {issuer.token()}", None)).tenant == "acme"
        assert (await access.authenticate(f"Bearer {key}", None)).subject == record.id


async def test_authenticate_takes_no_token_as_a_key(
    records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """`X-API-Key` is for keys of ours."""
    async with serve_issuer() as issuer:
        access = with_tokens(records, clock, issuer.address)
        with pytest.raises(Unauthenticated, match="API key is not known"):
            await access.authenticate(None, issuer.token())


async def test_authenticate_says_the_same_of_every_key_that_is_not_good(
    access: Access, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """Nobody learns which ids exist, or that a key was good once."""
    known, _ = await add_key(records)
    revoked, _ = await add_key(records)
    await access.authenticate(None, str(revoked))
    await records.delete(revoked.id)
    clock.time_s += 15
    expired, _ = await add_key(records, expires_at=NOW)
    broken, _ = await add_key(records)
    records.objects[broken.id] = b"{}"
    unknown, _ = create_key("acme", (Scope.READ,), NOW)
    said = set()
    for text in (
        str(unknown),
        str(revoked),
        str(expired),
        str(broken),
        str(ApiKey(known.id, unknown.secret)),
        str(ApiKey(unknown.id, known.secret)),
        str(known)[:-1],
        f"{known} ",
        "",
        "é",
        "ocrs_",
        "x" * 100_000,
    ):
        with pytest.raises(Unauthenticated) as caught:
            await access.authenticate(None, text)
        said.add((str(caught.value), caught.value.www_authenticate))
    assert len(said) == 1
    assert (await access.authenticate(None, str(known))).subject == known.id


async def test_authenticate_takes_a_key_until_it_expires(
    access: Access, records: MemoryKeyRecords
) -> None:
    """The last moment counts, though the record is remembered."""
    key, _ = await add_key(records, expires_at=NOW + timedelta(microseconds=1))
    assert (await access.authenticate(None, str(key))).tenant == "acme"


@pytest.mark.parametrize(
    ("authorization", "api_key", "message", "challenge"),
    [
        (None, None, "X-API-Key: ocrs_", CHALLENGE),
        ("Bearer ocrs_a", "ocrs_a", "not both", f'{CHALLENGE}, error="invalid_token"'),
        ("Basic dTpw", None, "must be `Bearer`", f'{CHALLENGE}, error="invalid_token"'),
        ("", None, "must be `Bearer`", f'{CHALLENGE}, error="invalid_token"'),
        ("Bearer", None, "OIDC_ISSUER", f'{CHALLENGE}, error="invalid_token"'),
        ("Bearer a.b.c", None, "OIDC_ISSUER", f'{CHALLENGE}, error="invalid_token"'),
    ],
)
async def test_authenticate_says_what_to_send(
    access: Access, authorization: str | None, api_key: str | None, message: str, challenge: str
) -> None:
    """A message for who wrote the client, a challenge for the client itself."""
    with pytest.raises(Unauthenticated, match=message) as caught:
        await access.authenticate(authorization, api_key)
    assert caught.value.www_authenticate == challenge


async def test_authenticate_lets_nobody_in_while_the_store_is_away(
    access: Access, records: MemoryKeyRecords
) -> None:
    """Neither a good key nor a wrong one is told apart."""
    key, _ = await add_key(records)
    records.is_away = True
    for text in (str(key), str(create_key("acme", (Scope.READ,), NOW)[0])):
        with pytest.raises(DependencyAway):
            await access.authenticate(None, text)
    with pytest.raises(DependencyAway):
        await access.is_configured()


async def test_is_configured_once_a_key_exists(
    access: Access, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """The open door shuts within 15 s of the first key."""
    assert not await access.is_configured()
    await add_key(records)
    clock.time_s += 15
    assert await access.is_configured()


async def test_is_configured_stays_so(
    access: Access, records: MemoryKeyRecords, clock: FakeClock
) -> None:
    """Revoking the last key opens no door, nor does a store that is away."""
    await add_key(records)
    assert await access.is_configured()
    records.objects.clear()
    clock.time_s += 15
    assert await access.is_configured()
    records.is_away = True
    assert await access.is_configured()


async def test_is_configured_with_an_issuer(records: MemoryKeyRecords, clock: FakeClock) -> None:
    """Without a look at the store."""
    records.is_away = True
    assert await with_tokens(records, clock, ADDRESS).is_configured()
