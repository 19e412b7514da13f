"""What a journal of one process tells the next."""

import subprocess
import sys
from pathlib import Path

import pytest

from streams import journal
from streams.journal import CRASHES_MAX, KILLS_MAX, CrashJournal, Suspicion

PROGRAM = """
import os, signal, sys
from pathlib import Path
from streams import journal
from streams.journal import CrashJournal
journal = CrashJournal(Path(sys.argv[1]))
journal.watch()
journal.begin("deadly", alone=sys.argv[3] == "alone")
journal.end(journal.begin("done", alone=False))
if sys.argv[2] != "close":
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
journal.close()
"""


def run(folder: Path, end: str, company: str = "beside") -> None:
    """Let a process end while it reads `deadly`."""
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), end, company], check=False, timeout=60
    )


def suspicion(folder: Path, reading_id: str = "deadly") -> Suspicion:
    """What the next process knows."""
    own = CrashJournal(folder)
    try:
        return own.suspicion(reading_id)
    finally:
        own.close()


@pytest.mark.parametrize("signal_name", ["SIGABRT", "SIGSEGV"])
def test_crashes_condemn_what_was_being_read(tmp_path: Path, signal_name: str) -> None:
    """One crash makes a suspect, the second condemns it; what was read before is neither."""
    run(tmp_path, signal_name)
    assert suspicion(tmp_path) is Suspicion.SUSPECT
    assert suspicion(tmp_path, "done") is Suspicion.NONE
    for _ in range(CRASHES_MAX - 1):
        run(tmp_path, signal_name, "alone")
    assert suspicion(tmp_path) is Suspicion.CONDEMNED


def test_kills_in_company_condemn_nobody(tmp_path: Path) -> None:
    """SIGKILL comes from outside: what was read beside others is only read alone next time."""
    for _ in range(KILLS_MAX):
        run(tmp_path, "SIGKILL")
    assert suspicion(tmp_path) is Suspicion.SUSPECT


def test_kills_of_a_document_alone_condemn_it_in_the_end(tmp_path: Path) -> None:
    """A document that takes all the memory ends as a dead letter, too, after more deaths."""
    for _ in range(KILLS_MAX - 1):
        run(tmp_path, "SIGKILL", "alone")
    assert suspicion(tmp_path) is Suspicion.SUSPECT
    run(tmp_path, "SIGKILL", "alone")
    assert suspicion(tmp_path) is Suspicion.CONDEMNED


def test_good_end_leaves_no_suspects(tmp_path: Path) -> None:
    """Closing takes everything back."""
    run(tmp_path, "close")
    assert suspicion(tmp_path) is Suspicion.NONE
    assert list((tmp_path / "journal").iterdir()) == []


def test_survivor_is_no_suspect(tmp_path: Path) -> None:
    """A suspect that is read to its end is cleared."""
    run(tmp_path, "SIGSEGV")
    own = CrashJournal(tmp_path)
    assert own.suspicion("deadly") is Suspicion.SUSPECT
    slot = own.begin("deadly", alone=True)
    own.clear("deadly")
    own.end(slot)
    own.close()
    assert suspicion(tmp_path) is Suspicion.NONE


def test_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    """Two workers may share one folder."""
    living = CrashJournal(tmp_path)
    living.begin("mine", alone=False)
    assert suspicion(tmp_path, "mine") is Suspicion.NONE
    (readings,) = (tmp_path / "journal").glob("*/readings")
    assert b"beside mine" in readings.read_bytes()
    living.close()


def test_journal_sees_what_another_process_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspect that came up after the start is read alone, too."""
    living = CrashJournal(tmp_path)
    monkeypatch.setattr(journal, "LOOK_INTERVAL_S", 0.0)
    assert living.suspicion("deadly") is Suspicion.NONE
    run(tmp_path, "SIGSEGV")
    assert suspicion(tmp_path) is Suspicion.SUSPECT
    assert living.suspicion("deadly") is Suspicion.SUSPECT
    living.close()


def test_journal_survives_a_file_that_is_torn(tmp_path: Path) -> None:
    """What cannot be understood is left out."""
    dead = tmp_path / "journal" / "dead"
    dead.mkdir(parents=True)
    (dead / "lock").touch()
    (dead / "fatal.log").write_text("Fatal Python error")
    slots = (b"beside ../../x", b"\xff\xfe", b"alone deadly", b"besi")
    (dead / "readings").write_bytes(b"".join(slot.ljust(64, b"\0") for slot in slots))
    assert suspicion(tmp_path) is Suspicion.SUSPECT
    assert [path.stem for path in (tmp_path / "suspects").iterdir()] == ["deadly"]
