"""How narrow lines may be read: rendered text in ever narrower fonts, squeezed more and more.

    python -m tests.benchmarks.squeeze sroie --lines 150

The texts are lines of a labelled set; the font is Pillow's own sans serif, of Helvetica's
proportions, narrowed. Prints the share of lines that are read exactly, spaces aside.
"""

import argparse
import math
import random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from processors.engines.base import GpuOptions, Precision
from processors.engines.choose import open_engine
from processors.models.registry import Registry
from processors.recognize import collapse_ctc, fit_line
from processors.values import CropArray
from tests.labelled import DATA, read_labels

MODEL = "PP-OCRv6_small_rec"
SEED = 1
LENGTHS = range(12, 46)
FONT_PX = 40
NARROWNESS = (1.0, 0.85, 0.75, 0.65)
SQUEEZES = (1.0, 0.9, 0.85, 0.8, 0.75)


def render(text: str, narrowness: float) -> CropArray:
    """Black on white, as a detector would cut it out."""
    font = ImageFont.load_default(FONT_PX)
    size = (math.ceil(font.getlength(text)) + 24, FONT_PX + 16)
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((12, 2), text, font=font, fill="black")
    narrowed = (max(8, round(size[0] * narrowness)), size[1])
    resized = cv2.resize(np.asarray(picture), narrowed, interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", help=f"a folder in {DATA}")
    parser.add_argument("--lines", type=int, default=150)
    arguments = parser.parse_args()
    lines = [
        line
        for picture in read_labels(DATA / arguments.set)
        for line in picture.text.splitlines()
        if len(line) in LENGTHS
    ]
    texts = random.Random(SEED).sample(lines, arguments.lines)
    engine = open_engine("auto", "cpu", Precision.AUTO, GpuOptions())
    registry = Registry()
    model = registry.find(registry.model(MODEL, "recognize"), engine.kinds)
    runner = engine.recognizer(model.path, model.characters)
    print(f"{engine.name}, {engine.precision}, {len(texts)} lines")
    print(f"| font | {' | '.join(f'{squeeze:.2f}' for squeeze in SQUEEZES)} |")
    print(f"| --- |{' --- |' * len(SQUEEZES)}")
    for narrowness in NARROWNESS:
        shares = []
        for squeeze in SQUEEZES:
            exact = 0
            for text in texts:
                crop = fit_line(render(text, narrowness), squeeze)
                classes, scores = runner.best_classes(crop[None])
                reading = collapse_ctc(classes[0], scores[0], runner.characters)
                exact += reading.text.replace(" ", "") == text.replace(" ", "")
            shares.append(exact / len(texts))
        print(
            f"| {narrowness:.2f} | {' | '.join(f'{share:.3f}' for share in shares)} |", flush=True
        )


if __name__ == "__main__":
    main()
