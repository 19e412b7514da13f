"""How long what lies in the store is kept: which class an object is of, and when its time is over.

    uploads        every allowed source, and what the gateway puts into UPLOADS_BUCKET
    results        documents/, results/ and raw/ in RESULTS_BUCKET
    dead_letters   dead-letters/ in RESULTS_BUCKET
    pictures       pictures/ in RESULTS_BUCKET

What is in no class (the gateway's API keys, other programs' objects) is nobody's to delete here.
Three nets: a worker deletes uploads when they are settled (`settled_uploads.py`), the store deletes
by its own rules (`lifecycle.py`), and `ocrstream retention sweep` what is left (`sweep.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from streams.places import (
    ACCESS_PREFIX,
    DEAD_LETTERS_PREFIX,
    DOCUMENTS_PREFIX,
    PICTURES_PREFIX,
    RAW_RESULTS_PREFIX,
    RESULTS_PREFIX,
    UPLOADS_PREFIX,
)
from streams.settings import Settings

UPLOADS_MARGIN_S = 3_600.0
"""The sweep leaves an upload to whoever settles it this much longer."""

UNREAD_MARGIN_S = 604_800.0
"""So much longer it leaves one of which nothing shows that it was read.

Its event is gone by then: topics keep messages for a week unless told otherwise.
"""

UNFINISHED_AGE_MIN_S = 3_600.0
"""A younger multipart upload may still be under way, however short things are kept."""

UNFINISHED_AGE_MAX_S = 86_400.0
"""An older one was given up, however long things are kept."""


class RetentionClass(StrEnum):
    """What is kept equally long."""

    UPLOADS = "uploads"
    RESULTS = "results"
    DEAD_LETTERS = "dead_letters"
    PICTURES = "pictures"


RESULTS_AREAS = (
    (RetentionClass.RESULTS, DOCUMENTS_PREFIX),
    (RetentionClass.RESULTS, RESULTS_PREFIX),
    (RetentionClass.RESULTS, RAW_RESULTS_PREFIX),
    (RetentionClass.DEAD_LETTERS, DEAD_LETTERS_PREFIX),
    (RetentionClass.PICTURES, PICTURES_PREFIX),
)


@dataclass(frozen=True, slots=True)
class Area:
    """Where objects of one class lie: all that a bucket has below a prefix.

    Where another class has a prefix of its own within it, that one counts.
    """

    kind: RetentionClass
    bucket: str
    prefix: str

    def covers(self, bucket: str, key: str) -> bool:
        """Whether an object lies in here."""
        return bucket == self.bucket and key.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """What is kept how long.

    Attributes:
        areas: Of all classes, none within another one of its own class.
        results_bucket: Whose objects are of no class outside of the areas with a prefix.
        keys_bucket: Where wrapped data keys lie; None: it holds documents, and so no keys.
        ages_s: Seconds that each class is kept; one that is missing is kept for ever.
    """

    areas: tuple[Area, ...]
    results_bucket: str
    keys_bucket: str | None
    ages_s: dict[RetentionClass, float]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings have it."""
        results = settings.results_bucket
        areas = tuple(Area(kind, results, prefix) for kind, prefix in RESULTS_AREAS)
        sources = {*settings.sources(), (settings.uploads_bucket, UPLOADS_PREFIX)}
        uploads = [Area(RetentionClass.UPLOADS, *source) for source in sorted(sources)]
        outer = [area for area in uploads if not _is_within_another(area, uploads)]
        holds_documents = settings.keys_bucket in {results, *(area.bucket for area in outer)}
        ages = {
            RetentionClass.UPLOADS: settings.retain_uploads_s,
            RetentionClass.RESULTS: settings.retain_results_s,
            RetentionClass.DEAD_LETTERS: settings.retain_dead_letters_s,
            RetentionClass.PICTURES: settings.retain_pictures_s,
        }
        return cls(
            (*areas, *outer),
            results,
            None if holds_documents else settings.keys_bucket,
            {kind: age_s for kind, age_s in ages.items() if age_s is not None},
        )

    def class_of(self, bucket: str, key: str) -> RetentionClass | None:
        """What an object is of, None where it is nothing of ours."""
        kinds = [area.kind for area in self.areas if area.covers(bucket, key)]
        if kinds and kinds[0] is RetentionClass.UPLOADS and self._is_reserved(bucket, key):
            return None
        return kinds[0] if kinds else None

    def is_over(self, kind: RetentionClass, modified_at: datetime, now: datetime) -> bool:
        """Whether an object of a class may go, as far as its age tells."""
        age_s = self.ages_s.get(kind)
        if age_s is None:
            return False
        margin_s = UPLOADS_MARGIN_S if kind is RetentionClass.UPLOADS else 0.0
        return now - modified_at > timedelta(seconds=age_s + margin_s)

    def is_hopeless(self, modified_at: datetime, now: datetime) -> bool:
        """Whether an upload may go though nothing shows that it was read."""
        age_s = self.ages_s.get(RetentionClass.UPLOADS)
        if age_s is None:
            return False
        return now - modified_at > timedelta(seconds=age_s + UNREAD_MARGIN_S)

    def is_given_up(self, kind: RetentionClass, begun_at: datetime, now: datetime) -> bool:
        """Whether a multipart upload of a class that was begun then will not be finished."""
        age_s = self.ages_s.get(kind)
        if age_s is None:
            return False
        limit_s = min(UNFINISHED_AGE_MAX_S, max(UNFINISHED_AGE_MIN_S, age_s))
        return now - begun_at > timedelta(seconds=limit_s)

    def store_age_s(self, kind: RetentionClass) -> float | None:
        """After how long the store itself may delete; None: never.

        It knows neither which documents failed nor which were read, and keeps all uploads as long
        as those.
        """
        if kind is not RetentionClass.UPLOADS:
            return self.ages_s.get(kind)
        ages_s = [self.ages_s.get(one) for one in (kind, RetentionClass.DEAD_LETTERS)]
        known = [age_s for age_s in ages_s if age_s is not None]
        return max(known) + UNREAD_MARGIN_S if len(known) == len(ages_s) else None

    def _is_reserved(self, bucket: str, key: str) -> bool:
        """Whether an object lies where the gateway keeps its API keys."""
        return bucket == self.results_bucket and key.startswith(ACCESS_PREFIX)


def _is_within_another(area: Area, areas: list[Area]) -> bool:
    return any(other != area and other.covers(area.bucket, area.prefix) for other in areas)
