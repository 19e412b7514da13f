"""How PP-OCR models want their pixels.

Means and scales are those of PaddleX's `NormalizeImage` (detection, ImageNet's figures, applied to
BGR as they are there) and `RecResizeImg` (recognition and orientation: 0-255 to -1..1).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Normalization:
    """(x - mean) / scale per channel, x from 0 to 255, channels BGR."""

    mean: tuple[float, float, float]
    scale: tuple[float, float, float]

    def apply(self, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Normalise pictures for an engine that takes floats.

        Args:
            pictures: (N, H, W, 3) uint8, BGR.

        Returns:
            (N, 3, H, W) float32, contiguous.
        """
        mean = np.array(self.mean, dtype=np.float32)
        scale = np.array(self.scale, dtype=np.float32)
        normalized = (pictures.astype(np.float32) - mean) / scale
        return np.ascontiguousarray(normalized.transpose(0, 3, 1, 2))


DETECTION = Normalization(
    mean=(255 * 0.485, 255 * 0.456, 255 * 0.406), scale=(255 * 0.229, 255 * 0.224, 255 * 0.225)
)
TEXT_LINE = Normalization(mean=(127.5, 127.5, 127.5), scale=(127.5, 127.5, 127.5))
