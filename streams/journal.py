"""What was being read when the process died, so that a document that kills it is found.

A native crash takes the whole worker with it, and its event is delivered again: without a memory
the worker would die of it for ever. Each process keeps a folder with the documents that are being
read, in a file that is mapped into its memory and so outlives it at no cost per document, and the
trace that `faulthandler` writes when the process crashes. A later process that finds such a folder
without an owner takes its documents for suspects: they are read one at a time, and one that was
there at too many deaths is condemned.

    DATA_DIR/journal/<process>/lock         held by the process as long as it lives
    DATA_DIR/journal/<process>/fatal.log    not empty: it crashed by itself
    DATA_DIR/journal/<process>/readings     `alone <id>` or `beside <id>`, one per slot
    DATA_DIR/suspects/<id>.json             how often it was there

A process that was killed from outside (SIGKILL, the kernel out of memory) leaves no trace. That may
be the document's doing or nobody's, so that only deaths at which it was alone count, and more are
needed.
"""

import faulthandler
import fcntl
import logging
import math
import mmap
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import IO

import orjson

CRASHES_MAX = 2
"""Crashes of the process at which a document was being read, until it is condemned."""

KILLS_MAX = 5
"""Deaths without a trace at which a document was read alone, until it is condemned."""

_ALONE, _BESIDE = "alone", "beside"

LOOK_INTERVAL_S = 1.0
"""How soon it is seen what another process found out."""

SLOT_BYTES = 64
SLOT_COUNT = 16_384
"""More than documents can be in flight; the file is sparse."""

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
        self._known: dict[str, _Record] = {}
        self._known_at_ns = 0
        self._looked_at = -math.inf
        with (unseen / "readings").open("w+b") as file:
            file.truncate(SLOT_COUNT * SLOT_BYTES)
            self._slots = mmap.mmap(file.fileno(), 0)
        self._free = list(range(SLOT_COUNT))
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
        self._slots.close()
        if self._lock is not None:
            self._lock.close()
        shutil.rmtree(self._own, ignore_errors=True)

    def suspicion(self, reading_id: str) -> Suspicion:
        """What is known about a document."""
        if time.monotonic() - self._looked_at > LOOK_INTERVAL_S:
            self._look()
        record = self._known.get(reading_id)
        return Suspicion.NONE if record is None else record.suspicion

    def begin(self, reading_id: str, alone: bool) -> int:
        """Note that a document is being read; returns the slot to give to `end`."""
        slot = self._free.pop()
        self._write(slot, f"{_ALONE if alone else _BESIDE} {reading_id}")
        return slot

    def end(self, slot: int) -> None:
        """Note that a document is not being read any longer."""
        self._write(slot, "")
        self._free.append(slot)

    def clear(self, reading_id: str) -> None:
        """Note that the process lives after reading a document: it is no suspect any more."""
        if reading_id in self._known:
            self._path(reading_id).unlink(missing_ok=True)
            self._look()

    def _look(self) -> None:
        """Read the suspects if they have changed, by us or by another process."""
        changed_at_ns = self._suspects.stat().st_mtime_ns
        if changed_at_ns != self._known_at_ns:
            paths = self._suspects.glob("*.json")
            self._known = {p.stem: record for p in paths if (record := self._load(p.stem))}
            self._known_at_ns = changed_at_ns
        self._looked_at = time.monotonic()

    def _write(self, slot: int, text: str) -> None:
        start = slot * SLOT_BYTES
        content = text.encode()[:SLOT_BYTES].ljust(SLOT_BYTES, b"\0")
        self._slots[start : start + SLOT_BYTES] = content

    def _absorb(self, other: Path) -> None:
        """Take over what a dead process left behind."""
        lock = _locked(other / "lock")
        if lock is None:
            return
        trace = other / "fatal.log"
        crashed = trace.exists() and trace.stat().st_size > 0
        readings = set(_readings(other / "readings"))
        if crashed:
            first_line = trace.read_text(errors="replace").partition("\n")[0]
            logger.error("a worker crashed while reading %d: %s", len(readings), first_line)
        for company, reading_id in readings:
            record = self._load(reading_id) or _Record()
            kills = record.kills + (not crashed and company == _ALONE)
            self._save(reading_id, _Record(record.crashes + crashed, kills))
        shutil.rmtree(other, ignore_errors=True)
        lock.close()

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


def _readings(path: Path) -> Iterator[tuple[str, str]]:
    """Company and id of every document in a journal."""
    if not path.exists():
        return
    data = path.read_bytes()
    for start in range(0, len(data), SLOT_BYTES):
        text = data[start : start + SLOT_BYTES].rstrip(b"\0").decode("ascii", "replace")
        company, _, reading_id = text.partition(" ")
        if company in (_ALONE, _BESIDE) and reading_id.isalnum():
            yield company, reading_id


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
