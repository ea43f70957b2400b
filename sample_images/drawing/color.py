"""Colors as numbers, and the blends between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Color: TypeAlias = str | Array  # as in HTML, "#ff8800", or red, green and blue as fractions of full scale


def rgb(color: Color) -> Array:
    """Read a color as fractions of full scale."""
    if isinstance(color, str):
        return np.array(list(bytes.fromhex(color.removeprefix("#")))) / 255
    return color


def mix(a: Color, b: Color, share: Array | float) -> Array:
    """Go from color `a` to color `b` by `share`, which has one value per pixel or one for all."""
    start, end = rgb(a), rgb(b)
    return np.asarray(start + (end - start) * np.asarray(share)[..., None])


def screen(under: Array, light: Array) -> Array:
    """Add light to a picture as a projector would: it brightens and never passes white."""
    return 1 - (1 - under) * (1 - light)


def smoothstep(low: float, high: float, x: Array) -> Array:
    """Rise from 0 at `low` to 1 at `high` without a corner; `low` may be the greater."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(stops: Sequence[tuple[float, str]], x: Array) -> Array:
    """Color every value of `x` by the stops (position, color), evenly from each to the next; the ends go on."""
    result = np.broadcast_to(np.asarray(rgb(stops[0][1])), (*x.shape, 3))
    for (low, _), (high, text) in pairwise(stops):
        result = mix(result, text, np.clip((x - low) / (high - low), 0, 1))
    return result


def luma(colors: Array) -> Array:
    """Weigh red, green and blue to a gray, as Rec. 601 does."""
    weighed = 0.299 * colors[..., 0] + 0.587 * colors[..., 1] + 0.114 * colors[..., 2]
    return np.asarray(weighed)


def to_bytes(values: Array) -> npt.NDArray[np.uint8]:
    """Round fractions of full scale to 8 bits, halves up."""
    return np.floor(np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)
