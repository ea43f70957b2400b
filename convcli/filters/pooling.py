"""Pooling: one value for every window of the picture."""

from __future__ import annotations

from typing import Any, ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2
from convcli.filters.settings.layers import MEAN_POOL, NETWORK_SETTINGS, POOL
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass


@dataclass(frozen=True)
class Pool(Layer):
    """Reduce windows of `size`, a `stride` apart, channel by channel, as in PyTorch.

    Parameters
    ----------
    size
        (height, width) in pixels.
    stride
        (down, right) in pixels; None for the size.
    padding
        Pixels outside of the picture (above and below, left and right), at most half of the size.
    dilation
        (down, right) in pixels from one value of a window to the next.
    ceil_mode
        Take an incomplete window at the end, if it begins in the picture or before.
    """

    declared: ClassVar[tuple[Parameter, ...]] = POOL

    size: Size2
    stride: Size2 | None = None
    padding: Size2 = (0, 0)
    dilation: Size2 = (1, 1)
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for padding, side in zip(self.padding, self.size, strict=True):
            if not 0 <= padding <= side // 2:
                raise UsageError(
                    f"{self.name}: a padding of {padding} is more than half of a size of {side}",
                    f"give a padding from 0 to {side // 2}, or a larger size",
                )

    @property
    def step(self) -> Size2:
        """Pixels from one window to the next, down and to the right."""
        return self.stride or self.size

    @property
    def extent(self) -> Size2:
        """Height and width in pixels that a window covers: dilation · (size - 1) + 1."""
        (height, width), (down, right) = self.size, self.dilation
        return down * (height - 1) + 1, right * (width - 1) + 1

    @property
    def receptive_field(self) -> ReceptiveField:
        """The window."""
        return ReceptiveField(self.extent, self.step)

    @property
    def counts_padding(self) -> bool:
        """True where padding is values of 0."""
        return True

    @property
    def mean(self) -> AvgPool:
        """The mean over the pixels of the same windows, without their padding."""
        return AvgPool(self.size, self.stride, self.padding, self.dilation, self.ceil_mode, count_include_pad=False)

    def divisor_of(self, counts: Any) -> Any:  # noqa: ARG002 - means use them
        """Return the divisor of sums over so many values, numbers or an array of them."""
        return 1

    def output_shape(self, shape: Shape) -> Shape:
        """Return floor((n + 2 · padding − extent) / stride) + 1 on each axis, or with ceil of windows that begin."""
        channels, height, width = shape
        rows, columns = self._windows(0, height), self._windows(1, width)
        if min(rows, columns) < 1:
            padded = " padded" if any(self.padding) else ""
            raise ShapeError(
                f"windows of {self.extent[0]}×{self.extent[1]} pixels do not fit into{padded} {height}×{width}",
                "use smaller windows or a larger picture",
            )
        return channels, rows, columns

    def _windows(self, axis: int, length: int) -> int:
        step, padding = self.step[axis], self.padding[axis]
        room = length + 2 * padding - self.extent[axis]
        if not self.ceil_mode:
            return room // step + 1
        count = -(-room // step) + 1
        return count - ((count - 1) * step >= length + padding)


class MaxPool(Pool):
    """The largest value of a window; padding is none."""

    name: ClassVar[str] = "maxpool"

    @property
    def counts_padding(self) -> bool:
        """False."""
        return False


@dataclass(frozen=True)
class AvgPool(Pool):
    """The mean of a window.

    Parameters
    ----------
    count_include_pad
        Whether padding counts as values of 0.
    divisor
        Divides the sum, in place of the number of values.
    """

    name: ClassVar[str] = "avgpool"

    declared: ClassVar[tuple[Parameter, ...]] = MEAN_POOL

    count_include_pad: bool = True
    divisor: float | None = None

    @property
    def counts_padding(self) -> bool:
        """As set."""
        return self.count_include_pad

    def divisor_of(self, counts: Any) -> Any:
        """Return the given divisor, or the counts."""
        return counts if self.divisor is None else self.divisor


class SumPool(Pool):
    """The sum of a window; padding is 0."""

    name: ClassVar[str] = "sumpool"


@dataclass(frozen=True)
class LpPool(Pool):
    """The p-norm of a window: the root of the sum of |x|^p, of which 2 is the length of a vector.

    Padding is 0. A window that `ceil_mode` cuts off counts as a whole one with values like those that are left, as in
    PyTorch, which takes powers of x in place of its magnitude.
    """

    name: ClassVar[str] = "lppool"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["lppool"]

    p: float = 2.0
