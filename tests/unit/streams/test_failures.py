"""One table decides what a failure means."""

import asyncio

import pytest

from processors import errors as reading
from schemas.codecs import InvalidOptions, MalformedEvent
from schemas.dead_letters import Category, Stage
from streams import errors as delivery
from streams.failures import Kind, sort_failure
from streams.retry import BACK_OFF_MAX_S, Dead, Retrier, back_off_s


@pytest.mark.parametrize(
    ("error", "kind", "category"),
    [
        (MalformedEvent(), Kind.DOCUMENT, Category.MALFORMED_EVENT),
        (InvalidOptions(), Kind.DOCUMENT, Category.INVALID_OPTIONS),
        (delivery.SourceRefused(), Kind.DOCUMENT, Category.SOURCE_REFUSED),
        (delivery.ObjectMissing(), Kind.DOCUMENT, Category.OBJECT_MISSING),
        (delivery.ObjectForbidden(), Kind.DOCUMENT, Category.OBJECT_FORBIDDEN),
        (delivery.ObjectTooLarge(), Kind.DOCUMENT, Category.OBJECT_TOO_LARGE),
        (delivery.DecryptionFailed(), Kind.DOCUMENT, Category.DECRYPTION_FAILED),
        (delivery.DataKeyDestroyed(), Kind.DOCUMENT, Category.DECRYPTION_FAILED),
        (delivery.KeyRecordAltered(), Kind.DOCUMENT, Category.DECRYPTION_FAILED),
        (delivery.PublishRejected(), Kind.DOCUMENT, Category.PUBLISH_REJECTED),
        (reading.UnsupportedFormat(), Kind.DOCUMENT, Category.UNSUPPORTED_FORMAT),
        (reading.CorruptDocument(), Kind.DOCUMENT, Category.CORRUPT_DOCUMENT),
        (reading.NoSuchPage(), Kind.DOCUMENT, Category.INVALID_OPTIONS),
        (reading.TooManyPixels(), Kind.DOCUMENT, Category.TOO_MANY_PIXELS),
        (reading.UnsupportedLanguage(), Kind.DOCUMENT, Category.UNSUPPORTED_LANGUAGE),
        (reading.EngineError(), Kind.READER, Category.ENGINE_ERROR),
        (KeyError("a bug"), Kind.READER, Category.ENGINE_ERROR),
        (delivery.StoreAway(), Kind.DEPENDENCY, None),
        (delivery.BrokerAway(), Kind.DEPENDENCY, None),
        (delivery.MasterKeyUnknown(), Kind.DEPENDENCY, None),
    ],
)
def test_sort_failure_knows_whose_failure_it_is(
    error: Exception, kind: Kind, category: Category | None
) -> None:
    """Every error of ours has its kind and its category."""
    verdict = sort_failure(error)
    assert (verdict.kind, verdict.category) == (kind, category)
    assert (verdict.attempts_max is None) == (kind is Kind.DEPENDENCY)


async def test_retrier_never_catches_cancellation() -> None:
    """Draining must be able to stop a step that is held."""

    async def away() -> None:
        raise delivery.StoreAway("gone")

    retrier = Retrier(lambda _: None, lambda _: None, lambda _: None)
    held = asyncio.create_task(retrier.run(Stage.FETCH, away))
    await asyncio.sleep(0.05)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held


async def test_retrier_buries_a_documents_fault_at_once() -> None:
    """The same bytes would fail again: there is one attempt."""

    async def broken() -> None:
        raise reading.CorruptDocument("cut off")

    with pytest.raises(Dead) as caught:
        await Retrier(lambda _: None, lambda _: None, lambda _: None).run(Stage.READ, broken)
    assert (caught.value.attempts, caught.value.message) == (1, "cut off")


def test_back_off_grows_to_its_limit_with_jitter() -> None:
    """Waits double up to a limit, and no two workers wait alike."""
    assert back_off_s(1) < 0.5
    late = [back_off_s(attempt) for attempt in range(10, 1000)]
    assert max(late) <= BACK_OFF_MAX_S
    assert min(late) >= BACK_OFF_MAX_S / 2
    assert len(set(late)) > 900
