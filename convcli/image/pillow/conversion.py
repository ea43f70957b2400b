"""Arrays to images of Pillow's."""

from __future__ import annotations

import numpy as np
from PIL import Image

from convcli.array_types import Array

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def to_pillow(frame: Array) -> Image.Image:
    """Return gray or RGB, with alpha or without, of H×W×C and uint8, or gray of uint16, as an image.

    Not copied where Pillow can do without.
    """
    height, width, channels = frame.shape
    mode = "I;16" if frame.itemsize == 2 else _MODES[channels]
    little = np.ascontiguousarray(frame, dtype=frame.dtype.newbyteorder("<"))
    return Image.frombuffer(mode, (width, height), little, "raw", mode, 0, 1)
