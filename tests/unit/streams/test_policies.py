"""Rights by role, as they are printed; what servers make of them is in the integration tests."""

import re

import orjson
import pytest

from streams.cli.main import main
from streams.policies import Role, rights_of
from streams.settings import Settings

SETTINGS = Settings(
    uploads_bucket="in-tray",
    results_bucket="out-tray",
    results_topic="out",
    allowed_sources="in-tray/scans/, archive",
)


def places(role: Role, action: str, settings: Settings = SETTINGS, prefix: str = "") -> set[str]:
    """Where a role may do something in the store."""
    return {
        place
        for statement in rights_of(role, settings, prefix).statements
        if action in statement.actions and not statement.is_denied
        for place in statement.places
    }


def test_rights_follow_the_settings() -> None:
    """Sources that are read, and the gateway's own uploads, wherever they lie."""
    assert {"in-tray/scans/*", "in-tray/api/*", "archive/*"} < places(Role.WORKER, "s3:GetObject")
    assert places(Role.WORKER, "s3:ListBucket") == {"in-tray", "out-tray", "archive"}
    assert places(Role.PRODUCER, "s3:PutObject", prefix="scans/") == {"in-tray/scans/*"}


def test_encryption_and_masking_need_rights_of_their_own() -> None:
    """Without master keys nobody touches a bucket of keys, without masking no topic is raw."""
    more = SETTINGS.model_copy(update={"master_keys_file": "/keys", "mask": "email"})
    for role in (Role.WORKER, Role.GATEWAY, Role.SWEEP):
        assert "ocr-keys/*" not in places(role, "s3:DeleteObject")
        assert "ocr-keys/*" in places(role, "s3:DeleteObject", more)
        assert ("ocr-keys/*" in places(role, "s3:GetObject", more)) == (role is not Role.SWEEP)
    for role in (Role.WORKER, Role.GATEWAY):
        named = [{acl.name for acl in rights_of(role, s).acls} for s in (SETTINGS, more)]
        assert named[1] - named[0] == {"ocr.results.raw"}


def test_whoever_wraps_data_keys_anew_sees_no_object() -> None:
    """Neither what they belong to nor anything on the broker."""
    role = Role.MASTER_KEY_ADMINISTRATOR
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion"):
        assert places(role, action) == {"ocr-keys/*"}
    assert rights_of(role, SETTINGS).acls == ()


def test_the_gateways_uploads_are_denied_to_producers() -> None:
    """Whatever prefix they are given: the worker believes the marks of objects there."""
    (denied,) = [s for s in rights_of(Role.PRODUCER, SETTINGS, "").statements if s.is_denied]
    assert denied.places == ("in-tray/api/*",)
    assert "s3:PutObject" in denied.actions


@pytest.mark.parametrize("arguments", [[], ["--for", "worker", "--for", "sweep"]])
def test_command_prints_rights_as_the_servers_take_them(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON document; without --json a policy and lines for the shell, for each role."""
    wanted = [word for word in arguments if word != "--for"] or [str(role) for role in Role]

    def run(*more: str) -> str:
        monkeypatch.setattr("sys.argv", ["ocrstream", "policies", *arguments, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return capsys.readouterr().out

    printed = orjson.loads(run("--json"))
    assert list(printed) == wanted
    assert all(rights["s3"]["Version"] == "2012-10-17" for rights in printed.values())
    lines = run().splitlines()
    commands = [line for line in lines if line.startswith("kafka-acls.sh ")]
    assert len(commands) == sum(len(rights["kafka"]) for rights in printed.values())
    form = r"--allow-principal User:ocrstream-[a-z-]+ --(topic|group) \S+( --.*)? --operation"
    assert all(re.search(form, command) for command in commands)
