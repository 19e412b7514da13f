"""Which rules buckets are to have."""

import pytest

from streams.retention.lifecycle import PlannedRule, areas_without_rule, planned_rules
from streams.retention.rules import RetentionRules
from streams.settings import Settings

DAY_S = 86_400


def rules(**settings: object) -> RetentionRules:
    """Rules of settings by field name."""
    return RetentionRules.of(Settings.from_environment(**settings))


def planned(**settings: object) -> set[tuple[str, str, int]]:
    """Buckets, prefixes and days of all planned rules but those of data keys."""
    by_bucket = planned_rules(rules(**settings))
    return {
        (p.bucket, p.prefix, p.days) for b in by_bucket for p in by_bucket[b] if b != "ocr-keys"
    }


def test_no_rule_without_a_setting() -> None:
    """Absent means for ever."""
    assert planned() == set()


@pytest.mark.parametrize(("age_s", "days"), [(0, 1), (1, 2), (DAY_S, 2), (DAY_S + 1, 3)])
def test_days_are_rounded_up_and_one_more(age_s: float, days: int) -> None:
    """A rule never deletes what is still to be kept."""
    assert planned(retain_pictures_s=age_s) == {("ocr-results", "pictures/", days)}


def test_uploads_are_kept_as_long_as_failed_ones() -> None:
    """In every source; without a time for dead letters there is no rule, and it is said why."""
    both = {"retain_uploads_s": DAY_S, "allowed_sources": "uploads,scans/in/"}
    with_letters = planned(**both, retain_dead_letters_s=9 * DAY_S)
    assert with_letters == {
        ("uploads", "", 17),
        ("scans", "in/", 17),
        ("ocr-results", "dead-letters/", 10),
    }
    assert planned(**both) == set()
    reasons = areas_without_rule(rules(**both))
    assert {(area.bucket, area.prefix) for area in reasons} == {("uploads", ""), ("scans", "in/")}


def test_data_keys_have_the_same_rules() -> None:
    """Below the bucket's name."""
    by_bucket = planned_rules(rules(retain_pictures_s=0))
    assert by_bucket["ocr-keys"] == [PlannedRule("ocr-keys", "ocr-results/pictures/", 1)]


def test_no_rule_covers_api_keys() -> None:
    """Where uploads and results share a bucket, its uploads are left to the sweep."""
    shared = {
        "uploads_bucket": "all",
        "results_bucket": "all",
        "retain_uploads_s": 1,
        "retain_dead_letters_s": 1,
    }
    assert planned(**shared) == {("all", "dead-letters/", 2)}
    assert [area.prefix for area in areas_without_rule(rules(**shared))] == [""]


def test_rules_of_different_prefixes_have_different_ids() -> None:
    """Ids are unique in a bucket, and known for ours."""
    ids = {PlannedRule("b", prefix, 1).rule_id for prefix in ("", "a/b", "a-b", "é")}
    assert len(ids) == 4
    assert all(rule_id.startswith("ocrstream-") for rule_id in ids)
