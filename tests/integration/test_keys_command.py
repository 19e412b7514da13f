"""`ocrstream keys` on a store, and the gateway's view of what it did there."""

import asyncio
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from streams.access.access import open_access
from streams.access.caller import Caller, Scope
from streams.access.errors import Unauthenticated
from streams.access.key_records import FOLDER, StoredKeyRecords
from streams.access.keys import create_key
from streams.cli.main import main
from streams.embedded import ServerAddresses, free_ports
from streams.settings import PREFIX, Settings
from tests.integration.test_key_records import put_object
from tests.stream import open_stream

pytestmark = pytest.mark.any_servers
"""They do not depend on what kind of servers there are."""

KEY = re.compile(r"ocrs_([a-z2-7]{12})_([A-Za-z0-9_-]{43})\n")
YEAR_2020 = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Call `ocrstream keys` with some arguments."""
    quiet = logging.getLogger("aiokafka")
    level = quiet.level

    def call(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["ocrstream", "keys", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    yield call
    quiet.setLevel(level)


@pytest.fixture
def settings(servers: ServerAddresses, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A store of its own, which the environment names."""
    stream = asyncio.run(open_stream(servers))
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    for name, value in stream.environment.items():
        monkeypatch.setenv(name, value)
    return stream.settings


def authenticate(settings: Settings, key: str) -> Caller:
    """Ask as a gateway that has just started."""

    async def ask() -> Caller:
        async with open_access(settings) as access:
            return await access.authenticate(None, key)

    return asyncio.run(ask())


def is_configured(settings: Settings) -> bool:
    """What a gateway that has just started finds."""

    async def ask() -> bool:
        async with open_access(settings) as access:
            return await access.is_configured()

    return asyncio.run(ask())


def test_keys_are_made_used_listed_and_revoked(run: Run, settings: Settings) -> None:
    """The whole life of a key."""
    assert not is_configured(settings)
    options = ("--tenant", "acme", "--scope", "submit", "--scope", "read", "--rate", "10")
    made = run("create", *options, "--note", "the [red] scanner", "--expires", "90d")
    assert made.code == 0
    match = KEY.fullmatch(made.out)
    assert match is not None, "the key and nothing else, so that a script can take it"
    key, key_id, secret = match[0].strip(), match[1], match[2]
    assert is_configured(settings)
    expected = Caller(key_id, "acme", frozenset({Scope.SUBMIT, Scope.READ}), 10)
    assert authenticate(settings, key) == expected

    listed = run("list")
    assert listed.code == 0
    start = f"{key_id}\n  tenant acme, may read submit, 10 requests per second\n  made 20"
    assert listed.out.startswith(start)
    assert listed.out.endswith("\n  the [red] scanner\n")
    assert secret not in listed.out + listed.err + made.err

    revoked = run("revoke", key_id)
    assert (revoked.code, revoked.out) == (0, "")
    assert "15 s" in revoked.err
    with pytest.raises(Unauthenticated):
        authenticate(settings, key)
    again = run("revoke", key_id)
    assert (again.code, f"there is no key {key_id}" in again.err) == (1, True)


def test_keys_print_json_without_what_is_stored_of_the_secret(run: Run, settings: Settings) -> None:
    """One document; the key is in that of `create` alone."""
    made = orjson.loads(run("create", "--scope", "admin", "--json").out)
    assert authenticate(settings, made.pop("key")).may(Scope.DELETE)
    listed = orjson.loads(run("list", "--json").out)
    assert listed == {"keys": [made], "broken": []}
    assert set(made) == {
        *("id", "tenant", "scopes", "created_at", "expires_at", "rate_per_s", "note")
    }
    assert (made["tenant"], made["expires_at"], made["rate_per_s"]) == ("default", None, None)


def test_list_names_what_is_broken(run: Run, settings: Settings) -> None:
    """It is seen, other keys are listed all the same, and it can be removed."""
    run("create", "--scope", "read")
    asyncio.run(put_object(settings, f"{FOLDER}abcdefghijkl.json", b"{}"))
    listed = run("list")
    assert (listed.code, "1 key(s)" in listed.err) == (0, True)
    assert "keys revoke abcdefghijkl" in listed.err
    assert [one["id"] for one in orjson.loads(run("list", "--json").out)["broken"]] == [
        "abcdefghijkl"
    ]
    assert run("revoke", "abcdefghijkl").code == 0


def test_list_marks_what_is_over(run: Run, settings: Settings) -> None:
    """An expired key is not taken, and stays in sight until it is revoked."""
    key, record = create_key("acme", (Scope.READ,), YEAR_2020, YEAR_2020 + timedelta(days=1))

    async def put() -> None:
        async with StoredKeyRecords(settings) as records:
            await records.put(record)

    asyncio.run(put())
    assert "expired 2020-01-02 00:00Z" in run("list").out
    with pytest.raises(Unauthenticated):
        authenticate(settings, str(key))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create",), "--scope"),
        (("create", "--scope", "root"), "'submit', 'read', 'delete', 'admin'"),
        (("create", "--scope", "read", "--tenant", "Acme Ltd"), "small letters, digits"),
        (("create", "--scope", "read", "--expires", "soon"), "use 2h, 3d, or 2026"),
        (("create", "--scope", "read", "--expires", "2020-01-01"), "is over already"),
        (("create", "--scope", "read", "--rate", "0"), "--rate"),
        (("create", "--scope", "read", "--rate", "nan"), "--rate"),
        (("create", "--scope", "read", "--note", "two\nlines"), "on one line"),
        (("revoke", "ocrs_abcdefghijkl_c2VjcmV0"), "keys list"),
    ],
)
def test_keys_say_what_is_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2, before any server is asked; a key that was mistaken for an id is not shown."""
    ran = run(*arguments)
    told = " ".join(ran.err.replace("│", " ").split())
    assert (ran.code, ran.out) == (2, "")
    assert message in told
    assert "c2VjcmV0" not in told


def test_keys_say_that_the_store_is_away(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and no key on standard output that does not exist."""
    (port,) = free_ports(1)
    monkeypatch.setenv(f"{PREFIX}S3_ENDPOINT", f"http://127.0.0.1:{port}")
    for arguments in (("create", "--scope", "read"), ("list",), ("revoke", "abcdefghijkl")):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (1, "")
        assert "no answer to rely on" in ran.err
