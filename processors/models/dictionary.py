"""The alphabet of a recogniser: a text file, PaddleX's `inference.yml`, or ONNX metadata."""

import os
from collections.abc import Iterator
from pathlib import Path

import yaml

from processors.errors import ModelError

BLANK = ""
"""Class 0 of every CTC model."""

_METADATA_PROPS = 14
"""Number of the field `metadata_props` in onnx.proto's `ModelProto`."""


def read_characters(files: list[Path]) -> tuple[str, ...]:
    """Find the alphabet among the files of a recogniser.

    Returns:
        Class index to text: CTC's blank first, a space last, the dictionary in between.

    Raises:
        ModelError: none of the files carries one.
    """
    first = {path.suffix: path for path in reversed(files)}
    if path := first.get(".txt"):
        return _complete(path, _from_text(path))
    if path := first.get(".yml"):
        return _complete(path, _from_yaml(path))
    path = first.get(".onnx")
    if path and (text := onnx_metadata(path).get("character")) is not None:
        return _complete(path, text.split("\n"))
    raise ModelError(
        f"{files[0]} carries no dictionary: neither metadata with the key `character`, nor "
        "inference.yml, nor a text file with one character per line beside it"
    )


def carries_dictionary(files: list[Path]) -> bool:
    """Whether the alphabet can be read from these files."""
    try:
        read_characters(files)
    except ModelError:
        return False
    return True


def _complete(path: Path, dictionary: list[str]) -> tuple[str, ...]:
    """Add blank and space, unless the file spells them out."""
    if dictionary[:1] == ["blank"]:
        dictionary = dictionary[1:]
        if dictionary[-1:] == [" "]:
            dictionary = dictionary[:-1]
    if not any(dictionary):
        raise ModelError(f"the dictionary in {path} holds no characters; it needs one per class")
    return (BLANK, *dictionary, " ")


def _from_text(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as err:
        raise ModelError(f"{path} is no dictionary in UTF-8: {err}") from err


def _from_yaml(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            settings = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        characters = settings["PostProcess"]["character_dict"]
    except (OSError, LookupError, TypeError, ValueError, RecursionError, yaml.YAMLError) as err:
        raise ModelError(f"{path} names no PostProcess.character_dict") from err
    if not isinstance(characters, list):
        raise ModelError(f"PostProcess.character_dict in {path} is no list of characters")
    return [str(character) for character in characters]


def onnx_metadata(path: Path) -> dict[str, str]:
    """Read the metadata of an ONNX file without loading its weights.

    An ONNX file is a protocol buffer: fields, each with its number and, but for plain numbers, its
    length. All but the metadata are stepped over.

    Raises:
        ModelError: it is no such file.
    """
    found = {}
    try:
        for number, content in _fields(path):
            if number == _METADATA_PROPS:
                entry = {key: value.decode() for key, value in _fields_of(content)}
                found[entry.get(1, "")] = entry.get(2, "")
    except (IndexError, OverflowError, OSError, ValueError) as err:
        raise ModelError(f"{path} is no ONNX file: {err}") from err
    return found


def _fields(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        size_bytes = os.fstat(file.fileno()).st_size
        while True:
            head = file.read(20)
            if not head:
                return
            number, start, length = _head(head)
            content = b""
            if file.seek(start - len(head), os.SEEK_CUR) + length > size_bytes:
                raise ValueError("it ends within a field")
            if number == _METADATA_PROPS:
                content = file.read(length)
            else:
                file.seek(length, os.SEEK_CUR)
            yield number, content


def _fields_of(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(message):
        number, start, length = _head(message[at : at + 20])
        yield number, message[at + start : at + start + length]
        at += start + length


def _head(head: bytes) -> tuple[int, int, int]:
    """Number of a field, where its content starts, and how long that is."""
    tag, start = _varint(head, 0)
    kind = tag & 7
    if kind == 0:
        _, end = _varint(head, start)
        return tag >> 3, start, end - start
    if kind == 2:
        length, start = _varint(head, start)
        return tag >> 3, start, length
    if kind in (1, 5):
        return tag >> 3, start, 8 if kind == 1 else 4
    raise ValueError(f"a field of the kind {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at
