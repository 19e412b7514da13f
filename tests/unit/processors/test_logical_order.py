"""From what is seen, left to right, to what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.logical_order import in_logical_order
from processors.values import Reading


def seen(text: str) -> Reading:
    """Each character has a score and a place of its own."""
    count = len(text)
    scores = tuple((i + 1) / (count + 1) for i in range(count))
    return Reading(text, 0.9, scores, tuple((i + 0.5) / count for i in range(count)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TOTAL 12.00", "TOTAL 12.00"),
        ("مالس"[::1], "سلام"),
        ("12.50 غلبملا", "المبلغ 12.50"),
        ("2026/11/24 خيراتلا", "التاريخ 2026/11/24"),
        ("مق USB-C لباك", "كابل USB-C قم"),
        ("םולש", "שלום"),
    ],
    ids=["latin", "arabic", "amount", "date", "words of another script", "hebrew"],
)
def test_text_from_right_to_left_is_turned(text: str, expected: str) -> None:
    """Numbers and other scripts within it keep their direction."""
    assert in_logical_order(seen(text)).text == expected


def test_places_and_scores_go_with_their_characters() -> None:
    """The first letter stands at the right."""
    before = seen("12 םש")
    after = in_logical_order(before)
    assert after.text == "שם 12"
    assert after.centers == tuple(before.centers[i] for i in (4, 3, 2, 0, 1))
    assert after.scores == tuple(before.scores[i] for i in (4, 3, 2, 0, 1))


def test_marks_are_composed() -> None:
    """One character has one place, and the score of its weaker part."""
    after = in_logical_order(seen("cafe\u0301s"))
    assert after.text == "caf\u00e9s"
    assert len(after.scores) == len(after.centers) == 5
    assert after.scores[3] == seen("cafe\u0301s").scores[3]


@given(st.text(max_size=40))
def test_every_character_keeps_a_place(text: str) -> None:
    """Whatever was read."""
    after = in_logical_order(seen(text))
    assert len(after.scores) == len(after.centers) == len(after.text)
