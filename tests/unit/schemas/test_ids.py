"""Identities, on which caches and consumers rely across versions."""

from schemas.ids import alert_id, dead_letter_id, document_id, result_id

SHA256 = "0" * 64


def test_ids_stay_what_they_are() -> None:
    """An identity that changed would make every stored result unknown."""
    assert document_id("", "uploads", "a.png", "v-1", SHA256) == "7dfcdd11d56386792e85ffb7e0b26680"
    assert result_id("d", SHA256, b"{}", "f") == "2e2ad4cc5c4469758e2bc4930db4797a"
    assert alert_id("r") == "2504e25be66863a992b0d634ce2de8b1"
    assert dead_letter_id("ocr.uploads", 3, 14, 0) == "f069743bde83b1ccd80f5b75bb28a0b7"


def test_document_id_frames_its_parts() -> None:
    """No part can run into the next."""
    ids = {
        document_id("", "ab", "c", None, SHA256),
        document_id("", "a", "bc", None, SHA256),
        document_id("a", "b", "c", None, SHA256),
        document_id("", 'a","b', "c", None, SHA256),
    }
    assert len(ids) == 4


def test_document_id_prefers_version_to_content() -> None:
    """A version names its content; without one, the content stands in."""
    versioned = document_id("", "b", "k", "v-1", SHA256)
    assert versioned == document_id("", "b", "k", "v-1", "1" * 64)
    assert versioned != document_id("", "b", "k", "v-2", SHA256)
    assert document_id("", "b", "k", None, SHA256) != document_id("", "b", "k", None, "1" * 64)


def test_document_id_tells_version_from_content() -> None:
    """A version that looks like a hash is still a version."""
    assert document_id("", "b", "k", SHA256, "x") != document_id("", "b", "k", None, SHA256)


def test_result_id_depends_on_every_part() -> None:
    """Other content, options or pipeline give another result."""
    ids = {
        result_id("d", SHA256, b"{}", "f"),
        result_id("e", SHA256, b"{}", "f"),
        result_id("d", "1" * 64, b"{}", "f"),
        result_id("d", SHA256, b'{"detect":false}', "f"),
        result_id("d", SHA256, b"{}", "g"),
    }
    assert len(ids) == 5


def test_dead_letter_id_depends_on_record() -> None:
    """Two records of one event die apart."""
    assert dead_letter_id("t", 1, 11, 0) != dead_letter_id("t", 1, 1, 10)
    assert dead_letter_id("t", 1, 2, 0) != dead_letter_id("t", 1, 2, 1)
