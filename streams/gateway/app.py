"""Puts the gateway together: the composition root of `ocrstream gateway`."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from processors.decoding.media_types import MEDIA_TYPES
from streams.access.access import Access, open_access
from streams.access.errors import Forbidden, Unauthenticated
from streams.access.rate_limits import RateLimiter
from streams.errors import DependencyAway, ObjectMissing, PublishRejected, StoreError
from streams.gateway import documents, reading, uploads
from streams.gateway.bodies import Room
from streams.gateway.follow import Follower
from streams.gateway.guard import Guard, context_of
from streams.gateway.openapi import describe
from streams.gateway.problems import Overloaded, Problem, faults_of
from streams.gateway.server import is_loopback, listen, server_of
from streams.gateway.service import Gateway
from streams.gateway_documents import GatewayDocuments
from streams.health import Health, serve_health
from streams.metrics import Metrics
from streams.producer import Producer
from streams.progress import Progress
from streams.provision import existing_topics
from streams.settings import Settings
from streams.store.sealed_store import OpenStore

STORE_CONNECTIONS = 64
"""Objects on their way to and from the store at the same time."""

LOOK_AGAIN_S = 5.0

GARBAGE_THRESHOLD = 10_000
"""Objects until garbage is looked for; Python's 700 are less than what a few requests make."""

logger = logging.getLogger(__name__)


@asynccontextmanager
async def open_gateway(settings: Settings, metrics: Metrics) -> AsyncIterator[Gateway]:
    """Connect to the store and the broker, for the time of a `with` block.

    Raises:
        BrokerAway: the broker does not answer, or has not our topics.
    """
    async with AsyncExitStack() as stack:
        access = await stack.enter_async_context(open_access(settings))
        store = await stack.enter_async_context(OpenStore(settings, STORE_CONNECTIONS))
        publisher = await stack.enter_async_context(Producer(settings))
        known = GatewayDocuments(settings, store, publisher)
        follower = Follower(known)
        await stack.enter_async_context(follower.following(settings))
        room = Room(settings.gateway_bytes_max)
        metrics.in_flight.labels("bytes").set_function(lambda: room.held_bytes)
        yield Gateway(
            settings=settings,
            store=store,
            documents=known,
            publisher=publisher,
            progress=Progress(settings.progress_topic, publisher),
            follower=follower,
            access=access,
            limiter=RateLimiter(),
            room=room,
            metrics=metrics,
            media_types=MEDIA_TYPES,
        )


def build_api(gateway: Gateway | None) -> FastAPI:
    """The API; without a gateway only its description can be had."""
    api = FastAPI(
        title="ocrstream",
        version="1.0.0",
        summary="Documents in, text out.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    api.state.gateway = gateway
    api.openapi = cache(lambda: describe(api))  # type: ignore[method-assign]
    for router in (documents.router, uploads.router, reading.router):
        api.include_router(router)

    @api.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        return Response("alive\n", media_type="text/plain")

    for kind, problem_of in _PROBLEM_OF.items():
        api.add_exception_handler(kind, _handler(problem_of))
    api.add_exception_handler(405, _not_allowed)
    return api


def protect(api: ASGIApp, gateway: Gateway) -> ASGIApp:
    """The API with what stands around every request."""
    settings = gateway.settings
    if settings.gateway_cors_origins:
        api = CORSMiddleware(
            api,
            allow_origins=settings.cors_origins(),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Retry-After", "X-Request-Id"],
        )
    is_secure = settings.tls_cert_file is not None
    return Guard(api, gateway.metrics, settings.gateway_requests_max, is_secure)


async def run_gateway(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; servers that are away at the start are waited for.

    Raises:
        SettingsError: the address cannot be had.
    """
    metrics = Metrics()
    health = Health(metrics)
    async with (
        serve_health(health, metrics, settings),
        AsyncExitStack() as stack,
    ):
        was_away: list[DependencyAway] = []
        while True:
            try:
                gateway = await stack.enter_async_context(open_gateway(settings, metrics))
                host = await _host(settings, gateway.access)
                break
            except DependencyAway as error:
                health.note_away(error)
                was_away.append(error)
                await stack.aclose()
                await asyncio.sleep(LOOK_AGAIN_S)
        for away in was_away:
            health.note_back(away)
        listening = listen(host, settings.gateway_port)
        stack.callback(listening.close)
        health.is_assigned = True
        looking = asyncio.create_task(_look_around(gateway, health))
        stack.callback(looking.cancel)
        server = server_of(protect(build_api(gateway), gateway), settings, host)
        scheme = "https" if settings.tls_cert_file else "http"
        logger.info("listening on %s://%s:%d", scheme, host, listening.getsockname()[1])
        gc.collect()
        gc.freeze()  # what is there by now stays
        gc.set_threshold(GARBAGE_THRESHOLD)
        await server.serve([listening])


async def _host(settings: Settings, access: Access) -> str:
    """Where to listen: beyond loopback only where it is known who asks."""
    if await access.is_configured():
        return settings.gateway_host
    logger.warning(
        "no access is configured, so that everybody may do everything; listening on loopback only. "
        "Create a key by `ocrstream keys create`, or set OCRSTREAM_OIDC_ISSUER, and start again"
    )
    return settings.gateway_host if is_loopback(settings.gateway_host) else "127.0.0.1"


async def _look_around(gateway: Gateway, health: Health) -> None:
    """Notice a store or a broker that goes away, for `/readyz`."""
    settings = gateway.settings
    checks: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: gateway.store.check(settings.uploads_bucket),
        lambda: existing_topics(settings),
    )
    away: dict[int, DependencyAway] = {}
    while True:
        for number, check in enumerate(checks):
            try:
                await check()
            except DependencyAway as error:
                health.note_away(error)
                away[number] = error
            else:
                if number in away:
                    health.note_back(away.pop(number))
        await asyncio.sleep(LOOK_AGAIN_S)


def _as_it_is(error: Exception) -> Problem:
    assert isinstance(error, Problem)
    return error


def _unauthenticated(error: Exception) -> Problem:
    assert isinstance(error, Unauthenticated)
    headers = {"WWW-Authenticate": error.www_authenticate}
    return Problem(401, "unauthenticated", str(error), headers)


def _forbidden(error: Exception) -> Problem:
    return Problem(403, "forbidden", str(error))


def _cut_off(_: Exception) -> Problem:
    return Problem(400, "cut-off", "the body ended early; send it again")


def _fault_of_ours(_: Exception) -> Problem:
    return Problem(500, "internal", "a fault of ours; the log has it under the request's id")


def _away(error: Exception) -> Problem:
    logger.warning("a request was not granted: %s", error)
    detail = (
        "the store or the broker is away; try again. A document with an id lies in the store: "
        "POST to /v1/uploads/{document_id} has it read"
    )
    return Overloaded(503, "away", detail, LOOK_AGAIN_S)


def _missing(error: Exception) -> Problem:
    logger.info("a request was not granted: %s", error)
    return Problem(404, "not-found", "that is not stored, or not any more")


def _rejected(error: Exception) -> Problem:
    return Problem(413, "too-large", str(error))


def _invalid(error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    return Problem(422, "malformed", faults_of(error.errors(), "request"))


def _by_status(error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    detail = {
        404: "there is nothing here; /openapi.json says what there is",
        405: "this cannot be done here; /openapi.json says what can",
    }.get(error.status_code, str(error.detail))
    return Problem(error.status_code, "http", detail, error.headers)


_PROBLEM_OF = {
    Problem: _as_it_is,
    Unauthenticated: _unauthenticated,
    Forbidden: _forbidden,
    ClientDisconnect: _cut_off,
    DependencyAway: _away,
    ObjectMissing: _missing,
    StoreError: _missing,
    PublishRejected: _rejected,
    RequestValidationError: _invalid,
    HTTPException: _by_status,
    Exception: _fault_of_ours,
}
"""What of our errors, and of FastAPI's, a client is told."""


async def _not_allowed(request: Request, error: Exception) -> Response:
    """Starlette tells of one route's methods; this tells of all that have the same path."""
    problem = _by_status(error)
    operations = request.app.openapi()["paths"].get(getattr(request.scope.get("route"), "path", ""))
    if operations:
        problem.headers["Allow"] = ", ".join(sorted(map(str.upper, operations)))
    return problem.response(context_of(request.scope).request_id)


def _handler(
    problem_of: Callable[[Exception], Problem],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        problem, context = problem_of(error), context_of(request.scope)
        if isinstance(problem, Overloaded) and problem.document_id is None:
            problem.document_id = context.document_id
        return problem.response(context.request_id)

    return answer
