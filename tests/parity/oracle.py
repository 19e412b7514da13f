"""PaddleOCR's own stages, one by one, on the ONNX files that ocrstream reads with."""

import tempfile
from pathlib import Path

import numpy as np
from paddleocr import TextDetection, TextRecognition

from processors.baseline import (
    DETECTION,
    RECOGNITION,
    default_model,
    write_detection_folder,
    write_recognition_folder,
)
from processors.detect import SIDE_MAX_PX
from processors.engines.normalize import TEXT_LINE
from processors.values import CropArray, PolygonArray, ProbabilityMap, ReadOptions


class Oracle:
    """PaddleOCR with its onnxruntime engine, its thresholds those of our defaults."""

    def __init__(self) -> None:
        options = ReadOptions()
        with tempfile.TemporaryDirectory() as name:
            detection = write_detection_folder(
                default_model("detect").path, Path(name), SIDE_MAX_PX
            )
            recognition = write_recognition_folder(default_model("recognize").path, Path(name))
            self._detection = TextDetection(
                model_name=DETECTION,
                model_dir=str(detection),
                thresh=options.det_db_thresh,
                box_thresh=options.det_db_box_thresh,
                unclip_ratio=options.det_db_unclip_ratio,
                engine="onnxruntime",
                device="cpu",
            ).paddlex_predictor
            self._recognition = TextRecognition(
                model_name=RECOGNITION,
                model_dir=str(recognition),
                engine="onnxruntime",
                device="cpu",
            ).paddlex_predictor

    def boxes(
        self, probabilities: ProbabilityMap, page_width: int, page_height: int
    ) -> list[PolygonArray]:
        """Outline the text in a probability map."""
        shape = np.array([page_height, page_width, 1.0, 1.0])
        polygons, _ = self._detection.post_op([probabilities[None, None]], [shape])
        return [np.asarray(polygon, dtype=np.float32) for polygon in polygons[0]]

    def text(self, fitted: CropArray) -> str:
        """Read a crop that has the network's height and is filled up already."""
        texts, _ = self._recognition.post_op(
            self._recognition.runner(x=[TEXT_LINE.apply(fitted[None])])
        )
        return str(texts[0])
