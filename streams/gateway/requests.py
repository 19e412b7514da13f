"""What every request is asked first: who are you, may you, and how often."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import orjson
from fastapi import Depends, Header, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BaseModel, ValidationError

from schemas.options import DocumentOptions
from streams.access.caller import Caller, Scope
from streams.access.errors import Forbidden, Unauthenticated
from streams.gateway.guard import Context, context_of
from streams.gateway.problems import Overloaded, Unacceptable, faults_of
from streams.gateway.server import is_loopback
from streams.gateway.service import IDEMPOTENCY_KEY_MIN, Gateway, Submission

_API_KEY = APIKeyHeader(
    name="X-API-Key",
    scheme_name="ApiKey",
    auto_error=False,
    description="An API key, `ocrs_...`; whoever runs the service makes one.",
)
_BEARER = HTTPBearer(
    scheme_name="Bearer",
    auto_error=False,
    description="An API key, or a token of the OIDC issuer.",
)

WAIT_MAX_S = 60

JSON_BYTES_MAX = 65_536

M = TypeVar("M", bound=BaseModel)

ANONYMOUS = Caller("anonymous", "default", frozenset({Scope.ADMIN}))
"""Whoever asks where no access is configured, which is on loopback only."""


async def gateway_of(request: Request) -> Gateway:
    """The gateway that a request came to; FastAPI would call a plain function in a thread."""
    gateway: Gateway = request.app.state.gateway
    return gateway


TheGateway = Annotated[Gateway, Depends(gateway_of)]


def caller_with(scope: Scope) -> Callable[..., Coroutine[object, object, Caller]]:
    """A dependency that lets only callers with a scope pass."""

    async def caller(
        request: Request,
        gateway: TheGateway,
        _key: Annotated[str | None, Security(_API_KEY)],
        _bearer: Annotated[object | None, Security(_BEARER)],
    ) -> Caller:
        context = context_of(request.scope)
        found = await authenticate(gateway, request)
        context.enter(found.subject, found.tenant)
        wait_s = gateway.limiter.take(found)
        if wait_s is not None:
            raise Overloaded(429, "rate-limited", "this key asks too often; wait", wait_s)
        found.require(scope)
        return found

    return caller


async def authenticate(gateway: Gateway, request: Request) -> Caller:
    """Tell who asks.

    Raises:
        Unauthenticated: nobody whom we know.
        DependencyAway: it cannot be found out now.
    """
    authorization, api_key = (_only(request, name) for name in ("authorization", "x-api-key"))
    if authorization is None and api_key is None and not await gateway.access.is_configured():
        _require_local(gateway, request)
        return ANONYMOUS
    return await gateway.access.authenticate(authorization, api_key)


def _only(request: Request, name: str) -> str | None:
    """A header that says who asks; of two, whoever stands between us may have seen the other."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise Unauthenticated(f"send one {name}")
    return values[0] if values else None


def _require_local(gateway: Gateway, request: Request) -> None:
    """Where nobody is asked who they are, let no web page of elsewhere pass.

    Raises:
        Forbidden: the request comes from one.
    """
    origin = request.headers.get("origin")
    is_foreign = origin is not None and origin not in gateway.settings.cors_origins()
    if is_foreign or not is_loopback(_host(request)):
        raise Forbidden(
            "without configured access only programs on this machine may ask; "
            "create a key by `ocrstream keys create`"
        )


def _host(request: Request) -> str:
    """The host that was asked for, without its port; programs of old name none."""
    try:
        return urlsplit(f"//{request.headers.get('host', 'localhost')}").hostname or ""
    except ValueError:
        return ""


Submitter = Annotated[Caller, Depends(caller_with(Scope.SUBMIT))]
Reader = Annotated[Caller, Depends(caller_with(Scope.READ))]
Deleter = Annotated[Caller, Depends(caller_with(Scope.DELETE))]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=IDEMPOTENCY_KEY_MIN,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A second request under the same key is the same document; it is refused if it "
        "brings another one. A UUID, say.",
        examples=["6f1c1f0e-7a52-4f2b-9a0c-2f8d4f8f7a11"],
    ),
]
OptionsJson = Annotated[
    str | None,
    Query(
        alias="options",
        max_length=4096,
        description="Options of the document as JSON, as in an event; see DocumentOptions.",
        examples=['{"languages": ["en"], "words": true}'],
        json_schema_extra={
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/DocumentOptions"},
        },
    ),
]
WaitSeconds = Annotated[
    float,
    Query(alias="wait", ge=0, le=WAIT_MAX_S, description="Seconds to wait for the outcome."),
]


def submission(request: Request, caller: Caller, idempotency_key: str | None) -> Submission:
    """How a request submits a document."""
    context: Context = context_of(request.scope)
    return Submission(caller, context.headers, idempotency_key)


def parse_options(text: str | None) -> DocumentOptions:
    """Options that came as JSON.

    Raises:
        Unacceptable: they are none.
    """
    if not text:
        return DocumentOptions()
    try:
        return DocumentOptions.model_validate(orjson.loads(text))
    except ValidationError as err:
        detail = faults_of(err.errors(), "options")
        raise Unacceptable(422, "invalid-options", f"options: {detail}") from None
    except ValueError as err:
        raise Unacceptable(422, "invalid-options", f"options are no JSON: {err}") from err


async def parse_json(body: AsyncIterator[bytes], model: type[M]) -> M:
    """A body that is JSON.

    Raises:
        Unacceptable: it is too large, no JSON, or not what is asked for.
    """
    data = b""
    async for chunk in body:
        data += chunk
        if len(data) > JSON_BYTES_MAX:
            raise Unacceptable(413, "too-large", f"JSON may have {JSON_BYTES_MAX} bytes")
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as err:
        raise Unacceptable(422, "malformed", faults_of(err.errors(), "body")) from None
