"""Moments of single positions, from the window of each."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.learning.moments.region import Region, center_of

# Windows in memory at once: 4 000 of 49 taps are 1.6 MB.
_AT_ONCE = 4096


def window_moments(region: Region, output: int, chosen: Bools) -> Floats:
    """Return the sums of products of the taps, a one and a target over chosen positions, float64 (taps + 2)².

    `output` is the index of the target's channel, `chosen` bool (height, width). The order is the taps (input channel,
    row, column), a one, the target, all less `center_of`.
    """
    total = np.zeros((region.taps + 2, region.taps + 2))
    step = max(1, 16 * _AT_ONCE // region.width)
    for start in range(0, region.height, step):
        total += _band_moments(region.rows(start, start + step), output, chosen[start : start + step])
    return total


def window_sums(region: Region, output: int, weights: Floats) -> Floats:
    """Return the sums of the taps, less `center_of`, and a one over the positions of the mask, float64 (taps + 1).

    `weights`, float64, has one for every possible integer of the target's channel `output`; few are not zero.
    """
    target = region.target[:, :, output]
    is_counted = (weights != 0)[target]
    if region.mask is not None:
        is_counted &= region.mask[:, :, min(output, region.mask.shape[2] - 1)]
    rows, columns = np.nonzero(is_counted)
    counted = weights[target[rows, columns]]
    center = center_of(region.source.dtype)
    sums = [
        counted @ (region.source[rows + down, columns + right, channel] - center)
        for channel in range(region.inputs)
        for down in range(region.size[0])
        for right in range(region.size[1])
    ]
    return np.array([*sums, counted.sum()])


def _band_moments(region: Region, output: int, chosen: Bools) -> Floats:
    total = np.zeros((region.taps + 2, region.taps + 2))
    positions = np.flatnonzero(chosen)
    if not len(positions):
        return total
    planes = np.ascontiguousarray(region.source.transpose(2, 0, 1))
    target = np.ascontiguousarray(region.target[:, :, output])
    pitch = planes.shape[2]
    corners = positions // region.width * pitch + positions % region.width
    steps = [down * pitch + right for down in range(region.size[0]) for right in range(region.size[1])]
    for start in range(0, len(positions), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        table = np.ones((region.taps + 2, len(positions[part])))
        for row, (plane, step) in enumerate((plane, step) for plane in planes for step in steps):
            table[row] = np.take(plane, corners[part] + step)
        table[:-2] -= center_of(planes.dtype)
        table[-1] = np.take(target, positions[part])
        table[-1] -= center_of(target.dtype)
        total += table @ table.T
    return total
