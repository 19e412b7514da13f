"""What may be asked for."""

import pytest

from processors.masking.options import (
    CHECKED_KINDS,
    InvalidMaskOptions,
    MaskOptions,
    parse_kinds,
)
from processors.masking.patterns import InvalidPattern, OwnPattern
from schemas.masking import PersonalKind


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("email,phone,card", {PersonalKind.EMAIL, PersonalKind.PHONE, PersonalKind.CARD}),
        (" Email , birth-date,", {PersonalKind.EMAIL, PersonalKind.BIRTH_DATE}),
        ("all", CHECKED_KINDS),
        ("all,name", CHECKED_KINDS | {PersonalKind.NAME}),
        ("", set()),
    ],
)
def test_kinds_are_read_from_a_setting(text: str, kinds: set[PersonalKind]) -> None:
    """Separated by commas; `all` needs no entity finder."""
    assert parse_kinds(text) == kinds


def test_unknown_kind_is_named() -> None:
    """With those there are."""
    with pytest.raises(
        InvalidMaskOptions, match="'emial' is no kind of data; known are all, email"
    ):
        parse_kinds("iban,emial")


def test_names_need_a_finder() -> None:
    """The message says what to install."""
    with pytest.raises(InvalidMaskOptions, match=r"name: needs .*ocrstream\[names\]"):
        MaskOptions(kinds=frozenset({PersonalKind.NAME}))


@pytest.mark.parametrize("options", [{"regions": ("de",)}, {"countries": frozenset({"DEU"})}])
def test_countries_are_two_capitals(options: dict[str, tuple[str, ...]]) -> None:
    """Others would silently match nothing."""
    with pytest.raises(InvalidMaskOptions, match="is no country"):
        MaskOptions(
            regions=tuple(options.get("regions", ())),
            countries=frozenset(options["countries"]) if "countries" in options else None,
        )


@pytest.mark.parametrize(
    ("name", "expression", "fault"),
    [
        ("Case", r"\d", "is no name"),
        ("case", "a" * 1001, "longer than 1000"),
        ("case", "(", "no pattern of RE2"),
        ("case", r"(?<=a)b", "no pattern of RE2"),
        ("case", r"(a)\1", "no pattern of RE2"),
        ("case", "((a{100}){100}){100}", "no pattern of RE2"),
        ("case", "a*", "matches the empty text"),
    ],
)
def test_pattern_that_cannot_be_used_is_refused(name: str, expression: str, fault: str) -> None:
    """When it is made, not when a document comes."""
    with pytest.raises(InvalidPattern, match=fault):
        OwnPattern(name, expression)


def test_pattern_gives_its_places() -> None:
    """In characters, whatever stands before them."""
    assert OwnPattern("case", r"(?i)case-\d+").spans("Äß 日本 CASE-12, case-3") == [
        (6, 13),
        (15, 21),
    ]
