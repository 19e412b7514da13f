"""From the headers of a request to its caller: what the gateway asks before anything else.

    async with open_access(settings) as access:
        caller = await access.authenticate(authorization, api_key)   # 401, 503
        caller.require(Scope.READ)                                   # 403

Keys that are unknown, wrong, expired and revoked take the same path and get the same answer.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from streams.access.caller import Caller
from streams.access.errors import Unauthenticated
from streams.access.issuer_keys import IssuerKeys, IssuerPlace
from streams.access.key_records import StoredKeyRecords
from streams.access.keys import KEY_PREFIX, NOBODY, parse_key
from streams.access.known_keys import KnownKeys
from streams.access.tokens import TokenRules, TokenVerifier
from streams.settings import Settings

_ANY_SECRET = "-" * 43


def _now() -> datetime:
    return datetime.now(UTC)


class Access:
    """Tells who asks.

    Args:
        keys: The API keys that there are.
        tokens: What verifies an issuer's tokens; None: no issuer is configured.
        now: The time of day.
    """

    def __init__(
        self,
        keys: KnownKeys,
        tokens: TokenVerifier | None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._keys = keys
        self._tokens = tokens
        self._now = now
        self._was_configured = tokens is not None

    async def is_configured(self) -> bool:
        """Whether anybody can be told from anybody else: an issuer is set, or a key exists.

        Once it was so it stays so while this process lives: revoking the last key opens no door.

        Raises:
            DependencyAway: the store does not say; let nobody in.
        """
        self._was_configured = self._was_configured or await self._keys.exist()
        return self._was_configured

    async def authenticate(self, authorization: str | None, api_key: str | None) -> Caller:
        """Tell who sends these headers.

        Args:
            authorization: `Bearer <API key or token>`.
            api_key: `X-API-Key`, an API key.

        Raises:
            Unauthenticated: nobody whom we know.
            DependencyAway: it cannot be found out now; let nobody in.
        """
        if authorization is not None and api_key is not None:
            raise Unauthenticated("send X-API-Key or Authorization, not both")
        if api_key is not None:
            return await self._authenticate_key(api_key)
        if authorization is None:
            raise Unauthenticated(
                "send an API key as `X-API-Key: ocrs_...`, or it or a token of the issuer as "
                "`Authorization: Bearer ...`",
                is_invalid=False,
            )
        scheme, _, credential = authorization.strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Authorization must be `Bearer`, a space, and a key or token")
        credential = credential.strip()
        if credential.startswith(KEY_PREFIX):
            return await self._authenticate_key(credential)
        if self._tokens is None:
            raise Unauthenticated("this is no API key, and tokens need the setting OIDC_ISSUER")
        return await self._tokens.verify(credential)

    async def _authenticate_key(self, text: str) -> Caller:
        key = parse_key(text)
        record = None if key is None else await self._keys.find(key.id)
        fits = (record or NOBODY).fits(_ANY_SECRET if key is None else key.secret)
        if record is None or not fits or record.is_expired(self._now()):
            raise Unauthenticated(
                "the API key is not known, or it has expired or was revoked; "
                "`ocrstream keys list` shows which there are, `ocrstream keys create` makes one"
            )
        return record.caller()


@asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[Access]:
    """What the settings say about access, until the gateway stops."""
    async with StoredKeyRecords(settings) as records:
        yield Access(KnownKeys(records), _token_verifier(settings))


def _token_verifier(settings: Settings) -> TokenVerifier | None:
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    issuer = str(settings.oidc_issuer)
    jwks_url = str(settings.oidc_jwks_url) if settings.oidc_jwks_url else None
    return TokenVerifier(
        TokenRules(issuer, settings.oidc_audience, settings.oidc_tenant_claim),
        IssuerKeys(IssuerPlace(issuer, jwks_url, settings.oidc_ca_file)),
    )
