"""Gradients of 16 bits, 512 × 256, which 8 bits would turn into bands or lose."""

import numpy as np
import numpy.typing as npt

from drawing.canvas import centers
from drawing.color import Array, smoothstep

WIDTH, HEIGHT = 512, 256
FULL = 65535
# Less than one level of 8 bits, which is 257 of these: 8 bits lose the difference.
FAINT = 96


def draw_gradients() -> npt.NDArray[np.uint16]:
    """Draw four bands on the left and a ball before a faint ring and a faint grid on the right."""
    half = WIDTH // 2
    return np.hstack([_bands(half), _ball(half)])


def _bands(width: int) -> npt.NDArray[np.uint16]:
    """Draw, from above: the full range, a shallow ramp, a staircase, a checkerboard; the last three are faint."""
    x = np.arange(width)
    y = np.arange(HEIGHT // 4)[:, None]
    full = x * FULL // (width - 1)
    shallow = 30000 + 4 * x
    stairs = 20000 + 32 * (x // 8)
    squares = 44000 + FAINT * ((x // 16 + y // 16) % 2)
    return np.vstack([np.broadcast_to(band, (HEIGHT // 4, width)) for band in (full, shallow, stairs, squares)]).astype(
        np.uint16
    )


def _ball(width: int) -> npt.NDArray[np.uint16]:
    """Draw a smoothly lit ball before a sky whose ring and grid lines are fainter than one level of 8 bits."""
    x, y = centers(width)[None, :], centers(HEIGHT)[:, None]
    away = np.sqrt((x - 128) ** 2 + (y - 128) ** 2)
    sky = 5200 + 9 * y + 3 * x + FAINT * np.clip(4 - np.abs(away - 112), 0, 1)
    sky = sky + FAINT * ((x % 32 < 1) | (y % 32 < 1))
    ball = 1600 + 56000 * _light(x, y) ** 2
    whole = sky + (ball - sky) * np.clip(80.5 - away, 0, 1)
    return np.asarray(np.floor(whole + 0.5), dtype=np.uint16)


def _light(x: Array, y: Array) -> Array:
    """Find how much light each point of the ball receives from the upper left."""
    u, v = (x - 128) / 80, (y - 128) / 80
    w = np.sqrt(np.maximum(1 - u * u - v * v, 0))
    return smoothstep(-0.35, 1.1, -0.5 * u - 0.55 * v + 0.67 * w)
