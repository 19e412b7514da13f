"""Samples for quantising: as the models get them, and not more than are used."""

from collections.abc import Iterator
from weakref import WeakSet

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.classify import HEIGHT_PX, WIDTH_PX
from processors.models.catalog import Model, Stage
from processors.models.samples import collect_samples, draw
from tests.contracts.test_runners import render_page
from tests.fakes.runners import fake_runners


@given(count=st.integers(0, 200), count_max=st.integers(1, 50))
def test_draw_is_the_same_each_time(count: int, count_max: int) -> None:
    """All of a few, in their order; of many as many as are wanted, none twice."""
    drawn = draw(range(count), count_max)
    assert drawn == draw(range(count), count_max)
    assert len(set(drawn)) == len(drawn) == min(count, count_max)
    assert set(drawn) <= set(range(count))
    if count <= count_max:
        assert drawn == list(range(count))


def test_draw_gives_each_item_a_chance() -> None:
    """Not the first ones only."""
    drawn = draw(range(10_000), 1_000)
    assert np.mean(drawn) == pytest.approx(5_000, rel=0.1)


def test_draw_keeps_no_more_than_it_returns() -> None:
    """Crops of a thousand pictures would fill the memory."""

    class Crop:
        pass

    alive: WeakSet[Crop] = WeakSet()
    most = 0

    def crops() -> Iterator[Crop]:
        nonlocal most
        for _ in range(500):
            crop = Crop()
            alive.add(crop)
            most = max(most, len(alive))
            yield crop

    assert len(draw(crops(), 10)) == 10
    assert most <= 12


@pytest.mark.parametrize("stage", ["detect", "classify", "recognize"])
def test_samples_are_what_the_stage_is_given(stage: Stage) -> None:
    """Pages for the detector, for the others the two words on each, all in their own sizes."""
    model = Model("m", stage, "MIT")
    samples = collect_samples([render_page()] * 2, fake_runners().detector, model)
    assert len(samples) == (2 if stage == "detect" else 4)
    heights = {"detect": 256, "classify": HEIGHT_PX, "recognize": 48}
    assert {sample.shape[0] for sample in samples} == {heights[stage]}
    if stage == "classify":
        assert samples[0].shape[1] == WIDTH_PX


def test_samples_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages there are."""
    monkeypatch.setattr("processors.models.samples.SAMPLES_MAX", 3)
    model = Model("m", "detect", "MIT")
    assert len(collect_samples([render_page()] * 5, fake_runners().detector, model)) == 3
