"""How probably a line was read rightly.

The recogniser's score, the mean over all characters, hides one doubtful digit among many sure ones.
The mean of the two least probable letters or digits does not, and a logistic curve makes a
probability of it (Platt scaling): that every letter and digit, and what stands between digits, is
right. Fitted to PP-OCRv6 small by `python -m tests.benchmarks.calibration`; docs/accuracy.md says
how well it holds.
"""

import heapq
import math
from collections.abc import Sequence

from processors.values import Reading

INTERCEPT, SLOPE = -0.667, 0.708
"""Of the curve over the logit of the weakest two."""

_WEAKEST = 2
_CLOSEST = 1e-4
"""No probability is nearer to 0 or 1 than this."""


def confidence(reading: Reading) -> float:
    """The probability that a line is right, 0-1; 0 where nothing was read."""
    if not reading.text:
        return 0.0
    return 1 / (1 + math.exp(-INTERCEPT - SLOPE * doubt(reading.text, reading.scores)))


def doubt(text: str, scores: Sequence[float]) -> float:
    """The logit of the mean probability of the two least probable letters or digits.

    Args:
        text: What was read.
        scores: The probability of each character.
    """
    counting = [s for c, s in zip(text, scores, strict=True) if c.isalnum()] or list(scores)
    weakest = heapq.nsmallest(_WEAKEST, counting)
    mean = min(1 - _CLOSEST, max(_CLOSEST, sum(weakest) / len(weakest)))
    return math.log(mean / (1 - mean))
