"""Moments of single positions: the window of every one of them, written out."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from convcli.learning.region import Region, centre_of

# Windows that are written out at once: 4 000 of 49 taps are 1.6 MB.
_AT_ONCE = 4096


def window_moments(region: Region, output: int, chosen: NDArray[np.bool_], executor: Executor) -> NDArray[np.float64]:
    """Return the sums of products of the taps, a one and a target over chosen positions.

    Parameters
    ----------
    region
        The positions.
    output
        Which channel of the target.
    chosen
        bool, (height, width): which positions count.
    executor
        Runs the bands of rows.

    Returns
    -------
    numpy.ndarray
        float64, (taps + 2)²: the taps in the order input channel, row, column; a one; the target. All
        centred by `centre_of`.
    """
    step = max(1, 16 * _AT_ONCE // region.width)
    starts = range(0, region.height, step)

    def moments(start: int) -> NDArray[np.float64]:
        return _band_moments(region.rows(start, start + step), output, chosen[start : start + step])

    return sum(executor.map(moments, starts), start=np.zeros((region.taps + 2, region.taps + 2)))


def window_sums(region: Region, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted sums of the taps and a one: (taps + 1), centred by `centre_of`.

    Parameters
    ----------
    region
        The positions.
    weights
        float64, (height, width): what each position counts; few are not zero.
    """
    rows, columns = np.nonzero(weights)
    counted = weights[rows, columns]
    centre = centre_of(region.source.dtype)
    sums = [
        counted @ (region.source[rows + down, columns + right, channel] - centre)
        for channel in range(region.inputs)
        for down in range(region.size[0])
        for right in range(region.size[1])
    ]
    return np.array([*sums, counted.sum()])


def _band_moments(region: Region, output: int, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    total = np.zeros((region.taps + 2, region.taps + 2))
    places = np.flatnonzero(chosen)
    if not len(places):
        return total
    planes = np.array(region.source.transpose(2, 0, 1), np.float64, order="C") - centre_of(region.source.dtype)
    target = np.array(region.target[:, :, output], np.float64) - centre_of(region.target.dtype)
    pitch = planes.shape[2]
    corners = places // region.width * pitch + places % region.width
    steps = [down * pitch + right for down in range(region.size[0]) for right in range(region.size[1])]
    for start in range(0, len(places), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        table = np.ones((region.taps + 2, len(places[part])))
        for row, (plane, step) in enumerate((plane, step) for plane in planes for step in steps):
            np.take(plane, corners[part] + step, out=table[row], mode="clip")  # no place is outside
        np.take(target, places[part], out=table[-1], mode="clip")
        total += table @ table.T
    return total
