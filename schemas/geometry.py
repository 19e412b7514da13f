"""Places on a page, as they are published.

All coordinates are pixels of the page as a person sees it upright; the origin is the top-left
corner, x grows to the right and y downwards.
"""

from typing import Annotated

from pydantic import Field

Point = tuple[float, float]
"""(x, y)."""

Box = tuple[float, float, float, float]
"""(x1, y1, x2, y2): left, top, right, bottom."""

Polygon = Annotated[tuple[Point, ...], Field(min_length=4)]
"""At least four points, clockwise from the text's own top-left corner."""

Row3 = tuple[float, float, float]

Matrix3x3 = tuple[Row3, Row3, Row3]
"""Row-major homogeneous transform: (x', y', 1) = M (x, y, 1)."""
