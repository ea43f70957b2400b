"""The rows of weights of a Gaussian as Pillow and libvips make it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from convcli.array_types import Floats

BOXES = 3


def reach_and_end(sigma: float) -> tuple[int, float]:
    """Return the whole pixels on each side of a box, and the share of the next that its faint ends have.

    P. Gwosdek et al., Theoretical foundations of Gaussian convolution by extended box filtering, 2011.
    """
    share = sigma**2 / BOXES
    reach = math.floor((math.sqrt(12 * share + 1) - 1) / 2)
    return reach, (2 * reach + 1) * (reach * (reach + 1) - 3 * share) / (6 * (share - (reach + 1) ** 2))


def row_of_boxes(sigma: float) -> Floats:
    """Return the weights, (columns,), of Pillow's Gaussian blur: a box with faint ends, `BOXES` times."""
    reach, end = reach_and_end(sigma)
    box = np.ones(2 * reach + 3)
    box[[0, -1]] = end
    box /= box.sum()
    return np.convolve(np.convolve(box, box), box)


_LEAST, _WHOLE = 0.2, 20  # of the middle weight, that the last one has, and the middle one
_BITS = 7


def rows_of_vips(sigma: float) -> Iterator[Floats]:
    """Yield the weights, (columns,), of the Gaussian blur of libvips: small whole numbers that end soon.

    They are over their sum, or as its loops for vectors have them, in 8 bits that are not of sum 1.
    """
    reach = math.floor(sigma * math.sqrt(-2 * math.log(_LEAST)))
    whole = np.rint(_WHOLE * np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2)))
    row = whole / whole.sum()
    yield row
    scale = 2.0 ** (_BITS - math.ceil(math.log2(row.max()) + 1))
    yield np.rint(row * scale) / scale
