"""A picture of what was read: the upright page with its boxes and confidences drawn on it."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from processors.values import PageArray, PageImage
from schemas.results import RecognizedLine, RecognizedPage

GOOD, FAIR, POOR = (0, 130, 60), (200, 120, 0), (210, 20, 30)
"""RGB of lines from 0.9, from 0.5, and below: more probably wrong than right."""


def draw_page(image: PageImage, page: RecognizedPage) -> Image.Image:
    """Draw each line's polygon, and its confidence in percent above it.

    Args:
        image: The page as it was decoded.
        page: What was read on it; its `transform` turns the picture.
    """
    picture = Image.fromarray(np.ascontiguousarray(_turn_upright(image, page)[:, :, ::-1]))
    draw = ImageDraw.Draw(picture, "RGBA")
    size_px = max(11, page.height // 110)
    font = ImageFont.load_default(size_px)
    for line in page.lines:
        color = _color(line)
        draw.polygon(line.polygon, fill=(*color, 28))
        outline, width = (*line.polygon, line.polygon[0]), max(2, size_px // 8)
        draw.line(outline, fill=(255, 255, 255), width=width + 2)
        draw.line(outline, fill=color, width=width)
        if line.confidence is None:
            continue
        label = f"{line.confidence * 100:.0f}"
        place = (line.box[0], max(0.0, line.box[1] - size_px))
        left, top, right, bottom = draw.textbbox(place, label, font=font)
        draw.rectangle((left - 2, top - 1, right + 2, bottom + 1), fill=(255, 255, 255, 210))
        draw.text(place, label, fill=color, font=font)
    return picture


def _turn_upright(image: PageImage, page: RecognizedPage) -> PageArray:
    """Bring the decoded pixels into the pixels that the result speaks of."""
    to_file = np.array(page.source.transform, dtype=np.float64)
    to_image = np.linalg.inv(image.upright.to_file) @ to_file
    upright = cv2.warpAffine(
        image.pixels, to_image[:2], (page.width, page.height), flags=cv2.WARP_INVERSE_MAP
    )
    return np.asarray(upright, dtype=np.uint8)


def _color(line: RecognizedLine) -> tuple[int, int, int]:
    if line.confidence is None or line.confidence >= 0.9:
        return GOOD
    return FAIR if line.confidence >= 0.5 else POOR
