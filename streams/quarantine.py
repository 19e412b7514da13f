"""Documents that may have killed the worker are read alone, and no more after too many deaths."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streams.admission import Company
from streams.errors import ReaderKilled
from streams.journal import CrashJournal, Suspicion


class Quarantine:
    """Stands around every reading.

    Args:
        journal: What is known from earlier processes.
    """

    def __init__(self, journal: CrashJournal) -> None:
        self._journal = journal
        self._company = Company()

    @asynccontextmanager
    async def reading(self, reading_id: str) -> AsyncIterator[None]:
        """Read one document within the block: beside others, or alone where it is suspect.

        Raises:
            ReaderKilled: it was there at too many deaths of the worker; it is not read.
        """
        suspicion = self._journal.suspicion(reading_id)
        if suspicion is Suspicion.CONDEMNED:
            raise ReaderKilled(
                "the worker died again and again while it read this document, so it is not read "
                "any more; find the engine's fault, remove DATA_DIR/suspects, then replay it"
            )
        alone = suspicion is Suspicion.SUSPECT
        async with self._company.alone() if alone else self._company.beside_others():
            slot = self._journal.begin(reading_id, alone)
            try:
                yield
                self._journal.clear(reading_id)
            except Exception:  # but not where it was cancelled before its end
                self._journal.clear(reading_id)
                raise
            finally:
                self._journal.end(slot)
