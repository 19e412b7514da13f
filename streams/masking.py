"""Masking personal data in results: what the settings ask for, applied to what is published.

A reading is always made with its words, whose places the black bars need; who did not ask for words
gets none. Results and pictures of pages are masked; the full result goes to a topic of its own.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import orjson

from processors.describe import join_text
from processors.masking.entities import EntityFinder
from processors.masking.mask import mask_pages
from processors.masking.options import ENTITY_KINDS, InvalidMaskOptions, MaskOptions, parse_kinds
from processors.masking.patterns import InvalidPattern, OwnPattern
from processors.masking.presidio import open_presidio
from schemas.results import DocumentRecognized, RecognizedPage
from streams.errors import SettingsError
from streams.settings import Settings

MASKING_REVISION = "2"
"""Changes with every change of what is masked, between two versions."""


@dataclass(frozen=True, slots=True)
class Masker:
    """Masks results.

    Attributes:
        options: What is masked.
        name: The same for the same options; results that were masked differently are different.
    """

    options: MaskOptions
    name: str

    def mask(self, result: DocumentRecognized, with_words: bool) -> DocumentRecognized:
        """A result without personal data.

        Args:
            result: Read with words, its pages in it.
            with_words: Whether its words are published.
        """
        if result.pages is None:
            return result
        pages = tuple(self.mask_page(page, with_words) for page in result.pages)
        return result.model_copy(update={"pages": pages, "text": join_text(pages)})

    def mask_page(self, page: RecognizedPage, with_words: bool) -> RecognizedPage:
        """A page without personal data; `masked` says what is to be blackened in its picture."""
        (masked,) = mask_pages((page,), self.options).pages
        return masked if with_words else without_words(masked)


def without_words(page: RecognizedPage) -> RecognizedPage:
    """A page whose words nobody asked for."""
    lines = tuple(line.model_copy(update={"words": None}) for line in page.lines)
    return page.model_copy(update={"lines": lines})


def open_masker(settings: Settings) -> Masker | None:
    """What masks, None where nothing is to be masked.

    Raises:
        SettingsError: what is asked for cannot be done.
    """
    if not settings.mask:
        return None
    file, model = settings.mask_patterns_file, settings.mask_names_model
    try:
        kinds = parse_kinds(settings.mask)
        options = MaskOptions(
            kinds=kinds,
            patterns=() if file is None else read_patterns(file),
            regions=_codes(settings.mask_phone_regions) or (),
            countries=_countries(settings.mask_countries),
            entity_finder=_entity_finder(settings.mask_names_model)
            if kinds & ENTITY_KINDS
            else None,
        )
    except (InvalidMaskOptions, InvalidPattern) as err:
        raise SettingsError(f"OCRSTREAM_MASK: {err}") from err
    return Masker(options, _name(options, model))


def read_patterns(file: Path) -> tuple[OwnPattern, ...]:
    """Patterns of one's own: a TOML file of names and expressions.

    Raises:
        SettingsError: it cannot be read, or is of another form.
        InvalidPattern: an expression cannot be used.
    """
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise SettingsError(f"OCRSTREAM_MASK_PATTERNS_FILE: {file}: {err}") from err
    for name, expression in entries.items():
        if not isinstance(expression, str):
            raise SettingsError(
                f"OCRSTREAM_MASK_PATTERNS_FILE: {name} is no string; lines are name = 'expression'"
            )
    return tuple(OwnPattern(name, expression) for name, expression in entries.items())


def _entity_finder(model: str | None) -> EntityFinder:
    if model is None:
        raise InvalidMaskOptions(
            "name and address need OCRSTREAM_MASK_NAMES_MODEL, an installed model of spaCy such as "
            "en_core_web_sm, and the extra `names`"
        )
    return open_presidio(model, model.partition("_")[0])


def _codes(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(code.strip().upper() for code in text.split(","))


def _countries(text: str | None) -> frozenset[str] | None:
    codes = _codes(text)
    return None if codes is None else frozenset(codes)


def _name(options: MaskOptions, model: str | None) -> str:
    described = (
        MASKING_REVISION,
        sorted(options.kinds),
        [(pattern.name, pattern.expression) for pattern in options.patterns],
        options.regions,
        None if options.countries is None else sorted(options.countries),
        model,
    )
    return orjson.dumps(described).decode()
