"""An issuer's keys are fetched when needed, never too often, and outlive an outage."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import trustme
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from streams.access import issuer_keys
from streams.access.errors import IssuerAway
from streams.access.issuer_keys import DOCUMENT_BYTES_MAX, IssuerKeys, IssuerPlace, parse_keys
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import (
    EC_KEY,
    ED_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    FakeIssuer,
    jwk,
    serve_issuer,
)

DISCOVERY = "/realms/a/.well-known/openid-configuration"
JWKS = "/realms/a/jwks"


@pytest.fixture
def clock() -> FakeClock:
    """Stands still."""
    return FakeClock()


@pytest.fixture
async def issuer() -> AsyncIterator[FakeIssuer]:
    """An issuer with the key `rsa`."""
    async with serve_issuer() as running:
        yield running


@pytest.fixture
def keys(issuer: FakeIssuer, clock: FakeClock) -> IssuerKeys:
    """What we know of its keys."""
    return IssuerKeys(IssuerPlace(issuer.address), clock)


async def test_find_follows_discovery_once_in_ten_minutes(
    issuer: FakeIssuer, keys: IssuerKeys, clock: FakeClock
) -> None:
    """The issuer is asked for two documents, and again when they are old."""
    for _ in range(10):
        assert await keys.find("rsa", "RS256") == RSA_KEY.public_key()
        clock.time_s += 59
    assert issuer.asked == [DISCOVERY, JWKS]
    clock.time_s += 11
    await keys.find("rsa", "RS256")
    assert issuer.asked == [DISCOVERY, JWKS] * 2


async def test_find_takes_a_configured_address(issuer: FakeIssuer, clock: FakeClock) -> None:
    """Then there need be no discovery document."""
    place = IssuerPlace(issuer.address, f"{issuer.address}/keys")
    assert await IssuerKeys(place, clock).find("rsa", "PS512") is not None
    assert issuer.asked == ["/realms/a/keys"]


async def test_find_asks_once_for_a_crowd(issuer: FakeIssuer, keys: IssuerKeys) -> None:
    """Requests that come together share the answer."""
    found = await asyncio.gather(*(keys.find("rsa", "RS256") for _ in range(50)))
    assert None not in found
    assert issuer.asked == [DISCOVERY, JWKS]


async def test_find_sees_a_rotation_at_once(
    issuer: FakeIssuer, keys: IssuerKeys, clock: FakeClock
) -> None:
    """A key that is new is found without a restart, and one that was withdrawn is gone."""
    await keys.find("rsa", "RS256")
    issuer.keys = [jwk("new", OTHER_RSA_KEY)]
    clock.time_s += 30
    assert await keys.find("new", "RS256") == OTHER_RSA_KEY.public_key()
    assert await keys.find("rsa", "RS256") is None


async def test_find_spares_the_issuer_keys_that_are_made_up(
    issuer: FakeIssuer, keys: IssuerKeys, clock: FakeClock
) -> None:
    """A thousand unknown ids in a minute are two questions, besides the first."""
    for number in range(1000):
        assert await keys.find(f"made up {number}", "RS256") is None
        clock.time_s += 0.06
    assert issuer.asked == [DISCOVERY, JWKS] * 2


async def test_find_uses_old_keys_while_the_issuer_is_away(
    issuer: FakeIssuer, keys: IssuerKeys, clock: FakeClock
) -> None:
    """For an hour since it was last heard of; then nobody is let in until it is back."""
    await keys.find("rsa", "RS256")
    issuer.is_away = True
    clock.time_s += 3599
    assert await keys.find("rsa", "RS256") is not None
    clock.time_s += 1
    with pytest.raises(IssuerAway, match="answered 503"):
        await keys.find("rsa", "RS256")
    issuer.is_away = False
    clock.time_s += 29
    assert await keys.find("rsa", "RS256") is not None


async def test_find_raises_for_an_unknown_key_while_the_issuer_is_away(
    issuer: FakeIssuer, keys: IssuerKeys, clock: FakeClock
) -> None:
    """It may be a new key: nobody can tell now. The issuer is asked every 30 s at most."""
    await keys.find("rsa", "RS256")
    issuer.is_away = True
    issuer.asked.clear()
    clock.time_s += 30
    for _ in range(20):
        with pytest.raises(IssuerAway):
            await keys.find("new", "RS256")
        assert await keys.find("rsa", "RS256") is not None
        clock.time_s += 1
    assert issuer.asked == [DISCOVERY]


async def test_find_raises_where_the_issuer_was_never_heard_of(clock: FakeClock) -> None:
    """A refused connection is an issuer that is away."""
    async with serve_issuer() as gone:
        pass
    with pytest.raises(IssuerAway, match=gone.address):
        await IssuerKeys(IssuerPlace(gone.address), clock).find("rsa", "RS256")


@pytest.mark.parametrize(
    ("path", "answer", "fault"),
    [
        (DISCOVERY, {"body": b"<html>"}, "no discovery document"),
        (DISCOVERY, {"body": b'{"issuer": "https://a.example"}'}, "no discovery document"),
        (DISCOVERY, {"body": b'{"issuer":"https://a.example","jwks_uri":"x"}'}, "OIDC_ISSUER"),
        (JWKS, {"body": b"[]"}, "set of keys"),
        (JWKS, {"body": b'{"keys": []}'}, "no key"),
        (JWKS, {"body": b" " * (DOCUMENT_BYTES_MAX + 1)}, "more than"),
        (JWKS, {"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "answered 302"),
        (JWKS, {"body": b"{}", "headers": {"Content-Encoding": "gzip"}}, "set of keys"),
    ],
)
async def test_find_takes_a_wrong_answer_for_no_answer(
    issuer: FakeIssuer,
    keys: IssuerKeys,
    path: str,
    answer: dict[str, bytes | int | dict[str, str]],
    fault: str,
) -> None:
    """Whatever it is, the fault is told, and no key is taken from it."""
    issuer.answers[path] = web.Response(**answer)  # type: ignore[arg-type]
    with pytest.raises(IssuerAway, match=fault):
        await keys.find("rsa", "RS256")


@pytest.mark.parametrize("address", ["http://keys.example/jwks", "file:///etc/passwd", "jwks", ""])
async def test_find_takes_keys_from_nowhere_that_can_be_altered(
    issuer: FakeIssuer, keys: IssuerKeys, address: str
) -> None:
    """A discovery document leads to https or to this machine, and to nothing else."""
    found = orjson.dumps({"issuer": issuer.address, "jwks_uri": address})
    issuer.answers[DISCOVERY] = web.Response(body=found)
    with pytest.raises(IssuerAway, match="not https"):
        await keys.find("rsa", "RS256")


async def test_find_waits_no_longer_than_a_request_may(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An issuer that hangs is away."""
    monkeypatch.setattr(issuer_keys, "FETCH_TIMEOUT_S", 0.05)
    done = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(IssuerAway, match="no answer within"):
            await IssuerKeys(IssuerPlace(address), clock).find("rsa", "RS256")
        done.set()


async def test_find_trusts_the_certificates_it_is_given(clock: FakeClock, tmp_path: Path) -> None:
    """Those of the CA file and no others; a server that cannot be trusted is away."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    ca_file, other_ca_file = tmp_path / "ca.pem", tmp_path / "other.pem"
    authority.cert_pem.write_to_path(ca_file)
    trustme.CA().cert_pem.write_to_path(other_ca_file)
    async with serve_issuer(server) as issuer:
        keys = IssuerKeys(IssuerPlace(issuer.address, ca_file=ca_file), clock)
        assert await keys.find("rsa", "RS256") == RSA_KEY.public_key()
        for wrong in (None, other_ca_file):
            keys = IssuerKeys(IssuerPlace(issuer.address, ca_file=wrong), clock)
            with pytest.raises(IssuerAway, match="certificate"):
                await keys.find("rsa", "RS256")


def parse(*entries: object) -> set[tuple[str, str]]:
    """What the keys of a set may be used for."""
    return set(parse_keys(orjson.dumps({"keys": entries})))


def test_parse_keys_lets_each_kind_verify_what_fits() -> None:
    """RSA by PKCS #1 and PSS, curves by the one algorithm of theirs."""
    rsa = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
    assert parse(jwk("k", RSA_KEY)) == {("k", algorithm) for algorithm in rsa}
    assert parse(jwk("k", EC_KEY)) == {("k", "ES256")}
    assert parse(jwk("k", ED_KEY)) == {("k", "EdDSA")}


@pytest.mark.parametrize(
    ("alg", "expected"),
    [("PS256", {("k", "PS256")}), ("ES256", set()), ("HS256", set()), ("none", set())],
)
def test_parse_keys_heeds_the_algorithm_of_a_key(alg: str, expected: set[tuple[str, str]]) -> None:
    """A key that is for one algorithm verifies no other, and never one that is not its kind's."""
    assert parse(jwk("k", RSA_KEY, alg=alg)) == expected


@pytest.mark.parametrize(
    "entry",
    [
        jwk("k", RSA_KEY, use="enc"),
        jwk("k", RSA_KEY, key_ops=["sign"]),
        {**RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True), "kid": "k", "key_ops": ["verify"]},
        jwk("k", RSA_KEY, n="?"),
        {name: value for name, value in jwk("k", RSA_KEY).items() if name != "kid"},
        {"kid": "k", "kty": "oct", "k": "c2VjcmV0"},
        {"kid": "k", "kty": "oct", "k": "c2VjcmV0", "alg": "RS256"},
        {"kid": "k", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kid": "k", "kty": "new"},
    ],
)
def test_parse_keys_leaves_out_what_must_not_verify(entry: dict[str, object]) -> None:
    """Keys for other uses, private, shared, malformed or unknown ones; the rest still counts."""
    assert parse(entry) == set()
    assert parse(entry, jwk("good", EC_KEY)) == {("good", "ES256")}


VALUES = (
    st.none()
    | st.text(max_size=8)
    | st.integers(-9, 2**60)
    | st.lists(st.text(max_size=2), max_size=2)
)
KINDS = st.sampled_from(["RSA", "EC", "OKP", "oct"])
CURVES = st.sampled_from(["P-256", "P-384", "P-521", "Ed25519", "Ed448", "secp256k1"])
ENTRIES = st.fixed_dictionaries(
    {"kid": st.text(max_size=3)},
    optional={
        "kty": KINDS | VALUES,
        "crv": CURVES | VALUES,
        **dict.fromkeys(("n", "e", "x", "y", "alg", "use", "key_ops", "k"), VALUES),
    },
)


@given(st.binary() | st.lists(ENTRIES, max_size=3).map(lambda keys: orjson.dumps({"keys": keys})))
def test_parse_keys_takes_any_document(document: bytes) -> None:
    """It is a set of keys, or a ValueError, and no other error."""
    try:
        parse_keys(document)
    except ValueError as err:
        assert "set of keys" in str(err)  # noqa: PT017 - any other text may pass
