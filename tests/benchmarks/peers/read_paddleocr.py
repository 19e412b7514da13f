"""PaddleOCR with its onnxruntime engine, on the ONNX files that ocrstream reads with."""

import argparse
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import yaml

from tests.benchmarks.peers.protocol import serve

os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
os.environ["PADDLE_PDX_DISABLE_DEVICE_FALLBACK"] = "True"

import cv2
import numpy as np
from onnxruntime import InferenceSession
from paddleocr import PaddleOCR

DETECTION, RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


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
    session = InferenceSession(model, providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
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
    text = yaml.safe_dump(settings, allow_unicode=True)
    (folder / "inference.yml").write_text(text, encoding="utf-8")
    return folder


def open_pipeline(detect: Path, recognize: Path, side: int) -> PaddleOCR:
    """PaddleOCR as it reads pages, without its models for orientation and unwarping.

    Args:
        detect: The detection model, in ONNX.
        recognize: The recognition model, in ONNX.
        side: Length of the longer side at detection, in pixels.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return PaddleOCR(
            text_detection_model_name=DETECTION,
            text_detection_model_dir=str(write_detection_folder(detect, folder, side)),
            text_recognition_model_name=RECOGNITION,
            text_recognition_model_dir=str(write_recognition_folder(recognize, folder)),
            text_det_limit_side_len=side,
            text_det_limit_type="max",
            text_det_thresh=0.3,
            text_det_box_thresh=0.6,
            text_det_unclip_ratio=1.5,
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            engine="onnxruntime",
            device="cpu",
        )


def read_pictures(ocr: PaddleOCR, pictures: list[bytes]) -> list[str]:
    """The text of each, a line of text per line."""
    pages = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in pictures]
    return ["\n".join(page["rec_texts"]) for page in ocr.predict(pages)]


def main() -> None:
    """Open the models and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--detect", type=Path, required=True)
    parser.add_argument("--recognize", type=Path, required=True)
    parser.add_argument("--side", type=int, default=960)
    arguments = parser.parse_args()
    ocr = open_pipeline(arguments.detect, arguments.recognize, arguments.side)
    runtime = f"onnxruntime {version('onnxruntime')}"
    about = {"version": version("paddleocr"), "runtime": runtime}
    serve(lambda pictures: read_pictures(ocr, pictures), about)


if __name__ == "__main__":
    main()
