"""The size of a kernel that was not given: grown while it helps, then trimmed to the rows and columns that matter."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import field, replace

import numpy as np

from convcli.array_types import Floats
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.descent.descent import descend
from convcli.learning.descent.quadratic import Quadratic, squared_error
from convcli.learning.extent import Extent
from convcli.learning.moments.moments import Moments
from convcli.learning.settings import LearnSettings

# Weights without effect make the error on the values they are learned from fall by chance: for p of them and n
# values by p / n of itself, give or take √(2 p) / n. Residuals of rounding are not independent, so that several times
# as much may be nothing.
_CHANCE = 4.0
# The least fall of the error for which a compressed target gets more weights.
LOSSY_FALL = 0.02
# The share of the terms of the error below which a fall is rounding of their sums.
NOTHING = 1e-13


@dataclass(frozen=True)
class KernelWindow:
    """A part of the largest window: its first row and column, and its height and width."""

    top: int
    left: int
    size: Size2

    def of(self, moments: Moments) -> Moments:
        """Return its part of the moments of the largest window."""
        return moments.part(self.top, self.left, self.size)

    def cut(self, weights: Floats) -> Floats:
        """Return a view of its part of weights, (…, height, width), of the largest window."""
        return weights[..., self.top : self.top + self.size[0], self.left : self.left + self.size[1]]


def default_descent(settings: LearnSettings) -> LearnSettings:
    """Return the settings with the default descent."""
    return replace(settings, optimizer="dct", learning_rate=None, steps=None, init="zeros", loss="mean")


@dataclass(eq=False)
class Sizes(ABC):
    """Kernels of many sizes within a window, `extent`, about its `anchor`.

    With `is_lossy` the targets were compressed: blocks of their format correlate with pixels far away, a little.
    """

    extent: Extent
    anchor: Size2
    is_lossy: bool
    rounding: float = field(default=0.0, init=False)

    @abstractmethod
    def errors(self, window: KernelWindow) -> tuple[float, float]:
        """Return the mean squared error on the rows learned from, and on those held out."""

    def square(self, reach: int) -> KernelWindow:
        """Return the square window that reaches so far from the anchor."""
        return KernelWindow(self.anchor[0] - reach, self.anchor[1] - reach, (2 * reach + 1, 2 * reach + 1))

    def trimmed(self, window: KernelWindow, least: Size2 = (1, 1)) -> KernelWindow:
        """Return the window without the outer rows and columns that have no effect, of `least` rows and columns."""
        while True:
            smaller = [
                each
                for each in self._without_a_side(window)
                if each.size[0] >= least[0] and each.size[1] >= least[1] and not self.is_better(window, each)
            ]
            if not smaller:
                return window
            window = min(smaller, key=lambda each: self.errors(each)[0])

    def is_better(self, large: KernelWindow, small: KernelWindow, rows: int = 1) -> bool:
        """Return whether the error falls by more than chance, that of one of `rows` rows or columns."""
        area = (math.prod(large.size) - math.prod(small.size)) / rows
        weights = area * self.extent.inputs * self.extent.outputs
        chance = _CHANCE * (weights + 4 * math.sqrt(2 * weights)) / self.extent.values
        fall = max(chance, LOSSY_FALL * self.is_lossy)
        before, after = self.errors(small)[0], self.errors(large)[0]
        return after * (1 + fall) + self.rounding < before

    def _without_a_side(self, window: KernelWindow) -> list[KernelWindow]:
        """Return the windows that are a row or column smaller and still hold the anchor."""
        (height, width), top, left = window.size, window.top, window.left
        row, column = self.anchor[0] - top, self.anchor[1] - left
        sides = [
            (row > 0, KernelWindow(top + 1, left, (height - 1, width))),
            (row < height - 1, KernelWindow(top, left, (height - 1, width))),
            (column > 0, KernelWindow(top, left + 1, (height, width - 1))),
            (column < width - 1, KernelWindow(top, left, (height, width - 1))),
        ]
        return [smaller for is_free, smaller in sides if is_free]


@dataclass(eq=False)
class Trials(Sizes):
    """Kernels learned by a descent of `settings` from the same moments, `extent`, and judged by others, `held_out`."""

    extent: Moments
    held_out: Moments
    settings: LearnSettings
    _errors: dict[KernelWindow, tuple[float, float]] = field(default_factory=dict, init=False)

    def errors(self, window: KernelWindow) -> tuple[float, float]:
        """Return the mean squared error on the rows learned from, and on those held out."""
        if window not in self._errors:
            moments = window.of(self.extent)
            start = np.zeros((moments.outputs, moments.taps + self.settings.bias))
            parameters = descend(moments, self.settings, start).parameters
            judges = [
                squared_error(each, bias=self.settings.bias, total=False)
                for each in (moments, window.of(self.held_out))
            ]
            learned, held_out = (each.loss(parameters) for each in judges)
            terms = Quadratic(abs(judges[0].curvature), -abs(judges[0].slope), judges[0].constant)
            self.rounding = max(self.rounding, NOTHING * terms.loss(abs(parameters)))
            self._errors[window] = learned, held_out
        return self._errors[window]

    def grown(self) -> tuple[KernelWindow, list[tuple[Size2, float]]]:
        """Return the smallest square window about the anchor that no larger one betters, and all that were tried."""
        windows = [self.square(reach) for reach in range(min(self.anchor) + 1)]
        best = windows[0]
        for window in windows[1:]:
            if self.is_better(window, best) and self.errors(window)[1] < self.errors(best)[1]:
                best = window
        return best, [(window.size, self.errors(window)[1]) for window in windows]
