"""The public keys that an issuer signs its tokens with, as it publishes them."""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from jwt import PyJWK
from jwt.algorithms import AllowedPublicKeys
from jwt.exceptions import PyJWTError
from pydantic import ValidationError

from schemas.base import Consumed
from streams.access.errors import IssuerAway
from streams.access.shared_calls import SharedCalls
from streams.access.transport import is_unalterable

FRESH_S = 600.0
"""Keys that were fetched so long ago are fetched anew."""

STALE_MAX_S = 3600.0
"""While the issuer is away, its keys are good for so long since it last gave them."""

ASK_INTERVAL_S = 30.0
"""The issuer is asked no more often, whatever tokens are sent to us."""

FETCH_TIMEOUT_S = 5.0
"""For all that is fetched at a time; the requests that need it wait."""

DOCUMENT_BYTES_MAX = 256 * 1024

_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_FITTING: Mapping[tuple[str, str | None], frozenset[str]] = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
    ("OKP", "Ed448"): frozenset({"EdDSA"}),
}
"""Which algorithms a kind of key may verify; no key of an issuer is a shared secret."""

ALGORITHMS = frozenset[str]().union(*_FITTING.values())

logger = logging.getLogger(__name__)

PublicKeys = Mapping[tuple[str, str], AllowedPublicKeys]
"""By key id (`kid`) and algorithm; every key under each algorithm that it fits."""


@dataclass(frozen=True, slots=True)
class IssuerPlace:
    """Where an issuer publishes its keys.

    Attributes:
        issuer: As its tokens have it in `iss`.
        jwks_url: Of the keys; None: as the issuer's discovery document says.
        ca_file: Certificates to trust, PEM; None: the system's.
    """

    issuer: str
    jwks_url: str | None = None
    ca_file: Path | None = None


class IssuerKeys:
    """An issuer's keys, fetched when they are needed.

    Args:
        place: Where they are.
        clock: Seconds that never go back.
    """

    def __init__(self, place: IssuerPlace, clock: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._clock = clock
        self._tls = ssl.create_default_context(cafile=place.ca_file)
        self._keys: PublicKeys = {}
        self._fetched_at_s: float | None = None
        self._asked_at_s: float | None = None
        self._fault: str | None = None
        self._refreshes: SharedCalls[None, None] = SharedCalls()

    async def find(self, kid: str, algorithm: str) -> AllowedPublicKeys | None:
        """Give a key that fits an algorithm; None if the issuer has no such key.

        Raises:
            IssuerAway: the issuer gives no keys, and the last ones are too old or lack this one.
        """
        if not self._are_younger_than(FRESH_S) or (kid, algorithm) not in self._keys:
            await self._refreshes.call(None, self._refresh)
        key = self._keys.get((kid, algorithm)) if self._are_younger_than(STALE_MAX_S) else None
        if key is None and self._fault is not None:
            raise IssuerAway(f"the keys of {self._place.issuer} cannot be had: {self._fault}")
        return key

    def _are_younger_than(self, age_s: float) -> bool:
        return self._fetched_at_s is not None and self._clock() - self._fetched_at_s < age_s

    async def _refresh(self) -> None:
        """Ask the issuer, unless it was asked a moment ago; a failure leaves what was known."""
        now_s = self._clock()
        if self._asked_at_s is not None and now_s - self._asked_at_s < ASK_INTERVAL_S:
            return
        self._asked_at_s = now_s
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                self._keys = await self._fetch()
        except TimeoutError:
            self._fault = f"no answer within {FETCH_TIMEOUT_S:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as err:
            self._fault = str(err) or type(err).__name__
        else:
            self._fetched_at_s = now_s
            self._fault = None
            return
        logger.warning("the keys of %s cannot be had: %s", self._place.issuer, self._fault)

    async def _fetch(self) -> PublicKeys:
        """Raises ValueError, or an error of aiohttp or the network."""
        connector = aiohttp.TCPConnector(ssl=self._tls)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            url = self._place.jwks_url or await self._discover(session)
            keys = parse_keys(await _get(session, url))
        if not keys:
            raise ValueError(f"{url} has no key that tokens may be signed with")
        return keys

    async def _discover(self, session: aiohttp.ClientSession) -> str:
        issuer = self._place.issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = _Discovery.model_validate_json(await _get(session, url))
        except ValidationError:
            raise ValueError(f"{url} is no discovery document") from None
        if found.issuer != issuer:
            raise ValueError(f"{url} is about the issuer {found.issuer!r}; is it OIDC_ISSUER?")
        return found.jwks_uri


class _Discovery(Consumed):
    issuer: str
    jwks_uri: str


class _KeySet(Consumed):
    keys: list[dict[str, object]]


class _Jwk(Consumed):
    """What is said about a key beside its numbers; `d` is a private key's."""

    kid: str
    kty: str
    crv: str | None = None
    alg: str | None = None
    use: str = "sig"
    key_ops: tuple[str, ...] = ("verify",)
    d: None = None


def parse_keys(document: bytes) -> PublicKeys:
    """Read a JSON Web Key Set; keys that are not for verifying, or of no use to us, are left out.

    Raises:
        ValueError: it is none.
    """
    try:
        entries = _KeySet.model_validate_json(document).keys
    except ValidationError:
        raise ValueError("what should be a set of keys is none") from None
    keys: dict[tuple[str, str], AllowedPublicKeys] = {}
    for entry in entries:
        try:
            jwk = _Jwk.model_validate(entry)
            if jwk.use != "sig" or "verify" not in jwk.key_ops:
                continue
            for algorithm in _fitting(jwk):
                keys.setdefault((jwk.kid, algorithm), PyJWK(entry, algorithm).key)
        except (ValidationError, PyJWTError) as err:
            logger.info("the issuer's key %r is left out: %s", entry.get("kid"), type(err).__name__)
    return keys


def _fitting(jwk: _Jwk) -> frozenset[str]:
    fitting = _FITTING.get((jwk.kty, jwk.crv), frozenset())
    return fitting if jwk.alg is None else fitting & {jwk.alg}


async def _get(session: aiohttp.ClientSession, url: str) -> bytes:
    """Fetch a small document; a redirection is not followed."""
    if not is_unalterable(url):
        raise ValueError(f"{url} is not https")
    data = b""
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise ValueError(f"{url} answered {answer.status}")
        async for piece in answer.content.iter_any():
            data += piece
            if len(data) > DOCUMENT_BYTES_MAX:
                raise ValueError(f"{url} has more than {DOCUMENT_BYTES_MAX} bytes")
    return data
