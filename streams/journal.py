"""What was being read when the process died, so that a document that kills it is found.

A native crash takes the whole worker with it, and its event is delivered again: without a memory
the worker would die of it for ever. Each process keeps a folder with one empty file per document
that is being read, and the trace that `faulthandler` writes when the process crashes. A later
process that finds such a folder without an owner takes its documents for suspects: they are read
one at a time, and one that was there at too many deaths is condemned.

    DATA_DIR/journal/<process>/lock         held by the process as long as it lives
    DATA_DIR/journal/<process>/fatal.log    not empty: it crashed by itself
    DATA_DIR/journal/<process>/<id>.alone   read with no other document beside it; or .beside
    DATA_DIR/suspects/<id>.json             how often it was there

A process that was killed from outside (SIGKILL, the kernel out of memory) leaves no trace. That may
be the document's doing or nobody's, so that only deaths at which it was alone count, and more are
needed.
"""

import faulthandler
import fcntl
import logging
import shutil
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import IO

import orjson

CRASHES_MAX = 2
"""Crashes of the process at which a document was being read, until it is condemned."""

KILLS_MAX = 5
"""Deaths without a trace at which a document was read alone, until it is condemned."""

SUSPECT_AGE_MAX_S = 7 * 24 * 3600.0
"""For so long a condemned document stays condemned, by default as long as Kafka keeps events."""

logger = logging.getLogger(__name__)


class Suspicion(Enum):
    """What earlier deaths say about a document."""

    NONE = auto()
    SUSPECT = auto()
    CONDEMNED = auto()


@dataclass(frozen=True, slots=True)
class _Record:
    crashes: int = 0
    kills: int = 0

    @property
    def suspicion(self) -> Suspicion:
        if self.crashes >= CRASHES_MAX or self.kills >= KILLS_MAX:
            return Suspicion.CONDEMNED
        return Suspicion.SUSPECT


class CrashJournal:
    """Remembers across processes what was being read; several may share one folder.

    Args:
        folder: `DATA_DIR`; made if missing.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._suspects = folder / "suspects"
        name = uuid.uuid4().hex
        self._own = folder / "journal" / name
        unseen = folder / "journal" / f".{name}"  # until it is locked, nobody may find it
        unseen.mkdir(parents=True)
        self._suspects.mkdir(exist_ok=True)
        self._readings: Counter[str] = Counter()
        (unseen / "lock").touch()
        self._lock = _locked(unseen / "lock")
        self._trace = (unseen / "fatal.log").open("w")
        unseen.rename(self._own)
        self._forget_old()
        for other in (folder / "journal").iterdir():
            if other != self._own and not other.name.startswith("."):
                self._absorb(other)

    def watch(self) -> None:
        """Have the trace of a crash written into the journal; one per process."""
        faulthandler.enable(self._trace)

    def close(self) -> None:
        """End in good order: nothing of this process is suspect."""
        if faulthandler.is_enabled():
            faulthandler.disable()
        self._trace.close()
        if self._lock is not None:
            self._lock.close()
        shutil.rmtree(self._own, ignore_errors=True)

    def suspicion(self, reading_id: str) -> Suspicion:
        """What is known about a document."""
        record = self._load(reading_id)
        return Suspicion.NONE if record is None else record.suspicion

    def begin(self, reading_id: str, alone: bool) -> None:
        """Note that a document is being read."""
        self._readings[reading_id] += 1
        self._mark(reading_id, alone).touch()

    def end(self, reading_id: str, alone: bool, survived: bool) -> None:
        """Note that a document is not being read any longer.

        Args:
            reading_id: As given to `begin`.
            alone: As given to `begin`.
            survived: The process lives after reading it to an end: it is no suspect any more.
        """
        self._readings[reading_id] -= 1
        if not self._readings[reading_id]:
            del self._readings[reading_id]
            self._mark(reading_id, alone).unlink(missing_ok=True)
        if survived:
            self._path(reading_id).unlink(missing_ok=True)

    def _absorb(self, other: Path) -> None:
        """Take over what a dead process left behind."""
        lock = _locked(other / "lock")
        if lock is None:
            return
        trace = other / "fatal.log"
        crashed = trace.exists() and trace.stat().st_size > 0
        marks = [mark for mark in other.iterdir() if mark.suffix in (".alone", ".beside")]
        if crashed:
            first_line = trace.read_text(errors="replace").partition("\n")[0]
            logger.error("a worker crashed while reading %d: %s", len(marks), first_line)
        for mark in marks:
            record = self._load(mark.stem) or _Record()
            kills = record.kills + (not crashed and mark.suffix == ".alone")
            self._save(mark.stem, _Record(record.crashes + crashed, kills))
        shutil.rmtree(other, ignore_errors=True)
        lock.close()

    def _mark(self, reading_id: str, alone: bool) -> Path:
        return self._own / f"{reading_id}.{'alone' if alone else 'beside'}"

    def _path(self, reading_id: str) -> Path:
        return self._suspects / f"{reading_id}.json"

    def _load(self, reading_id: str) -> _Record | None:
        try:
            return _Record(**orjson.loads(self._path(reading_id).read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return None

    def _save(self, reading_id: str, record: _Record) -> None:
        path = self._path(reading_id)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps({"crashes": record.crashes, "kills": record.kills}))
        fresh.replace(path)

    def _forget_old(self) -> None:
        oldest = time.time() - SUSPECT_AGE_MAX_S
        for path in self._suspects.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _locked(path: Path) -> IO[str] | None:
    """Hold a lock file; None where another process holds it, or it is gone."""
    try:
        file = path.open("r+")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
