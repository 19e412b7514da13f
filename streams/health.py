"""What an orchestrator asks: is the worker alive, is it ready, what are its figures."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.errors import DependencyAway, MasterKeyUnknown, SettingsError, StoreAway
from streams.metrics import Metrics
from streams.settings import Settings

BATCH_LIMIT_S = 120.0
"""A batch takes a second at most, on two cores; an engine that hangs does not come back."""

logger = logging.getLogger(__name__)


class Health:
    """Keeps what is known about the worker and what it depends on.

    Args:
        metrics: Where the dependencies' states are shown.
        busy_s: For how long the inference engine has been on its oldest batch.
    """

    def __init__(self, metrics: Metrics, busy_s: Callable[[], float] = lambda: 0.0) -> None:
        self._metrics = metrics
        self._busy_s = busy_s
        self._away: dict[str, str] = {}
        self.is_assigned = False
        self.is_draining = False

    def stall(self) -> str | None:
        """Why the worker should be restarted, None where it makes progress."""
        busy_s = self._busy_s()
        if busy_s < BATCH_LIMIT_S:
            return None
        return f"the inference engine has been on one batch for {busy_s:.0f} s"

    def note_away(self, error: DependencyAway) -> None:
        """Note that a server is away."""
        name = _name(error)
        if self._away.get(name) != str(error):
            logger.warning("the %s is away, holding: %s", name, error)
        self._away[name] = str(error)
        self._metrics.dependency_up.labels(name).set(0)

    def note_back(self, error: DependencyAway) -> None:
        """Note that what had failed with `error` went through."""
        name = _name(error)
        if self._away.pop(name, None) is not None:
            logger.info("the %s is back", name)
        self._metrics.dependency_up.labels(name).set(1)

    def note_breaker(self, why: str | None) -> None:
        """Note why documents are held though all servers answer, or None when they are not."""
        if why is None:
            self._away.pop("breaker", None)
        else:
            self._away["breaker"] = why
        self._metrics.breaker_open.set(why is not None)

    def faults(self) -> Iterator[str]:
        """Why the worker is not ready, one line each; nothing where it is."""
        if self.is_draining:
            yield "draining"
        if not self.is_assigned:
            yield "not yet in its consumer group"
        for name, fault in sorted(self._away.items()):
            yield f"{name}: {fault}"


def _name(error: DependencyAway) -> str:
    if isinstance(error, MasterKeyUnknown):
        return "master key"
    return "store" if isinstance(error, StoreAway) else "broker"


@asynccontextmanager
async def serve_health(health: Health, metrics: Metrics, settings: Settings) -> AsyncIterator[None]:
    """Serve `/livez`, `/readyz` and `/metrics` as the settings say; port 0 serves nothing.

    Raises:
        SettingsError: the port cannot be had.
    """
    host, port = settings.http_host, settings.http_port
    if port == 0:
        yield
        return

    async def livez(_: web.Request) -> web.Response:
        stall = health.stall()  # the answer itself proves that the event loop runs
        return web.Response(text=f"{stall or 'alive'}\n", status=503 if stall else 200)

    async def readyz(_: web.Request) -> web.Response:
        faults = list(health.faults())
        text = "\n".join(faults or ["ready"]) + "\n"
        return web.Response(text=text, status=503 if faults else 200)

    async def figures(_: web.Request) -> web.Response:
        body = generate_latest(metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes(
        [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", figures)]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, ssl_context=_tls(settings)).start()
        except OSError as err:
            raise SettingsError(
                f"OCRSTREAM_HTTP_PORT: cannot listen on {host}:{port}: {err}"
            ) from err
        yield
    finally:
        await runner.cleanup()


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.http_tls or settings.tls_cert_file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_cert_file, settings.tls_key_file)
    return context
