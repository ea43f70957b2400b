"""The evening sky: a gradient, the sun, clouds lit from below, gulls."""

import numpy as np

from drawing.canvas import Canvas, downwards
from drawing.color import Array, mix, ramp, screen, smoothstep
from drawing.noise import fractal, uniform
from drawing.shapes import Point, bend, disk, stroke

HORIZON = 480.0
SUN: Point = (352.0, 372.0)

_AIR = [
    (0.00, "#101a44"), (0.22, "#27306b"), (0.45, "#5a4584"), (0.62, "#a35a86"),
    (0.78, "#e57f6c"), (0.92, "#fbb36a"), (1.00, "#ffd891"),
]  # fmt: skip
_SUN = ("#fffbe6", "#fff0bc", "#ffb85e")
_CLOUD_SHADE = [(0.0, "#1d2455"), (0.4, "#4d3d78"), (0.7, "#95587f"), (1.0, "#d98a78")]
_CLOUD_LIT = [(0.0, "#6a5a94"), (0.3, "#d5738a"), (0.6, "#ff9a72"), (1.0, "#ffe0a0")]
_GULLS = [(590, 168, 17), (632, 192, 12), (548, 206, 10), (676, 158, 9), (706, 226, 7)]


def paint_sky(canvas: Canvas) -> None:
    """Paint air, sun and clouds over the whole canvas."""
    x, y = canvas.mesh
    x, y = np.broadcast_arrays(x, y)
    away = np.sqrt((x - SUN[0]) ** 2 + (1.5 * (y - SUN[1])) ** 2)
    # The air is warmer towards the sun, so the gradient is read a little lower there.
    warm = 0.16 / (1 + (away / 330) ** 2) - 0.05
    air = ramp(_AIR, np.clip(y / HORIZON + warm, 0, 1))
    canvas.cover(np.ones(x.shape), air)
    canvas.glow(SUN, 190, "#ffb060", 0.75)
    height, width = canvas.alpha.shape
    # Independent pixels: the stars are the impulses of this picture.
    stars = smoothstep(0.9990, 1.0, uniform(height, width, 8)) * smoothstep(230, 60, y)
    canvas.light(0.9 * stars, "#e8ecff")
    canvas.fill(disk(*SUN, 37), downwards(SUN[1] - 37, SUN[1] + 37, *_SUN), soft=2)
    _paint_clouds(canvas, x, y, away)
    canvas.glow(SUN, 60, "#ffca7a", 0.75)


def paint_gulls(canvas: Canvas) -> None:
    """Paint a few gulls as pairs of curved lines."""
    for x, y, span in _GULLS:
        for side in (-1, 1):
            wing = bend((x, y), (x + side * span * 0.35, y - span * 0.75), (x + side * span, y - span * 0.15))
            canvas.fill(stroke(wing, 1.8), "#1a1c3c", opacity=0.9)


def _paint_clouds(canvas: Canvas, x: Array, y: Array, away: Array) -> None:
    """Paint clouds: flatter towards the horizon, brighter on the side of the sun."""
    depth = 150 / (HORIZON + 40 - y)
    across = (x - 600) * depth / 150

    def density(shift_x: float, shift_y: float) -> Array:
        return fractal(across * 0.9 + shift_x, depth * 5.2 + shift_y, seed=21, octaves=6, gain=0.52)

    body = density(0, 0)
    body = body + 0.35 * fractal(across * 4 + 3, depth * 16, seed=77, octaves=4)
    height = np.clip(y / HORIZON, 0, 1)
    cover = smoothstep(0.02, 0.62, body + 0.22 * smoothstep(0.85, 0.35, height) - 0.12)
    # What is denser here than nearer to the sun shows its lit side.
    lit = 0.30 + 1.3 * (body - density(-0.10, 0.24)) + 0.45 / (1 + (away / 190) ** 2)
    color = mix(ramp(_CLOUD_SHADE, height), ramp(_CLOUD_LIT, height), np.clip(lit, 0, 1))
    canvas.cover(0.9 * cover * smoothstep(1.0, 0.86, height), color)
    streaks = fractal(across * 0.7 + 9, depth * 22, seed=5, octaves=4)
    share = 0.55 * smoothstep(0.15, 0.9, streaks) * smoothstep(0.98, 0.7, height)
    canvas.color = screen(canvas.color, share[..., None] * ramp(_CLOUD_LIT, height) * 0.6)
