"""Kernels that are hardly one: they make up for what another step was not quite told as."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convcli.detective.detected import gain_of
from convcli.detective.steps import CurveStep, FilterStep, NoiseStep, Step
from convcli.filters import Kernel

ANOTHER_GAIN, OFFSET = 0.01, 1 / 255
_LITTLE = 0.015
_SLIGHT, _CUT = 0.02, 2 / 255
_OF_LINE = 2  # points
_OF_CLIPPED = 0.05  # of noise: the offset that it has where a picture is dark or bright; 0.016 in a night picture
_OF_INTERPOLATION = 0.4  # from 1, of the weight of the pixel itself


def is_slight(kernel: Kernel) -> bool:
    """Return whether a kernel is a gain so near to 1 that it makes up for the rounding of numbers before it.

    It may be one about the middle: a mask that a program cuts off in whole levels is a little less than ours.
    """
    if (line := gain_of(kernel)) is None:
        return False
    gain, offset = line
    return abs(gain - 1) < _LITTLE and abs((gain - 1) / 2 + offset) < OFFSET


def is_of_interpolation(kernel: Kernel) -> bool:
    """Return whether a kernel may be no more than an interpolation that is another than the one before it."""
    weights = kernel.weights / kernel.divisor
    return weights.ndim == 2 and abs(float(weights[kernel.anchor]) - 1) < _OF_INTERPOLATION


def amplified(kernel: Kernel) -> float:
    """Return how many times white noise before a kernel is larger after it, 1 where it is smaller."""
    weights = kernel.weights / kernel.divisor
    return max(1.0, float(np.sqrt(np.square(weights).sum() / (1 if weights.ndim == 2 else len(weights)))))


def is_slight_line(kernel: Kernel, gain: float) -> bool:
    """Return whether a gain and a kernel's bias make up for digits that are cut off, or for a blur that is too narrow.

    They leave a level between black and white as it is, or nearly black.
    """
    bias = float(kernel.bias[0])
    return 0 < abs(1 - gain) < _SLIGHT and (0 < bias / (1 - gain) < 1 or abs(bias) < _CUT)


def is_of_noise(step: Step, last: Sequence[Step]) -> bool:
    """Return whether a step is an offset that noise has where it is clipped."""
    if not (isinstance(step, CurveStep) and not isinstance(step.points, dict) and len(step.points) == _OF_LINE):
        return False
    low, high = (y - x for x, y in step.points)
    noise = next((each.levels for each in last if isinstance(each, NoiseStep)), 0.0)
    return abs(high - low) < ANOTHER_GAIN and 255 * abs(low) < _OF_CLIPPED * noise


def unnamed(step: Step) -> Step:
    """Return the step of a kernel, and that of its gain and offset, without a name and light; another as it is."""
    if isinstance(step, FilterStep):
        return FilterStep(None, step.model)
    is_line = isinstance(step, CurveStep) and len(step.points) == _OF_LINE
    return FilterStep(None, "shared") if is_line else step
