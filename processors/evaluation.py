"""How well a reading agrees with the truth.

All figures are summed over documents first and divided then (micro-averaged), so that a long
document counts for more than a short one.
"""

import itertools
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from processors.geometry import shared_area
from processors.values import PolygonArray

IOU_MIN = 0.5
"""A region counts as found where it overlaps so much (ICDAR 2015, task 4.1)."""

IGNORED_SHARE = 0.5
"""A found region of which so much lies in a region to be ignored does not count at all."""

SAME_PLACE_SHARE = 0.3
"""Lines stand at one place where so much of the smaller one lies in the other."""

CALIBRATION_BINS = 10

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC")
"""What the Unicode names of characters begin with that are written without spaces."""


@dataclass(frozen=True, slots=True, eq=False)
class TruthLine:
    """A line as it stands on the page.

    Attributes:
        text: What it says; empty where nobody could tell.
        polygon: (4, 2) float32, pixels of the upright page; None where only the text is known.
        page_number: Counted from 1.
        is_ignored: Neither finding it nor missing it counts.
    """

    text: str
    polygon: PolygonArray | None
    page_number: int = 1
    is_ignored: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ReadLine:
    """A line as it was read; `confidence` 0-1."""

    text: str
    polygon: PolygonArray
    confidence: float
    page_number: int = 1


@dataclass(slots=True)
class Scores:
    """Sums over documents; add up with `+=`.

    Attributes:
        found_words: Words of the truth that were read.
        true_words: Words of the truth.
        shared_words: `found_words` of documents whose whole text is known; so with the next two.
        whole_words: Words of the truth.
        read_words: Words that were read.
        matched: Regions that were found, each one once.
        true_regions: Regions of the truth.
        read_regions: Regions that were read.
        edits: Insertions, deletions and replacements in matched lines.
        true_characters: Characters of the matched lines.
        exact: Matched lines without an edit.
        in_order: Pairs of neighbouring matched lines that were read in the truth's order.
        pairs: All such pairs.
        confidences: Of the lines that stand where the truth has some.
        is_right: Whether what each of them says stands there.
    """

    documents: int = 0
    found_words: int = 0
    true_words: int = 0
    shared_words: int = 0
    whole_words: int = 0
    read_words: int = 0
    matched: int = 0
    true_regions: int = 0
    read_regions: int = 0
    edits: int = 0
    true_characters: int = 0
    exact: int = 0
    in_order: int = 0
    pairs: int = 0
    confidences: list[float] = field(default_factory=list)
    is_right: list[bool] = field(default_factory=list)

    def __iadd__(self, other: "Scores") -> "Scores":
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    @property
    def word_f1(self) -> float | None:
        """Harmonic mean of precision and recall of words, where all of the text is known."""
        return _harmonic(self.shared_words, self.read_words, self.whole_words)

    @property
    def hmean(self) -> float | None:
        """Harmonic mean of precision and recall of regions."""
        return _harmonic(self.matched, self.read_regions, self.true_regions)

    @property
    def character_error_rate(self) -> float | None:
        """Edits per character of the matched lines."""
        return _share(self.edits, self.true_characters)

    @property
    def auroc(self) -> float | None:
        """How probably a right line has more confidence than a wrong one."""
        right = np.array([c for c, ok in zip(self.confidences, self.is_right, strict=True) if ok])
        wrong = np.array(
            [c for c, ok in zip(self.confidences, self.is_right, strict=True) if not ok]
        )
        if not len(right) or not len(wrong):
            return None
        above = (right[:, None] > wrong).mean() + (right[:, None] == wrong).mean() / 2
        return float(above)

    @property
    def calibration_error(self) -> float | None:
        """Expected calibration error: |confidence - share of right lines|, in ten equal bins."""
        if not self.confidences:
            return None
        confidences = np.array(self.confidences)
        right = np.array(self.is_right, dtype=np.float64)
        bins = np.minimum((confidences * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
        gaps = [
            abs(confidences[bins == index].sum() - right[bins == index].sum())
            for index in range(CALIBRATION_BINS)
        ]
        return float(sum(gaps) / len(confidences))

    def figures(self) -> dict[str, float | int | None]:
        """What a table shows; None where the truth does not tell."""
        return {
            "documents": self.documents,
            "word_f1": self.word_f1,
            "word_precision": _share(self.shared_words, self.read_words),
            "word_recall": _share(self.found_words, self.true_words),
            "detection_precision": _share(self.matched, self.read_regions),
            "detection_recall": _share(self.matched, self.true_regions),
            "detection_hmean": self.hmean,
            "character_error_rate": self.character_error_rate,
            "exact_lines": _share(self.exact, self.matched),
            "reading_order": _share(self.in_order, self.pairs),
            "auroc": self.auroc,
            "calibration_error": self.calibration_error,
        }


def score(
    truth: Sequence[TruthLine], read: Sequence[ReadLine], text: str, is_complete: bool = True
) -> Scores:
    """Compare one document.

    Args:
        truth: Its lines, in reading order as far as the order is to be judged.
        read: What was read, in reading order.
        text: All that was read, as one text.
        is_complete: Whether the truth has all the text; else what was read beyond is no error.

    Returns:
        The sums; regions and lines only where the truth has places.
    """
    true_words = words("\n".join(line.text for line in truth if not line.is_ignored))
    places = [line for line in truth if line.polygon is not None]
    kept = [line for line in read if not _is_ignored(line, places)]
    read_words = words(text)
    if len(kept) < len(read):
        read_words -= words("\n".join(line.text for line in read)) - words(
            "\n".join(line.text for line in kept)
        )
    found = (true_words & read_words).total()
    scores = Scores(documents=1, found_words=found, true_words=true_words.total())
    if is_complete:
        scores.shared_words, scores.whole_words = found, true_words.total()
        scores.read_words = read_words.total()
    if places and len(places) == len(truth):
        _score_lines([line for line in places if not line.is_ignored], kept, scores)
        for line in kept:
            there = near(line, places)
            if there and spelled(line.text):
                scores.confidences.append(line.confidence)
                scores.is_right.append(is_right(line.text, [other.text for other in there]))
    return scores


def is_right(text: str, truth: Sequence[str]) -> bool:
    """Whether what a line says stands in the lines of the truth at its place.

    Letters, digits and what stands between digits count, cases and blanks do not. Where a line
    begins and ends is the detector's matter: a part of the truth's line, or two of them, is right.
    """
    said, joined = spelled(text), " ".join(truth)
    return (
        said in spelled(joined)
        or said in "".join(map(spelled, truth))
        or not words(text) - words(joined)
    )


def spelled(text: str) -> str:
    """Letters, marks, digits, and what stands between digits: `1.80` is not `180`."""
    line = folded(text)
    return "".join(
        character
        for index, character in enumerate(line)
        if unicodedata.category(character)[0] in "LMN"
        or (0 < index < len(line) - 1 and line[index - 1].isdigit() and line[index + 1].isdigit())
    )


def near(line: ReadLine, truth: Sequence[TruthLine]) -> list[TruthLine]:
    """The lines of the truth at the place of one that was read."""
    return [other for other in truth if _stands_at(line, other)]


def _stands_at(line: ReadLine, other: TruthLine) -> bool:
    """Whether a third of the smaller of two lines lies in the other one."""
    if other.polygon is None or other.page_number != line.page_number:
        return False
    if not _touch(line.polygon, other.polygon):
        return False
    smaller = min(float(cv2.contourArea(p)) for p in (line.polygon, other.polygon))
    return shared_area(line.polygon, other.polygon) > SAME_PLACE_SHARE * smaller


def _score_lines(truth: Sequence[TruthLine], read: Sequence[ReadLine], scores: Scores) -> None:
    scores.true_regions, scores.read_regions = len(truth), len(read)
    found = match(truth, read)
    scores.matched = len(found)
    for true_index, read_index in sorted(found.items()):
        expected, got = folded(truth[true_index].text), folded(read[read_index].text)
        edits = edit_distance(expected, got)
        scores.edits += edits
        scores.true_characters += len(expected)
        scores.exact += edits == 0
    order = [found[index] for index in sorted(found)]
    scores.pairs = max(0, len(order) - 1)
    scores.in_order = sum(first < second for first, second in itertools.pairwise(order))


def words(text: str) -> Counter[str]:
    """The bag of words: runs of letters, marks and digits, case folded.

    In scripts that are written without spaces each character is a word.
    """
    found: Counter[str] = Counter()
    run = ""
    for character in unicodedata.normalize("NFKC", text).casefold() + " ":
        if unicodedata.category(character)[0] not in "LMN":
            is_word, is_alone = False, False
        else:
            is_word, is_alone = True, unicodedata.name(character, "").startswith(_UNSPACED)
        if run and (is_alone or not is_word):
            found[run] += 1
            run = ""
        if is_alone:
            found[character] += 1
        elif is_word:
            run += character
    return found


def folded(text: str) -> str:
    """A line as it is compared: compatible forms and cases are equal, blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def edit_distance(first: str, second: str) -> int:
    """Fewest insertions, deletions and replacements that lead from one text to the other."""
    row = np.arange(len(second) + 1)
    codes = np.array([ord(character) for character in second], dtype=np.int64)
    places = np.arange(len(second) + 1)
    for number, character in enumerate(first, 1):
        replaced = row[:-1] + (codes != ord(character))
        best = np.minimum(replaced, row[1:] + 1)
        row = np.concatenate(([number], best))
        row = np.minimum.accumulate(row - places) + places  # insertions, from left to right
    return int(row[-1])


def match(truth: Sequence[TruthLine], read: Sequence[ReadLine]) -> dict[int, int]:
    """Pair regions, those that overlap most first.

    Returns:
        Index into `truth` to index into `read`.
    """
    overlaps = sorted(
        (
            (iou(line.polygon, other.polygon), true_index, read_index)
            for true_index, line in enumerate(truth)
            for read_index, other in enumerate(read)
            if line.polygon is not None
            and line.page_number == other.page_number
            and _touch(line.polygon, other.polygon)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for overlap, true_index, read_index in overlaps:
        if overlap >= IOU_MIN and true_index not in pairs and read_index not in taken:
            pairs[true_index] = read_index
            taken.add(read_index)
    return pairs


def iou(first: PolygonArray, second: PolygonArray) -> float:
    """Intersection over union of two (N, 2) polygons, convex, or those of curved lines."""
    shared = shared_area(first, second)
    union = cv2.contourArea(first) + cv2.contourArea(second) - shared
    return shared / union if union > 0 else 0.0


def _touch(first: PolygonArray, second: PolygonArray) -> bool:
    return bool(
        (first.min(axis=0) < second.max(axis=0)).all()
        and (second.min(axis=0) < first.max(axis=0)).all()
    )


def _is_ignored(line: ReadLine, truth: Sequence[TruthLine]) -> bool:
    area = float(cv2.contourArea(line.polygon))
    return any(
        other.is_ignored
        and other.polygon is not None
        and other.page_number == line.page_number
        and _touch(line.polygon, other.polygon)
        and shared_area(line.polygon, other.polygon) > IGNORED_SHARE * area
        for other in truth
    )


def _harmonic(shared: int, found: int, expected: int) -> float | None:
    """Harmonic mean of precision and recall; None where nothing was expected."""
    return 2 * shared / (found + expected) if expected else None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
