"""How often a caller may ask: a bucket of tokens for each.

Buckets are in memory, so that each replica counts for itself: with three of them, a caller may ask
up to three times as often. It keeps one caller from crowding out the others; it is no quota.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from streams.access.caller import Caller

BURST_S = 2.0
"""A caller that was silent may ask for so many seconds' worth at once."""

BUCKETS_MAX = 10_000
"""Whoever was silent for longest is forgotten; its bucket is the fullest."""


@dataclass(slots=True)
class _Bucket:
    """What was left at a time of our clock."""

    tokens: float
    at_s: float


class RateLimiter:
    """Counts what callers with a rate ask for.

    Args:
        clock: Seconds that never go back.
        buckets_max: Callers that are counted.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, buckets_max: int = BUCKETS_MAX
    ) -> None:
        self._clock = clock
        self._buckets_max = buckets_max
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, caller: Caller) -> float | None:
        """Count one request.

        Returns:
            None if it may pass; else, in seconds, how long the caller must wait.
        """
        rate_per_s = caller.rate_per_s
        if rate_per_s is None:
            return None
        burst = max(1.0, BURST_S * rate_per_s)
        now_s = self._clock()
        bucket = self._buckets.pop(caller.subject, None) or _Bucket(burst, now_s)
        self._buckets[caller.subject] = bucket
        if len(self._buckets) > self._buckets_max:
            self._buckets.popitem(last=False)
        bucket.tokens = min(burst, bucket.tokens + (now_s - bucket.at_s) * rate_per_s)
        bucket.at_s = now_s
        if bucket.tokens < 1.0:
            return (1.0 - bucket.tokens) / rate_per_s
        bucket.tokens -= 1.0
        return None
