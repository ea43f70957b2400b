"""Aligned: learned weights, and their match with other weights on the same output pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from convcli.array_types import Array, Bools, Floats
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.fast_length import fast_length
from convcli.learning.naming.effects import Effects

# The share of a kernel, by absolute weights, that may lie beyond everything that is compared.
LARGEST_CUT = 1e-3
# What is compared reaches so far, in reaches of the learned window: to the tails of the widest bell that is tried.
_COMPARED = 2.75
_COMPARED_WIDE, WIDE_REACH = 1.6, 31  # of wide windows, whose largest bells are cut off: a fifth of the time
_NEAR_SYMMETRY = 0.02  # the difference of images, as a share of the norm, apart from the errors


@dataclass(frozen=True, eq=False)
class Aligned:
    """Learned weights, float64 (…, height, width), divided by the divisor, some of them not zero.

    `errors` are their standard errors, `anchor` the row and column of the weight that lies on the output pixel. Weights
    that are not `known`, bool, are zero and not compared; those outside the window are zero and compared. `effects` are
    those of differences on the picture.
    """

    weights: Floats
    errors: Floats
    anchor: Size2
    known: Bools
    effects: Effects

    @cached_property
    def norm(self) -> float:
        """The root of the sum of squared weights."""
        return float(np.linalg.norm(self.weights))

    @cached_property
    def noise(self) -> float:
        """The expected error of the weights, as a share of their norm."""
        return float(np.linalg.norm(self.errors)) / self.norm

    @property
    def reach(self) -> int:
        """The largest distance from the anchor to a side of the window, in weights."""
        height, width = self.weights.shape[-2:]
        row, column = self.anchor
        return int(max(row, height - 1 - row, column, width - 1 - column))

    @cached_property
    def side(self) -> int:
        """The side of the square that is compared, a product of 2, 3 and 5, with the anchor at side // 2."""
        compared = _COMPARED if self.reach <= WIDE_REACH else _COMPARED_WIDE
        return fast_length(2 * math.ceil(compared * (self.reach + 1)) + 1)

    @cached_property
    def power(self) -> float:
        """The effect of the whole kernel: the variance that it gives its output."""
        return float(self.seen_whole @ self.seen_whole)

    def laid(self, weights: Floats, anchor: Size2, largest_cut: float = LARGEST_CUT) -> Floats | None:
        """Return other weights in the square that is compared, zero beside them; None where too much is cut off."""
        side = self.side
        top, left = side // 2 - anchor[0], side // 2 - anchor[1]
        height, width = weights.shape[-2:]
        rows, columns = slice(max(top, 0), max(top + height, 0)), slice(max(left, 0), max(left + width, 0))
        part = weights[..., max(-top, 0) : max(side - top, 0), max(-left, 0) : max(side - left, 0)]
        total = float(np.abs(weights).sum())
        if not total or float(np.abs(part).sum()) < (1 - largest_cut) * total:
            return None
        laid = np.zeros((*weights.shape[:-2], side, side))
        laid[..., rows, columns] = part
        if self._unknown is not None:
            laid[self._unknown] = 0
        return laid if laid.any() else None

    def seen(self, laid: Floats) -> Floats:
        """Return a vector whose square is the effect of the weights."""
        spectrum = np.fft.rfft2(laid) * self.roots
        return np.ascontiguousarray(spectrum).ravel().view(np.float64)

    def scale(self, laid: Floats) -> float:
        """Return the scale of the smallest effect: learned ≈ scale · laid."""
        seen = self.seen(laid)
        return float(seen @ self.seen_whole) / float(seen @ seen)

    def difference(self, laid: Floats, scale: float) -> float:
        """Return ‖learned − scale · laid‖ / ‖learned‖."""
        return float(np.linalg.norm(self._in_square(self.weights) - scale * laid)) / self.norm

    def residual(self, laid: Floats | None, scale: float | None = None) -> Floats:
        """Return a vector whose norm is the effect of the rest at a scale, or the best, in amplitudes of the whole."""
        if laid is None:
            return self.seen_whole / math.sqrt(self.power)
        seen = self.seen(laid)
        if scale is None:
            scale = float(seen @ self.seen_whole) / float(seen @ seen)
        return np.asarray((self.seen_whole - scale * seen) / math.sqrt(self.power))

    @cached_property
    def roots(self) -> Floats:
        """The root of the spectrum of the picture, as `Effects.roots` has it."""
        return self.effects.roots(self.side)

    @cached_property
    def _unknown(self) -> Bools | None:
        return None if self.known.all() else np.asarray(self._in_square(~self.known), bool)

    @cached_property
    def seen_whole(self) -> Floats:
        """The learned weights as `seen` gives them."""
        return self.seen(self._in_square(self.weights))

    @cached_property
    def free(self) -> int:
        """The number of weights that turns and mirror images, or their negatives, leave free."""
        if self.weights.ndim > 2:
            return int(self.weights.size)
        allowed = math.hypot(_NEAR_SYMMETRY, 3 * self.noise) * self.norm
        numbers = []
        for square, window in self.centered():
            places = np.arange(square.size).reshape(square.shape)
            equal = [
                moved
                for turned, moved in zip(images(square), images(places), strict=True)
                if min(np.linalg.norm(square - turned), np.linalg.norm(square + turned)) <= allowed
            ]
            numbers.append(len(np.unique(np.min(equal, axis=0)[window])))
        return min(numbers)

    def centered(self) -> Iterator[tuple[Floats, Bools]]:
        """Yield squares about the anchor, and about half a pixel before it, as an even size has it.

        Each has the learned plane, and is True where the window is.
        """
        reach, (height, width) = self.reach, self.weights.shape
        for side, before in ((2 * reach + 1, reach), (2 * reach + 2, reach + 1)):
            square, window = np.zeros((side, side)), np.zeros((side, side), bool)
            top, left = before - self.anchor[0], before - self.anchor[1]
            square[top : top + height, left : left + width] = self.weights
            window[top : top + height, left : left + width] = True
            yield square, window

    def _in_square(self, values: Floats | Bools) -> Floats:
        square = np.zeros((*values.shape[:-2], self.side, self.side))
        top, left = (self.side // 2 - each for each in self.anchor)
        square[..., top : top + values.shape[-2], left : left + values.shape[-1]] = values
        return square


def images(square: Array) -> list[Array]:
    """Return a square, its turns, and their mirror images."""
    return [np.rot90(each, turns) for each in (square, square.T) for turns in range(4)]
