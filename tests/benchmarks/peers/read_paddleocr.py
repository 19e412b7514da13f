"""PaddleOCR with its onnxruntime engine, on the ONNX files that ocrstream reads with."""

import argparse
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from processors.baseline import Baseline
from tests.benchmarks.peers.protocol import serve


def read_pictures(ocr: Baseline, pictures: list[bytes]) -> list[str]:
    """The text of each, a line of text per line."""
    pages = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in pictures]
    return ["\n".join(line.text for line in ocr.read(np.asarray(page))) for page in pages]


def main() -> None:
    """Open the models and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--detect", type=Path, required=True)
    parser.add_argument("--recognize", type=Path, required=True)
    parser.add_argument("--side", type=int, default=960)
    arguments = parser.parse_args()
    ocr = Baseline(arguments.detect, arguments.recognize, arguments.side)
    runtime = f"onnxruntime {version('onnxruntime')}"
    about = {"version": ocr.version, "runtime": runtime}
    serve(lambda pictures: read_pictures(ocr, pictures), about)


if __name__ == "__main__":
    main()
