"""Blurs between two gray pictures of one size: how much of one the best of the families makes of the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import LARGEST, Scene
from convcli.detective.wide.families import FAMILIES, guesses

_HALF = 0.5  # of the spectrum, down to which a kernel leaves detail
_PERIOD = 8  # a detail is this part of the period of the frequency that a kernel halves
_FREQUENCIES = np.linspace(0, 0.5, 501)


class Blur(NamedTuple):
    """A blur: the share of TARGET's spectrum that it leaves, and the pixels of the smallest detail that it leaves."""

    left: float
    detail: float

    @property
    def is_wide(self) -> bool:
        """It is as wide as a Gaussian of one pixel, or wider."""
        return self.detail > _LEAST

    def is_clearly_less(self, other: Blur) -> bool:
        """Return whether it leaves clearly less than another."""
        return self.left * _CLEARLY < other.left


_LEAST = 0.65  # that of a Gaussian of one pixel
_CLEARLY = 1.5  # of pairs that only a blur and a curve parted, frames changed what is left by up to 1.1


def blur_between(source: Array, target: Array) -> Blur:
    """Return the best blur between gray pictures of one shape, (height, width), in shares of full scale."""
    first, second = (each[:LARGEST, :LARGEST, np.newaxis] for each in (source, target))
    if not np.ptp(first) or not np.ptp(second):  # no blur makes anything of one color, or one color of anything
        return Blur(1.0, 0.0)
    best = min(guesses(Scene(first, second, 0.0), is_any=True), key=lambda guess: guess.error)
    family, none = FAMILIES[best.family], np.zeros_like(_FREQUENCIES)
    passed = [family.spectrum(best.values, *each) for each in ((_FREQUENCIES, none), (none, _FREQUENCIES))]
    least = max(float(_FREQUENCIES[np.abs(each) > _HALF].max(initial=0)) for each in passed)
    return Blur(best.error, 1 / (_PERIOD * max(least, 1e-3)))
