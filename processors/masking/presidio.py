"""Names and addresses by Microsoft Presidio, an optional part: `pip install ocrstream[names]`.

Presidio needs a model of spaCy, which is a package of its own and must be installed before.
"""

from collections.abc import Sequence
from typing import Protocol, cast

from processors.errors import ModelError
from processors.masking.entities import Entity
from schemas.masking import PersonalKind

ENTITIES = {
    "PERSON": PersonalKind.NAME,
    "LOCATION": PersonalKind.ADDRESS,
    "ADDRESS": PersonalKind.ADDRESS,
}
"""Presidio's names to ours; nothing else is asked for, as other kinds are found without it."""

SCORE_MIN = 0.4
"""Presidio's scores are fixed numbers for each recogniser; 0.85 for those of spaCy."""

PIECE_LENGTH_MAX = 20_000
"""Characters that are analysed at once; a longer text is cut at ends of lines."""


class Result(Protocol):
    """What Presidio's analyser returns for one entity."""

    entity_type: str
    start: int
    end: int
    score: float


class Analyzer(Protocol):
    """The one method of Presidio's `AnalyzerEngine` that is used."""

    def analyze(
        self, text: str, language: str, *, entities: list[str], score_threshold: float
    ) -> Sequence[Result]:
        """Find entities in a text."""
        ...


class PresidioFinder:
    """An `EntityFinder` that asks Presidio."""

    def __init__(self, analyzer: Analyzer, language: str) -> None:
        self._analyzer = analyzer
        self._language = language

    def find(self, text: str) -> Sequence[Entity]:
        """Find names and addresses."""
        found = []
        for start, piece in _pieces(text):
            results = self._analyzer.analyze(
                piece, self._language, entities=list(ENTITIES), score_threshold=SCORE_MIN
            )
            found += [
                Entity(ENTITIES[one.entity_type], start + one.start, start + one.end)
                for one in results
                if one.entity_type in ENTITIES
            ]
        return found


def open_presidio(model: str, language: str) -> PresidioFinder:
    """Load Presidio with a model of spaCy.

    Args:
        model: An installed package of spaCy, such as `en_core_web_sm`; nothing is downloaded.
        language: Its language, ISO 639-1.

    Raises:
        ModelError: Presidio or the model is not installed; says which, and what to install.
    """
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415
        from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer  # noqa: PLC0415
        from spacy.util import is_package  # noqa: PLC0415
    except ImportError as err:
        raise ModelError("names need Presidio: install ocrstream[names]") from err
    if not is_package(model):
        raise ModelError(f"spaCy's model {model!r} is not installed: install it as a package")
    models = [{"lang_code": language, "model_name": model}]
    engine = NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": models}
    ).create_engine()
    registry = RecognizerRegistry(supported_languages=[language])
    registry.add_recognizer(SpacyRecognizer(supported_language=language))
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])
    return PresidioFinder(cast(Analyzer, analyzer), language)


def _pieces(text: str) -> list[tuple[int, str]]:
    """Cut a text at ends of lines into pieces, each with its place."""
    pieces, start = [], 0
    while start < len(text):
        end = start + PIECE_LENGTH_MAX
        if end < len(text):
            end = max(text.rfind("\n", start, end) + 1, start) or end
            end = end if end > start else start + PIECE_LENGTH_MAX
        pieces.append((start, text[start:end]))
        start = end
    return pieces
