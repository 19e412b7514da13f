"""`ocrstream read`."""

from pathlib import Path

import orjson
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from streams.cli.main import app
from streams.errors import SettingsError
from tests.stream import SAMPLES


def test_read_says_what_is_missing(tmp_path: Path) -> None:
    """The text on standard output, what is wrong with the file on standard error."""
    path = tmp_path / "half.png"
    path.write_bytes((SAMPLES / "invoice.png").read_bytes()[:60_000])
    done = CliRunner().invoke(app, ["read", str(path)])
    assert done.exit_code == 0
    assert "27 Market Square" in done.stdout
    assert "page_incomplete" not in done.stdout
    assert "half.png, page 1: page_incomplete: " in done.stderr


def test_read_takes_options_as_events_do() -> None:
    """Words come with their places; their texts are the line's."""
    path = str(SAMPLES / "shop-sign.jpg")
    done = CliRunner().invoke(app, ["read", path, "--json", "--option", "words=true"])
    (document,) = orjson.loads(done.stdout)["documents"]
    lines = document["result"]["pages"][0]["lines"]
    assert lines
    for line in lines:
        assert " ".join(word["text"] for word in line["words"]) == line["text"]
        left, _, right, _ = line["box"]
        assert all(left <= word["box"][0] < word["box"][2] <= right for word in line["words"])


@pytest.mark.parametrize(
    "option", ["words", "words=perhaps", "sharpen=true", "languages=auto,en", "pages=0"]
)
def test_read_refuses_wrong_options(option: str) -> None:
    """Before anything is opened; the message says what is wrong."""
    done = CliRunner().invoke(app, ["read", "absent.png", "--option", option])
    assert done.exit_code == 2


def test_read_masks_personal_data(tmp_path: Path) -> None:
    """In the text and in the page's picture, in which nothing is left to read."""
    page = Image.new("RGB", (900, 240), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(36)
    pen.text((30, 40), "Contact: jane.doe@example.com", "black", font)
    pen.text((30, 140), "Total: 12.50", "black", font)
    path = tmp_path / "letter.png"
    page.save(path)
    folder = tmp_path / "masked"
    arguments = ["read", str(path), "--mask", "email", "--pictures", str(folder)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    assert "jane" not in done.stdout
    assert "Total: 12.50" in done.stdout
    again = CliRunner().invoke(app, ["read", str(folder / "letter.png-1.jpg")])
    assert "example" not in again.stdout
    assert "Total: 12.50" in again.stdout


@pytest.mark.parametrize("arguments", [["--mask", "shoe_size"], ["--pictures", "somewhere"]])
def test_read_refuses_what_cannot_be_masked(arguments: list[str]) -> None:
    """Before anything is opened."""
    done = CliRunner().invoke(app, ["read", str(SAMPLES / "invoice.png"), *arguments])
    assert done.exit_code == 2 or isinstance(done.exception, SettingsError)
