"""How readings are judged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.evaluation import (
    ReadLine,
    Scores,
    TruthLine,
    edit_distance,
    iou,
    is_right,
    score,
    words,
)
from processors.values import PolygonArray
from tests.unit.processors.lines import bent


def box(left: float, top: float, width: float = 100, height: float = 20) -> PolygonArray:
    """Corners of a level rectangle."""
    right, bottom = left + width, top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.array(corners, dtype=np.float32)


TRUTH = (
    TruthLine("Total", box(0, 0)),
    TruthLine("12.00", box(200, 0)),
    TruthLine("Äpfel", box(0, 40)),
)
READ = (
    ReadLine("total", box(2, 1), 0.9),
    ReadLine("12.80", box(198, 0), 0.6),
    ReadLine("noise", box(400, 400), 0.3),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TOTAL: 12.00", {"total": 1, "12": 1, "00": 1}),
        ("Äpfel, äpfel", {"äpfel": 2}),
        ("東京 Tower", {"東": 1, "京": 1, "tower": 1}),
        ("\ufb01ne \uff21\uff22", {"fine": 1, "ab": 1}),
        ("हिन्दी में", {"हिन्दी": 1, "में": 1}),
        ("กา", {"ก": 1, "า": 1}),
        ("한국어 맞춤", {"한국어": 1, "맞춤": 1}),
        ("", {}),
    ],
)
def test_words_are_those_of_every_script(text: str, expected: dict[str, int]) -> None:
    """Case and compatible forms do not matter; without spaces each character is a word."""
    assert words(text) == expected


def test_perfect_reading_scores_one() -> None:
    """In every figure."""
    read = [ReadLine(line.text, line.polygon, 0.99) for line in TRUTH if line.polygon is not None]
    figures = score(TRUTH, read, "Total 12.00\nÄpfel").figures()
    ones = ("word_f1", "word_recall", "detection_hmean", "exact_lines", "reading_order")
    assert [figures[name] for name in ones] == [1.0] * len(ones)
    assert figures["character_error_rate"] == 0.0


def test_scores_count_what_is_missed_added_and_wrong() -> None:
    """By hand: two of four words, two of three regions, one edit in ten characters."""
    scores = score(TRUTH, READ, "total 12.80\nnoise")
    assert (scores.found_words, scores.true_words, scores.read_words) == (2, 4, 4)
    assert (scores.matched, scores.true_regions, scores.read_regions) == (2, 3, 3)
    assert (scores.edits, scores.true_characters, scores.exact) == (1, 10, 1)
    assert scores.is_right == [True, False]
    assert scores.auroc == 1.0
    assert scores.calibration_error == pytest.approx((0.1 + 0.6) / 2)


def test_lines_in_another_order_are_told() -> None:
    """The pair is read the other way round."""
    scores = score(TRUTH[:2], (READ[1], READ[0]), "12.80 total")
    assert (scores.in_order, scores.pairs) == (0, 1)


def test_ignored_lines_count_on_neither_side() -> None:
    """Nobody can tell what they say."""
    truth = (*TRUTH[:1], TruthLine("###", box(400, 400), is_ignored=True))
    scores = score(truth, (READ[0], READ[2]), "total\nnoise")
    assert scores.word_f1 == 1.0
    assert scores.hmean == 1.0


def test_text_beyond_an_incomplete_truth_is_no_error() -> None:
    """Only what must be there is judged."""
    scores = score((TruthLine("Total", None),), READ, "total 12.80 noise", is_complete=False)
    assert scores.word_f1 is None
    assert scores.figures()["word_recall"] == 1.0
    assert scores.hmean is None


def test_regions_of_other_pages_do_not_match() -> None:
    """Though they stand at the same place."""
    truth = (TruthLine("Total", box(0, 0), page_number=2),)
    assert score(truth, READ[:1], "total").matched == 0


def test_scores_of_documents_add_up() -> None:
    """As if they were one."""
    total = Scores()
    for _ in range(2):
        total += score(TRUTH, READ, "total 12.80\nnoise")
    assert total.documents == 2
    assert total.word_f1 == score(TRUTH, READ, "total 12.80\nnoise").word_f1
    assert len(total.confidences) == 4


def test_nothing_read_is_no_division_by_zero() -> None:
    """Of a blank page, and of one that should not be."""
    assert score((), (), "").figures()["word_f1"] is None
    assert score(TRUTH, (), "").figures()["word_f1"] == 0.0


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_edit_distance_is_that_of_the_textbook(first: str, second: str) -> None:
    """Wagner and Fischer's table, written plainly."""
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) + 1):
        for j in range(len(second) + 1):
            table[i][j] = (
                i + j
                if 0 in (i, j)
                else min(
                    table[i - 1][j] + 1,
                    table[i][j - 1] + 1,
                    table[i - 1][j - 1] + (first[i - 1] != second[j - 1]),
                )
            )
    assert edit_distance(first, second) == table[-1][-1]


@pytest.mark.parametrize(
    ("text", "truth", "right"),
    [
        ("TOTAL: 12.00", ["total 12.00"], True),
        ("Total1 2.00", ["Total", "12.00"], True),
        ("invoice", ["Tax Invoice"], True),
        ("1200", ["12.00"], False),
        ("12.80", ["12.00"], False),
        ("Tax Invoice 9", ["Tax Invoice"], False),
        ("b a", ["a", "b"], True),
    ],
)
def test_line_is_right_if_what_it_says_stands_there(
    text: str, truth: list[str], right: bool
) -> None:
    """Blanks, cases and the detector's borders do not matter; digits and their points do."""
    assert is_right(text, truth) is right


def test_calibration_counts_lines_where_the_truth_has_some() -> None:
    """Matched or not: two words of one line may be found as one region each."""
    truth = [TruthLine("Tax Invoice", box(0, 0, 200))]
    read = [
        ReadLine("Tax", box(0, 0, 90), 0.9),
        ReadLine("lnvoice", box(100, 0, 100), 0.4),
        ReadLine("elsewhere", box(0, 300), 0.8),
        ReadLine("--", box(0, 0, 90), 0.7),
    ]
    scores = score(truth, read, "Tax lnvoice elsewhere --")
    assert list(zip(scores.confidences, scores.is_right, strict=True)) == [
        (0.9, True),
        (0.4, False),
    ]


def test_iou_of_curved_lines_leaves_out_what_they_enclose() -> None:
    """A curved line matches itself, and not a box inside of it."""
    arc = bent((200, 200), 100, 20, 180)
    box = np.array([(180, 170), (220, 170), (220, 190), (180, 190)], dtype=np.float32)
    assert iou(arc, arc) == pytest.approx(1, abs=0.02)
    assert iou(arc, box) == 0
