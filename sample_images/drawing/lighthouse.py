"""The headland on the right, with the lighthouse and the keeper's cottage."""

import numpy as np

from drawing.canvas import Canvas, across
from drawing.color import Array, mix, ramp, smoothstep
from drawing.noise import fractal, ridged
from drawing.shapes import Point, Shape, bend, disk, outline, polygon, rectangle, stroke, terrain

SHORE = 508.0
LAMP: Point = (1003.0, 178.0)

_FOOT, _TOP = 428.0, 206.0
_STRIPES = 7
_ROUND = [(-1.0, "#ffb98a"), (-0.55, "#ffffff"), (0.1, "#d9c3d4"), (0.7, "#77679a"), (1.0, "#5a5088")]


def paint_headland(canvas: Canvas) -> None:
    """Paint rock, cottage and tower."""
    _paint_rock(canvas)
    _paint_cottage(canvas, 1082, 424)
    _paint_tower(canvas)
    _paint_gallery(canvas)


def paint_lamp(canvas: Canvas) -> None:
    """Light the lamp and its two beams, over everything that stands behind."""
    x, y = canvas.mesh
    for slope, way, strength in ((0.10, -1.0, 0.75), (-0.06, 1.0, 0.5)):
        along = (x - LAMP[0]) * way
        aside = np.abs(y - LAMP[1] - slope * along) / (4 + 0.075 * np.abs(along))
        share = strength * (along > 0) / (1 + aside**2) ** 3 / (1 + np.abs(along) / 420) ** 2
        canvas.light(share, "#ffe9b8")
    canvas.glow(LAMP, 34, "#ffdf9a", 0.8)
    canvas.glow(LAMP, 110, "#ffb56a", 0.35)


def _paint_rock(canvas: Canvas) -> None:
    """Paint the headland: facets of rock, grass on top, a line of foam."""

    def paint(x: Array, y: Array) -> Array:
        folds = ridged(x / 75 + y / 200, y / 42 - x / 260, 50, octaves=6)
        relief = folds - ridged((x + 3) / 75 + (y + 2) / 200, (y + 2) / 42 - (x + 3) / 260, 50, octaves=6)
        depth = (y - _crest(x)) / 90
        rock = mix("#6b4f6c", "#241d3e", np.clip(depth + 0.3 * fractal(x / 30, y / 12, 6), 0, 1))
        rock = mix(rock, "#ffa27a", np.clip(4 * relief - 0.04, 0, 0.8))
        rock = mix(rock, "#0f1030", np.clip(-4 * relief - 0.04, 0, 0.75))
        blades = fractal(x / 3, y / 7, 60, octaves=3)
        grass = mix("#2f3f3a", "#c79a5c", np.clip(0.35 + 0.6 * blades, 0, 1))
        edge = 7 * fractal(x / 14, np.zeros((1, 1)), 61)
        green = smoothstep(16, 7, y - _crest(x) - edge) * smoothstep(860, 930, x)
        return mix(mix(rock, grass, green), "#0d0f2a", 0.75 * smoothstep(14, 2, SHORE - y))

    canvas.fill(terrain((812, 380, 1200, SHORE), _crest), paint)

    def foam(x: Array, y: Array) -> Array:
        return np.asarray(
            np.abs(y - SHORE - 1.5 * fractal(x / 24, np.zeros((1, 1)), 2)) - 1.2 * fractal(x / 9, y / 9, 71)
        )

    canvas.fill(Shape((812, SHORE - 6, 1200, SHORE + 6), foam), "#ffd9c4", opacity=0.75)


def _crest(x: Array) -> Array:
    """Find the height of the headland over each column."""
    rough = fractal(x / 70, np.full((1, 1), 3.3), 12, octaves=6, gain=0.55)
    rise = 16 * smoothstep(800, 842, x) + 82 * smoothstep(838, 968, x) + 9 * smoothstep(1010, 1200, x)
    return np.asarray(SHORE + 4 - rise - 10 * rough * smoothstep(800, 900, x))


def _tower_paint(x: Array, y: Array) -> Array:
    """Color the tower: red and white stripes around a cylinder that the sun lights from the left."""
    half = 20 + 13 * np.clip((y - _TOP) / (_FOOT - _TOP), 0, 1)
    aside = np.clip((x - LAMP[0]) / half, -1, 1)
    # The stripes are circles seen from below: they sag at the sides.
    band = (y + 5 * aside**2 - _TOP) / (_FOOT - _TOP) * _STRIPES
    red = np.clip(0.5 + (0.5 - np.abs(band % 2 - 1.5)) * (_FOOT - _TOP) / _STRIPES, 0, 1)
    paint = mix(mix("#fff4e6", "#d8364a", red), "#b08a90", 0.12 + 0.12 * fractal(x / 5, y / 9, 33))
    return paint * (0.25 + 0.75 * ramp(_ROUND, aside))


def _paint_tower(canvas: Canvas) -> None:
    """Paint the tower with its door and windows."""
    x = LAMP[0]
    canvas.fill(polygon([(x - 20, _TOP), (x + 20, _TOP), (x + 33, _FOOT), (x - 33, _FOOT)]), _tower_paint)
    plinth = polygon([(x - 40, _FOOT + 8), (x - 36, _FOOT - 6), (x + 36, _FOOT - 6), (x + 40, _FOOT + 8)])
    canvas.fill(plinth, across(x - 38, x + 38, "#ffd0b8", "#f0e4ea", "#b3a6be", "#8d86a8"))
    for up in (0.22, 0.5, 0.76):
        at = _FOOT + (_TOP - _FOOT) * up
        canvas.fill(rectangle(x - 7, at - 9, x + 2, at + 6), "#f6e3d0")
        canvas.fill(rectangle(x - 5.5, at - 7.5, x + 0.5, at + 4.5), "#2a2148")
        canvas.fill(rectangle(x - 5.5, at - 1, x + 0.5, at + 4.5), "#ffc861")
    arch = bend((x - 9, _FOOT - 22), (x - 2, _FOOT - 36), (x + 5, _FOOT - 22))
    canvas.fill(polygon([*arch, (x + 5, _FOOT - 6), (x - 9, _FOOT - 6)]), "#3a2342")


def _paint_gallery(canvas: Canvas) -> None:
    """Paint the gallery with its railing, the lantern room and the roof."""
    x, iron = LAMP[0], "#241c40"
    canvas.fill(polygon([(x - 20, _TOP + 6), (x - 29, _TOP - 3), (x + 29, _TOP - 3), (x + 20, _TOP + 6)]), iron)
    canvas.fill(rectangle(x - 15, _TOP - 46, x + 15, _TOP - 3), "#ffe39a")
    canvas.fill(disk(*LAMP, 8), "#ffffff", soft=4)
    for place in (-15, -7.5, 0, 7.5, 15):
        canvas.fill(stroke([(x + place, _TOP - 46), (x + place, _TOP - 3)], 1.5), iron)
    for down in (-46, -24.5):
        canvas.fill(stroke([(x - 15, _TOP + down), (x + 15, _TOP + down)], 1.4), iron)
    for place in range(-28, 29, 7):
        canvas.fill(stroke([(x + place, _TOP - 4), (x + place, _TOP - 17)], 1.2), iron)
    for down in (-17, -11):
        canvas.fill(stroke([(x - 28, _TOP + down), (x + 28, _TOP + down)], 1.2), iron)
    left = bend((x - 20, _TOP - 46), (x - 14, _TOP - 66), (x, _TOP - 72))
    right = bend((x, _TOP - 72), (x + 14, _TOP - 66), (x + 20, _TOP - 46))
    canvas.fill(polygon(left + right), across(x - 16, x + 16, "#ff7a5a", "#5a1a3c"))
    canvas.fill(disk(x, _TOP - 75, 4), "#f2b25e")
    canvas.fill(stroke([(x, _TOP - 76), (x, _TOP - 98)], 1.4), iron)


def _paint_cottage(canvas: Canvas, x: float, y: float) -> None:
    """Paint the keeper's cottage: lit windows, a tiled roof, a chimney, a fence."""
    canvas.fill(rectangle(x + 52, y - 54, x + 61, y - 34), "#6d4458")
    canvas.fill(rectangle(x, y - 26, x + 74, y + 4), across(x, x + 74, "#f3c7a8", "#8b7199"))
    roof = polygon([(x - 6, y - 25), (x + 12, y - 50), (x + 64, y - 50), (x + 80, y - 25)])

    def tiles(px: Array, py: Array) -> Array:
        row = np.floor(py / 4)
        joint = np.minimum(py % 4, (px + 2.5 * (row % 2)) % 5) < 1
        return mix("#a84a4a", "#4f2440", 0.25 + 0.5 * joint + 0.25 * np.clip((px - x) / 80, 0, 1))

    canvas.fill(roof, tiles)
    for left in (8, 28, 56):
        canvas.fill(rectangle(x + left, y - 19, x + left + 10, y - 7), "#ffd98a")
        canvas.fill(outline(rectangle(x + left, y - 19, x + left + 10, y - 7), 1.4), "#fff2dc")
        canvas.fill(stroke([(x + left + 5, y - 19), (x + left + 5, y - 7)], 1.0), "#fff2dc")
    canvas.fill(rectangle(x + 43, y - 19, x + 51, y + 4), "#2f3f6a")
    for post in range(int(x) + 84, 1200, 8):
        canvas.fill(stroke([(post, y + 3), (post, y - 9)], 1.6), "#e9cfc4")
    for down in (-6, -1):
        canvas.fill(stroke([(x + 80, y + down), (1200, y + down)], 1.2), "#e9cfc4")
