"""What is done to a picture before it is read."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from processors.enhance import (
    BLOCKINESS_ABOVE,
    CONTRAST_BELOW,
    DENOISE_ABOVE,
    ENHANCED_PIXELS_MAX,
    SHARPEN_BELOW,
    candidates,
    enhance,
)
from processors.quality import measure_quality
from processors.values import Enhancement, PageArray, Quality
from tests.unit.processors.pictures import white_page

GOOD = Quality(sharpness=0.8, contrast=0.9, brightness=0.9)
BLURRED = replace(GOOD, sharpness=SHARPEN_BELOW / 2, blur_px=2.0)
PALE = replace(GOOD, contrast=CONTRAST_BELOW / 2)
NOISY = replace(GOOD, noise=DENOISE_ABOVE * 2)
BLOCKY = replace(GOOD, blockiness=BLOCKINESS_ABOVE * 2)
BLANK = Quality(sharpness=1.0, contrast=0.0, brightness=1.0)


def page_of_text(ink: int, paper: int, scale: float = 1.2) -> PageArray:
    """(300, 400, 3) uint8: three rows of writing."""
    page = np.full((300, 400, 3), paper, dtype=np.uint8)
    for y in (80, 160, 240):
        cv2.putText(page, "Sample 123", (30, y), 0, scale, (ink, ink, ink), 2)
    return page


@pytest.mark.parametrize(
    ("quality", "expected"),
    [
        (GOOD, []),
        (BLURRED, [("sharpen",)]),
        (PALE, [("contrast",)]),
        (NOISY, [("denoise",)]),
        (BLOCKY, [("denoise",)]),
        (
            replace(PALE, noise=NOISY.noise),
            [("denoise",), ("contrast",), ("denoise", "contrast")],
        ),
        (BLANK, []),
    ],
    ids=["good", "blurred", "pale", "noisy", "blocky", "pale and noisy", "blank"],
)
def test_candidates_follow_what_a_page_lacks(
    quality: Quality, expected: list[tuple[Enhancement, ...]]
) -> None:
    """Each alone, and all together; nothing for a page that lacks nothing."""
    assert candidates(quality, 1_000_000) == expected


def test_candidates_of_a_page_that_lacks_everything() -> None:
    """What is all done comes last."""
    poor = replace(BLURRED, contrast=PALE.contrast, noise=NOISY.noise)
    tried = candidates(poor, 1_000_000)
    assert tried == [
        *(("denoise",), ("contrast",), ("sharpen",)),
        ("denoise", "contrast", "sharpen"),
    ]
    assert candidates(poor, ENHANCED_PIXELS_MAX + 1) == [("contrast",)]


def test_enhance_gives_page_itself_where_there_is_nothing_to_do() -> None:
    """No copy is made."""
    page = page_of_text(0, 255)
    assert enhance(page, (), BLURRED) is page


@pytest.mark.parametrize(
    "steps", [("denoise",), ("contrast",), ("sharpen",), ("contrast", "sharpen")]
)
def test_enhance_leaves_its_input_alone(steps: tuple[Enhancement, ...]) -> None:
    """The page as it came is still needed."""
    page = page_of_text(100, 160)
    before = page.copy()
    enhanced = enhance(page, steps, BLURRED)
    np.testing.assert_array_equal(page, before)
    assert enhanced.shape == page.shape
    assert enhanced.dtype == np.uint8
    assert not np.array_equal(enhanced, page)


def test_enhance_widens_contrast() -> None:
    """Ink that hardly differs from its paper becomes plain to see."""
    page = page_of_text(145, 160)
    enhanced = enhance(page, ("contrast",), BLURRED)
    assert measure_quality(enhanced).contrast > 3 * measure_quality(page).contrast


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_enhance_keeps_writing_of_almost_empty_page(noise: float) -> None:
    """Half a percent of ink is no outlier to be cut off with the paper's own noise."""
    page = white_page(800, 1000)
    cv2.putText(page, "Hello", (100, 500), 0, 0.7, (200, 200, 200), 2)
    grain = np.random.default_rng(0).normal(-4 * (noise > 0), noise, page.shape)
    page = np.clip(page + grain, 0, 255).astype(np.uint8)
    enhanced = enhance(page, ("contrast",), BLURRED)
    paper, ink = enhanced[:400].astype(float), enhanced[480:510, 100:160]
    assert paper.mean() > 200
    assert paper.std() < 20
    assert np.percentile(ink, 5) < 60


@pytest.mark.parametrize("grey", [255, 200])
def test_enhance_leaves_blank_page_bright(grey: int) -> None:
    """Where no ink is, there is nothing to stretch."""
    page = np.full((100, 100, 3), grey, dtype=np.uint8)
    assert enhance(page, ("contrast", "sharpen"), BLURRED).min() > grey - 20


def test_enhance_keeps_colours() -> None:
    """A red stamp stays red."""
    page = page_of_text(60, 200)
    page[10:40, 10:40] = (60, 60, 180)
    blue, green, red = enhance(page, ("contrast",), BLURRED)[25, 25].astype(int)
    assert red > blue + 60
    assert abs(blue - green) < 10


@pytest.mark.parametrize("sigma_px", [2.0, 4.0])
def test_enhance_undoes_a_blur(sigma_px: float) -> None:
    """By as much as was measured: the page comes nearer to what it was, and has no seams."""
    whole = np.tile(page_of_text(40, 220), (4, 4, 1))  # wider and higher than a tile of the filter
    blurred = np.asarray(cv2.GaussianBlur(whole, (0, 0), sigma_px), dtype=np.uint8)
    quality = measure_quality(blurred)
    assert quality.blur_px == pytest.approx(sigma_px, rel=0.3)
    sharp = enhance(blurred, ("sharpen",), quality)
    assert measure_quality(sharp).sharpness > 1.15 * quality.sharpness

    def distance(page: PageArray) -> float:
        return float(np.abs(page.astype(int) - whole.astype(int)).mean())

    assert distance(sharp) < distance(blurred)


def test_enhance_smooths_noise_and_keeps_edges() -> None:
    """The paper becomes even, the ink stays dark."""
    page = page_of_text(40, 220)
    grain = np.random.default_rng(0).normal(0, 25, page.shape)
    noisy = np.clip(page + grain, 0, 255).astype(np.uint8)
    smooth = enhance(noisy, ("denoise",), BLURRED)
    paper = np.s_[:40, :]
    assert smooth[paper].std() < noisy[paper].std() / 3
    assert smooth.min() < 90
    assert measure_quality(noisy).noise > DENOISE_ABOVE > measure_quality(page).noise


def test_blocks_of_strong_compression_are_seen() -> None:
    """And a picture without losses has none."""
    grain = np.random.default_rng(0).normal(0, 8, (300, 400, 3))
    page = np.clip(page_of_text(40, 220) + grain, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 5])
    blocky = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
    assert measure_quality(blocky).blockiness > BLOCKINESS_ABOVE
    assert measure_quality(page).blockiness < BLOCKINESS_ABOVE


@pytest.mark.parametrize("size", [(8, 8), (9, 500), (500, 9)])
def test_enhance_takes_pages_of_any_shape(size: tuple[int, int]) -> None:
    """Pages smaller than the grid of tiles are no exception."""
    page = white_page(*size)
    page[2:5] = 40
    assert enhance(page, ("denoise", "contrast", "sharpen"), BLURRED).shape == page.shape


def test_enhance_leaves_a_page_of_one_tone_and_its_half_tone() -> None:
    """Where ink and paper have the same median, there is nothing to stretch (and no division)."""
    page = np.full((100, 100, 3), 200, dtype=np.uint8)
    page[::2, ::2] = 195
    assert enhance(page, ("contrast",), BLURRED).shape == page.shape
