"""The harbor in the evening, 1200 × 800."""

from collections.abc import Callable

import numpy as np

from drawing.boats import Cutter, paint_buoy, paint_rowboat
from drawing.canvas import Canvas
from drawing.color import Array, luma, smoothstep
from drawing.land import paint_land
from drawing.lighthouse import SHORE, paint_headland, paint_lamp
from drawing.noise import grain
from drawing.pier import FOOT, LANTERN, paint_pier
from drawing.sky import HORIZON, SUN, paint_gulls, paint_sky
from drawing.water import make_ripples, paint_water, reflect

WIDTH, HEIGHT = 1200, 800


def _fleet(canvas: Canvas) -> None:
    Cutter(canvas, (500, 506), 0.15).paint()
    Cutter(canvas, (88, 506), 0.24).paint()
    Cutter(canvas, (758, 506), 0.11).paint()


# What stands in the water, from far to near: its waterline and how it is painted.
_LAYERS: list[tuple[float, Callable[[Canvas], None]]] = [
    (506, _fleet),
    (SHORE, paint_headland),
    (640, lambda canvas: Cutter(canvas, (676, 640), 0.94).paint()),
    (702, lambda canvas: paint_buoy(canvas, (868, 690), 17)),
    (736, lambda canvas: paint_rowboat(canvas, (1030, 736))),
    (FOOT, paint_pier),
]


def harbour() -> Array:
    """Draw the whole picture, as fractions of full scale without grain."""
    far = Canvas(int(HORIZON), WIDTH)
    paint_sky(far)
    paint_land(far)
    paint_gulls(far)
    layers = []
    for line, paint in _LAYERS:
        layer = Canvas(HEIGHT, WIDTH)
        paint(layer)
        layers.append((line, layer))
    ripples = make_ripples(HEIGHT, WIDTH)
    water = reflect(far, HORIZON, ripples)
    for line, layer in layers:
        water.under(reflect(layer, line, ripples))
    paint_water(water, ripples)
    whole = Canvas(HEIGHT, WIDTH)
    whole.color = np.concatenate([far.color, water.color])
    whole.alpha = np.ones((HEIGHT, WIDTH))
    for _, layer in layers:
        whole.under(layer)
    paint_lamp(whole)
    whole.glow(LANTERN, 60, "#ffb35e", 0.5)
    return _develop(whole)


def _develop(canvas: Canvas) -> Array:
    """Finish the picture as a lens would: darker corners, warm haze around the sun."""
    x, y = canvas.mesh
    canvas.glow(SUN, 300, "#ff9a5a", 0.16)
    away = ((x - WIDTH / 2) / WIDTH) ** 2 + ((y - HEIGHT / 2) / HEIGHT) ** 2
    return np.asarray(canvas.color * (1 - 0.45 * smoothstep(0.12, 0.62, away))[..., None])


def with_grain(picture: Array, strength: float, seed: int) -> Array:
    """Add film grain, of which bright and dark places show less."""
    height, width = picture.shape[:2]
    bell = 4 * picture * (1 - picture)
    return picture + strength * (0.35 + 0.65 * bell) * grain(height, width, seed)[..., None]


def cut_lighthouse(picture: Array) -> Array:
    """Cut the lighthouse out of the picture, 512 × 512 and gray."""
    return luma(picture[70:582, 688:1200])
