"""What is kept how long."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.places import Owned, failed_upload_key
from streams.retention.rules import UPLOADS_MARGIN_S, Area, RetentionClass, RetentionRules
from streams.settings import Settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
UPLOADS, RESULTS = RetentionClass.UPLOADS, RetentionClass.RESULTS
OWNED = Owned("", "0" * 32)


def rules(**settings: object) -> RetentionRules:
    """Rules of settings by field name."""
    return RetentionRules.of(Settings.from_environment(**settings))


@pytest.mark.parametrize(
    ("bucket", "key", "kind"),
    [
        ("uploads", "2026/a.png", UPLOADS),
        ("uploads", OWNED.upload_key, UPLOADS),
        ("ocr-results", OWNED.outcome_key, RESULTS),
        ("ocr-results", OWNED.tombstone_key, RESULTS),
        ("ocr-results", "raw/1/2.json", RESULTS),
        ("ocr-results", failed_upload_key("b", "k"), RetentionClass.DEAD_LETTERS),
        ("ocr-results", OWNED.picture_key(1), RetentionClass.PICTURES),
        ("ocr-results", "access/keys/abc.json", None),
        ("ocr-results", "else", None),
        ("ocr-keys", "uploads/a.png/" + "0" * 32, None),
        ("other", "a", None),
    ],
)
def test_class_of_tells_by_the_place(bucket: str, key: str, kind: RetentionClass | None) -> None:
    """Each prefix is of one class, and what has none is nobody's to delete."""
    assert rules().class_of(bucket, key) is kind


@pytest.mark.parametrize("key", ["access/keys/abc.json", "access/x"])
def test_class_of_keeps_api_keys_where_all_shares_one_bucket(key: str) -> None:
    """Uploads and results in one bucket: its API keys are no uploads, its results are results."""
    shared = rules(uploads_bucket="all", results_bucket="all", retain_uploads_s=0)
    assert shared.class_of("all", key) is None
    assert shared.class_of("all", OWNED.outcome_key) is RESULTS
    assert shared.class_of("all", "a.png") is UPLOADS


def test_areas_are_every_allowed_source_and_the_gateways() -> None:
    """Sources within sources are listed once; the gateway's uploads are there in any case."""
    own = rules(allowed_sources="a/x/,a/x/y/,b")
    uploads = [area for area in own.areas if area.kind is UPLOADS]
    assert uploads == [
        Area(UPLOADS, "a", "x/"),
        Area(UPLOADS, "b", ""),
        Area(UPLOADS, "uploads", "api/"),
    ]
    assert own.class_of("uploads", "in/a.png") is None


def test_keys_bucket_with_documents_in_it_holds_no_keys() -> None:
    """Whatever lies there is not taken for wrapped keys."""
    assert rules().keys_bucket == "ocr-keys"
    assert rules(allowed_sources="uploads,ocr-keys").keys_bucket is None


def test_is_over_is_never_without_a_setting() -> None:
    """Absent means for ever, also for uploads that nobody finished."""
    long_ago = NOW - timedelta(days=10_000)
    assert not any(rules().is_over(kind, long_ago, NOW) for kind in RetentionClass)
    assert not rules().is_given_up(UPLOADS, long_ago, NOW)


@given(age_s=st.floats(0, 10**7), since_s=st.floats(0, 10**8))
def test_is_over_leaves_uploads_a_margin(age_s: float, since_s: float) -> None:
    """Results go when their time is over, uploads an hour later."""
    own = rules(retain_uploads_s=age_s, retain_results_s=age_s)
    modified_at = NOW - timedelta(seconds=since_s)
    since = NOW - modified_at
    assert own.is_over(RESULTS, modified_at, NOW) is (since > timedelta(seconds=age_s))
    with_margin = timedelta(seconds=age_s + UPLOADS_MARGIN_S)
    assert own.is_over(UPLOADS, modified_at, NOW) is (since > with_margin)


@pytest.mark.parametrize(
    ("retain_s", "age_s", "given_up"),
    [
        *[(0, 3500, False), (0, 3700, True), (7200, 7100, False), (7200, 7300, True)],
        *[(10**6, 86_300, False), (10**6, 86_500, True)],
    ],
)
def test_unfinished_uploads_are_given_up_after_a_day_at_most(
    retain_s: float, age_s: float, given_up: bool
) -> None:
    """Or as soon as they would be deleted if they were finished, but not while they are young."""
    own = rules(retain_uploads_s=retain_s)
    assert own.is_given_up(UPLOADS, NOW - timedelta(seconds=age_s), NOW) is given_up


@pytest.mark.parametrize(
    ("uploads_s", "letters_s", "store_s"),
    [(10, 20, 604_820), (20, 10, 604_820), (10, None, None), (None, 10, None)],
)
def test_store_keeps_uploads_as_long_as_any_of_them(
    uploads_s: float | None, letters_s: float | None, store_s: float | None
) -> None:
    """And a week: a bucket's rule can tell neither what failed nor what was read."""
    own = rules(retain_uploads_s=uploads_s, retain_dead_letters_s=letters_s)
    assert own.store_age_s(UPLOADS) == store_s
    assert own.store_age_s(RetentionClass.DEAD_LETTERS) == letters_s
