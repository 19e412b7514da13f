"""How much personal data is masked, and how much else: on clean text, and through reading.

    python -m tests.benchmarks.personal_data --documents 600 --set reporting

Prints a Markdown table, one row for each kind: instances; recall (nine tenths of the place and more
are masked) without reading and with it; the share of which no four characters in a row are left
readable; the share of what was masked that is personal data.
"""

import argparse
import asyncio
import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from processors.describe import describe_page
from processors.masking.find import find_personal_data
from processors.masking.mask import mask_pages
from processors.masking.options import MaskOptions
from processors.masking.places import masked_span
from processors.reader import Reader, open_reader
from processors.reader_options import ReaderOptions
from processors.values import EncodedDocument, ReadOptions
from schemas.masking import MaskedSpan
from schemas.results import (
    PageEnhancement,
    PageQuality,
    PageSource,
    RecognizedLine,
    RecognizedPage,
    RecognizedWord,
)
from tests.benchmarks.personal.documents import (
    Box,
    DrawnLine,
    Instance,
    PersonalDocument,
    make_documents,
    missing_fonts,
)
from tests.benchmarks.personal.report_templates import REPORTING
from tests.benchmarks.personal.templates import FIRST, SECOND, TUNING
from tests.benchmarks.personal.third_templates import THIRD

SEEN = {"tuning": TUNING, "first": FIRST, "second": SECOND, "third": THIRD}
SETS = {**SEEN, "reporting": REPORTING}
COVERED_MIN = 0.9
TRACE_LENGTH = 4
OPTIONS = MaskOptions()

COLUMNS = (
    *("kind", "instances", "recall, text", "recall, read", "no trace, read"),
    *("masked, read", "precision, text", "precision, read"),
)


@dataclass(slots=True)
class Tally:
    """What became of the instances of each kind."""

    instances: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    traceless: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, document: PersonalDocument, page: RecognizedPage) -> None:
        """Mask a page and count."""
        masked = mask_pages([page], OPTIONS).pages[0]
        for one in document.instances:
            self.instances[one.kind] += 1
            is_covered = all(_covered(box, masked.masked or ()) >= COVERED_MIN for box in one.boxes)
            is_traceless = not _has_trace(one, masked)
            self.covered[one.kind] += is_covered
            self.traceless[one.kind] += is_traceless
            if not (is_covered and is_traceless):
                read = " / ".join(text for box in one.boxes for text in _texts(box, page))
                left = " / ".join(text for box in one.boxes for text in _texts(box, masked))
                self.faults.append(
                    f"missed {one.kind} {one.text!r} read {read!r} left {left!r}{_where(document)}"
                )
        places = [box for one in document.instances for box in one.boxes]
        for data in find_personal_data(page, OPTIONS):
            self.masked[data.kind] += 1
            spans = [masked_span(data.kind, page.lines[p.line_index], p) for p in data.parts]
            is_right = any(_overlap(span.box, box) > 0.3 for span in spans for box in places)
            self.right[data.kind] += is_right
            if not is_right:
                texts = [(page.lines[p.line_index].text or "")[p.start : p.end] for p in data.parts]
                self.faults.append(f"wrong {data.kind} {texts}{_where(document)}")


def _where(document: PersonalDocument) -> str:
    return f" ({document.template}, {document.damage})"


def _overlap(first: Box, second: Box) -> float:
    """The share of the narrower box's width that both share, 0 on different lines."""
    if not _same_line(first, second):
        return 0.0
    shared = min(first[2], second[2]) - max(first[0], second[0])
    return shared / max(1.0, min(first[2] - first[0], second[2] - second[0]))


def _same_line(first: Box, second: Box) -> bool:
    middle = (first[1] + first[3]) / 2
    return second[1] <= middle <= second[3] or first[1] <= (second[1] + second[3]) / 2 <= first[3]


def _covered(box: Box, spans: Sequence[MaskedSpan]) -> float:
    """The share of a box's width under the spans on its line."""
    cuts = sorted(
        (max(box[0], span.box[0]), min(box[2], span.box[2]))
        for span in spans
        if _same_line(box, span.box)
    )
    covered, end = 0.0, box[0]
    for left, right in cuts:
        covered += max(0.0, right - max(left, end))
        end = max(end, right)
    return covered / max(1.0, box[2] - box[0])


def _texts(box: Box, page: RecognizedPage) -> Iterator[str]:
    """The words of a page that stand in a box."""
    for line in page.lines:
        for word in line.words or ():
            if _overlap(word.box, box) > 0.3:
                yield word.text


def _has_trace(instance: Instance, masked: RecognizedPage) -> bool:
    """Whether four characters of an instance can be read in a row where it stood."""
    texts = [text for box in instance.boxes for text in _texts(box, masked)]
    left = "".join(c for c in "".join(texts).lower() if c.isalnum() or c == "█")
    plain = "".join(c for c in instance.text.lower() if c.isalnum())
    grams = {plain[i : i + TRACE_LENGTH] for i in range(len(plain) - TRACE_LENGTH + 1)}
    return any(gram in left for gram in grams)


def clean_page(document: PersonalDocument) -> RecognizedPage:
    """The page as a perfect reader would give it."""
    height, width = document.pixels.shape[:2]
    lines = tuple(map(_clean_line, document.lines))
    return RecognizedPage(
        page_number=1,
        width=width,
        height=height,
        text="\n".join(line.text or "" for line in lines),
        source=PageSource(
            width=width,
            height=height,
            dpi=None,
            rotation_degrees=0,
            transform=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        ),
        quality=PageQuality(sharpness=1.0, contrast=1.0, brightness=1.0),
        enhancement=PageEnhancement(applied=()),
        lines=lines,
    )


def _clean_line(line: DrawnLine) -> RecognizedLine:
    words = tuple(
        RecognizedWord(text=text, score=1.0, box=box, polygon=_corners(box))
        for text, box in line.words
    )
    return RecognizedLine(
        text=line.text,
        confidence=1.0,
        score=1.0,
        box=line.box,
        polygon=_corners(line.box),
        words=words,
    )


def _corners(box: Box) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = box
    return ((left, top), (right, top), (right, bottom), (left, bottom))


async def read_pages(reader: Reader, document: PersonalDocument) -> list[RecognizedPage]:
    """Read a document with its words' places."""
    _, data = cv2.imencode(".png", document.pixels)
    reading = await reader.read(EncodedDocument(data.tobytes()), ReadOptions(words=True))
    return [describe_page(page) for page in reading.pages]


def table(text: Tally, read: Tally) -> Iterator[str]:
    """The rows of the table."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"
    for kind in sorted(text.instances):
        instances, masked = text.instances[kind], read.masked[kind]
        cells = (
            *(kind, instances, _share(text.covered[kind], instances)),
            *(_share(read.covered[kind], instances), _share(read.traceless[kind], instances)),
            *(
                masked,
                _share(text.right[kind], text.masked[kind]),
                _share(read.right[kind], masked),
            ),
        )
        yield f"| {' | '.join(map(str, cells))} |"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


async def measure(documents: Sequence[PersonalDocument], reader: Reader | None) -> None:
    """Mask each document twice, as text and as it is read, and print."""
    text, read = Tally(), Tally()
    for document in documents:
        text.add(document, clean_page(document))
        if reader is not None:
            for page in await read_pages(reader, document):
                read.add(document, page)
    print("\n".join(table(text, read)))
    for tally, name in ((text, "text"), (read, "read")):
        for fault in tally.faults:
            print(f"{name}: {fault}")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--set", choices=SETS, default="reporting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"))
    parser.add_argument("--text-only", action="store_true", help="read nothing")
    parser.add_argument("--damages", nargs="+", help="only these")
    arguments = parser.parse_args()
    missing = missing_fonts(arguments.fonts)
    print(f"fonts missing: {', '.join(missing) or 'none'}")
    made = make_documents(SETS[arguments.set], arguments.documents, arguments.seed, arguments.fonts)
    documents = [one for one in made if not arguments.damages or one.damage in arguments.damages]
    print(f"{len(documents)} documents, {arguments.set}, seed {arguments.seed}")
    print(f"{platform.machine()}, {os.cpu_count()} cores")
    if arguments.text_only:
        asyncio.run(measure(documents, None))
        return
    with open_reader(ReaderOptions()) as reader:
        print(reader.info.model_dump_json())
        asyncio.run(measure(documents, reader))


if __name__ == "__main__":
    main()
