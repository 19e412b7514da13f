"""`ocrstream retention` on a store."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
import pytest

from streams.cli.main import main
from streams.embedded import ServerAddresses, free_ports
from streams.settings import PREFIX
from tests.stream import Stream, open_stream


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call `ocrstream retention` with some arguments, for some stream."""

    def call(stream: Stream, *arguments: str, **settings: object) -> Ran:
        environment = {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}
        for name, value in {**stream.environment, **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["ocrstream", "retention", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return call


async def test_sweep_deletes_and_says_so(
    servers: ServerAddresses, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run counts the same and deletes nothing."""
    stream = await open_stream(servers, retain_results_s="0")
    bucket = stream.settings.results_bucket
    for key in ("results/1/2.json", "access/keys/1.json"):
        stream.store.put_object(bucket, key, io.BytesIO(b"x"), 1)
    monkeypatch.setattr(
        "streams.retention.rules.timedelta", lambda seconds: timedelta(seconds=seconds - 9)
    )
    for arguments, left in ((("--dry-run",), 2), ((), 1)):
        ran = run(stream, "sweep", "--json", *arguments)
        assert ran.code == 0, ran.err
        told = orjson.loads(ran.out)
        assert told["removed"]["results"]["objects"] == 1
        assert told["failure_count"] == 0
        assert len([*stream.store.list_objects(bucket, recursive=True)]) == left


async def test_sweep_that_may_have_left_something_ends_with_1(
    servers: ServerAddresses, run: Run
) -> None:
    """A store that does not answer is said, once for each place."""
    stream = await open_stream(servers)
    (port,) = free_ports(1)
    ran = run(stream, "sweep", retain_results_s=0, s3_endpoint=f"http://127.0.0.1:{port}")
    assert ran.code == 1
    assert "may be left" in ran.err
    assert "Traceback" not in ran.err


async def test_show_tells_what_is_kept_how_long(servers: ServerAddresses, run: Run) -> None:
    """With the nets of each class, and a warning where failed uploads stay for ever."""
    stream = await open_stream(servers)
    ran = run(stream, "show", "--json", retain_uploads_s=3600)
    assert ran.code == 0
    classes = {one["class"]: one for one in orjson.loads(ran.out)["classes"]}
    assert (classes["uploads"]["kept_s"], classes["uploads"]["nets"]) == (3600, ["worker", "sweep"])
    assert (classes["results"]["kept_s"], classes["results"]["nets"]) == (None, [])
    ran = run(stream, "show", retain_uploads_s=3600)
    assert "1 hour(s)" in ran.out
    assert "for ever" in ran.out
    assert "OCRSTREAM_RETAIN_DEAD_LETTERS_S" in ran.err
    ran = run(stream, "show", "--json", retain_uploads_s=3600, retain_dead_letters_s=7200)
    uploads = orjson.loads(ran.out)["classes"][0]
    assert uploads["nets"] == ["worker", "the store's lifecycle rules", "sweep"]
