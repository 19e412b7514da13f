"""Bearer tokens of an OIDC issuer: JWTs, verified with the keys that it publishes.

A claim names the tenant, and `scope` (a string) or `scp` holds scopes such as `ocrstream:submit`;
others are for others. The algorithm is one of an allow-list and must fit the kind of the key, so
that neither `none` nor a public key taken for a shared secret (HS256) passes.
"""

import logging
from dataclasses import dataclass
from typing import Annotated

import jwt
from jwt.exceptions import ExpiredSignatureError, InvalidAudienceError, PyJWTError
from pydantic import Field, TypeAdapter, ValidationError

from streams.access.caller import Caller, Scope, Tenant
from streams.access.errors import Unauthenticated
from streams.access.issuer_keys import ALGORITHMS, IssuerKeys

LEEWAY_S = 30.0
"""How far the issuer's clock may be from ours."""

SCOPE_PREFIX = "ocrstream:"

TOKEN_CHARACTERS_MAX = 16_384

_REQUIRED = ["iss", "aud", "exp", "sub"]
_REFUSED = "the token is not valid here; get a new one from the issuer"
_SCOPES = {f"{SCOPE_PREFIX}{scope}": scope for scope in Scope}
_TENANT = TypeAdapter(Tenant)
_SUBJECT = TypeAdapter(Annotated[str, Field(pattern=r"^[ -~]{1,255}$")])
"""OpenID Connect Core 1.0, section 2: `sub` has at most 255 ASCII characters."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Which tokens are good.

    Attributes:
        issuer: What `iss` must be.
        audience: What must be in `aud`.
        tenant_claim: The claim with the tenant's name.
    """

    issuer: str
    audience: str
    tenant_claim: str


class TokenVerifier:
    """Tells who sends a token."""

    def __init__(self, rules: TokenRules, keys: IssuerKeys) -> None:
        self._rules = rules
        self._keys = keys

    async def verify(self, token: str) -> Caller:
        """Verify a token.

        Raises:
            Unauthenticated: it is not good, or names no tenant.
            IssuerAway: the issuer's keys cannot be had.
        """
        if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
            raise Unauthenticated(_REFUSED)
        try:
            header = jwt.get_unverified_header(token)
            kid, algorithm = header.get("kid"), str(header.get("alg"))
            if not isinstance(kid, str) or algorithm not in ALGORITHMS:
                raise Unauthenticated(_REFUSED)
            key = await self._keys.find(kid, algorithm)
            if key is None:
                raise Unauthenticated(_REFUSED)
            claims: dict[str, object] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=LEEWAY_S,
                options={"require": _REQUIRED, "enforce_minimum_key_length": True},
            )
        except PyJWTError as err:
            logger.info("a token was refused: %s", type(err).__name__)
            raise Unauthenticated(_explain(err)) from None
        return self._caller(claims)

    def _caller(self, claims: dict[str, object]) -> Caller:
        name = self._rules.tenant_claim
        try:
            tenant = _TENANT.validate_python(claims.get(name), strict=True)
            subject = _SUBJECT.validate_python(claims["sub"], strict=True)
        except ValidationError:
            raise Unauthenticated(
                f"the token must name a tenant in the claim {name!r} (small letters, digits and "
                "hyphens) and its subject; have the issuer add them"
            ) from None
        return Caller(f"oidc:{subject}", tenant, _scopes(claims))


def _scopes(claims: dict[str, object]) -> frozenset[Scope]:
    """Ours of the scopes that were granted; `scp` is a list at some issuers."""
    granted = claims.get("scope", claims.get("scp"))
    words = granted.split() if isinstance(granted, str) else granted
    if not isinstance(words, list):
        return frozenset()
    return frozenset(_SCOPES[word] for word in words if isinstance(word, str) and word in _SCOPES)


def _explain(err: PyJWTError) -> str:
    """What may be told; these two are found only after the signature was."""
    if isinstance(err, ExpiredSignatureError):
        return "the token has expired; get a new one from the issuer"
    if isinstance(err, InvalidAudienceError):
        return "the token is for another audience; ask the issuer for one for ocrstream"
    return _REFUSED
