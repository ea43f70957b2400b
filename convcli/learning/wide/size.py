"""The size of a wide kernel: the rows and columns of its window without which the error rises by more than chance.

The error of the best kernel without some weights follows from the best with them: it rises by that of the change d that
makes those weights zero, the others moved as is best, which is dᵀ C d for the covariance C of the taps. Correlations by
distance are near enough to C, since they decide a factor here, and not a small difference of large sums.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np

from convcli.array_types import Floats
from convcli.lazy import dataclass
from convcli.learning.descent.size import LOSSY_FALL, NOTHING, KernelWindow, Sizes
from convcli.learning.wide.correlations import Correlations
from convcli.learning.wide.descent import WideDescended
from convcli.learning.wide.planes import Planes

_RINGS = 2  # at the end of a window, that show whether the kernel is larger
_STEPS = (8, 4, 2, 1)  # rows or columns at once that are left out


@dataclass(eq=False)
class WideTrials(Sizes):
    """Parts of a window, by what leaving out the rest of `descended`, the best kernel in it, adds to its error.

    `correlations` are those of the window.
    """

    extent: Planes
    correlations: Correlations
    descended: WideDescended
    _changes: dict[KernelWindow, tuple[float, Floats]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.rounding = NOTHING * float(self.descended.history[0])

    def errors(self, window: KernelWindow) -> tuple[float, float]:
        """Return the mean squared error on the rows learned from, twice."""
        if window not in self._changes:
            self._changes[window] = self._change(window)
        error = self.descended.mean_square + self._changes[window][0]
        return error, error

    def weights(self, window: KernelWindow) -> Floats:
        """Return about the best weights in a part of the window, (outputs, inputs, height, width)."""
        self.errors(window)
        return window.cut(self.descended.weights + self._changes[window][1])

    @property
    def is_cut_off(self) -> bool:
        """The kernel is probably larger than the window."""
        reach = min(self.anchor)
        inner, error = self.square(max(reach - _RINGS, 0)), self.descended.mean_square
        return self.errors(inner)[0] > (1 + LOSSY_FALL) * error + self.rounding

    def smallest(self) -> KernelWindow:
        """Return the smallest window without whose rows and columns the error rises by more than chance."""
        window = KernelWindow(0, 0, self.extent.size)
        for step in _STEPS:
            for top, left, bottom, right in ((step, 0, 0, 0), (0, step, 0, 0), (0, 0, step, 0), (0, 0, 0, step)):
                while self._holds(
                    smaller := KernelWindow(
                        window.top + top,
                        window.left + left,
                        (window.size[0] - top - bottom, window.size[1] - left - right),
                    )
                ) and not self.is_better(window, smaller, step):
                    window = smaller
        return window

    def _holds(self, window: KernelWindow) -> bool:
        """Return whether a window holds the anchor."""
        below, right = window.top + window.size[0], window.left + window.size[1]
        return window.top <= self.anchor[0] < below and window.left <= self.anchor[1] < right

    def _change(self, window: KernelWindow) -> tuple[float, Floats]:
        """Return the rise of the mean squared error, and the change of the weights."""
        change = -self.descended.weights
        window.cut(change)[...] = 0.0
        if window.size != self.extent.size:
            slopes = window.cut(self.correlations.products(change))
            window.cut(change)[...] = -self.correlations.within(window.size).solved(slopes)
        rises = np.einsum("oirc,oirc->o", change, self.correlations.products(change))
        return float(rises @ self.extent.counts) / self.extent.values, change
