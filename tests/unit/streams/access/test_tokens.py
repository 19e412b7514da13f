"""Only tokens that our issuer signed, for us, now, tell who asks."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.access.caller import Caller, Scope
from streams.access.errors import IssuerAway, Unauthenticated
from streams.access.issuer_keys import IssuerKeys, IssuerPlace
from streams.access.tokens import TokenRules, TokenVerifier
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import (
    AUDIENCE,
    EC_KEY,
    ED_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    TENANT_CLAIM,
    FakeIssuer,
    PrivateKey,
    jwk,
    serve_issuer,
    sign,
)


def in_time(claims: dict[str, object]) -> dict[str, object]:
    """Claims whose numbers are seconds from now: a test may run long after it was collected."""
    now = int(time.time())
    return {name: now + v if type(v) is int else v for name, v in claims.items()}


@pytest.fixture
def clock() -> FakeClock:
    """Stands still."""
    return FakeClock()


@pytest.fixture
async def issuer() -> AsyncIterator[FakeIssuer]:
    """An issuer with a key of each kind."""
    async with serve_issuer() as running:
        running.keys += [
            jwk("other", OTHER_RSA_KEY),
            jwk("ec", EC_KEY),
            jwk("ed", ED_KEY),
        ]
        yield running


@pytest.fixture
def verifier(issuer: FakeIssuer, clock: FakeClock) -> TokenVerifier:
    """Trusts the issuer."""
    rules = TokenRules(issuer.address, AUDIENCE, TENANT_CLAIM)
    return TokenVerifier(rules, IssuerKeys(IssuerPlace(issuer.address), clock))


async def refuse(verifier: TokenVerifier, token: str, message: str = "not valid here") -> None:
    """Expect that a token is refused with a message that does not repeat it."""
    with pytest.raises(Unauthenticated, match=message) as caught:
        await verifier.verify(token)
    assert caught.value.www_authenticate == 'Bearer realm="ocrstream", error="invalid_token"'
    assert len(token) < 20 or token[:20] not in str(caught.value)


@pytest.mark.parametrize(
    ("kid", "key", "algorithm"),
    [
        ("rsa", RSA_KEY, "RS256"),
        ("rsa", RSA_KEY, "RS512"),
        ("rsa", RSA_KEY, "PS256"),
        ("ec", EC_KEY, "ES256"),
        ("ed", ED_KEY, "EdDSA"),
    ],
)
async def test_verify_knows_who_sends_a_good_token(
    issuer: FakeIssuer, verifier: TokenVerifier, kid: str, key: PrivateKey, algorithm: str
) -> None:
    """Subject, tenant and our scopes of it, whichever algorithm the issuer prefers."""
    caller = await verifier.verify(issuer.token(kid, key, algorithm))
    assert caller == Caller("oidc:somebody", "acme", frozenset({Scope.SUBMIT, Scope.READ}), None)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"iss": "https://other.example"}, "not valid here"),
        ({"iss": None}, "not valid here"),
        ({"iss": ["https://other.example"]}, "not valid here"),
        ({"aud": "another"}, "another audience"),
        ({"aud": ["another", "ocrstream2"]}, "another audience"),
        ({"aud": None}, "not valid here"),
        ({"exp": -60}, "expired"),
        ({"exp": None}, "not valid here"),
        ({"exp": "never"}, "not valid here"),
        ({"nbf": 120}, "not valid here"),
        ({"iat": 120}, "not valid here"),
        ({"sub": None}, "not valid here"),
        ({"sub": ""}, "its subject"),
        ({"sub": "s" * 256}, "its subject"),
        ({"sub": "line\nbreak"}, "its subject"),
        ({TENANT_CLAIM: None}, "claim 'tenant'"),
        ({TENANT_CLAIM: ""}, "claim 'tenant'"),
        ({TENANT_CLAIM: "../other"}, "claim 'tenant'"),
        ({TENANT_CLAIM: ["acme"]}, "claim 'tenant'"),
        ({TENANT_CLAIM: True}, "claim 'tenant'"),
    ],
)
async def test_verify_refuses_wrong_claims(
    issuer: FakeIssuer, verifier: TokenVerifier, changed: dict[str, object], message: str
) -> None:
    """However well it is signed."""
    await refuse(verifier, issuer.token(**in_time(changed)), message)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [{"exp": -15}, {"nbf": 15}, {"nbf": -60}, {"aud": ["another", AUDIENCE]}],
)
async def test_verify_allows_for_clocks_and_several_audiences(
    issuer: FakeIssuer, verifier: TokenVerifier, changed: dict[str, object]
) -> None:
    """Half a minute is no reason to refuse."""
    assert (await verifier.verify(issuer.token(**in_time(changed)))).tenant == "acme"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ({"scope": "ocrstream:delete ocrstream:root read profile"}, {Scope.DELETE}),
        ({"scope": None, "scp": ["ocrstream:admin", 7, "ocrstream:ADMIN"]}, {Scope.ADMIN}),
        ({"scope": None, "scp": "ocrstream:read ocrstream:read"}, {Scope.READ}),
        ({"scope": "submit read delete admin"}, set()),
        ({"scope": ""}, set()),
        ({"scope": None}, set()),
        ({"scope": {"ocrstream:admin": 1}}, set()),
        ({"scope": 5}, set()),
    ],
)
async def test_verify_takes_our_scopes_only(
    issuer: FakeIssuer,
    verifier: TokenVerifier,
    granted: dict[str, object],
    expected: set[Scope],
) -> None:
    """Others are for others; without any the caller is known and may do nothing."""
    caller = await verifier.verify(issuer.token(**granted))  # type: ignore[arg-type]
    assert caller.scopes == expected


async def test_verify_refuses_a_signature_by_another_key(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """Neither a stranger's key nor another one of the issuer's under this name."""
    stranger = rsa.generate_private_key(65537, 2048)
    await refuse(verifier, issuer.token("rsa", stranger))
    await refuse(verifier, issuer.token("rsa", OTHER_RSA_KEY))
    await refuse(verifier, issuer.token("other", RSA_KEY))


async def test_verify_refuses_an_algorithm_that_does_not_fit_the_key(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """The header chooses among the algorithms of the key's kind, and no further."""
    await refuse(verifier, issuer.token("rsa", EC_KEY, "ES256"))
    await refuse(verifier, issuer.token("ec", RSA_KEY, "RS256"))
    await refuse(verifier, issuer.token("ec", ec.generate_private_key(ec.SECP384R1()), "ES384"))


@pytest.mark.parametrize("place", ["claims", "signature", "header"])
async def test_verify_refuses_an_altered_token(
    issuer: FakeIssuer, verifier: TokenVerifier, place: str
) -> None:
    """Every part of it is signed, or is the signature."""
    header, claims, signature = issuer.token().split(".")
    if place == "claims":
        claims = encode(issuer.claims(tenant="other"))
    elif place == "header":
        header = encode({"alg": "RS256", "kid": "rsa", "typ": "at+jwt"})
    else:
        signature = ("A" if signature[0] != "A" else "B") + signature[1:]
    await refuse(verifier, f"{header}.{claims}.{signature}")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, [], ["RS256"], {}, 1])
async def test_verify_refuses_tokens_without_an_algorithm(
    issuer: FakeIssuer, verifier: TokenVerifier, alg: object
) -> None:
    """Unsigned claims are anybody's, however `none` is written."""
    unsigned = f"{encode({'alg': alg, 'kid': 'rsa'})}.{encode(issuer.claims())}."
    await refuse(verifier, unsigned)
    await refuse(verifier, unsigned + issuer.token().split(".")[2])


async def test_verify_refuses_a_public_key_taken_for_a_shared_secret(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """HS256 with what everybody can read: the classic."""
    public = RSA_KEY.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        orjson.dumps(jwk("rsa", RSA_KEY)),
    ):
        signed = f"{encode({'alg': 'HS256', 'kid': 'rsa'})}.{encode(issuer.claims())}"
        digest = hmac.digest(secret, signed.encode(), hashlib.sha256)
        await refuse(verifier, f"{signed}.{base64url(digest)}")


async def test_verify_refuses_a_key_that_is_brought_along(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """Keys come from the issuer; a header's `jwk` or `jku` is a stranger's."""
    stranger = rsa.generate_private_key(65537, 2048)
    for headers in (
        {"jwk": jwk("mine", stranger)},
        {"jku": f"{issuer.address}/mine", "x5u": f"{issuer.address}/mine"},
    ):
        await refuse(verifier, issuer.token("mine", stranger, headers=headers))
    assert not any(path.endswith("/mine") for path in issuer.asked)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_verify_refuses_a_weak_key(issuer: FakeIssuer, verifier: TokenVerifier) -> None:
    """RSA of less than 2048 bits can be broken."""
    weak = rsa.generate_private_key(65537, 1024)
    issuer.keys.append(jwk("weak", weak))
    await refuse(verifier, issuer.token("weak", weak))


async def test_verify_refuses_a_token_that_names_no_key(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """Without `kid` a rotation would be a matter of luck."""
    await refuse(verifier, sign(issuer.claims(), RSA_KEY, "RS256", {}))


async def test_verify_refuses_unknown_critical_headers(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """What a token says must be understood is not passed over."""
    await refuse(verifier, issuer.token(headers={"crit": ["new"], "new": 1}))


async def test_verify_sees_a_rotation(
    issuer: FakeIssuer, verifier: TokenVerifier, clock: FakeClock
) -> None:
    """Tokens by a new key pass without a restart, those by a withdrawn one no longer."""
    old = issuer.token("rsa", RSA_KEY)
    assert (await verifier.verify(old)).tenant == "acme"
    issuer.keys = [jwk("2027", OTHER_RSA_KEY)]
    clock.time_s += 30
    assert (await verifier.verify(issuer.token("2027", OTHER_RSA_KEY))).tenant == "acme"
    await refuse(verifier, old)


async def test_verify_lets_nobody_in_without_the_issuers_keys(
    issuer: FakeIssuer, verifier: TokenVerifier
) -> None:
    """An issuer that is away is no reason to trust a token, nor to call it wrong."""
    issuer.is_away = True
    with pytest.raises(IssuerAway):
        await verifier.verify(issuer.token())


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "..", "é.é.é", "A" * 20_000, "a.b.c.d.e"])
async def test_verify_refuses_what_is_no_token(
    issuer: FakeIssuer, verifier: TokenVerifier, token: str
) -> None:
    """Nobody asks the issuer because of it."""
    await refuse(verifier, token)
    assert issuer.asked == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
NAMES = ("iss", "aud", "exp", "nbf", "iat", "sub", "jti", TENANT_CLAIM, "scope", "scp")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(changed=st.dictionaries(st.sampled_from(NAMES), JSON, min_size=1))
async def test_verify_takes_any_claims(
    issuer: FakeIssuer, verifier: TokenVerifier, changed: dict[str, object]
) -> None:
    """A signed token is somebody's or it is refused, and never another error."""
    claims = {**issuer.claims(), **changed}
    token = sign(claims, ED_KEY, "EdDSA", {"kid": "ed"})
    try:
        caller = await verifier.verify(token)
    except Unauthenticated:
        return
    assert caller.tenant == claims[TENANT_CLAIM]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(header=JSON | st.dictionaries(st.sampled_from(["alg", "kid", "b64", "crit", "typ"]), JSON))
async def test_verify_takes_any_header(verifier: TokenVerifier, header: object) -> None:
    """Anybody can send one: it is refused, and never another error."""
    with pytest.raises(Unauthenticated):
        await verifier.verify(f"{encode(header)}.{encode({})}.AAAA")


def encode(part: object) -> str:
    """A part of a token."""
    return base64url(json.dumps(part).encode())


def base64url(data: bytes) -> str:
    """Base64 as tokens have it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
