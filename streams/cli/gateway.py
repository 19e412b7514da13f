"""`ocrstream gateway`: the HTTP API."""

import asyncio
import logging

from streams.errors import SettingsError
from streams.log import configure_logging
from streams.settings import Settings

logger = logging.getLogger(__name__)


def gateway() -> None:
    """Serve the HTTP API until SIGTERM: documents in, results out.

    Everything is set by environment variables; run `ocrstream setup` once before. Without keys
    (`ocrstream keys create`) or an OIDC issuer it listens on loopback only.
    """
    try:
        from uvicorn.loops.auto import auto_loop_factory  # noqa: PLC0415 - an extra of its own

        from streams.gateway.app import run_gateway  # noqa: PLC0415
    except ModuleNotFoundError as err:
        raise SettingsError(
            f"the gateway needs the extra `gateway` ({err.name} is missing): "
            "pip install 'ocrstream[gateway]'"
        ) from err
    settings = Settings.from_environment()
    configure_logging(settings.log_format)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop, where there is one
        runner.run(run_gateway(settings))
    logger.info("stopped")
