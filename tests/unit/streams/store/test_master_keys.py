"""The file of master keys: what it may hold, and that nothing of it is ever shown."""

import base64
import logging
from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.store.master_keys import MasterKey, MasterKeys, new_line

SECRETS = [bytes([number]) * 32 for number in range(4)]
ENCODED = [base64.b64encode(secret).decode() for secret in SECRETS]


def test_parse_takes_the_first_key_for_the_current_one() -> None:
    """Comments, blank lines and line ends of other systems do not count."""
    text = f"# ours\r\n\n  new: {ENCODED[1]} \r\nold:{ENCODED[0]}\n  # the end"
    keys = MasterKeys.parse(text)
    assert keys.keys == (MasterKey("new", SECRETS[1]), MasterKey("old", SECRETS[0]))
    assert keys.current is keys.keys[0]
    assert keys.find("old") is keys.keys[1]
    assert keys.find("older") is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (ENCODED[1], "not ID:KEY"),
        (f"{ENCODED[1]}:new", "not ID:KEY"),
        (f"New:{ENCODED[1]}", "not ID:KEY"),
        (f":{ENCODED[1]}", "not ID:KEY"),
        (f"{'a' * 33}:{ENCODED[1]}", "not ID:KEY"),
        (f"new:{ENCODED[1][:-1]}", "not in base64"),
        (f"new:{ENCODED[1]}:", "not in base64"),
        (f"new:{ENCODED[1]} # ours", "not in base64"),
        ("new:", "has 0 bytes, not 32"),
        (f"new:{base64.b64encode(SECRETS[1][:31]).decode()}", "has 31 bytes, not 32"),
        (f"old:{ENCODED[1]}", "the id old is there already"),
    ],
)
def test_parse_names_the_line_and_never_the_key(line: str, fault: str) -> None:
    """Whatever is wrong with it, also where the key stands in the place of the id."""
    with pytest.raises(SettingsError) as caught:
        MasterKeys.parse(f"# keys\nold:{ENCODED[0]}\n{line}\n")
    message = str(caught.value)
    assert message.startswith("line 3: ")
    assert fault in message
    assert not any(encoded[:12] in message for encoded in ENCODED)
    assert caught.value.__cause__ is None


def test_parse_needs_a_key() -> None:
    """An empty file would mean that nothing is encrypted."""
    with pytest.raises(SettingsError, match="no master key"):
        MasterKeys.parse("# none yet\n\n")


def test_repr_shows_ids_only() -> None:
    """Whoever logs the keys by mistake tells nothing."""
    keys = MasterKeys.parse(f"new:{ENCODED[1]}")
    assert repr(keys) == "MasterKeys(keys=(MasterKey(id='new'),))"


def test_fingerprint_depends_on_the_secret_alone() -> None:
    """It tells keys apart that have the same id."""
    fingerprint = MasterKey("a", SECRETS[0]).fingerprint
    assert MasterKey("b", SECRETS[0]).fingerprint == fingerprint
    assert MasterKey("a", SECRETS[1]).fingerprint != fingerprint
    assert len(fingerprint) == 8


@pytest.mark.parametrize(("mode", "warnings"), [(0o400, 0), (0o440, 1), (0o604, 1)])
def test_read_warns_of_a_file_that_others_can_read(
    mode: int, warnings: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is read all the same: a mounted secret often has such a mode."""
    path = tmp_path / "keys"
    path.write_text(new_line("a"))
    path.chmod(mode)
    with caplog.at_level(logging.WARNING):
        assert MasterKeys.read(path).current.id == "a"
    assert [record.getMessage() for record in caplog.records] == [
        f"the master keys in {path} can be read by others than their owner"
    ] * warnings


def test_read_says_which_file_is_wrong(tmp_path: Path) -> None:
    """One that is not there, one that is no text, one with a wrong line."""
    path = tmp_path / "keys"
    with pytest.raises(SettingsError, match=f"{path} cannot be read: No such file"):
        MasterKeys.read(path)
    path.write_bytes(b"new:\xff\xfe")
    with pytest.raises(SettingsError, match=f"{path} holds no master keys"):
        MasterKeys.read(path)
    path.write_text("new")
    with pytest.raises(SettingsError, match=f"{path}: line 1: not ID:KEY"):
        MasterKeys.read(path)


def test_new_line_is_a_new_key_each_time() -> None:
    """And what `parse` takes."""
    first, second = (MasterKeys.parse(new_line("2026-11-24")).current for _ in range(2))
    assert first.id == second.id == "2026-11-24"
    assert first.secret != second.secret
    with pytest.raises(ValueError, match="a-z"):
        new_line("a:b")
