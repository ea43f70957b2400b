"""The logo, 512 × 512 with an alpha channel: the sharpening kernel as nine tiles."""

import numpy as np
import numpy.typing as npt

from drawing.canvas import Canvas, downwards
from drawing.color import Array, mix, ramp, smoothstep, to_bytes
from drawing.shapes import Shape, rounded, stroke

SIZE = 512
# What lies under fully transparent pixels. A filter that mixes it in shows a bright seam.
HIDDEN = (255, 0, 255)

_MIDDLE, _STEP = SIZE / 2, 132.0
_SLOPE = [(0.0, "#3b3a8f"), (0.35, "#8a4a9a"), (0.65, "#e8636f"), (1.0, "#ffb45c")]
_WEIGHTS = ((0, -1, 0), (-1, 5, -1), (0, -1, 0))


def draw_logo() -> npt.NDArray[np.uint8]:
    """Draw the logo as red, green, blue and alpha, colors not multiplied by alpha."""
    canvas = Canvas(SIZE, SIZE)
    _paint_shadow(canvas)
    for row in range(3):
        for column in range(3):
            if _WEIGHTS[row][column] < 5:
                _paint_tile(canvas, row, column)
    _paint_center(canvas)
    alpha = to_bytes(canvas.alpha)
    color = to_bytes(canvas.color / np.maximum(canvas.alpha, 1 / 1024)[..., None])
    color[alpha == 0] = HIDDEN
    return np.dstack([color, alpha])


def _tile(row: int, column: int, half: float, radius: float, down: float = 0) -> Shape:
    """Place a tile on the grid."""
    x, y = _MIDDLE + (column - 1) * _STEP, _MIDDLE + (row - 1) * _STEP + down
    return rounded(x - half, y - half, x + half, y + half, radius)


def _paint_shadow(canvas: Canvas) -> None:
    """Paint the soft shadow of the whole kernel, and the light of its center."""
    x, y = canvas.mesh
    body = rounded(_MIDDLE - 186, _MIDDLE - 172, _MIDDLE + 186, _MIDDLE + 200, 46)
    canvas.cover(0.42 * smoothstep(48, -30, body.distance(x, y)), "#140c33")
    halo = _tile(1, 1, 76, 30).distance(x, y)
    canvas.cover(0.75 * smoothstep(84, -6, halo) ** 2, "#ffcf70")


def _paint_tile(canvas: Canvas, row: int, column: int) -> None:
    """Paint a tile: glass where the weight is nothing, solid with a minus where it is negative."""
    solid = _WEIGHTS[row][column] < 0
    middle = _MIDDLE + (row - 1) * _STEP

    def paint(x: Array, y: Array) -> Array:
        color = ramp(_SLOPE, np.clip((x + y) / (2 * SIZE), 0, 1))
        return mix(color, "#ffffff", 0.22 * smoothstep(middle + 30, middle - 58, y))

    canvas.fill(_tile(row, column, 58, 26), paint, opacity=1.0 if solid else 0.45)
    if solid:
        x = _MIDDLE + (column - 1) * _STEP
        canvas.fill(stroke([(x - 22, middle), (x + 22, middle)], 13), "#ffffff", opacity=0.92)


def _paint_center(canvas: Canvas) -> None:
    """Paint the tile of the center, raised, with a plus."""
    canvas.fill(_tile(1, 1, 76, 34, down=9), "#5a1f3f", opacity=0.55, soft=22)
    canvas.fill(_tile(1, 1, 78, 34), downwards(_MIDDLE - 78, _MIDDLE + 78, "#fff6d2", "#ffb13c"))
    for across, up in ((28, 0), (0, 28)):
        ends = [(_MIDDLE - across, _MIDDLE - up), (_MIDDLE + across, _MIDDLE + up)]
        canvas.fill(stroke(ends, 15), "#7a2a4a")
