"""What the text layers of PDFs hold beside their labels, and a set that is labelled by the layers.

    python -m tests.benchmarks.text_layers peer_docs /tmp/layers
    ocrstream evaluate /tmp/layers --baseline

Takes the labelled PDFs of a set, copies them into a new folder and writes all lines of all their
pages into its `labels.jsonl`. Prints a Markdown table of the words that either tells of.
"""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pypdfium2 as pdfium

from processors.evaluation import words
from streams.datasets import LABELS, read_dataset
from tests.labelled import DATA


def layer_of(path: Path) -> Iterator[str]:
    """The text of each page."""
    with closing(pdfium.PdfDocument(path)) as document:
        for page in document:
            with closing(page), closing(page.get_textpage()) as text:
                yield text.get_text_bounded()


def main() -> None:
    """Parse, copy, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path, help=f"folder, by path or in {DATA}")
    parser.add_argument("out", type=Path, help="a folder that is not there yet")
    arguments = parser.parse_args()
    folder: Path = arguments.set if arguments.set.is_dir() else DATA / arguments.set
    out: Path = arguments.out
    out.mkdir(parents=True)
    print("| document | pages | words labelled | words in the layer |\n| --- | --- | --- | --- |")
    sums = [0, 0, 0]
    with (out / LABELS).open("wb") as labels:
        for document in read_dataset(folder):
            if document.path.suffix != ".pdf" or not document.lines:
                continue
            pages = list(layer_of(document.path))
            lines = [
                {"text": line, "page": page_index}
                for page_index, text in enumerate(pages)
                for line in text.splitlines()
            ]
            shutil.copy(document.path, out)
            labels.write(orjson.dumps({"image": document.path.name, "lines": lines}) + b"\n")
            labelled = words("\n".join(line.text for line in document.lines))
            counts = [len(pages), labelled.total(), words("\n".join(pages)).total()]
            sums = [total + count for total, count in zip(sums, counts, strict=True)]
            print(f"| {document.path.name} | {' | '.join(map(str, counts))} |")
    print(f"| all | {' | '.join(map(str, sums))} |")


if __name__ == "__main__":
    main()
