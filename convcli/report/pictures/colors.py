"""Colors of paper and ink, and of numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array

Color = tuple[int, int, int]

PAPER: Color = (252, 251, 249)
INK: Color = (38, 41, 46)
GRAY: Color = (112, 116, 122)
LINE: Color = (206, 206, 202)

# Of the three curves through a spectrum; distinct to the color-blind, and in black and white.
BLUE: Color = (38, 92, 143)
RED: Color = (176, 66, 50)
OCHER: Color = (204, 158, 60)
GREEN: Color = (64, 130, 72)  # of a channel, beside red and blue

# From −1 over 0 to 1: both ends are equally dark, so that size is seen before sign.
_DIVERGING = (
    (24, 69, 117),
    (82, 137, 184),
    (173, 203, 223),
    (246, 245, 242),
    (237, 187, 160),
    (205, 108, 82),
    (139, 35, 35),
)
# From 0 to 1.
_SEQUENTIAL = ((249, 248, 244), (206, 221, 219), (142, 183, 190), (78, 135, 156), (36, 84, 118), (17, 41, 74))


def diverging(values: Array) -> NDArray[np.uint8]:
    """Return colors (…, 3) for values from −1 to 1, pale around 0."""
    return _colored(values, _DIVERGING, -1.0)


def sequential(values: Array) -> NDArray[np.uint8]:
    """Return colors (…, 3) for values from 0 to 1."""
    return _colored(values, _SEQUENTIAL, 0.0)


def on(background: NDArray[np.uint8] | Color) -> Color:
    """Return the color of legible text on a background."""
    red, green, blue = (int(each) for each in background)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else (255, 255, 255)


def _colored(values: Array, stops: tuple[Color, ...], low: float) -> NDArray[np.uint8]:
    stop_values = np.linspace(low, 1.0, len(stops))
    channels = [np.interp(values, stop_values, channel) for channel in zip(*stops, strict=True)]
    colored: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colored
