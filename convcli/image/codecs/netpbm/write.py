"""Writing PGM and PPM of 16 bits, of which Pillow writes gray alone."""

from __future__ import annotations

from typing import IO

import numpy as np
from numpy.typing import NDArray


def write_netpbm(frame: NDArray[np.uint16], stream: IO[bytes]) -> None:
    """Write one frame of H×W×1 as PGM, or of H×W×3 as PPM."""
    height, width, channels = frame.shape
    stream.write(b"P%d\n%d %d\n65535\n" % (5 if channels == 1 else 6, width, height))
    stream.write(np.ascontiguousarray(frame, ">u2").data)
