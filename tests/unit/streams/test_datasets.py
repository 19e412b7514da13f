"""Folders of labelled pictures."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from streams.cli.main import app
from streams.datasets import read_dataset
from streams.errors import DatasetError
from streams.evaluation_page import JudgedDocument, page
from tests.stream import SAMPLES


def write(folder: Path, *rows: str) -> Path:
    """A folder with labels."""
    folder.mkdir(exist_ok=True)
    (folder / "labels.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_labels_are_read(tmp_path: Path) -> None:
    """Places, pages from 0, what to ignore, and what else there is."""
    folder = write(
        tmp_path,
        '{"image": "a.png", "x": 0, "lines": [{"text": "A", "box": [[0,0],[9,0],[9,5],[0,5]]},'
        ' {"text": "#", "page": 1, "ignore": true}]}',
        '{"image": "b.png", "lines": [], "complete": false}',
    )
    first, second = read_dataset(folder)
    assert first.path == folder / "a.png"
    assert first.lines[0].polygon is not None
    assert first.lines[0].polygon.tolist() == [[0, 0], [9, 0], [9, 5], [0, 5]]
    assert (first.lines[1].page_number, first.lines[1].is_ignored) == (2, True)
    assert (first.is_complete, second.is_complete) == (True, False)
    assert len(read_dataset(folder, limit=1)) == 1


@pytest.mark.parametrize(
    ("fields", "is_complete"),
    [
        ('"lines": [{"text": "A"}]', True),
        ('"lines": [{"text": "A"}], "complete": false', False),
        ('"lines": []', False),
        ('"lines": [], "complete": true', True),
    ],
)
def test_a_document_without_labels_is_not_taken_for_blank(
    tmp_path: Path, fields: str, is_complete: bool
) -> None:
    """Else all that is read in it would count as wrong; a blank page must be said to be one."""
    (document,) = read_dataset(write(tmp_path, f'{{"image": "a.png", {fields}}}'))
    assert document.is_complete == is_complete


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"lines": []}', "image"),
        ('{"image": "a", "lines": [{"text": 1}]}', "lines.0.text"),
        ('{"image": "a", "lines": [{"text": "x", "box": [[0, 0]]}]}', "lines.0.box"),
        ('{"image": "../secret.png", "lines": []}', "outside"),
    ],
)
def test_wrong_labels_are_named(tmp_path: Path, row: str, what: str) -> None:
    """With the line, and what is wrong with it."""
    with pytest.raises(DatasetError, match=what):
        read_dataset(write(tmp_path, row))


def test_labels_without_a_picture_are_an_error(tmp_path: Path) -> None:
    """Else a table of nothing would look like an evaluation; blank lines are nothing."""
    with pytest.raises(DatasetError, match="no lines"):
        read_dataset(write(tmp_path, "", ""))
    assert len(read_dataset(write(tmp_path, "", '{"image": "a.png", "lines": []}', ""))) == 1


def test_missing_labels_are_named(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(DatasetError, match=r"labels\.jsonl"):
        read_dataset(tmp_path)


def test_evaluate_reads_a_set(tmp_path: Path) -> None:
    """A picture that is not there counts as one of which nothing was read."""
    folder = write(
        tmp_path / "own",
        '{"image": "invoice.png", "complete": false, "lines": [{"text": "Invoice"}]}',
        '{"image": "absent.png", "lines": [{"text": "never"}]}',
    )
    (folder / "invoice.png").write_bytes((SAMPLES / "invoice.png").read_bytes())
    done = CliRunner().invoke(app, ["evaluate", str(folder), "--json"])
    assert done.exit_code == 1
    assert '"dataset": "own"' in done.stdout
    assert '"word_recall": 0.5' in done.stdout
    (ours,) = orjson.loads(done.stdout)["datasets"]
    counts = [(one["found_words"], one["true_words"]) for one in ours["judged"]]
    assert counts == [(0, 1), (1, 1)]
    assert "absent.png" in done.stdout
    shown = tmp_path / "page.html"
    good = CliRunner().invoke(app, ["evaluate", str(folder), "--limit", "1", "--html", str(shown)])
    assert good.exit_code == 0
    assert "own" in good.stdout
    assert "data:image/jpeg;base64," in shown.read_text(encoding="utf-8")


def test_the_worst_pages_leave_out_what_nobody_labelled(tmp_path: Path) -> None:
    """Without a truth a document would stand among the worst, however well it was read."""
    folder = write(
        tmp_path / "own",
        '{"image": "unlabelled.png", "lines": []}',
        '{"image": "blank.png", "complete": true, "lines": []}',
    )
    for name in ("unlabelled.png", "blank.png"):
        (folder / name).write_bytes((SAMPLES / "invoice.png").read_bytes())
    shown = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["evaluate", str(folder), "--html", str(shown)])
    assert done.exit_code == 0
    text = shown.read_text(encoding="utf-8")
    assert "blank.png" in text
    assert "unlabelled.png" not in text


def test_page_escapes_what_documents_say() -> None:
    """A document may try to run something in the reader's browser."""
    evil = "<script>alert(1)</script>"
    shown = page("sets", [JudgedDocument(Path(f"{evil}.png"), 0.5, evil, evil, None)])
    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") == 3
    assert "default-src 'none'" in shown
