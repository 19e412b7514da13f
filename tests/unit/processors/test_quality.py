"""How good a picture is."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from processors.quality import byte_percentiles, ink_range, measure_quality
from processors.values import PageArray
from tests.unit.processors.pictures import white_page


def page_of_text(ink: int = 0, paper: int = 255) -> PageArray:
    """(600, 800, 3) uint8: rows of writing."""
    page = np.full((600, 800, 3), paper, dtype=np.uint8)
    for y in range(60, 600, 60):
        cv2.putText(page, "The quick brown fox", (40, y), 0, 1.5, (ink, ink, ink), 2)
    return page


def test_measure_quality_finds_blurred_page_less_sharp() -> None:
    """The more blur, the less sharpness."""
    page = page_of_text()
    blurred = [cv2.GaussianBlur(page, (0, 0), sigma) for sigma in (1, 2, 4)]
    pages = [page, *(np.asarray(one, dtype=np.uint8) for one in blurred)]
    sharpness = [measure_quality(one).sharpness for one in pages]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 2 * sharpness[-1]


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (100, 200), (130, 180)])
def test_measure_quality_measures_ink_against_paper(ink: int, paper: int) -> None:
    """Contrast is the difference between ink and paper as a share of all that is possible."""
    quality = measure_quality(page_of_text(ink, paper))
    assert quality.contrast == pytest.approx((paper - ink) / 255, abs=0.02)


def test_measure_quality_does_not_take_pale_writing_for_blurred() -> None:
    """Sharpness is measured in relation to contrast."""
    sharp = measure_quality(page_of_text(0, 255)).sharpness
    assert measure_quality(page_of_text(150, 200)).sharpness == pytest.approx(sharp, abs=0.1)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_measure_quality_finds_no_fault_in_blank_page(grey: int) -> None:
    """Where no ink is, nothing is blurred and nothing is pale."""
    quality = measure_quality(np.full((100, 100, 3), grey, dtype=np.uint8))
    assert (quality.sharpness, quality.contrast) == (1.0, 0.0)
    assert quality.brightness == pytest.approx(grey / 255, abs=0.01)


def test_measure_quality_takes_noise_for_paper() -> None:
    """A scanner's noise is no ink."""
    noise = np.random.default_rng(0).normal(240, 2, (300, 300, 3))
    assert measure_quality(np.clip(noise, 0, 255).astype(np.uint8)).contrast == 0


@pytest.mark.parametrize("size", [(8, 8), (8, 30_000), (30_000, 8), (9, 1300), (3000, 2000)])
def test_measure_quality_measures_pages_of_any_shape(size: tuple[int, int]) -> None:
    """Neither a stamp nor a strip is too odd to be measured."""
    quality = measure_quality(white_page(*size))
    assert quality.brightness == pytest.approx(1.0)


def test_ink_range_sees_single_line() -> None:
    """A page's only line decides, though it has but a thousandth of its pixels."""
    page = white_page(800, 1000)
    cv2.putText(page, "Hello", (100, 500), 0, 0.7, (200, 200, 200), 2)
    found = ink_range(page[:, :, 0])
    assert found is not None
    assert found[0] < 240
    assert found[1] == pytest.approx(255, abs=5)
    assert ink_range(white_page(100, 100)[:, :, 0]) is None


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20))),
    st.floats(0.5, 99.5),
)
def test_byte_percentiles_agree_with_numpy(values: PageArray, percent: float) -> None:
    """Counting gives what sorting gives."""
    (found,) = byte_percentiles(values, (percent,))
    assert found == np.percentile(values, percent, method="inverted_cdf")


@pytest.mark.parametrize("height", [30, 39, 48])
def test_picture_of_a_single_line_is_measured(height: int) -> None:
    """It has few tiles, and ink in each."""
    page = white_page(700, height)
    cv2.putText(page, "A single line of text", (5, height - 8), 0, 0.7, (40, 40, 40), 2)
    quality = measure_quality(page)
    assert quality.contrast > 0.5
    blurred = np.asarray(cv2.GaussianBlur(page, (0, 0), 3), dtype=np.uint8)
    assert measure_quality(blurred).sharpness < quality.sharpness / 1.5


@pytest.mark.parametrize("scale", [1, 4])
def test_noise_does_not_depend_on_the_size_of_the_page(scale: int) -> None:
    """It is measured on the page as it is."""
    page = np.full((700 * scale, 500 * scale, 3), 200, dtype=np.uint8)
    grain = np.random.default_rng(0).normal(0, 15, page.shape)
    noisy = np.clip(page + grain, 0, 255).astype(np.uint8)
    assert measure_quality(noisy).noise == pytest.approx(0.039, abs=0.004)
