"""The pier in the foreground: planks, piles, the sign, a lamp, a lifebuoy, a net."""

import numpy as np

from drawing.canvas import Canvas
from drawing.color import Array, mix, smoothstep
from drawing.letters import width_of, write
from drawing.noise import fractal, uniform
from drawing.shapes import Point, bend, disk, outline, overlap, polygon, rectangle, stroke

FOOT = 812.0
LANTERN: Point = (392.0, 548.0)

_BACK, _FRONT, _EDGE = 682.0, 716.0, 738.0
_END_BACK, _END_FRONT = 428.0, 458.0
_PILES = (28, 168, 308, 436)
_SIGN = (64.0, 566.0, 306.0, 640.0)


def paint_pier(canvas: Canvas) -> None:
    """Paint it from the water up."""
    for x in _PILES:
        _paint_pile(canvas, x)
    _paint_deck(canvas)
    _paint_sign(canvas)
    _paint_lamp_post(canvas)
    _paint_lifebuoy(canvas, (344, 655), 21)
    _paint_net(canvas)
    _paint_bollard(canvas, (424, 692))


def _wood(x: Array, y: Array, dark: str, light: str, seed: int, stretch: float = 14) -> Array:
    """Color wood whose grain runs along x."""
    warp = 1.4 * fractal(x / 90, y / 30, seed, octaves=2)
    grain = fractal(x / (6 * stretch), y / 3.2 + warp, seed + 1, octaves=4, gain=0.6)
    return mix(dark, light, np.clip(0.45 + 0.55 * grain, 0, 1))


def _paint_pile(canvas: Canvas, x: float) -> None:
    """Paint one pile: round, wet and weedy below."""

    def paint(px: Array, py: Array) -> Array:
        across = (px - x) / 11
        bark = _wood(py, px, "#2a1c30", "#8a5a4a", int(x), stretch=6)
        weed = smoothstep(-14, 10, py - FOOT + 26 + 8 * fractal(px / 4, py / 9, 3))
        lit = mix(bark, "#ffb583", np.clip(-0.25 - across, 0, 1) * 0.7)
        return mix(mix(lit, "#1c2c30", 0.8 * weed), "#0b0b22", np.clip(across, 0, 1) * 0.75)

    canvas.fill(rectangle(x - 11, _FRONT, x + 11, FOOT), paint)


def _paint_deck(canvas: Canvas) -> None:
    """Paint the planks of the deck and the beam in front of them."""
    deck = polygon([(-9, _BACK), (_END_BACK, _BACK), (_END_FRONT, _FRONT), (-9, _FRONT)])
    tone = uniform(1, 64, 5)[0]

    def planks(x: Array, y: Array) -> Array:
        # The joints lead towards a point far behind, so they lean more to the right end.
        down = (y - _BACK) / (_FRONT - _BACK)
        along = x / (1 + down * (_END_FRONT / _END_BACK - 1))
        place = np.floor(along / 13).astype(np.int64) % 64
        boards = _wood(y * 3, x * 1.6, "#6e4a4c", "#e0a070", 21, stretch=3)
        aged = mix(boards, "#4a3450", 0.45 * tone[place])
        gap = smoothstep(1.5, 0.5, np.minimum(along % 13, 13 - along % 13))
        return mix(aged, "#140e26", 0.85 * gap)

    canvas.fill(deck, planks)
    beam = polygon([(-9, _FRONT), (_END_FRONT, _FRONT), (_END_FRONT, _EDGE), (-9, _EDGE)])
    canvas.fill(beam, lambda x, y: mix(_wood(x, y, "#2c1c34", "#a06a52", 31), "#120c26", 0.02 * (y - _FRONT)))
    canvas.fill(stroke([(-9, _FRONT), (_END_FRONT, _FRONT)], 2), "#ffc893", opacity=0.8)
    for x in range(8, int(_END_FRONT), 26):
        canvas.fill(disk(x, _FRONT + 11, 1.9), "#120c22")


def _paint_sign(canvas: Canvas) -> None:
    """Paint the sign: two posts, three boards, a frame and the name."""
    left, top, right, bottom = _SIGN
    for x in (left + 26, right - 26):
        post = rectangle(x - 6, top - 12, x + 6, _BACK + 9)
        canvas.fill(post, lambda px, py: _wood(py, px, "#241830", "#7a4c42", 41, 6))
    board = rectangle(left, top, right, bottom)

    def boards(x: Array, y: Array) -> Array:
        joint = smoothstep(1.6, 0.6, np.abs((y - top + 12.4) % 24.8 - 12.4))
        return mix(_wood(x, y, "#1d3a52", "#3f6f80", 51), "#0a1428", 0.7 * joint)

    canvas.fill(board, boards)
    canvas.fill(outline(rectangle(left + 5, top + 5, right - 5, bottom - 5), 2.2), "#f0c27a")
    canvas.fill(outline(board, 2.4), "#0c1226")
    height = 34.0
    x, y = (left + right - width_of("CONVCLI", height)) / 2, (top + bottom - height) / 2
    write(canvas, "CONVCLI", (x + 1.6, y + 2), height, "#081020", weight=1.0)
    write(canvas, "CONVCLI", (x, y), height, "#ffecc4", weight=1.0)
    for corner in ((left + 12, top + 12), (right - 12, top + 12), (left + 12, bottom - 12), (right - 12, bottom - 12)):
        canvas.fill(disk(*corner, 2.4), "#f0c27a")


def _paint_lamp_post(canvas: Canvas) -> None:
    """Paint the post with its lantern."""
    x, y = LANTERN
    iron = "#151229"
    canvas.fill(rectangle(x - 3, y + 14, x + 3, _BACK + 12), iron)
    canvas.fill(polygon([(x - 9, _BACK + 12), (x - 4, _BACK - 2), (x + 4, _BACK - 2), (x + 9, _BACK + 12)]), iron)
    canvas.fill(polygon([(x - 11, y - 14), (x + 11, y - 14), (x + 7, y + 14), (x - 7, y + 14)]), "#ffdf8e")
    canvas.fill(disk(x, y, 5), "#ffffff", soft=5)
    for top, foot in ((-11, -7), (0, 0), (11, 7)):
        canvas.fill(stroke([(x + top, y - 14), (x + foot, y + 14)], 1.6), iron)
    canvas.fill(polygon([(x - 15, y - 13), (x, y - 28), (x + 15, y - 13)]), iron)
    canvas.fill(disk(x, y - 30, 3), iron)
    canvas.fill(stroke([(x - 8, y + 15), (x + 8, y + 15)], 3), iron)


def _paint_lifebuoy(canvas: Canvas, at: Point, radius: float) -> None:
    """Paint a lifebuoy of red and white quarters with its rope."""
    x0, y0 = at

    def paint(x: Array, y: Array) -> Array:
        u, v = x - x0, y - y0
        quarter = np.clip(0.5 + (np.abs(u) - np.abs(v)) / 1.6, 0, 1)
        away = (np.sqrt(u * u + v * v) - radius) / 7
        light = np.clip(0.85 - 0.35 * away * away - 0.012 * (u + v), 0, 1)
        return mix("#f8ecdf", "#d93644", quarter) * light[..., None]

    canvas.fill(stroke([(x0, y0 - 44), (x0, _BACK + 8)], 6), "#3a2638")
    canvas.fill(outline(disk(x0, y0, radius), 14), paint)
    canvas.fill(outline(disk(x0, y0, radius + 8.5), 1.4), "#f3d9b0")


def _paint_net(canvas: Canvas) -> None:
    """Paint a fishing net hung over the edge: fine diagonal meshes."""
    hem = bend((188, 700), (240, 790), (296, 702))
    net = polygon([*hem, (296, 700), (188, 700)])

    def meshes(way: int) -> None:
        for offset in range(-120, 160, 8):
            start, end = (242 + offset - 60, 690 - way * 60), (242 + offset + 60, 690 + way * 60)
            canvas.fill(overlap(net, stroke([start, end], 1.2)), "#f0cfa0", opacity=0.75)

    canvas.fill(net, "#2a2038", opacity=0.35)
    meshes(1)
    meshes(-1)
    canvas.fill(stroke(hem, 2.2), "#d9a878")
    for place in range(1, len(hem), 3):
        canvas.fill(disk(*hem[place], 4), "#f08a4a")


def _paint_bollard(canvas: Canvas, at: Point) -> None:
    """Paint the bollard and the rope that leaves it."""
    x, y = at
    canvas.fill(rectangle(x - 7, y - 22, x + 7, y + 8), "#1b1730")
    canvas.fill(rectangle(x - 7, y - 22, x - 4, y + 8), "#b4705c")
    canvas.fill(stroke([(x - 8, y - 22), (x + 8, y - 22)], 6), "#2a2240")
    for turn in (-12, -8, -4):
        canvas.fill(stroke([(x - 8, y + turn), (x + 8, y + turn + 2)], 2.6), "#e8c490")
    canvas.fill(stroke(bend((x + 8, y - 8), (x + 70, y + 26), (x + 132, y - 46), 24), 2.2), "#e8c490")
