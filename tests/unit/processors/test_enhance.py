"""What is done to a picture before it is read."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from processors.enhance import CONTRAST_BELOW, SHARPEN_BELOW, choose_enhancements, enhance
from processors.quality import measure_quality
from processors.values import Enhancement, PageArray, Quality
from schemas.options import EnhanceMode
from tests.unit.processors.pictures import white_page

GOOD = Quality(sharpness=0.8, contrast=0.9, brightness=0.9)
BLURRED = replace(GOOD, sharpness=SHARPEN_BELOW / 2)
PALE = replace(GOOD, contrast=CONTRAST_BELOW / 2)
POOR = replace(BLURRED, contrast=CONTRAST_BELOW / 2)
BLANK = Quality(sharpness=1.0, contrast=0.0, brightness=1.0)


def page_of_text(ink: int, paper: int, scale: float = 1.2) -> PageArray:
    """(300, 400, 3) uint8: three rows of writing."""
    page = np.full((300, 400, 3), paper, dtype=np.uint8)
    for y in (80, 160, 240):
        cv2.putText(page, "Sample 123", (30, y), 0, scale, (ink, ink, ink), 2)
    return page


@pytest.mark.parametrize(
    ("mode", "quality", "chosen"),
    [
        (EnhanceMode.OFF, POOR, ()),
        (EnhanceMode.ALWAYS, GOOD, ("contrast", "sharpen")),
        (EnhanceMode.AUTO, GOOD, ()),
        (EnhanceMode.AUTO, BLURRED, ("sharpen",)),
        (EnhanceMode.AUTO, PALE, ("contrast",)),
        (EnhanceMode.AUTO, POOR, ("contrast", "sharpen")),
        (EnhanceMode.AUTO, BLANK, ()),
    ],
)
def test_choose_enhancements_follows_mode_and_quality(
    mode: EnhanceMode, quality: Quality, chosen: tuple[Enhancement, ...]
) -> None:
    """A person's word goes first; `auto` does only what the page needs."""
    assert choose_enhancements(mode, quality) == chosen


def test_enhance_gives_page_itself_where_there_is_nothing_to_do() -> None:
    """No copy is made."""
    page = page_of_text(0, 255)
    assert enhance(page, ()) is page


@pytest.mark.parametrize("steps", [("contrast",), ("sharpen",), ("contrast", "sharpen")])
def test_enhance_leaves_its_input_alone(steps: tuple[Enhancement, ...]) -> None:
    """The page as it came is still needed."""
    page = page_of_text(100, 160)
    before = page.copy()
    enhanced = enhance(page, steps)
    np.testing.assert_array_equal(page, before)
    assert enhanced.shape == page.shape
    assert enhanced.dtype == np.uint8
    assert not np.array_equal(enhanced, page)


def test_enhance_widens_contrast() -> None:
    """Ink that hardly differs from its paper becomes plain to see."""
    page = page_of_text(145, 160)
    enhanced = enhance(page, ("contrast",))
    assert measure_quality(enhanced).contrast > 3 * measure_quality(page).contrast


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_enhance_keeps_writing_of_almost_empty_page(noise: float) -> None:
    """Half a percent of ink is no outlier to be cut off with the paper's own noise."""
    page = white_page(800, 1000)
    cv2.putText(page, "Hello", (100, 500), 0, 0.7, (200, 200, 200), 2)
    grain = np.random.default_rng(0).normal(-4 * (noise > 0), noise, page.shape)
    page = np.clip(page + grain, 0, 255).astype(np.uint8)
    enhanced = enhance(page, ("contrast",))
    paper, ink = enhanced[:400].astype(float), enhanced[480:510, 100:160]
    assert paper.mean() > 200
    assert paper.std() < 20
    assert np.percentile(ink, 5) < 60


@pytest.mark.parametrize("grey", [255, 200])
def test_enhance_leaves_blank_page_bright(grey: int) -> None:
    """Where no ink is, there is nothing to stretch."""
    page = np.full((100, 100, 3), grey, dtype=np.uint8)
    assert enhance(page, ("contrast", "sharpen")).min() > grey - 20


def test_enhance_keeps_colours() -> None:
    """A red stamp stays red."""
    page = page_of_text(60, 200)
    page[10:40, 10:40] = (60, 60, 180)
    blue, green, red = enhance(page, ("contrast",))[25, 25].astype(int)
    assert red > blue + 60
    assert abs(blue - green) < 10


def test_enhance_sharpens_blurred_edges() -> None:
    """The steepest edges become steeper."""
    page = np.asarray(cv2.GaussianBlur(page_of_text(40, 220), (0, 0), 2), dtype=np.uint8)
    sharper = measure_quality(enhance(page, ("sharpen",))).sharpness
    assert sharper > 1.1 * measure_quality(page).sharpness


@pytest.mark.parametrize("size", [(8, 8), (9, 500), (500, 9)])
def test_enhance_takes_pages_of_any_shape(size: tuple[int, int]) -> None:
    """Pages smaller than the grid of tiles are no exception."""
    page = white_page(*size)
    page[2:5] = 40
    assert enhance(page, ("contrast", "sharpen")).shape == page.shape
