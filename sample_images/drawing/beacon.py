"""A small animation of 16 colors with a transparent rim: a lighthouse at night, its lamp turning."""

import math

import numpy as np
import numpy.typing as npt

from drawing.canvas import Canvas, across, centers
from drawing.color import Array, mix, ramp, rgb, smoothstep
from drawing.noise import uniform
from drawing.shapes import Shape, disk, polygon, rectangle, rounded, stroke

SIZE, FRAMES = 128, 8
MILLISECONDS = 120

# The first color stands for transparency and is not painted.
PALETTE = [
    "#000000", "#0b0f2b", "#141b45", "#1f2c66", "#2f4488", "#4a66a8", "#7b93c4", "#0c2a3f",
    "#16485a", "#241a36", "#4a3550", "#c63a48", "#7a2240", "#f4ead8", "#ffe08a", "#c6b48c",
]  # fmt: skip

_LAMP = (70.0, 36.0)
_NIGHT = [(0.0, "#0b0f2b"), (0.5, "#1f2c66"), (0.8, "#4a66a8"), (1.0, "#7b93c4")]
# The thresholds of ordered dithering, 4 × 4.
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 - 15 / 32


def draw_beacon() -> list[npt.NDArray[np.uint8]]:
    """Draw the frames as indices into the palette; after half a turn the two beams have changed places."""
    night = Canvas(SIZE, SIZE)
    _paint_night(night)
    return [_indices(_frame(night, math.pi * turn / FRAMES)) for turn in range(FRAMES)]


def _frame(night: Canvas, angle: float) -> Array:
    """Paint one frame: the night, the beam, the tower."""
    canvas = Canvas(SIZE, SIZE)
    canvas.under(night)
    x, y = canvas.mesh
    for way in (1.0, -1.0):
        # Seen from the side the beam is long, towards us it is a flash.
        long, facing = way * math.cos(angle), way * math.sin(angle)
        along = (x - _LAMP[0]) * (1 if long > 0 else -1)
        aside = np.abs(y - _LAMP[1] + 0.12 * facing * along) / (2.5 + 0.13 * np.abs(along))
        share = abs(long) ** 0.5 * (along > 0) * smoothstep(1.5, 0.2, aside) * smoothstep(130 * abs(long) + 8, 0, along)
        canvas.light(0.75 * share, "#ffe08a")
    _paint_tower(canvas)
    canvas.glow(_LAMP, 6 + 14 * max(0.0, abs(math.sin(angle)) - 0.4), "#ffe9b0", 0.9)
    return canvas.color


def _paint_night(canvas: Canvas) -> None:
    """Paint sky, stars, moon and sea."""
    x, y = canvas.mesh
    x, y = np.broadcast_arrays(x, y)
    canvas.cover(np.ones(x.shape), ramp(_NIGHT, y / 92))
    stars = smoothstep(0.990, 0.996, uniform(SIZE, SIZE, 12)) * (y < 70)
    canvas.light(0.9 * stars, "#f4ead8")
    moon, shade = disk(30, 28, 12), disk(35.5, 25, 10.5)
    crescent = Shape(moon.box, lambda px, py: np.maximum(moon.distance(px, py), -shade.distance(px, py)))
    canvas.fill(crescent, "#f4ead8")
    sea = mix("#16485a", "#0b0f2b", (y - 92) / 40)
    waves = smoothstep(0.80, 0.9, uniform(SIZE, SIZE // 8, 31).repeat(8, axis=1)) * (np.floor(y) % 3 == 0)
    canvas.cover(np.where(y > 92, 1.0, 0.0), mix(sea, "#4a66a8", 0.8 * waves))
    rock = polygon([(34, 100), (44, 92), (50, 86), (60, 83), (84, 83), (93, 90), (99, 93), (108, 100), (72, 104)])
    canvas.fill(rock, across(44, 99, "#4a3550", "#241a36"))


def _paint_tower(canvas: Canvas) -> None:
    """Paint the striped tower with its lantern."""
    x, top, foot = _LAMP[0], 44.0, 85.0

    def paint(px: Array, py: Array) -> Array:
        red = np.floor((py - top) / (foot - top) * 5) % 2
        return mix(mix("#f4ead8", "#c63a48", red), mix("#7b93c4", "#7a2240", red), smoothstep(-1, 8, px - x))

    canvas.fill(polygon([(x - 7, top), (x + 7, top), (x + 11, foot), (x - 11, foot)]), paint)
    canvas.fill(rectangle(x - 10, top - 2, x + 10, top), "#241a36")
    canvas.fill(rectangle(x - 5, top - 14, x + 5, top - 2), "#ffe08a")
    canvas.fill(polygon([(x - 8, top - 14), (x, top - 22), (x + 8, top - 14)]), "#c63a48")
    canvas.fill(stroke([(x, top - 22), (x, top - 27)], 1), "#7b93c4")
    canvas.fill(rectangle(x - 3, foot - 9, x + 3, foot), "#241a36")


def _indices(colors: Array) -> npt.NDArray[np.uint8]:
    """Find the nearest color of the palette to each pixel, dithered, with a transparent rim."""
    dither = np.tile(_BAYER, (SIZE // 4, SIZE // 4)) * 0.10
    wanted = colors + dither[..., None]
    apart = [(wanted - rgb(text)) ** 2 for text in PALETTE[1:]]
    nearest = np.argmin([2 * each[..., 0] + 4 * each[..., 1] + each[..., 2] for each in apart], axis=0) + 1
    x, y = centers(SIZE)[None, :], centers(SIZE)[:, None]
    outside = rounded(0, 0, SIZE, SIZE, 22).distance(x, y) > 0
    return np.where(outside, 0, nearest).astype(np.uint8)
