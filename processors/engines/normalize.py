"""How PP-OCR models want their pixels.

Means and scales are those of PaddleX's `NormalizeImage` (detection, ImageNet's figures, applied to
BGR as they are there) and `RecResizeImg` (recognition and orientation: 0-255 to -1..1).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Normalization:
    """(x - mean) / scale per channel, x from 0 to 255, channels BGR."""

    mean: tuple[float, float, float]
    scale: tuple[float, float, float]


DETECTION = Normalization(
    mean=(255 * 0.485, 255 * 0.456, 255 * 0.406), scale=(255 * 0.229, 255 * 0.224, 255 * 0.225)
)
TEXT_LINE = Normalization(mean=(127.5, 127.5, 127.5), scale=(127.5, 127.5, 127.5))
