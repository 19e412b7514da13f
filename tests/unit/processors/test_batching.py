"""Items that many coroutines submit, worked on together."""

import asyncio
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.batching import BatchLimits, BatchReport, MicroBatcher
from processors.errors import EngineError, OutOfMemory
from tests.unit.processors.engine_bench import (
    ITEMS_MAX,
    WEIGHT_MAX,
    Engine,
    Item,
    behind_closed_gate,
    bench,
    finish,
    until,
)

MANY = settings(deadline=None, max_examples=60)


def numbered(traits: Iterable[tuple[str, float, int]]) -> list[Item]:
    """Items with increasing indices."""
    return [Item(index, *trait) for index, trait in enumerate(traits)]


ITEMS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([1.0, 3.0, 6.0, 25.0]), st.integers(0, 5)),
    max_size=30,
).map(numbered)
WAITS_S = st.sampled_from([0.0, 0.001])


@given(ITEMS, st.integers(1, 3), WAITS_S)
@MANY
def test_batcher_gives_each_item_its_own_answer(
    items: list[Item], concurrency: int, wait_s: float
) -> None:
    """Nothing is lost, nothing is worked on twice, and the limits are held."""
    test = bench(Engine(), concurrency, wait_s)
    assert finish(test, test.submit_all(items)) == [item.index * 2 for item in items]
    worked_on = [item for batch in test.engine.batches for item in batch]
    assert sorted(item.index for item in worked_on) == [item.index for item in items]
    for batch in test.engine.batches:
        assert len({item.bucket for item in batch}) == 1
        assert len(batch) <= ITEMS_MAX
        assert len(batch) == 1 or sum(item.weight for item in batch) <= WEIGHT_MAX
    assert test.engine.working_max <= concurrency


@given(ITEMS, WAITS_S)
@MANY
def test_batcher_keeps_order_within_bucket(items: list[Item], wait_s: float) -> None:
    """Who came first is served first, among items of one shape."""
    test = bench(Engine(), wait_s=wait_s)
    finish(test, test.submit_all(items))
    for bucket in "abc":
        expected = [item for item in test.submitted if item.bucket == bucket]
        assert [i for batch in test.engine.batches for i in batch if i.bucket == bucket] == expected


@given(ITEMS, st.integers(1, 3), WAITS_S)
@MANY
def test_batcher_closes_batches_at_sizes_that_are_allowed(
    items: list[Item], concurrency: int, wait_s: float
) -> None:
    """What is left over goes first into the next batch: nothing is lost, the order is kept."""
    test = bench(Engine(), concurrency, wait_s, sizes=(1, 2, 4))
    assert finish(test, test.submit_all(items)) == [item.index * 2 for item in items]
    assert {len(batch) for batch in test.engine.batches} <= {1, 2, 4}
    if concurrency == 1:
        for bucket in "abc":
            expected = [item for item in test.submitted if item.bucket == bucket]
            worked_on = [item for batch in test.engine.batches for item in batch]
            assert [item for item in worked_on if item.bucket == bucket] == expected


@given(ITEMS, st.sets(st.integers(0, 30)), st.integers(1, 3))
@MANY
def test_batcher_lets_failing_item_fail_alone(
    items: list[Item], failing: set[int], concurrency: int
) -> None:
    """Whoever shared a batch with a culprit still gets an answer."""
    test = bench(Engine(fails_on=frozenset(failing)), concurrency)
    outcomes = finish(test, test.submit_all(items))
    for item, outcome in zip(items, outcomes, strict=True):
        if item.index in failing:
            assert isinstance(outcome, ValueError)
        else:
            assert outcome == item.index * 2


@given(ITEMS, st.integers(1, 3), st.integers(1, 3))
@MANY
def test_batcher_answers_everything_in_little_memory(
    items: list[Item], fits: int, concurrency: int
) -> None:
    """Where single items fit, all are answered, and the batches soon fit as well."""
    test = bench(Engine(fits=fits), concurrency)
    assert finish(test, test.submit_all(items)) == [item.index * 2 for item in items]
    assert sum(report.size for report in test.reports) == len(items)
    assert all(0 < report.fill <= 1 for report in test.reports)


@given(ITEMS, st.integers(1, 3), WAITS_S)
@MANY
def test_batcher_reports_add_up(items: list[Item], concurrency: int, wait_s: float) -> None:
    """Every batch is reported once."""
    test = bench(Engine(), concurrency, wait_s)
    finish(test, test.submit_all(items))
    sizes = sorted(len(batch) for batch in test.engine.batches)
    assert sorted(report.size for report in test.reports) == sizes
    fills = sorted(
        min(1.0, max(len(batch) / ITEMS_MAX, sum(item.weight for item in batch) / WEIGHT_MAX))
        for batch in test.engine.batches
    )
    assert sorted(report.fill for report in test.reports) == fills
    for report in test.reports:
        assert report.wait_s >= 0
        assert report.run_s > 0


@given(ITEMS, st.sets(st.integers(0, 30)), st.integers(0, 4), st.integers(1, 3))
@MANY
def test_batcher_answers_those_who_stay(
    items: list[Item], leaving: set[int], patience: int, concurrency: int
) -> None:
    """Whoever is cancelled, at whatever moment, takes nobody's answer with them."""
    test = bench(Engine(), concurrency)

    async def submit_and_cancel() -> list[int | BaseException]:
        tasks = [asyncio.create_task(test.submit(item)) for item in items]
        for _ in range(patience):
            await asyncio.sleep(0)
        for index in leaving & set(range(len(tasks))):
            tasks[index].cancel()
        waiting = asyncio.gather(*tasks, return_exceptions=True)
        return await asyncio.wait_for(waiting, timeout=20)

    outcomes = finish(test, submit_and_cancel())
    for item, outcome in zip(items, outcomes, strict=True):
        if item.index not in leaving:
            assert outcome == item.index * 2
        else:
            assert isinstance(outcome, asyncio.CancelledError) or outcome == item.index * 2


def test_batcher_leaves_no_hole_for_cancelled_item() -> None:
    """An item whose submitter left before its batch was closed is not worked on."""
    test = bench(Engine())

    async def cancel_one() -> None:
        tasks = await behind_closed_gate(test, [Item(i) for i in range(4)])
        tasks[2].cancel()
        test.engine.gate.set()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)

    finish(test, cancel_one())
    assert test.engine.indices == [[0], [1, 3]]


def test_batcher_takes_what_queued_while_engine_was_busy() -> None:
    """Under load, batches form by themselves; the oldest bucket goes first."""
    test = bench(Engine())
    items = [Item(0), Item(1, "b"), Item(2, "a"), Item(3, "b"), Item(4, "a")]

    async def queue_up() -> list[int]:
        tasks = await behind_closed_gate(test, items)
        test.engine.gate.set()
        return await asyncio.wait_for(asyncio.gather(*tasks), 10)

    assert finish(test, queue_up()) == [0, 2, 4, 6, 8]
    assert test.engine.indices == [[0], [1, 3], [2, 4]]


def test_batcher_runs_heavy_item_alone() -> None:
    """What is heavier than the whole limit is no reason to wait for ever."""
    test = bench(Engine())
    items = [Item(0), Item(1, weight=6), Item(2, weight=25), Item(3, weight=4), Item(4, weight=6)]

    async def queue_up() -> list[int]:
        tasks = await behind_closed_gate(test, items)
        test.engine.gate.set()
        return await asyncio.wait_for(asyncio.gather(*tasks), 10)

    finish(test, queue_up())
    assert test.engine.indices == [[0], [1], [2], [3, 4]]


def test_batcher_waits_for_company_when_idle() -> None:
    """Items that come within the wait share a batch."""
    test = bench(Engine(), wait_s=0.1)
    finish(test, test.submit_all(Item(i, pause=i * 3) for i in range(3)))
    assert test.engine.indices == [[0, 1, 2]]
    assert test.reports[0].wait_s >= 0.09


def test_batcher_does_not_wait_when_batch_is_full() -> None:
    """A full batch has all the company that it can have."""
    test = bench(Engine(), wait_s=60.0)
    finish(test, test.submit_all(Item(i) for i in range(ITEMS_MAX)))
    assert test.engine.indices == [[0, 1, 2, 3]]


def test_batcher_works_on_several_batches_at_once() -> None:
    """Two batches meet in an engine that takes two."""
    test = bench(Engine(), concurrency=2)

    async def queue_up() -> list[int]:
        tasks = await behind_closed_gate(test, [Item(0), Item(1, "b"), Item(2, "c")])
        await until(lambda: len(test.engine.batches) == 2)
        test.engine.gate.set()
        return await asyncio.wait_for(asyncio.gather(*tasks), 10)

    finish(test, queue_up())
    assert test.engine.working_max == 2


WIDE, NARROW = 5.0, 1.0
"""Two wide items, or four narrow ones, are within the limits."""


@given(
    st.lists(st.sampled_from([("wide", WIDE, 0), ("narrow", NARROW, 0)]), max_size=20).map(
        numbered
    ),
    st.sampled_from([WIDE, WIDE + NARROW, 2 * WIDE - NARROW]),
    st.integers(1, 3),
)
@MANY
def test_batcher_keeps_narrow_batches_where_wide_ones_do_not_fit(
    items: list[Item], memory: float, concurrency: int
) -> None:
    """Memory goes with weight: what wide items need says nothing about the number of others."""
    test = bench(Engine(memory=memory), concurrency)
    narrow = [Item(100 + index, "narrow", NARROW) for index in range(ITEMS_MAX)]

    async def queue_up() -> None:
        answers = await test.submit_all(items)
        assert answers == [item.index * 2 for item in items]
        test.engine.batches.clear()
        tasks = await behind_closed_gate(test, [Item(50 + n, f"{n}") for n in range(concurrency)])
        tasks += [asyncio.create_task(test.submit(item)) for item in narrow]
        await asyncio.sleep(0.001)
        test.engine.gate.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)

    finish(test, queue_up())
    assert narrow in test.engine.batches


def test_batcher_halves_its_limit_for_good() -> None:
    """A batch that did not fit teaches the ones after it."""
    test = bench(Engine(fits=2))

    async def queue_up_twice() -> None:
        await test.submit_all(Item(i) for i in range(ITEMS_MAX))
        await test.submit_all(Item(i) for i in range(ITEMS_MAX, 2 * ITEMS_MAX))

    finish(test, queue_up_twice())
    assert test.engine.indices == [[0], [1, 2, 3], [1, 2], [3], [4], [5, 6], [7]]


def test_batcher_reports_fill_of_batch_that_outlived_its_limit() -> None:
    """A batch that was closed before the limit sank was full, and no more than that."""
    gates = {bucket: threading.Event() for bucket in ("first", "second", "small", "large")}
    gates["large"].set()

    def run(items: Sequence[Item]) -> list[int]:
        assert gates[items[0].bucket].wait(timeout=10)
        if items[0].bucket == "large" and len(items) > 1:
            raise OutOfMemory("too many")
        return [item.index for item in items]

    test = bench(Engine(), concurrency=2, run=run)

    async def outlive() -> None:
        held = asyncio.create_task(test.submit_all([Item(0, "first"), Item(0, "second")]))
        await asyncio.sleep(0.001)
        small = asyncio.create_task(test.submit_all(Item(i, "small") for i in range(ITEMS_MAX)))
        large = asyncio.create_task(test.submit_all(Item(i, "large") for i in range(ITEMS_MAX)))
        await asyncio.sleep(0.001)
        gates["first"].set()
        gates["second"].set()
        await asyncio.gather(held, large)
        gates["small"].set()
        await small

    finish(test, outlive())
    assert (test.reports[-1].size, test.reports[-1].fill) == (ITEMS_MAX, 1.0)


def test_batcher_gives_up_on_item_that_never_fits() -> None:
    """One item cannot be halved."""
    test = bench(Engine(fits=0))
    (outcome,) = finish(test, test.submit_all([Item(0)]))
    assert isinstance(outcome, OutOfMemory)


def batcher_of(
    run: "Engine | None", executor: ThreadPoolExecutor, report: "Reporter"
) -> MicroBatcher[Item, int]:
    """A batcher whose engine, where there is none, forgets an answer."""
    return MicroBatcher[Item, int](
        run.run if run else lambda items: [0] * (len(items) - 1),
        BatchLimits(ITEMS_MAX, WEIGHT_MAX, 0.0, 1),
        bucket=lambda item: item.bucket,
        weight=lambda item: item.weight,
        executor=executor,
        report=report,
    )


class Reporter:
    """Counts reports, and fails on all of them if told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.count = 0
        self._fails = fails

    def __call__(self, report: BatchReport) -> None:
        """Take a report."""
        self.count += 1
        if self._fails:
            raise RuntimeError("the reporter is broken")


async def test_batcher_blames_engine_for_missing_answers() -> None:
    """Too few answers cannot be told apart, so that none of them is used."""
    with ThreadPoolExecutor(1) as executor:
        batcher = batcher_of(None, executor, Reporter())
        with pytest.raises(EngineError, match="0 answers to 1 items"):
            await asyncio.wait_for(batcher.submit(Item(0)), 10)


async def test_batcher_answers_though_reporter_is_broken() -> None:
    """Metrics are not worth a document; the fault still reaches the loop's handler."""
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: faults.append(context.get("exception"))
    )
    reporter = Reporter(fails=True)
    with ThreadPoolExecutor(1) as executor:
        batcher = batcher_of(Engine(), executor, reporter)
        waiting = asyncio.gather(*(batcher.submit(Item(index)) for index in range(3)))
        assert await asyncio.wait_for(waiting, 10) == [0, 2, 4]
        await asyncio.sleep(0)
    assert reporter.count == len(faults) == 2


async def test_batcher_answers_split_batch_though_reporter_is_broken() -> None:
    """One item fails; the report of its neighbour takes nobody's answer."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    with ThreadPoolExecutor(1) as executor:
        batcher = batcher_of(Engine(fails_on=frozenset({1})), executor, Reporter(fails=True))
        waiting = asyncio.gather(
            *(batcher.submit(Item(index)) for index in range(4)), return_exceptions=True
        )
        first, failed, *others = await asyncio.wait_for(waiting, 10)
    assert isinstance(failed, ValueError)
    assert [first, *others] == [0, 4, 6]


def test_batcher_is_busy_with_each_part_of_split_batch_for_itself() -> None:
    """A batch that takes long in parts is no engine that hangs."""
    busy_s: list[float] = []

    def run(items: Sequence[Item]) -> list[int]:
        busy_s.append(test.batcher.busy_s)
        if len(items) > 1:
            time.sleep(0.2)
            raise OutOfMemory("too many")
        return [item.index for item in items]

    test = bench(Engine(), wait_s=60.0, run=run)
    finish(test, test.submit_all(Item(index) for index in range(ITEMS_MAX)))
    assert len(busy_s) == 7
    assert max(busy_s) < 0.15


async def test_batcher_tells_submitters_of_shutdown() -> None:
    """When the threads go, whoever waits is told, and does not wait for ever."""
    test = bench(Engine(), concurrency=2, threads=1)
    tasks = await behind_closed_gate(test, [Item(0), Item(1, "b"), Item(2, "c")])
    test.executor.shutdown(wait=False, cancel_futures=True)
    test.engine.gate.set()
    waiting = asyncio.gather(*tasks, return_exceptions=True)
    first, second, third = await asyncio.wait_for(waiting, 10)
    assert first == 0
    assert isinstance(second, EngineError)
    assert isinstance(third, (EngineError, RuntimeError))
