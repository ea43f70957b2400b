"""Kernel: the weights of one correlation, with their divisor and bias.

The operation is cross-correlation, as in every deep-learning framework,

    out[y, x] = sum over i, j of weights[i, j] · in[y + i − row, x + j − column] / divisor + bias

where (row, column) is the anchor. True convolution turns the kernel by 180° first: `Kernel.flipped`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from convcli.array_types import Floats, real_numbers
from convcli.errors import KernelError
from convcli.filters.limits import MAX_KERNEL_SIDE
from convcli.filters.saved import Saved, read_filter
from convcli.filters.settings.kernel import ANCHOR, BIAS, DIVISOR, NORMALIZE, judged
from convcli.lazy import dataclass
from convcli.words import shortly, times

_LARGEST_SHOWN = 7  # weights on a side

_FORMS = {
    2: "height × width",
    3: "channels × height × width",
    4: "output channels × input channels × height × width",
}


class DefaultAnchor(tuple[int, int]):
    """The row and column at half the size: the anchor of a kernel that names none."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Kernel(Saved):
    """Weights with their divisor, bias and anchor.

    Parameters
    ----------
    weights
        float64, finite: ``(height, width)``, one plane for every channel; ``(channels, height, width)``, one plane
        per channel; or ``(output channels, input channels, height, width)``, summed over the input channels.
    divisor
        Divides the sum of products; finite, not zero. Apart from the weights, so that a kernel of integers is
        computed in integers.
    bias
        Added after the division, in fractions of full scale: 0.5 is mid-gray at 8 and 16 bit alike; for floats full
        scale is 1. One number, or one per output channel.
    anchor
        Row and column of the weight that lies on the output pixel when the padding is ``same``;
        ``(height // 2, width // 2)`` unless given, as in OpenCV and scipy. A `DefaultAnchor` stays at half the size
        when the kernel is turned or gets other weights.

    Raises
    ------
    KernelError
        The weights are of another shape, empty, not finite or more than 1023 on a side; or the divisor, the bias or
        the anchor does not fit them.
    """

    weights: Floats
    divisor: float = 1.0
    bias: tuple[float, ...] = (0.0,)
    anchor: tuple[int, int] = (0, 0)

    def __init__(
        self,
        weights: ArrayLike,
        divisor: float = 1.0,
        bias: float | Sequence[float] = 0.0,
        anchor: tuple[int, int] | None = None,
    ) -> None:
        plane = _checked_weights(weights)
        height, width = plane.shape[-2:]
        biases = tuple(np.ravel(judged(BIAS, bias, KernelError)).tolist())
        object.__setattr__(self, "weights", plane)
        object.__setattr__(self, "divisor", judged(DIVISOR, divisor, KernelError))
        object.__setattr__(self, "bias", _checked_bias(biases, plane))
        object.__setattr__(self, "anchor", _checked_anchor(anchor, height, width))

    def __repr__(self) -> str:
        if self.weights.ndim > 2 or max(self.size) > _LARGEST_SHOWN:
            return self.summary()
        texts = [[f"{weight:.4g}" for weight in row] for row in self.weights]
        width = max(len(text) for row in texts for text in row)
        rows = (f"[{', '.join(text.rjust(width) for text in row)}]" for row in texts)
        between = ",\n        "  # as far in as the first row stands
        return self._shown(f"[{between.join(rows)}]")

    def summary(self) -> str:
        """Return the repr with the shape, the range and the sum of the weights in their place."""
        low, high = self.weights.min(), self.weights.max()
        return self._shown(f"<{times(self.weights.shape)} weights, {low:.4g} to {high:.4g}, sum {self.sum:.4g}>")

    def _shown(self, weights: str) -> str:
        settings = [weights]
        if self.divisor != 1:
            settings.append(f"divisor={shortly(self.divisor)}")
        if any(self.bias):
            settings.append(f"bias={shortly(self.bias if len(self.bias) > 1 else self.bias[0])}")
        if not isinstance(self.anchor, DefaultAnchor):
            settings.append(f"anchor={shortly(self.anchor)}")
        return f"Kernel({', '.join(settings)})"

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Kernel:
        """Return the kernel that `save` has written, or any YAML file of a kernel without further settings.

        Raises UsageError where the file is no filter, or holds more than a kernel.
        """
        conv = read_filter(path).conv
        plain = ((1, 1), "same", (1, 1), 1, None)
        if conv is None or (conv.stride, conv.padding, conv.dilation, conv.groups, conv.border) != plain:
            raise KernelError(f"{path} holds more than a kernel", "convcli.load_filter returns all of it")
        kernel: Kernel = conv.kernel
        return kernel

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a plane, in weights."""
        height, width = self.weights.shape[-2:]
        return height, width

    @property
    def has_own_anchor(self) -> bool:
        """True where the anchor was given."""
        return not isinstance(self.anchor, DefaultAnchor)

    @property
    def output_channels(self) -> int | None:
        """Number of output channels; None where one plane filters each channel by itself."""
        return self.weights.shape[0] if self.weights.ndim > 2 else None

    @property
    def planes(self) -> Floats:
        """Every plane of the kernel, as (planes, height, width)."""
        return self.weights.reshape(-1, *self.size)

    @property
    def is_integer(self) -> bool:
        """True where every weight and the divisor are integers."""
        return self.divisor.is_integer() and bool((self.weights == np.rint(self.weights)).all())

    @property
    def sum(self) -> float:
        """The sum of all weights, before the division."""
        return math.fsum(self.weights.ravel())

    @property
    def gain(self) -> float:
        """Factor of a flat area: the sum of the first output channel's weights over the divisor."""
        first = self.weights if self.weights.ndim == 2 else self.weights[0]
        return math.fsum(first.ravel()) / self.divisor

    @property
    def rank(self) -> int:
        """The largest rank of a plane; a plane of rank 1 is separable into a column and a row."""
        return int(max(np.linalg.matrix_rank(self.planes)))

    @property
    def symmetry(self) -> str:
        """``full``, ``horizontal and vertical``, ``horizontal``, ``vertical``, ``point``, ``odd`` or ``none``.

        ``horizontal``: equal to itself mirrored left to right; ``vertical``: top to bottom; ``full``: both,
        and to its transpose; ``point``: turned by 180°; ``odd``: to its negative, turned by 180°.
        """
        planes = self.planes
        horizontal = np.array_equal(planes, planes[:, :, ::-1])
        vertical = np.array_equal(planes, planes[:, ::-1])
        turned = planes[:, ::-1, ::-1]
        if horizontal and vertical:
            return "full" if np.array_equal(planes, planes.swapaxes(1, 2)) else "horizontal and vertical"
        if horizontal or vertical:
            return "horizontal" if horizontal else "vertical"
        if np.array_equal(planes, turned):
            return "point"
        return "odd" if np.array_equal(planes, -turned) else "none"

    @property
    def output_range(self) -> tuple[float, float]:
        """The smallest and largest output for input within 0 and full scale, in fractions of full scale."""
        outputs = _by_output(self.weights / self.divisor)
        low, high = (side.sum(axis=1) + np.array(self.bias) for side in (outputs.clip(max=0), outputs.clip(min=0)))
        return float(low.min()), float(high.max())

    def flipped(self) -> Kernel:
        """Return the kernel turned by 180°: correlating with it is true convolution.

        An anchor that was given names a weight and turns with it. The default stays at half the size, so that the
        result is that of ``numpy.convolve`` and ``scipy.signal.convolve2d`` with mode ``same``.
        """
        turned = replace(self, weights=self.weights[..., ::-1, ::-1])
        if not self.has_own_anchor:
            return turned
        (height, width), (row, column) = self.size, self.anchor
        return replace(turned, anchor=(height - 1 - row, width - 1 - column))

    def normalized(self, by: str) -> Kernel:
        """Return the kernel with a divisor that makes its gain 1.

        After `by` ``sum`` the weights of an output channel add up to 1, after ``l1`` their absolute values; ``none``
        or a sum of zero leaves the kernel unchanged, the latter as in SVG's feConvolveMatrix and ffmpeg. Raises
        KernelError if `by` is unknown, or if the output channels would need different divisors.
        """
        if judged(NORMALIZE, by, KernelError) == "none":
            return self
        outputs = _by_output(np.abs(self.weights) if by == "l1" else self.weights)
        sums = [math.fsum(each) for each in outputs]
        # Sums of decimals are equal, or zero, up to a few roundings.
        rounding = 1e-9 * float(np.abs(outputs).sum(axis=1).max())
        if max(sums) - min(sums) > rounding:
            raise KernelError(
                f"the output channels have different sums ({min(sums):g} to {max(sums):g}): no one divisor fits",
                "scale the weights of each output channel in the kernel file",
            )
        if abs(sums[0]) <= rounding:
            return self
        return replace(self, divisor=sums[0])


def _by_output(weights: Floats) -> Floats:
    """Return the weights as (output channels, weights of one)."""
    return weights.reshape(1 if weights.ndim == 2 else len(weights), -1)


def _checked_weights(weights: ArrayLike) -> Floats:
    try:
        array = real_numbers(weights).astype(np.float64)
    except ValueError:
        raise KernelError("the weights are not a full table of numbers", "give every row as many numbers") from None
    if array.ndim not in _FORMS:
        known = ", ".join(f"{ndim}-D {form}" for ndim, form in _FORMS.items())
        raise KernelError(f"weights of shape {array.shape} make no kernel", f"give {known}")
    if array.size == 0:
        raise KernelError("a kernel without weights", "give at least one number")
    if not np.isfinite(array).all():
        where = tuple(int(each) for each in np.argwhere(~np.isfinite(array))[0])
        raise KernelError(f"weight {array[where]} at {where} is not finite", "give finite numbers")
    height, width = array.shape[-2:]
    if max(height, width) > MAX_KERNEL_SIDE:
        raise KernelError(f"a kernel of {height}×{width} weights", f"at most {MAX_KERNEL_SIDE} on a side")
    array.setflags(write=False)
    return array


def _checked_bias(bias: tuple[float, ...], weights: Floats) -> tuple[float, ...]:
    outputs = weights.shape[0] if weights.ndim > 2 else 1
    if len(bias) not in (1, outputs):
        raise KernelError(
            f"{len(bias)} biases for {outputs} output channel{'s' if outputs > 1 else ''}",
            "give one bias, or one per output channel",
        )
    return bias


def _checked_anchor(anchor: tuple[int, int] | None, height: int, width: int) -> tuple[int, int]:
    if anchor is None or isinstance(anchor, DefaultAnchor):
        return DefaultAnchor((height // 2, width // 2))
    row, column = judged(ANCHOR, anchor, KernelError)
    if not (0 <= row < height and 0 <= column < width):
        raise KernelError(
            f"anchor [{row}, {column}] lies outside a {height}×{width} kernel",
            f"give a row from 0 to {height - 1} and a column from 0 to {width - 1}",
        )
    return row, column
