"""`ocrstream worker`: the Faust worker."""

import asyncio
import logging

from processors.reader import Reader
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
    asyncio.run(run_worker(settings, _announce))
    logger.info("stopped")
    leave(0)  # a thread may still wait for the store; what it waits for was handed back


def _announce(reader: Reader) -> None:
    info = reader.info
    logger.info(
        "engine %s on %s, models %s", info.engine, info.device, ", ".join(info.models.values())
    )
