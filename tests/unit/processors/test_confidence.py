"""How probably a line was read rightly."""

import pytest

from processors.confidence import confidence, doubt
from processors.values import Reading


def read(text: str, *scores: float) -> Reading:
    """Scores of each character."""
    return Reading(text, sum(scores) / len(scores), scores, (0.5,) * len(text))


def test_one_doubtful_digit_is_not_hidden_by_others() -> None:
    """As it is in the mean."""
    sure = read("1234567890", *(0.99,) * 10)
    doubtful = read("1234567890", *(0.999,) * 9, 0.5)
    assert doubtful.score > 0.94
    assert confidence(doubtful) < 0.75 < confidence(sure)


def test_punctuation_does_not_count() -> None:
    """Unless there is nothing else."""
    assert doubt("ab:", (0.9, 0.9, 0.1)) == doubt("ab", (0.9, 0.9))
    assert doubt("::", (0.1, 0.1)) < 0


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_confidence_never_claims_certainty(score: float) -> None:
    """Networks do."""
    assert 0 < confidence(read("abc", score, score, score)) < 1


def test_nothing_read_is_no_confidence() -> None:
    """An empty line is never right."""
    assert confidence(Reading("", 0.0, (), ())) == 0
