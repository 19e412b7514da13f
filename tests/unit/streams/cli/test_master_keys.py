"""`ocrstream master-keys`: what it prints, and with which exit code."""

import logging
import re
import sys
from collections.abc import Iterator

import pytest

from streams.cli import main
from streams.store.master_keys import MasterKeys


@pytest.fixture
def quiet() -> Iterator[None]:
    """Leave the logs of the broker's client as they were."""
    logger = logging.getLogger("aiokafka")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["new"], 0, r"20\d\d-\d\d-\d\d"),
        (["new", "eu-1"], 0, "eu-1"),
        (["new", "EU"], 2, None),
        (["new", ""], 2, None),
        ([], 2, None),
    ],
)
def test_new_prints_a_line_for_the_file(
    arguments: list[str],
    code: int,
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line alone goes to standard output, so that it can go into a file; the date is an ID."""
    monkeypatch.setattr(sys, "argv", ["ocrstream", "master-keys", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert int(ended.value.code or 0) == code
    if expected is not None:
        (key,) = MasterKeys.parse(printed.out).keys
        assert re.fullmatch(expected, key.id)
        assert printed.out.count("\n") == 1
        assert "the first line" in printed.err
    elif arguments:
        assert printed.out == ""
