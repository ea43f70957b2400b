"""The parameters of a descent as the weights of a kernel, by model, and back."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.errors import ShapeError
from convcli.filters import Kernel, Size2
from convcli.learning.extent import Extent
from convcli.learning.settings import LearnSettings, Model

Number = TypeVar("Number", bound=np.generic)


def in_shape(numbers: NDArray[Number], model: Model, extent: Extent) -> NDArray[Number]:
    """Return numbers, (outputs, taps), in the shape of the model's weights."""
    channels = {"shared": (), "depthwise": (-1,), "full": (-1, extent.inputs)}[model]
    return numbers.reshape(*channels, *extent.size)


def kernel_of(parameters: Floats, model: Model, extent: Extent, anchor: Size2, *, bias: bool) -> Kernel:
    """Return the kernel of weights and biases, (outputs, taps + 0 or 1), without the digits of rounding.

    They are rounded to 12 digits of the largest parameter, the precision of the sums: -1.0000000000000002 is -1.
    """
    largest = float(np.abs(parameters).max())
    digits = 12 - math.ceil(math.log10(largest)) if largest else 0
    parameters = parameters.round(digits) + 0.0  # a zero has no sign
    weights = in_shape(parameters[:, : extent.taps], model, extent)
    height, width = extent.size
    own = None if anchor == (height // 2, width // 2) else anchor
    return Kernel(weights, bias=parameters[:, -1].tolist() if bias else 0.0, anchor=own)


def first_parameters(settings: LearnSettings, extent: Extent, anchor: Size2) -> Floats:
    """Return the parameters before the first step, (outputs, taps + 0 or 1).

    Raises ShapeError for a kernel to start from that is for other channels.
    """
    outputs, taps = extent.outputs, extent.taps
    parameters = np.zeros((outputs, taps + settings.bias))
    if isinstance(settings.init, Kernel):
        return _from_kernel(settings.init, parameters, extent, bias=settings.bias)
    if settings.init == "random":
        return np.random.default_rng(settings.seed).standard_normal(parameters.shape)
    if settings.init == "identity":
        planes = np.zeros((outputs, extent.inputs, *extent.size))
        planes[range(outputs), np.arange(outputs) % extent.inputs, *anchor] = 1.0
        parameters[:, :taps] = planes.reshape(outputs, taps)
    return parameters


def _from_kernel(kernel: Kernel, parameters: Floats, extent: Extent, *, bias: bool) -> Floats:
    """Return the parameters of a kernel of the window's size and anchor."""
    outputs = len(parameters)
    weights = kernel.weights / kernel.divisor
    wanted = (outputs, extent.inputs)
    if weights.ndim == 2:
        planes = np.zeros((*wanted, *weights.shape))
        planes[range(outputs), np.arange(outputs) % extent.inputs] = weights
    else:
        planes = weights[:, np.newaxis] if weights.ndim == 3 else weights
    if planes.shape[:2] != wanted:
        raise ShapeError(
            f"the kernel to start from has {planes.shape[0]} output and {planes.shape[1]} input channels, "
            f"what is learned has {outputs} and {wanted[1]}",
            "start from a kernel of one plane, or from zeros",
        )
    parameters[:, : extent.taps] = planes.reshape(outputs, -1)
    if bias:
        parameters[:, -1] = kernel.bias if len(kernel.bias) in (1, outputs) else 0.0
    return parameters
