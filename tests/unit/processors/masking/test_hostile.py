"""Texts made to take long."""

import time

import pytest

from processors.masking.mask import mask_pages
from processors.masking.options import MaskOptions
from processors.masking.patterns import OwnPattern
from tests.unit.processors.masking.pages import page

LENGTH = 100_000
LIMIT_S = 30.0
"""Of the processor: several times what is needed; what grows with the square needs hours."""

OPTIONS = MaskOptions(regions=("DE",), patterns=(OwnPattern("nested", "(a+)+b|(1+)+x"),))


@pytest.mark.parametrize(
    "unit",
    [
        *("7", "a@a@a@", " ", "1 ", "4111 ", "a.", "<", "1:", "1.", "born 1 ", "a", "+1"),
        *("DE12 ", "ssn id no tin 1 ", "a-", "lI", "\u2588", "日1"),
        *("tel 0171 ", "service (030) 1", "@a.de ", "1 2 / 0 3 ", "v 81.44.13.22 to ", "00:1A:"),
        *("Meyer, Anna M 01.02.03 ", "router a1b2c3-d4e5f6 ", "konto 61 1090 1014 "),
    ],
)
def test_time_is_bounded(unit: str) -> None:
    """One line of a hundred thousand characters."""
    text = (unit * LENGTH)[:LENGTH]
    started_at = time.process_time()
    mask_pages([page(text, words=False)], OPTIONS)
    assert time.process_time() - started_at < LIMIT_S


def test_time_is_in_proportion_to_the_length() -> None:
    """Four times the text takes about four times as long, where it takes longest."""

    def seconds(length: int) -> float:
        started_at = time.process_time()
        mask_pages([page(("ssn id no tin 1 " * length)[:length], words=False)], OPTIONS)
        return time.process_time() - started_at

    seconds(1000)
    assert seconds(40_000) < 10 * seconds(10_000)


def test_many_lines_are_bounded() -> None:
    """Five thousand, each with labels and values."""
    started_at = time.process_time()
    mask_pages([page(*["born 12 tel 3 pesel"] * 5000, words=False)], OPTIONS)
    assert time.process_time() - started_at < LIMIT_S
