"""The mountains and the village on the far shore."""

from dataclasses import dataclass

import numpy as np

from drawing.canvas import Canvas
from drawing.color import Array, mix, smoothstep
from drawing.noise import fractal, noise, ridged, uniform
from drawing.shapes import polygon, rectangle, terrain
from drawing.sky import HORIZON, SUN


@dataclass(frozen=True)
class Ridge:
    """One row of mountains.

    Parameters
    ----------
    height
        How far the crests rise above the horizon, in pixels.
    scale
        How wide a mountain is, in pixels.
    seed
        Which mountains.
    color, mist
        The colors of the crests and of the foot.
    trees
        How high the trees on the crest are, in pixels.
    """

    height: float
    scale: float
    seed: int
    color: str
    mist: str
    trees: float = 0.0


RIDGES = [
    Ridge(212, 330, 3, "#8d5f92", "#f0a27c"),
    Ridge(148, 240, 14, "#6b4a86", "#d98a84"),
    Ridge(92, 190, 8, "#463a74", "#a86a82"),
    Ridge(52, 130, 31, "#27284f", "#5f4a72", trees=7),
]


def paint_land(canvas: Canvas) -> None:
    """Paint the ridges from the farthest to the nearest, then the village."""
    for ridge in RIDGES:
        _paint_ridge(canvas, ridge)
    _paint_village(canvas)


def _crest(x: Array, ridge: Ridge) -> Array:
    """Find the height of the crest over each column."""
    line = np.zeros((1, 1)) + 0.37
    peaks = ridged(x / ridge.scale, line, ridge.seed, octaves=7)
    # The valley in which the sun sets.
    valley = 1 - 0.62 / (1 + ((x - SUN[0]) / (0.55 * ridge.scale)) ** 2)
    height = ridge.height * valley * np.clip(peaks * 2.1 - 0.72, 0.08, 2)
    if ridge.trees:
        saw = np.abs((x / 5.3 + 2 * noise(x / 40, line, 4)) % 1 - 0.5) * 2
        stand = smoothstep(-0.5, 0.1, noise(x / 60, line, 9))
        height = height + ridge.trees * (0.3 + saw) * (0.6 + 0.5 * noise(x / 9, line, 6)) * stand
    return np.asarray(HORIZON - height)


def _paint_ridge(canvas: Canvas, ridge: Ridge) -> None:
    """Paint one ridge: its slopes lit from the sun, its foot in mist."""

    def paint(x: Array, y: Array) -> Array:
        crest = _crest(x, ridge)
        below = np.clip((y - crest) / ridge.height, 0, 1)
        # The relief is that of a surface whose folds run down from the crest.
        u, v = x / ridge.scale * 2.2, (y - 0.65 * crest) / ridge.scale * 1.5
        relief = ridged(u, v, ridge.seed + 40) - ridged(u + 0.05, v - 0.03, ridge.seed + 40)
        shade = np.clip(0.2 + 3.8 * relief * np.sign(SUN[0] - x + 0.25), -0.6, 1) * (1 - 0.6 * below)
        color = mix(ridge.color, ridge.mist, smoothstep(0.0, 1.1, below))
        lit = mix(color, "#ffb98a", np.clip(0.45 * shade, 0, 1))
        dark = mix(lit, "#1c1d4a", np.clip(-0.6 * shade, 0, 1))
        warmth = 0.45 / (1 + ((x - SUN[0]) / 260) ** 2)
        return mix(dark, "#ffb070", warmth * (0.4 + 0.6 * below))

    top = float(_crest(canvas.mesh[0], ridge).min())
    box = (0.0, top, float(canvas.alpha.shape[1]), HORIZON)
    canvas.fill(terrain(box, lambda x: _crest(x, ridge)), paint)


def _paint_village(canvas: Canvas) -> None:
    """Paint a low shore with houses, lit windows and a church."""

    def shore(x: Array) -> Array:
        rise = 7 * smoothstep(130, 220, x) * smoothstep(560, 480, x)
        return HORIZON - 5 - rise - 2 * fractal(x / 60, np.zeros((1, 1)), 17)

    canvas.fill(terrain((0, HORIZON - 20, 1200, HORIZON), shore), "#1b1c3a")
    chance = uniform(64, 6, 77)
    left = 186.0
    for house in range(20):
        width, height = 11 + 9 * chance[house, 0], 9 + 8 * chance[house, 1]
        _paint_house(canvas, left, width, height, chance[house, 2:])
        left += width + 5 * chance[house, 2] - 1.5
    _paint_church(canvas, 268)


def _paint_house(canvas: Canvas, left: float, width: float, height: float, chance: Array) -> None:
    """Paint one house of the village."""
    base = HORIZON - 6
    walls = mix("#3a3058", "#7a5268", float(chance[1]))
    canvas.fill(rectangle(left, base - height, left + width, base), walls)
    roof = [(left - 1, base - height), (left + width / 2, base - height * 1.75), (left + width + 1, base - height)]
    canvas.fill(polygon(roof), "#4a2f4c" if chance[2] < 0.5 else "#2a2444")
    for row in range(2):
        for place in range(int(width / 5)):
            if (chance[3] * 97 + 3 * row + 5 * place) % 7 < 4:
                x, y = left + 2 + place * 5, base - height + 2 + row * 5
                canvas.fill(rectangle(x, y, x + 2, y + 2.6), "#ffd27a")


def _paint_church(canvas: Canvas, x: float) -> None:
    """Paint the church: a tower with a pointed roof and a clock."""
    base = HORIZON - 6
    canvas.fill(rectangle(x, base - 32, x + 11, base), "#57426a")
    canvas.fill(rectangle(x, base - 32, x + 3, base), "#8d6478")
    canvas.fill(polygon([(x - 1, base - 32), (x + 5.5, base - 62), (x + 12, base - 32)]), "#2a2140")
    canvas.fill(rectangle(x + 5, base - 70, x + 6, base - 58), "#2a2140")
    canvas.fill(rectangle(x + 3.5, base - 28, x + 7.5, base - 22), "#ffe0a0")
