"""What an event may ask for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.options import PAGES_PATTERN, DocumentOptions


@pytest.mark.parametrize("pages", ["1", "1-3", "7,9", "1-3,7,12-999999"])
def test_pages_pattern_takes_numbers_and_ranges(pages: str) -> None:
    """Pages are counted from 1; ranges and single pages may be mixed."""
    assert DocumentOptions(pages=pages).pages == pages


@pytest.mark.parametrize(
    "pages",
    ["", "0", "-1", "1-", "1,", ",1", "1--2", "1 - 2", "a", "1-2-3", "1234567", "1\n", "01"],
)
def test_pages_pattern_refuses_anything_else(pages: str) -> None:
    """What cannot be parsed is refused, not guessed."""
    with pytest.raises(ValidationError, match="pages"):
        DocumentOptions(pages=pages)


@given(st.from_regex(re.compile(PAGES_PATTERN, re.ASCII), fullmatch=True))
def test_pages_pattern_means_the_same_to_pydantic_and_python(pages: str) -> None:
    """Pydantic compiles it with another library than the readers of the JSON Schema."""
    pages = pages.rstrip("\n")
    assert DocumentOptions(pages=pages).pages == pages


@pytest.mark.parametrize("language", ["en", "zh-Hant", "pt_BR", "yue"])
def test_languages_take_iso_codes(language: str) -> None:
    """A region or script may follow the language."""
    assert DocumentOptions(languages=(language,)).languages == (language,)


@pytest.mark.parametrize("language", ["", "e", "english", "en-", "en us", "../en"])
def test_languages_refuse_anything_else(language: str) -> None:
    """A language's name is not its code."""
    with pytest.raises(ValidationError, match="languages"):
        DocumentOptions(languages=(language,))


@pytest.mark.parametrize("ratio", [1.0, 1.5, 5.0])
def test_unclip_ratio_takes_its_range(ratio: float) -> None:
    """Kernels are grown, by a sane amount."""
    assert DocumentOptions(det_db_unclip_ratio=ratio).det_db_unclip_ratio == ratio


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, float("nan")])
def test_thresholds_refuse_what_marks_all_or_nothing(threshold: float) -> None:
    """A threshold lies strictly between 0 and 1."""
    with pytest.raises(ValidationError, match="det_db_thresh"):
        DocumentOptions(det_db_thresh=threshold)
