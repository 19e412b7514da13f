"""Documents at which workers died, and how they get another chance."""

from pathlib import Path

import pytest

from streams.errors import ReaderKilled
from streams.journal import CRASHES_MAX, CrashJournal, Suspicion
from streams.quarantine import Quarantine

READING = "0123456789abcdef"


def crash_while_reading(folder: Path, replays: int, times: int) -> None:
    """Leave behind what so many crashed workers do."""
    suspect = f"{READING}r{replays}" if replays else READING
    for _ in range(times):
        journal = CrashJournal(folder)
        journal.begin(suspect, alone=True)
        journal._trace.write("Fatal Python error: Aborted")
        journal._trace.close()
        journal._lock.close()  # type: ignore[union-attr]
    CrashJournal(folder).close()


@pytest.fixture
def condemned(tmp_path: Path) -> Path:
    """A folder in which one reading is condemned."""
    crash_while_reading(tmp_path, replays=0, times=CRASHES_MAX)
    return tmp_path


async def test_condemned_document_is_not_read(condemned: Path) -> None:
    """Reading it again would cost another worker."""
    with pytest.raises(ReaderKilled):
        async with Quarantine(CrashJournal(condemned)).reading(READING, replays=0):
            pytest.fail("it was read")


async def test_replay_is_a_new_chance_and_clears_the_document(condemned: Path) -> None:
    """Whoever replays it has mended the engine; once it is read, it is no suspect any more."""
    journal = CrashJournal(condemned)
    async with Quarantine(journal).reading(READING, replays=1):
        pass
    assert journal.suspicion(READING) is Suspicion.NONE


async def test_replay_that_kills_again_is_condemned_as_well(condemned: Path) -> None:
    """A replay ends like the first time, after as many deaths; the next one is a new chance."""
    crash_while_reading(condemned, replays=1, times=CRASHES_MAX)
    quarantine = Quarantine(CrashJournal(condemned))
    with pytest.raises(ReaderKilled):
        async with quarantine.reading(READING, replays=1):
            pytest.fail("it was read")
    async with quarantine.reading(READING, replays=2):
        pass
