"""The boats: a gaff cutter under sail, smaller ones far out, a rowing boat."""

import numpy as np

from drawing.canvas import Canvas, Paint, across
from drawing.color import Array, mix, ramp, rgb, smoothstep
from drawing.letters import width_of, write
from drawing.noise import fractal
from drawing.shapes import Point, Shape, bend, disk, outline, overlap, polygon, rectangle, stroke

_SAIL = [(0.0, "#ffd9a0"), (0.35, "#ffc391"), (0.7, "#e6a094"), (1.0, "#b985a8")]
_WOOD = ("#e2a05e", "#9a5a3c", "#4d2a34")

_ROPES: list[list[Point]] = [
    [(25, -402), (230, -79)],
    [(25, -330), (152, -62)],
    [(25, -402), (-98, -366), (-156, -70)],
    [(-150, -70), (-134, -42)],
    [(84, -92), (-20, -34)],
    [(44, -76), (-6, -32)],
]


class Cutter:
    """A gaff cutter, drawn in its own pixels: x forward from the middle, y down from the water.

    Parameters
    ----------
    canvas
        What it is painted on.
    at
        Where the middle of its waterline lies.
    scale
        Its size; 1 is 300 pixels from stern to bow. Details are left out of small boats.
    """

    def __init__(self, canvas: Canvas, at: Point, scale: float) -> None:
        self.canvas = canvas
        self.at = at
        self.scale = scale
        self.detailed = scale > 0.5

    def paint(self) -> None:
        """Paint it from the far side to the near side."""
        self._spars()
        self._sails()
        if self.detailed:
            self._cabin()
        self._hull()
        if self.detailed:
            self._rigging()

    def _to(self, *points: Point) -> list[Point]:
        return [(self.at[0] + self.scale * x, self.at[1] + self.scale * y) for x, y in points]

    def _line(self, points: list[Point], width: float, color: str, opacity: float = 1.0) -> None:
        self.canvas.fill(stroke(self._to(*points), max(1.0, width * self.scale)), rgb(color), opacity)

    def _spars(self) -> None:
        """Paint mast, boom, gaff and bowsprit."""
        mast = polygon(self._to((20, -20), (22, -405), (27, -405), (29, -20)))
        self.canvas.fill(mast, across(mast.box[0], mast.box[2], *_WOOD))
        self._line([(26, -62), (-156, -70)], 5, "#8a5038")
        self._line([(26, -272), (-98, -366)], 4.5, "#8a5038")
        self._line([(110, -50), (232, -78)], 5, "#8a5038")
        flag = [*bend((25, -404), (6, -412), (-8, -398)), *bend((-8, -398), (-20, -388), (-36, -396)), (25, -388)]
        self.canvas.fill(polygon(self._to(*flag)), "#e5414f")

    def _sails(self) -> None:
        """Paint jib, staysail and mainsail."""
        jib = [*bend((36, -372), (120, -200), (222, -80)), *bend((222, -80), (150, -98), (84, -92)), (84, -92)]
        stay = [*bend((31, -322), (84, -180), (146, -66)), *bend((146, -66), (90, -84), (44, -76)), (44, -76)]
        foot, leech = bend((19, -68), (-70, -58), (-148, -76)), bend((-148, -76), (-118, -230), (-93, -358))
        main = [*foot, *leech, *bend((-93, -358), (-40, -306), (19, -268))]
        for corners, slant in ((jib, -0.55), (stay, -0.55), (main, 0.18)):
            sail = polygon(self._to(*corners))
            self.canvas.fill(sail, self._cloth(slant))
            if self.detailed:
                self.canvas.fill(outline(sail, 1.3), "#8a5a6a", opacity=0.6)
        if self.detailed:
            for row in range(3):
                for place in range(9):
                    x, y = 8 - place * 17, -96 - row * 30 + place * (-1)
                    self._line([(x, y), (x - 1, y + 8)], 1.0, "#7a4a58", 0.7)

    def _cloth(self, slant: float) -> Paint:
        """Color a sail: light shines through, seams run along it."""

        def paint(x: Array, y: Array) -> Array:
            u, v = (x - self.at[0]) / self.scale, (y - self.at[1]) / self.scale
            belly = 0.10 * smoothstep(-150, 20, u) * (u < 20) + 0.16 * smoothstep(30, 210, u)
            cloth = ramp(_SAIL, np.clip(-v / 390 + belly + 0.05 * fractal(u / 60, v / 90, 8), 0, 1))
            if not self.detailed:
                return cloth
            seam = smoothstep(1.6, 0.4, np.abs((u - slant * v) % 19 - 9.5))
            weave = 0.03 * fractal(u / 2, v / 2, 9, octaves=2)
            return mix(cloth * (1 + weave[..., None]), "#9a5f6a", 0.30 * seam)

        return paint

    def _body(self) -> tuple[Shape, list[Point]]:
        sheer = bend((-142, -40), (20, -14), (158, -62), 24)
        stem = bend((158, -62), (144, -22), (126, 2))
        return polygon(self._to(*sheer, *stem, (-130, 2))), sheer

    def _hull(self) -> None:
        """Paint the hull with its planks, stripes and name."""
        body, sheer = self._body()

        def paint(x: Array, y: Array) -> Array:
            along = np.clip((x - self.at[0]) / (300 * self.scale) + 0.5, 0, 1)
            down = np.clip(1 + (y - self.at[1]) / (48 * self.scale), 0, 1)
            return mix(mix("#4a5f9c", "#18224e", along), "#0e1336", 0.6 * down)

        self.canvas.fill(body, paint)
        self.canvas.fill(overlap(body, rectangle(*self._to((-160, -9))[0], *self._to((160, 3))[0])), "#b23648")
        self._line(sheer, 4.5, "#f7dfb6")
        if not self.detailed:
            return
        for share in (0.2, 0.36, 0.52, 0.68):
            plank = [(x * (1 - 0.05 * share), y * (1 - share) - 9 * share) for x, y in sheer]
            self._line(plank, 1.0, "#0a0e2c", 0.55)
        self._line([(x, y + 6) for x, y in sheer[1:-1]], 1.2, "#d9a45a")
        write(self.canvas, "GAUSS", self._to((-116, -24))[0], 10 * self.scale, "#ffe6b8", weight=1.1)

    def _cabin(self) -> None:
        """Paint the cabin with its lit portholes."""
        roof = [*bend((-84, -50), (-40, -58), (6, -48)), (4, -20), (-82, -24)]
        self.canvas.fill(polygon(self._to(*roof)), "#c98d5c")
        self._line(bend((-87, -50), (-40, -58), (9, -48)), 3, "#f6e0bf")
        for x in (-68, -46, -24):
            center = self._to((x, -39))[0]
            self.canvas.fill(disk(*center, 5.5 * self.scale), "#5a3038")
            self.canvas.fill(disk(*center, 4 * self.scale), "#ffe59a")

    def _rigging(self) -> None:
        """Paint stays, shrouds with their ratlines, and sheets."""
        for line in _ROPES:
            self._line(line, 1.0, "#2a1c3a", 0.75)
        feet: list[Point] = [(-4, -30), (12, -28), (44, -30)]
        for foot in feet:
            self._line([(25, -282), foot], 1.1, "#1c1634", 0.85)
        for down in range(48, 262, 11):
            share = (282 - down) / 252
            left, right = 25 + (feet[0][0] - 25) * share, 25 + (feet[2][0] - 25) * share
            self._line([(left, -down), (right, -down)], 1.0, "#1c1634", 0.7)


def paint_rowboat(canvas: Canvas, at: Point) -> None:
    """Paint a clinker-built rowing boat; its name tells what finds its edges."""
    x0, y0 = at
    sheer = [(x0 + x, y0 + y) for x, y in bend((-112, -46), (0, -16), (118, -54), 24)]
    inner = [(x0 + x, y0 + y) for x, y in bend((-112, -46), (0, -42), (118, -54), 24)]
    bow = [(x0 + x, y0 + y) for x, y in bend((118, -54), (108, -16), (84, 3))]
    stern = (x0 - 92, y0 + 3)
    canvas.fill(polygon([*sheer, *reversed(inner)]), "#3a2236")
    for x in (-58, -4, 48):
        canvas.fill(rectangle(x0 + x, y0 - 41, x0 + x + 15, y0 - 34), "#c4814e")
    body = polygon([*sheer, *bow, stern])
    canvas.fill(body, across(x0 - 104, x0 + 126, "#ffd2a0", "#8a3f48"))
    for share in (0.22, 0.42, 0.62, 0.82):
        strake = [(x0 + (x - x0) * (1 - 0.16 * share), y0 + (y - y0) * (1 - share)) for x, y in sheer]
        canvas.fill(stroke(strake, 1.6), "#5a2436", opacity=0.75)
        canvas.fill(stroke([(x, y + 1.8) for x, y in strake], 1.0), "#ffe4bf", opacity=0.45)
    canvas.fill(stroke(sheer, 4.5), "#2f5a6e")
    canvas.fill(stroke(inner, 2), "#20404f")
    canvas.fill(stroke([(x0 - 50, y0 - 58), (x0 + 96, y0 - 34), (x0 + 128, y0 - 28)], 3.2), "#d9a066")
    blade = polygon([(x0 + 122, y0 - 33), (x0 + 160, y0 - 26), (x0 + 158, y0 - 18), (x0 + 122, y0 - 26)])
    canvas.fill(blade, "#e8c08a")
    write(canvas, "SOBEL", (x0 + 84 - width_of("SOBEL", 11) - 14, y0 - 25), 11, "#3a1a30", weight=1.1)


def paint_buoy(canvas: Canvas, at: Point, radius: float) -> None:
    """Paint a round buoy, lit from the left, with a white belt and a ring on top."""
    x0, y0 = at

    def paint(x: Array, y: Array) -> Array:
        u, v = (x - x0) / radius, (y - y0) / radius
        light = np.clip(0.55 - 0.55 * u - 0.45 * v, 0, 1)
        belt = np.clip(0.5 + (0.2 - np.abs(v - 0.25 + 0.25 * u * u)) * radius, 0, 1)
        color = mix("#d8323f", "#f6e9e0", belt)
        shine = smoothstep(0.35, 0.0, np.sqrt((u + 0.4) ** 2 + (v + 0.42) ** 2))
        return mix(mix("#22123a", color, 0.25 + 0.75 * light), "#fff3dd", 0.85 * shine)

    canvas.fill(outline(disk(x0, y0 - radius - 3, 5), 2.4), "#2a1c3a")
    canvas.fill(overlap(disk(x0, y0, radius), rectangle(x0 - 99, y0 - 99, x0 + 99, y0 + 0.72 * radius)), paint)
