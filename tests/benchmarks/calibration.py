"""How far confidences can be trusted, and the curve that makes them.

    python -m tests.benchmarks.calibration sroie icdar2015 multipage multiscript_eye tesseract_test

Documents are split into halves by turns. The curve is fitted to one half and judged on the other,
and the other way round; both together give the figures of each set. Prints them as a Markdown
table, beside those of the recogniser's own score, and the curve that fits all documents, for
`processors.confidence`. A line is right if what it says stands there (`evaluation.is_right`);
lines where the truth has nothing are left out.
"""

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processors.confidence import doubt
from processors.evaluation import ReadLine, Scores, is_right, near, spelled
from processors.reader import Reader, open_reader
from processors.values import EncodedDocument, ReadOptions
from streams.datasets import LabelledDocument, read_dataset
from streams.settings import Settings
from tests.labelled import DATA

IN_FLIGHT = 4

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """A line that was read."""

    is_even: bool
    doubt: float
    score: float
    is_right: bool


async def judge(reader: Reader, documents: list[LabelledDocument]) -> list[Judged]:
    """Read documents and judge each line."""
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int, document: LabelledDocument) -> list[Judged]:
        async with places:
            data = EncodedDocument(document.path.read_bytes())
            reading = await reader.read(data, ReadOptions())
        has_places = all(line.polygon is not None for line in document.lines)
        if not has_places and not document.is_complete:
            return []
        judged = []
        for page in reading.pages:
            for line in page.lines:
                if line.reading is None or not spelled(line.reading.text):
                    continue
                text, score = line.reading.text, line.reading.score
                truth = list(document.lines)
                if has_places:
                    truth = near(ReadLine(text, line.polygon, score, page.page_number), truth)
                if truth and not any(other.is_ignored for other in truth):
                    right = is_right(text, [other.text for other in truth])
                    doubtful = doubt(text, line.reading.scores)
                    judged.append(Judged(number % 2 == 0, doubtful, score, right))
        return judged

    found = await asyncio.gather(*(one(*numbered) for numbered in enumerate(documents)))
    return [line for lines in found for line in lines]


def fit(lines: list[Judged]) -> FloatArray:
    """Intercept and slope of the logistic curve, by Newton's method."""
    inputs = np.array([(1.0, line.doubt) for line in lines])
    right = np.array([line.is_right for line in lines], dtype=np.float64)
    curve = np.zeros(2)
    for _ in range(50):
        probable = 1 / (1 + np.exp(-inputs @ curve))
        slope = inputs * (probable * (1 - probable))[:, None]
        curve += np.linalg.solve(slope.T @ inputs + 1e-6 * np.eye(2), inputs.T @ (right - probable))
    return curve


def figures(lines: list[Judged], confidences: list[float]) -> str:
    """AUROC and expected calibration error."""
    scores = Scores(confidences=confidences, is_right=[line.is_right for line in lines])
    return f"{scores.auroc or 0:.3f} | {scores.calibration_error or 0:.3f}"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", type=Path, help=f"folders, by path or in {DATA}")
    arguments = parser.parse_args()
    sets: dict[str, list[Judged]] = {}
    with open_reader(Settings.from_environment().reader_options()) as reader:
        for folder in arguments.sets:
            documents = read_dataset(folder if folder.is_dir() else DATA / folder)
            sets[folder.name] = asyncio.run(judge(reader, documents))
    every = [line for lines in sets.values() for line in lines]
    curves = {is_even: fit([x for x in every if x.is_even != is_even]) for is_even in (False, True)}
    print("| set | lines | wrong | AUROC | ECE | AUROC of the score | ECE of the score |")
    print(f"|{' --- |' * 7}")
    for name, lines in sets.items():
        confidences = []
        for line in lines:
            intercept, slope = curves[line.is_even]
            confidences.append(float(1 / (1 + np.exp(-intercept - slope * line.doubt))))
        wrong = sum(not line.is_right for line in lines)
        ours, raw = figures(lines, confidences), figures(lines, [line.score for line in lines])
        print(f"| {name} | {len(lines)} | {wrong} | {ours} | {raw} |")
    intercept, slope = fit(every)
    print(f"\nINTERCEPT, SLOPE = {intercept:.3f}, {slope:.3f}")


if __name__ == "__main__":
    main()
