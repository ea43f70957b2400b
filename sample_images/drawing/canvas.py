"""A picture in layers of color with soft edges, one over the other."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from drawing.color import Array, Color, ramp, rgb, screen
from drawing.shapes import Point, Shape

Paint: TypeAlias = Color | Callable[[Array, Array], Array]


def centers(count: int) -> Array:
    """Return the coordinates of the centers of a number of pixels."""
    return np.arange(count, dtype=np.float64) + 0.5


def across(left: float, right: float, *colors: str) -> Paint:
    """Make a paint that goes evenly through the colors from left to right."""
    stops = [(place / (len(colors) - 1), text) for place, text in enumerate(colors)]
    return lambda x, _: ramp(stops, (x - left) / (right - left))


def downwards(top: float, bottom: float, *colors: str) -> Paint:
    """Make a paint that goes evenly through the colors from above to below."""
    stops = [(place / (len(colors) - 1), text) for place, text in enumerate(colors)]
    return lambda _, y: ramp(stops, (y - top) / (bottom - top))


class Canvas:
    """Colors that are already multiplied by their opacity, and that opacity.

    Parameters
    ----------
    height, width
        The size in pixels. A new canvas is transparent.
    """

    def __init__(self, height: int, width: int) -> None:
        self.color: Array = np.zeros((height, width, 3))
        self.alpha: Array = np.zeros((height, width))

    @property
    def mesh(self) -> tuple[Array, Array]:
        """The x of every column as one row, and the y of every row as one column: the pixels' centers."""
        height, width = self.alpha.shape
        return centers(width)[None, :], centers(height)[:, None]

    def fill(self, shape: Shape, paint: Paint, opacity: float = 1.0, soft: float = 1.0) -> None:
        """Paint a shape; its edge fades over `soft` pixels."""
        reach = soft / 2 + 1
        left, top = (max(0, int(np.floor(edge - reach))) for edge in shape.box[:2])
        right, bottom = (max(0, int(np.ceil(edge + reach))) for edge in shape.box[2:])
        x, y = self.mesh
        x, y = x[:, left:right], y[top:bottom]
        if x.size and y.size:
            share = opacity * np.clip(0.5 - shape.distance(x, y) / soft, 0, 1)
            self._blend(slice(top, bottom), slice(left, right), share, paint(x, y) if callable(paint) else paint)

    def cover(self, share: Array, color: Color) -> None:
        """Paint the whole canvas, each pixel by its share."""
        self._blend(slice(None), slice(None), share, color)

    def under(self, layer: "Canvas") -> None:
        """Lay another canvas over this one."""
        through = 1 - layer.alpha
        self.color = layer.color + self.color * through[..., None]
        self.alpha = layer.alpha + self.alpha * through

    def glow(self, at: Point, radius: float, color: Color, strength: float = 1.0) -> None:
        """Add the light of a lamp, which fades with the distance; it adds nothing where nothing is painted."""
        x, y = self.mesh
        far = ((x - at[0]) ** 2 + (y - at[1]) ** 2) / radius**2
        self.light(strength / (1 + far) ** 2, color)

    def light(self, share: Array, color: Color) -> None:
        """Brighten each pixel by its share of a color."""
        self.color = screen(self.color, share[..., None] * rgb(color) * self.alpha[..., None])

    def _blend(self, rows: slice, columns: slice, share: Array, color: Color) -> None:
        part = share[..., None]
        self.color[rows, columns] = self.color[rows, columns] * (1 - part) + rgb(color) * part
        self.alpha[rows, columns] = self.alpha[rows, columns] * (1 - share) + share
