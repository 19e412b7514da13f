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
    async def reading(self, reading_id: str, replays: int) -> AsyncIterator[None]:
        """Read one document within the block: beside others, or alone where it is suspect.

        Args:
            reading_id: See `schemas.ids`.
            replays: How often its event was replayed: every replay is a new chance.

        Raises:
            ReaderKilled: it was there at too many deaths of the worker; it is not read.
        """
        suspect = f"{reading_id}r{replays}" if replays else reading_id
        suspicion = self._journal.suspicion(suspect)
        if suspicion is Suspicion.CONDEMNED:
            raise ReaderKilled(
                "the worker died again and again while it read this document, so it is not read "
                "any more; mend the engine, or choose other options, then replay it"
            )
        is_known = self._journal.suspicion(reading_id) is not Suspicion.NONE
        alone = is_known or suspicion is Suspicion.SUSPECT
        async with self._company.alone() if alone else self._company.beside_others():
            slot = self._journal.begin(suspect, alone)
            try:
                yield
                self._clear(suspect, reading_id)
            except Exception:  # but not where it was cancelled before its end
                self._clear(suspect, reading_id)
                raise
            finally:
                self._journal.end(slot)

    def _clear(self, *suspects: str) -> None:
        for suspect in suspects:
            self._journal.clear(suspect)
