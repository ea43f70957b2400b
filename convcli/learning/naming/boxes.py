"""The row of weights of a Gaussian as Pillow makes it."""

from __future__ import annotations

import math

import numpy as np

from convcli.array_types import Floats


def row_of_boxes(sigma: float) -> Floats:
    """Return the weights, (columns,), of Pillow's Gaussian blur: a box with faint ends, three times.

    P. Gwosdek et al., Theoretical foundations of Gaussian convolution by extended box filtering, 2011.
    """
    share = sigma**2 / 3
    reach = math.floor((math.sqrt(12 * share + 1) - 1) / 2)
    end = (2 * reach + 1) * (reach * (reach + 1) - 3 * share) / (6 * (share - (reach + 1) ** 2))
    box = np.ones(2 * reach + 3)
    box[[0, -1]] = end
    box /= box.sum()
    return np.convolve(np.convolve(box, box), box)
