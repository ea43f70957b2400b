"""Unsharp masking with a threshold: y = x + amount · d where |d| exceeds it, d being x less its blur.

For a blur, the threshold and the amount have closed forms. With the pixels in the order of |d|, those beyond the
threshold come first; of the first k, the amount is Σ(y − x)d / Σd², and the error falls by (Σ(y − x)d)² / Σd².
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.nonlinear.strips import Strips
from convcli.detective.once import once
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.lazy import dataclass

_SIDE = 288  # pixels
_SIGMAS = (0.5, 0.8, 1.2, 1.8, 2.7, 4.0, 6.0, 9.0, 13.0)
_FINER = (1.25, 1.1, 1.05, 1.02)
_SAMPLES = 12_000
_FEWEST = 200
_LEAST = 1.5 / 255  # a threshold below it is none
_MARGIN = 0.04  # from black and white
_ALIKE, _ALIKE_OTHERWISE = 1.03, 1.1


@dataclass(frozen=True)
class Unsharp:
    """The parameters; `threshold` in shares of full scale, `fall` the share of the change that they explain."""

    sigma: float
    amount: float
    threshold: float
    fall: float

    @property
    def texts(self) -> Iterator[str]:
        """Yield the filter as `apply` takes it, with fewer and fewer digits."""
        level = 255 * self.threshold
        rounded = round(level)
        for sigma, amount, steps in ((3, 3, level), (2, 2, round(level, 1)), (1, 2, rounded), (1, 1, rounded)):
            yield (
                f"unsharp:sigma={round(self.sigma, sigma):g},amount={round(self.amount, amount):g},"
                f"threshold={steps / 255:.4g}"
            )


@once
def best_unsharp(scene: Scene) -> tuple[str, float] | None:
    """Return the filter that makes the target, as `apply` takes it, and its error; None where there is no threshold."""
    detail = _Detail.of(scene)
    if detail is None:
        return None
    found = max((detail.with_blur(sigma) for sigma in _SIGMAS), key=lambda each: each.fall)
    for factor in _FINER:
        beside = (detail.with_blur(found.sigma * each) for each in (factor, 1 / factor))
        found = max(found, *beside, key=lambda each: each.fall)
    if found.threshold < _LEAST or found.fall < 0.5 or found.amount < 0.05:
        return None
    strips = Strips.of(scene, min(round(3 * found.sigma) + 1, 40))
    if strips is None:
        return None
    tried = {text: strips.error(partial(apply_text, text)) for text in found.texts}
    least = min(tried.values())
    alike = _ALIKE if least < 2 * scene.floor else _ALIKE_OTHERWISE
    text = min((each for each in tried if tried[each] <= alike * least), key=len)
    return text, tried[text]


@dataclass(frozen=True, eq=False)
class _Detail:
    """One channel in the middle of a scene, its spectrum, and the change to it."""

    plane: Array
    change: Array
    is_free: Bools
    clips: bool

    @classmethod
    def of(cls, scene: Scene) -> _Detail | None:
        if scene.source.shape != scene.target.shape:
            return None
        starts = [max(0, side - _SIDE) // 2 for side in scene.target.shape[:2]]
        cut = tuple(slice(start, start + _SIDE) for start in starts)
        channel = min(1, scene.target.shape[2] - 1)
        plane, target = (each[cut][:, :, channel].astype(np.float64) for each in (scene.source, scene.target))
        is_free = (target > 0) & (target < 1) if scene.level else np.ones(target.shape, bool)
        if scene.usable is not None:
            is_free &= scene.usable[cut]
        return cls(plane, target - plane, is_free, scene.level > 0)

    @cached_property
    def spectrum(self) -> Array:
        return np.asarray(np.fft.rfft2(self.plane))

    @cached_property
    def frequencies(self) -> Array:
        """The squares of the frequencies."""
        height, width = self.plane.shape
        return np.asarray(np.fft.fftfreq(height)[:, np.newaxis] ** 2 + np.fft.rfftfreq(width) ** 2)

    def with_blur(self, sigma: float) -> Unsharp:
        """Return the amount and the threshold that suit a blur best."""
        blurred = np.fft.irfft2(self.spectrum * np.exp(-2 * (np.pi * sigma) ** 2 * self.frequencies), self.plane.shape)
        margin = round(3 * sigma) + 1
        inner = np.s_[margin:-margin, margin:-margin]
        free = self.is_free[inner]
        plane, detail, change = self.plane[inner][free], (self.plane - blurred)[inner][free], self.change[inner][free]
        every = max(1, len(detail) // _SAMPLES)
        plane, detail, change = plane[::every], detail[::every], change[::every]
        found = _fitted(sigma, detail, change)
        # A target with noise is clipped at random: pixels are chosen by the prediction.
        expected = plane + found.amount * detail
        inside = (expected > _MARGIN) & (expected < 1 - _MARGIN) if self.clips else np.ones(plane.shape, bool)
        return _fitted(sigma, detail[inside], change[inside])


def _fitted(sigma: float, detail: Array, change: Array) -> Unsharp:
    if len(detail) < _FEWEST:
        return Unsharp(sigma, 0.0, 0.0, 0.0)
    size = np.abs(detail)
    order = np.argsort(-size)
    products = np.cumsum((detail * change)[order])
    squares = np.cumsum(np.square(detail)[order]) + 1e-12
    falls = products * np.abs(products) / squares
    last = int(np.argmax(falls))
    threshold = size[order[last : last + 2]].mean() if last + 1 < len(order) else 0.0
    total = float(np.square(change).sum()) + 1e-12
    return Unsharp(sigma, float(products[last] / squares[last]), float(threshold), float(falls[last]) / total)
