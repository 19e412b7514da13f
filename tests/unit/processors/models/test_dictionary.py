"""The alphabets of recognisers, wherever they are written down."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from processors.errors import ModelError
from processors.models.dictionary import onnx_metadata, read_characters


def write_onnx(path: Path, metadata: dict[str, str]) -> Path:
    """A model of one node, with weights before and metadata behind them."""
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    weights = helper.make_tensor("w", TensorProto.FLOAT, [4096], [0.5] * 4096)
    node = helper.make_node("Identity", ["x"], ["y"])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    model = helper.make_model(helper.make_graph([node], "g", [value], [result], [weights]))
    helper.set_model_props(model, metadata)
    onnx.save(model, path)
    return path


def test_dictionary_comes_from_onnx_metadata(tmp_path: Path) -> None:
    """PP-OCR's ONNX files carry it under the key `character`."""
    path = write_onnx(tmp_path / "inference.onnx", {"other": "x", "character": "a\n字\n€"})
    assert onnx_metadata(path) == {"other": "x", "character": "a\n字\n€"}
    assert read_characters([path]) == ("", "a", "字", "€", " ")


@pytest.mark.parametrize("text", ["a\nb\nc", "a\nb\nc\n", "blank\na\nb\nc\n \n"])
def test_dictionary_comes_from_text_file(text: str, tmp_path: Path) -> None:
    """One character a line, with or without CTC's blank and the space; it wins over metadata."""
    model = write_onnx(tmp_path / "inference.onnx", {"character": "x"})
    keys = tmp_path / "keys.txt"
    keys.write_text(text, encoding="utf-8")
    assert read_characters([model, keys]) == ("", "a", "b", "c", " ")


def test_dictionary_comes_from_inference_yml(tmp_path: Path) -> None:
    """As PaddleX writes it; digits stay text."""
    path = tmp_path / "inference.yml"
    path.write_text("PostProcess:\n  character_dict: [a, '1', \"'\", 字]\n", encoding="utf-8")
    assert read_characters([tmp_path / "inference.json", path]) == ("", "a", "1", "'", "字", " ")


def test_dictionary_must_be_somewhere(tmp_path: Path) -> None:
    """The message says where it is looked for."""
    with pytest.raises(ModelError, match="carries no dictionary: neither metadata"):
        read_characters([write_onnx(tmp_path / "inference.onnx", {})])
    path = tmp_path / "inference.yml"
    path.write_text("PostProcess: {name: CTCLabelDecode}\n", encoding="utf-8")
    with pytest.raises(ModelError, match="names no PostProcess"):
        read_characters([path])


def test_byte_order_mark_is_no_part_of_the_first_character(tmp_path: Path) -> None:
    """Some editors put one into every file."""
    keys = tmp_path / "keys.txt"
    keys.write_text("a\nb\n", encoding="utf-8-sig")
    assert read_characters([keys]) == ("", "a", "b", " ")


@pytest.mark.parametrize("text", ["", "\n", "blank", "blank\n \n"])
def test_dictionary_without_characters_is_refused(text: str, tmp_path: Path) -> None:
    """An empty file, or one with nothing but what every model has."""
    keys = tmp_path / "keys.txt"
    keys.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"keys\.txt holds no characters"):
        read_characters([keys])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("PostProcess: {character_dict: abc}", "is no list of characters"),
        ("PostProcess: {character_dict: [2026-99-99]}", "names no PostProcess"),
        ("[" * 5000, "names no PostProcess"),
    ],
)
def test_odd_inference_yml_is_refused(text: str, fault: str, tmp_path: Path) -> None:
    """A text in place of a list, a date that does not exist, endless nesting."""
    path = tmp_path / "inference.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=fault):
        read_characters([path])


def test_dictionary_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A folder of its name, for example."""
    for name in ("keys.txt", "inference.yml"):
        (tmp_path / name).mkdir()
        with pytest.raises(ModelError):
            read_characters([tmp_path / name])


@pytest.mark.parametrize(
    "content",
    [
        b"\xff" * 40,
        b"\x0b\x00",
        b"\x80" * 30,
        b"\x72" + b"\x80" * 8 + b"\x40",
        b"\x72\x7f" + b"\x0a\x00",
        b"\x3a\x7f" + b"cut off",
    ],
)
def test_metadata_of_what_is_no_onnx_file_is_refused(content: bytes, tmp_path: Path) -> None:
    """A field of an unknown kind, a number without an end, lengths beyond the end of the file."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is no ONNX file"):
        onnx_metadata(path)
