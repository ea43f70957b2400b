"""Plan: one correlation, decided down to the last index before any pixel is read.

Both engines carry out the same plan: its arithmetic, the index maps of its borders, its taps or separable factors, the
scale of its output.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.engine.part import Part
from convcli.engine.planning.boxes import Box, box_of
from convcli.engine.planning.byte_numbers import Digits, Fused, fixed_digits, is_whole, whole_digits, whole_fused
from convcli.engine.planning.factors import Factor
from convcli.engine.planning.fourier import DIGIT, WORD, Fourier, fourier_of
from convcli.engine.planning.layers import is_layer
from convcli.engine.planning.levels import level
from convcli.engine.planning.outer import Outer, outer_products
from convcli.engine.planning.word_numbers import Words, words_of
from convcli.filters import Size2
from convcli.lazy import dataclass

# Sums move along a row as vectors of four values.
_MOST_BOX_CHANNELS = 4

# Bytes of the input rows under an output row. Where they are more, which large dilations alone can do, it takes less
# memory and time to gather the pixels under each tap.
_LARGEST_WINDOW = 1 << 28

# Values from one of four taps to the next, for 4 + 3 · 4 bytes.
_WIDEST_HOP = 4


@dataclass(frozen=True, eq=False)
class Plan:
    """A correlation of one array shape, ready to be carried out: out = sum / divisor + offset[output plane]."""

    output_shape: tuple[int, int, int]  # (height, width, channels)
    source: np.dtype[Any]  # of the input
    dtype: np.dtype[Any]  # of the result: integers are rounded half up and clipped, floats are not
    arithmetic: np.dtype[Any]  # of the products and sums (see `convcli.engine.planning.arithmetic`)
    # Index into the input for every row and column of the padded picture; `OUTSIDE` where a constant border is.
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    inner: Size2  # first and last + 1 column of the padded picture on the input: there `columns` counts up by 1
    # True where channels are filtered alike: a row is one line of width · channels values, and a pixel to the right is
    # `channels` values further. Otherwise channels are planes.
    interleaved: bool
    # (output planes, input planes of a group, height, width), one output plane where interleaved; integers, or already
    # divided by the kernel's divisor.
    weights: Floats
    factors: tuple[Factor, ...]  # add up to the one plane of weights; empty where it is applied directly
    groups: int  # of planes
    stride: Size2  # (down, right), in pixels
    dilation: Size2  # the same
    divisor: float
    offset: Floats  # per output plane, in levels of the input
    fill: float  # level of a constant border

    @property
    def column_step(self) -> int:
        """The distance of horizontal neighbors in a line, in values."""
        return self.output_shape[2] if self.interleaved else 1

    @property
    def is_sparse(self) -> bool:
        """True where far more pixels lie between the taps than a computation can hold."""
        down, across = self.weights.shape[2:]
        window = (self.dilation[0] * (down - 1) + 1) * len(self.columns)
        is_large = window * self.output_shape[2] * self.arithmetic.itemsize > _LARGEST_WINDOW
        # Beside one another, the pixels under taps that are near together would be more, and not fewer.
        return bool(is_large and down * across * self.output_shape[1] < window)

    @property
    def mixes_planes(self) -> bool:
        """True where an output plane is the sum over several input planes."""
        return len(self.weights[0]) > 1

    @property
    def rounding(self) -> float:
        """The number added before the fraction is cut off: a half for integers, so that halves go up."""
        return 0.5 if self.dtype.kind == "u" else 0.0

    @property
    def scale_dtype(self) -> np.dtype[Any]:
        """Dtype of the division and offset: float32 where it holds the sums and the result, else float64."""
        return np.result_type(self.arithmetic, np.float32, self.dtype if self.dtype.kind == "f" else np.float32)

    @property
    def highest(self) -> float:
        """The highest scaled sum that fits `dtype` once its fraction is cut off."""
        return float(np.nextafter(self.scale_dtype.type(np.iinfo(self.dtype).max + 1), self.scale_dtype.type(0)))

    @cached_property
    def loop(self) -> str:
        """Name of the compiled loop: all that its code depends on.

        Pictures of 8 bits are summed by products of bytes where the processor has them, else by sums that become bytes
        in registers, each where its numbers keep the promise. Transforms take less time than either for large planes
        without factors, factors less than all of these, and boxes the least.
        """
        best = level()
        if best and self.box:
            return f"box-{self.source}-{'uint16' if self.box.short else 'int32'}"
        if best and self.outer:
            line = "uint8" if best.dot_products and best.vector_bytes == 64 and self.outer_digits else "float32"
            return f"outer-{line}-{best.vector_bytes}"
        if best and self.fourier:
            # By vectors of 32 bytes, which leave strips in the L1 cache: with 64, transforms took a half longer.
            return f"fft-{self.source}-{self.fourier.dtype}-{32 // self.fourier.dtype.itemsize}"
        if best and not self.factors:
            if best.dot_products and self.digits:
                return f"quads-{len(self.digits.digits)}-{best.vector_bytes}"
            if best.dot_products and best.vector_bytes == 64 and self.words:
                return f"words-{best.vector_bytes}"
            if self.fused:
                return f"fused-{self.source}-{self.fused.dtype}-{best.vector_bytes}"
            if self.is_layer(best.vector_bytes):
                return f"layers-{self.source}-{best.vector_bytes}"
        kind = "separable" if self.factors else "direct"
        return "-".join((kind, *map(str, (self.source, self.dtype, self.arithmetic, self.scale_dtype))))

    def is_layer(self, size: int) -> bool:
        """Return whether this is a layer with many outputs in float32, for vectors of `size` bytes."""
        is_float = self.source in (np.uint8, np.float32) and self.dtype == np.float32 and self.arithmetic != np.float64
        if self.interleaved or not is_float:
            return False
        width, floats = self.output_shape[1], self.source == np.float32
        return is_layer(self.weights, self.groups, width, size, floats=floats)

    @cached_property
    def box(self) -> Box | None:
        """The rectangle of equal weights that this is, for pictures of integers; else None."""
        if not (
            self.source == self.dtype
            and self.source.kind == "u"
            and self.interleaved
            and self.stride == self.dilation == (1, 1)
            and self.column_step <= _MOST_BOX_CHANNELS
        ):
            return None
        full = int(np.iinfo(self.source).max)
        return box_of(self.weights[0, 0], self.divisor, float(self.offset[0]), full)

    @cached_property
    def outer(self) -> Outer | None:
        """The factors for sums of bytes in float32, or None where these would not keep the promise."""
        if not (self.factors and self.source == self.dtype == np.uint8):
            return None
        return outer_products(self.factors, self.weights, self.divisor, float(self.offset[0]))

    @cached_property
    def outer_digits(self) -> tuple[NDArray[np.int8], Floats] | None:
        """The rows of `outer` as bytes, with the units of their sums; None where they would not keep the promise.

        The values of four taps lie within 16 bytes.
        """
        return self.outer.digits if self.outer and self.dilation[1] * self.column_step <= _WIDEST_HOP else None

    @cached_property
    def digits(self) -> Digits | None:
        """The weights as signed bytes, or None where they would not keep the promise."""
        if not self._keeps_kind or self.source != np.uint8:
            return None
        weights, bias = self.weights[0, 0], float(self.offset[0])
        return whole_digits(weights, self.divisor, bias) if is_whole(weights) else fixed_digits(weights, bias)

    @cached_property
    def words(self) -> Words | None:
        """The weights as words of 16 bits, or None where they would not keep the promise."""
        if not self._keeps_kind or self.source != np.uint16:
            return None
        return words_of(self.weights[0, 0], self.divisor, float(self.offset[0]))

    @cached_property
    def fused(self) -> Fused | None:
        """The weights for sums that become levels in registers, or None where these would not keep the promise.

        Those of float32 pictures are divided as they are, and begin with the bias.
        """
        if not self._keeps_kind or self.source == np.float64:
            return None
        weights, bias = self.weights[0, 0], float(self.offset[0])
        if self.source == np.float32:
            return Fused(weights, "float32", bias, self.divisor)
        if is_whole(weights):
            return whole_fused(weights, self.divisor, bias, int(np.iinfo(self.source).max))
        if self.source == np.uint16:
            return Fused(weights, "float64", bias + 0.5, 1)
        return Fused(weights, "float32", bias + 0.5, 1) if self.arithmetic == np.float32 else None

    @cached_property
    def fourier(self) -> Fourier | None:
        """Transforms of tiles, or None where they would take longer or not keep the promise."""
        is_plain = self.interleaved and not self.factors and self.stride == (1, 1)
        if not is_plain or self.source != self.dtype or self.dtype.kind != "u":
            return None
        best = level()
        pieces = len(self.digits.digits) if best and best.dot_products and self.digits else 0
        product = DIGIT * pieces or self.arithmetic.itemsize / 4
        if best and best.dot_products and best.vector_bytes == 64 and self.words:
            product = WORD if self.words.low is None else 2 * WORD
        return fourier_of(self.weights[0, 0], self.divisor, float(self.offset[0]), self.dtype, self.dilation, product)

    def for_rows(self, part: Part, first: int, last: int) -> Plan:
        """Return the plan of the output rows first ≤ y < last alone, from the rows that a part of the input has."""
        rows = self.rows_under(first, last)
        return replace(self, rows=part.places(rows), output_shape=(last - first, *self.output_shape[1:]))

    def gathered(self, first: int, last: int) -> Plan:
        """Return the plan of the output rows first ≤ y < last, with the pixels under each row and column of taps.

        They stand one block beside the other in place of far apart, so that all products and sums are the same.
        """
        height, width = last - first, self.output_shape[1]
        down, across = self.weights.shape[2:]
        rows = _under_taps(self.rows_under(first, last), down, height, self.dilation[0], self.stride[0])
        columns = _under_taps(self.columns, across, width, self.dilation[1], self.stride[1])
        return replace(
            self,
            rows=rows,
            columns=columns,
            inner=(0, 0),
            output_shape=(height, *self.output_shape[1:]),
            stride=(1, 1),
            dilation=(height, width),
        )

    def rows_under(self, first: int, last: int) -> NDArray[np.intp]:
        """Return the input rows under the output rows first ≤ y < last, as `rows` has them."""
        extent = self.dilation[0] * (self.weights.shape[2] - 1) + 1
        return self.rows[first * self.stride[0] : (last - 1) * self.stride[0] + extent]

    @property
    def _keeps_kind(self) -> bool:
        """True where pixels become pixels of the same dtype, without a stride, all channels alike."""
        return self.source == self.dtype and self.interleaved and self.stride == (1, 1)

    @property
    def products(self) -> int:
        """The number of multiplications, which measures the cost."""
        height, width, channels = self.output_shape
        pixels = height * width
        if self.factors:
            return pixels * channels * sum(len(factor.column) + len(factor.row) for factor in self.factors)
        return pixels * int(np.count_nonzero(self.weights)) * (channels if self.interleaved else 1)


def _under_taps(sources: NDArray[np.intp], taps: int, outputs: int, dilation: int, stride: int) -> NDArray[np.intp]:
    """Return for each tap in turn the sources of all outputs."""
    return sources[np.add.outer(np.arange(taps) * dilation, np.arange(outputs) * stride).ravel()]
