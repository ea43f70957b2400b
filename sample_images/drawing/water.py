"""The water: a mirror image of the scene, in ripples that grow towards the viewer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drawing.canvas import Canvas, centers
from drawing.color import Array, mix, rgb, screen, smoothstep
from drawing.noise import fractal
from drawing.sky import HORIZON, SUN


@dataclass(frozen=True)
class Ripples:
    """The waves' slopes on a strip of water below the horizon.

    Parameters
    ----------
    near
        How far below the horizon each row lies, in pixels: one column.
    across, down
        By how many pixels each wave moves what it mirrors.
    slope
        The waves themselves, about -1 to 1.
    """

    near: Array
    across: Array
    down: Array
    slope: Array


def make_ripples(height: int, width: int) -> Ripples:
    """Make the waves of the strip between the horizon and the lower edge."""
    near = centers(height - int(HORIZON))[:, None]
    x = centers(width)[None, :]
    reach = near + 14
    # Seen flat, waves shrink with the distance both ways; the logarithm keeps them countable up to the horizon.
    u, v = 4.6 * (x - SUN[0]) / reach, 27 * np.log(reach)
    slope = fractal(u, v, 91, octaves=4, gain=0.55)
    swell, side = fractal(u, v, 91, octaves=3, gain=0.4), fractal(u + 40, v, 95, octaves=2)
    return Ripples(near, side * (0.6 + 0.030 * near), swell * (1.2 + 0.085 * near), slope)


def reflect(layer: Canvas, line: float, ripples: Ripples) -> Canvas:
    """Mirror a layer in its waterline, moved about by the ripples."""
    top = int(HORIZON)
    height, width = ripples.slope.shape
    y = top + ripples.near
    x = np.arange(width)[None, :] + ripples.across
    mirrored = 2 * line - y - 0.5 + ripples.down * smoothstep(0, 30, y - line)
    result = Canvas(height, width)
    below = np.clip(y - line + 0.5, 0, 1)
    result.color = _sample(layer.color, x, mirrored) * below[..., None]
    result.alpha = _sample(layer.alpha[..., None], x, mirrored)[..., 0] * below
    return result


def paint_water(canvas: Canvas, ripples: Ripples) -> None:
    """Turn mirrored colors into water: deeper and bluer towards the viewer, the sun's path glittering."""
    near, slope = ripples.near, ripples.slope
    close = np.clip(near / 320, 0, 1)
    deep = mix("#24305f", "#0a1a3a", close)
    share = np.clip(0.10 + 0.42 * close + (0.15 + 0.3 * close) * slope, 0, 0.9)
    color = mix(canvas.color, deep, share)
    canvas.color = screen(color, _glitter(ripples)[..., None] * rgb("#ffcf86"))
    canvas.alpha = np.ones(slope.shape)


def _glitter(ripples: Ripples) -> Array:
    """Find how strongly the sun flashes from each wave: along its path, from the steep ones."""
    near, slope = ripples.near, ripples.slope
    x = centers(slope.shape[1])[None, :]
    path = 1 / (1 + ((x - SUN[0]) / (24 + 0.20 * near)) ** 2) ** 2
    flash = smoothstep(0.75, 0.05, slope + 0.9 * (1 - path))
    rare = smoothstep(0.62, 0.95, -slope) * 0.5
    return path * flash * (0.95 - 0.45 * np.clip(near / 320, 0, 1)) + rare * 0.35


def _sample(values: Array, x: Array, y: Array) -> Array:
    """Read a picture between its pixels; it is transparent above and below; at the sides its edge goes on."""
    height, width = values.shape[:2]
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    u, v = (x - left)[..., None], (y - top)[..., None]

    def at(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Array:
        inside = (rows >= 0) & (rows < height)
        picked = values[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
        return np.asarray(picked * inside[..., None])

    upper = at(top, left) * (1 - u) + at(top, left + 1) * u
    lower = at(top + 1, left) * (1 - u) + at(top + 1, left + 1) * u
    return np.asarray(upper * (1 - v) + lower * v)
