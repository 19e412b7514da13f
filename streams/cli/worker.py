"""`ocrstream worker`: the Faust worker."""

import asyncio
import logging

from streams.app import leave, run_worker
from streams.log import configure_logging
from streams.settings import Settings

logger = logging.getLogger(__name__)


def worker() -> None:
    """Read events from Kafka until SIGTERM: fetch, read, publish.

    Everything is set by environment variables; run `ocrstream setup` once before. The first
    SIGTERM or Ctrl-C finishes what is in work, a second one ends at once.
    """
    settings = Settings.from_environment()
    configure_logging(settings.log_format)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_worker(settings))
    logger.info("stopped")
    leave(0)  # a thread may still wait for the store; what it waits for was handed back
