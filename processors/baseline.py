"""PaddleOCR as it comes, on the ONNX files that we read with: what our accuracy is compared to.

Its models for orientation and unwarping are off; thresholds and the length of the longer side are
our defaults. It must be installed (the extra `paddle`), with ONNX Runtime.
"""

import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import orjson

from processors.detect import SIDE_MAX_PX
from processors.errors import ModelError
from processors.models.catalog import Format, Stage, Weights
from processors.models.dictionary import onnx_metadata
from processors.models.registry import DEFAULTS, InstalledModel, Registry
from processors.values import PageArray, PolygonArray, ReadOptions

DETECTION, RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


@dataclass(frozen=True, slots=True, eq=False)
class BaselineLine:
    """A line as PaddleOCR read it; `score` 0-1."""

    text: str
    polygon: PolygonArray
    score: float


class Baseline:
    """PaddleOCR with its onnxruntime engine; not for use from several threads.

    Raises:
        ModelError: PaddleOCR is not installed.
    """

    def __init__(
        self, detect: Path | None = None, recognize: Path | None = None, side: int = SIDE_MAX_PX
    ) -> None:
        os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
        os.environ["PADDLE_PDX_DISABLE_DEVICE_FALLBACK"] = "True"
        try:
            from paddleocr import PaddleOCR  # noqa: PLC0415 - an extra
        except ImportError as err:
            raise ModelError(
                "PaddleOCR is not installed; install ocrstream[paddle], or use the environment "
                "that `make test-engines` makes (.venv-paddle)"
            ) from err
        self.version = version("paddleocr")
        options = ReadOptions()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            detect = detect or default_model("detect").path
            recognize = recognize or default_model("recognize").path
            self._ocr = PaddleOCR(
                text_detection_model_name=DETECTION,
                text_detection_model_dir=str(write_detection_folder(detect, folder, side)),
                text_recognition_model_name=RECOGNITION,
                text_recognition_model_dir=str(write_recognition_folder(recognize, folder)),
                text_det_limit_side_len=side,
                text_det_limit_type="max",
                text_det_thresh=options.det_db_thresh,
                text_det_box_thresh=options.det_db_box_thresh,
                text_det_unclip_ratio=options.det_db_unclip_ratio,
                use_doc_orientation_classify=False,
                use_doc_unwarping=False,
                use_textline_orientation=False,
                engine="onnxruntime",
                device="cpu",
            )

    def read(self, page: PageArray) -> list[BaselineLine]:
        """Read a page, in the order that PaddleOCR gives.

        Args:
            page: (H, W, 3) uint8, BGR.
        """
        (found,) = self._ocr.predict([np.ascontiguousarray(page)])
        return [
            BaselineLine(str(text), np.asarray(polygon, dtype=np.float32), float(score))
            for text, polygon, score in zip(
                found["rec_texts"], found["rec_polys"], found["rec_scores"], strict=True
            )
        ]


def default_model(stage: Stage) -> InstalledModel:
    """The ONNX file of a stage."""
    registry = Registry()
    return registry.find(registry.model(DEFAULTS[stage], stage), [(Format.ONNX, Weights.FLOAT)])


def write_detection_folder(model: Path, folder: Path, side: int) -> Path:
    """Lay a detection model out as PaddleX wants it: `inference.onnx` and `inference.yml`."""
    settings = {
        "Global": {"model_name": DETECTION},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"DetResizeForTest": {"resize_long": side}},
                {
                    "NormalizeImage": {
                        "mean": [0.485, 0.456, 0.406],
                        "order": "hwc",
                        "scale": "1./255.",
                        "std": [0.229, 0.224, 0.225],
                    }
                },
                {"ToCHWImage": None},
                {"KeepKeys": {"keep_keys": ["image", "shape"]}},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": 0.3,
            "box_thresh": 0.6,
            "max_candidates": 1000,
            "unclip_ratio": 1.5,
        },
    }
    return _write(model, folder / DETECTION, settings)


def write_recognition_folder(model: Path, folder: Path) -> Path:
    """The same for a recognition model, with the dictionary from its metadata."""
    characters = onnx_metadata(model)["character"].split("\n")
    settings = {
        "Global": {"model_name": RECOGNITION},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
                {"KeepKeys": {"keep_keys": ["image", "length"]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters},
    }
    return _write(model, folder / RECOGNITION, settings)


def _write(model: Path, folder: Path, settings: dict[str, object]) -> Path:
    folder.mkdir(parents=True)
    (folder / "inference.onnx").write_bytes(model.read_bytes())
    (folder / "inference.yml").write_bytes(orjson.dumps(settings))  # JSON is YAML, too
    return folder
