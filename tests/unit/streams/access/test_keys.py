"""Keys are parsed strictly, and nothing that is stored of them gives them away."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streams.access.caller import Caller, Scope
from streams.access.errors import BrokenRecord
from streams.access.keys import NOBODY, ApiKey, create_key, parse_key, parse_record

NOW = datetime(2027, 1, 1, tzinfo=UTC)
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

IDS = st.text(BASE32, min_size=12, max_size=12)
SECRETS = st.text(URL_SAFE, min_size=43, max_size=43)
KEYS = st.builds(ApiKey, IDS, SECRETS)

KEY, RECORD = create_key("acme", (Scope.READ, Scope.SUBMIT), NOW, None, 2.0, "scanner")


@given(KEYS)
def test_parse_key_reads_every_key_that_is_made(key: ApiKey) -> None:
    """Underscores and hyphens of the secret are its own."""
    assert parse_key(str(key)) == key


@given(st.text() | st.text(URL_SAFE).map(lambda text: f"ocrs_{text}"))
def test_parse_key_takes_any_text(text: str) -> None:
    """A text is the one key that it spells, or none; it is never an error."""
    key = parse_key(text)
    assert key is None or str(key) == text


@given(KEYS, st.integers(0, 60), st.characters())
def test_parse_key_reads_no_other_spelling(key: ApiKey, at: int, character: str) -> None:
    """One character more is another text, and so no key: no spaces, no line's end."""
    text = str(key)
    assert parse_key(text[:at] + character + text[at:]) is None


@given(st.text())
def test_fits_is_true_for_the_secret_alone(text: str) -> None:
    """Any other text is refused, whatever characters it has."""
    assert not RECORD.fits(text)
    assert RECORD.fits(KEY.secret)


def test_create_key_makes_each_only_once() -> None:
    """Ids, secrets and salts differ, so that equal records are never seen."""
    made = [create_key("acme", (Scope.READ,), NOW) for _ in range(50)]
    assert len({key.id for key, _ in made}) == 50
    assert len({key.secret for key, _ in made}) == 50
    assert len({record.salt for _, record in made}) == 50


def test_a_key_and_its_record_never_print_what_opens() -> None:
    """Neither logs nor tracebacks that show them help anybody."""
    assert KEY.secret not in repr(KEY)
    assert KEY.secret not in RECORD.model_dump_json()
    assert RECORD.salt not in repr(RECORD)
    assert RECORD.salted_sha256 not in repr(RECORD)


def test_caller_is_what_the_record_says() -> None:
    """Tenant, scopes and rate come from the record."""
    expected = Caller(KEY.id, "acme", frozenset({Scope.READ, Scope.SUBMIT}), 2.0)
    assert RECORD.caller() == expected


@pytest.mark.parametrize(("after_s", "expired"), [(-1, False), (0, True), (1, True)])
def test_is_expired_from_that_moment_on(after_s: int, expired: bool) -> None:
    """The time of expiry itself is too late; a key without one never expires."""
    record = RECORD.model_copy(update={"expires_at": NOW})
    assert record.is_expired(NOW + timedelta(seconds=after_s)) is expired
    assert not RECORD.is_expired(NOW + timedelta(days=100_000))


@pytest.mark.parametrize("tenant", ["", "Acme", "-acme", "a/b", "a" * 64, "acme\n", "ä"])
def test_create_key_refuses_what_is_no_tenant(tenant: str) -> None:
    """A tenant's name is a part of keys of objects."""
    with pytest.raises(ValidationError, match="tenant"):
        create_key(tenant, (Scope.READ,), NOW)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"tenant": "A"}, "tenant"),
        ({"salted_sha256": ""}, "salted_sha256"),
        ({"rate_per_s": 0}, "rate_per_s"),
        ({"rate_per_s": "Infinity"}, "rate_per_s"),
        ({"expires_at": "2027-01-01T00:00:00"}, "expires_at"),
        ({"note": "\x1b[31m"}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_parse_record_names_what_is_wrong(changed: dict[str, object], fault: str) -> None:
    """The message names the field and what to do, and no value."""
    data = orjson.dumps(RECORD.model_dump(mode="json") | changed)
    with pytest.raises(BrokenRecord, match=rf"\({fault}.*keys revoke {KEY.id}") as caught:
        parse_record(KEY.id, data)
    assert RECORD.salt not in str(caught.value)


def test_parse_record_refuses_another_keys() -> None:
    """A record that was copied to a second place opens nothing there."""
    data = RECORD.model_dump_json().encode()
    assert parse_record(KEY.id, data) == RECORD
    with pytest.raises(BrokenRecord, match="another key"):
        parse_record("abcdefghijkl", data)


@given(st.binary())
def test_parse_record_takes_any_bytes(data: bytes) -> None:
    """Foreign bytes are a broken record and no other error."""
    with pytest.raises(BrokenRecord):
        parse_record(KEY.id, data)


def test_nobody_has_no_key() -> None:
    """Who stands for unknown keys cannot be found under an id that is made."""
    assert not NOBODY.fits("-" * 43)
