"""A blur, saved, and then an unsharp mask, both by one program: their numbers, by what they make to the level.

The kernel of both tells the first numbers roughly, since a wider blur goes along with a stronger mask. But the mask
amplifies what was rounded between the two, so that behind the blur that it was, saved, the nearest mask leaves clearly
less than behind any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import product
from math import ceil, inf
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.chains.order import JOINT
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_opencv import by_opencv
from convcli.detective.trials.by_pillow import by_pillow, numbers_of
from convcli.detective.trials.pillow import Program, as_ours, left, sought
from convcli.detective.trials.windows import Windows, rms_of, saved
from convcli.filters import Kernel

_LEVEL = 1 / 255
_SIDE = 64  # frequencies
_SIGMAS = np.geomspace(0.4, 6.0, 22)
_MASKS = tuple(0.5 * 1.4**power for power in range(7))  # sigmas
_LEAST_AMOUNT, _MOST_AMOUNT = 0.1, 9.0
_UNLIKE = 0.15  # of what the kernel changes, that the nearest two filters leave at most
_OF_ONE = 0.8  # of what one of them alone leaves
_AROUND = np.geomspace(0.65, 1.4, 10)  # times the first sigma of the blur
_FINER = (0.05, 0.03, 0.02, 0.01)  # pixels
_THRESHOLDS = (0.0, 1.5 * _LEVEL, 2.5 * _LEVEL, 3.5 * _LEVEL, 4.5 * _LEVEL, 6.5 * _LEVEL)
_CLOSER = (1.2, 1.1, 1.05, 1.02)
_EXACTLY, _NEARLY = 0.2 * _LEVEL, 0.36 * _LEVEL  # what only these leave; OpenCV's, which rounds otherwise than here
_FAR = 1.3 * _LEVEL  # what the nearest mask behind the blur leaves at most, before its numbers are improved
_SHARPENINGS = ("sharpen", "pillow:sharpen", "sharpen8")
_BLURS = tuple(round(0.5 * 1.25**power, 2) for power in range(10))  # sigmas
_FAR_OFF, _CLOSER_BY = 7.0 * _LEVEL, (0.1, 0.05, 0.03, 0.01, 0.01)  # what the nearest leaves at most, and pixels
_FEWEST, _TINY = 500, 1e-9  # values
_WIDEST = 24  # pixels
_TRIES = 2  # of masks of other thresholds


def blur_and_sharpening_of(scene: Scene) -> tuple[str, float] | None:
    """Return the blur and the sharpening of three rows that make TARGET to the level, and what they leave; else None.

    A sharpening amplifies what was rounded before it so much that its kernel is hardly told by weights.
    """
    windows = Windows.within(scene, _WIDEST) if scene.level == _LEVEL else None
    if windows is None:
        return None
    few = windows.some(one_channel=True)

    @cache
    def off(program: Program, sharpening: str, sigma: float) -> float:
        made = partial(_one_by_one, program, sharpening)
        return left(few, made, f"gaussian:sigma={sigma:g}") if sigma > 0 else inf

    starts = [min((off(by_pillow, text, sigma), text, sigma) for sigma in _BLURS) for text in _SHARPENINGS]
    likely = [each for each in sorted(starts)[:_TRIES] if each[0] < _FAR_OFF]
    for (_, text, sigma), program in product(likely, (by_pillow, by_opencv)):
        best = sigma
        for step in _CLOSER_BY:
            around = (best, *(round(best + by * step, 2) for by in (-2, -1, 1, 2)))
            best = min(around, key=partial(off, program, text))
        for short in (round(best, 1), best):
            blur = f"gaussian:sigma={short:g}"
            is_it = off(program, text, short) < _NEARLY
            if is_it and (error := left(windows, partial(_one_by_one, program, text), blur)) < _NEARLY:
                return f"{blur}{JOINT}{text}", error
    return None


def _one_by_one(program: Program, sharpening: str, blur: str, values: Array) -> Array:
    return apply_text(sharpening, saved(program(blur, values), _LEVEL))


def blur_and_mask_of(scene: Scene, kernel: Kernel) -> tuple[str, float] | None:
    """Return the blur and the mask that make TARGET of a scene to the level, and what they leave; None for none.

    `kernel` is the nearest to both.
    """
    if scene.level != _LEVEL or scene.source.shape != scene.target.shape or kernel.weights.ndim != 2:
        return None
    sigma = _first_sigma(kernel.weights / kernel.divisor)
    windows = Windows.within(scene, _WIDEST) if sigma else None
    if windows is None or sigma is None:
        return None
    few = windows.some(one_channel=True)
    for program in (_PILLOW, _OPENCV):
        behind = cache(partial(_Behind.of, few, program))
        for short in _likely(sigma, behind):
            near = behind(short)
            if near.nearest.error < _FAR and (found := _exact(scene, short, near.refined, program)):
                return found
    return None


def _likely(sigma: float, behind: Callable[[float], _Behind]) -> Iterator[float]:
    """Yield the sigmas of blurs near one behind which the nearest mask leaves least, each once.

    The error falls within hundredths of a pixel of the right one alone, which a descent may miss; most are tenths.
    """

    def roughly(sigma: float) -> _Mask:
        return behind(sigma).roughly

    def nearest(sigma: float) -> _Mask:
        return behind(sigma).nearest

    best = min((round(sigma * each, 2) for each in _AROUND), key=roughly)
    for step in _FINER:
        best = min((best, round(best - step, 2), round(best + step, 2)), key=nearest)
    yield from (found := dict.fromkeys((round(best, 1), best)))
    tenths = (each / 10 for each in range(ceil(10 * _AROUND[0] * sigma), int(10 * _AROUND[-1] * sigma) + 1))
    if (short := min(tenths, key=roughly, default=best)) not in found:
        yield short


class _Program(NamedTuple):
    """The blur and the mask of a program, the thresholds that its mask may have, and what it leaves at most."""

    blurs: Program
    masks: Program
    thresholds: tuple[float, ...]
    least: float


_PILLOW = _Program(by_pillow, by_pillow, _THRESHOLDS, _EXACTLY)
_OPENCV = _Program(by_opencv, by_opencv, _THRESHOLDS[:1], _NEARLY)


class _Mask(NamedTuple):
    """An unsharp mask, and what it leaves."""

    error: float
    sigma: float
    amount: float
    threshold: float

    @property
    def text(self) -> str:
        threshold = f",threshold={self.threshold:.4g}" if self.threshold else ""
        return f"unsharp:sigma={self.sigma:.4g},amount={self.amount:.4g}{threshold}"


@dataclass(frozen=True, eq=False)
class _Behind:
    """Windows behind a blur, saved: what it made of them, and the change to their middles, flat where it counts."""

    between: list[Array]
    inner: tuple[slice, slice]
    plain: Array
    free: Bools
    change: Array
    thresholds: tuple[float, ...]
    is_cut: bool
    known: dict[float, list[_Mask]]

    @classmethod
    def of(cls, few: Windows, program: _Program, sigma: float) -> _Behind:
        """Return the windows behind the blur of a program."""
        inner = np.s_[few.margin : -few.margin, few.margin : -few.margin]
        between = [saved(program.blurs(f"gaussian:sigma={sigma:g}", each), _LEVEL) for each in few.sources]
        plain, wanted = _flat(each[inner] for each in between), _flat(few.targets)
        free = (wanted > _LEVEL) & (wanted < 1 - _LEVEL)
        return cls(between, inner, plain, free, (wanted - plain)[free], program.thresholds, program is _PILLOW, {})

    def masks(self, sigma: float) -> list[_Mask]:
        """Return the nearest mask of a sigma for each threshold: its amount has a closed form."""
        if sigma not in self.known:
            self.known[sigma] = self._masks(sigma)
        return self.known[sigma]

    def _masks(self, sigma: float) -> list[_Mask]:
        blurred = _flat(apply_text(f"gaussian:sigma={sigma:.4g}", each)[self.inner] for each in self.between)
        detail = (self.plain - blurred)[self.free]
        return [self._mask(detail, sigma, each) for each in self.thresholds]

    def _mask(self, detail: Array, sigma: float, threshold: float) -> _Mask:
        added = np.where(np.abs(detail) > threshold, detail, 0)
        cut = np.sign(added) if self.is_cut else np.zeros_like(added)  # toward 0: about half a level less
        parts = np.stack([added, cut])
        gram = (parts @ parts.T).astype(np.float64) + _TINY * np.eye(2)
        solved = np.linalg.solve(gram, (parts @ self.change).astype(np.float64))
        is_one = len(detail) > _FEWEST and _LEAST_AMOUNT < solved[0] < _MOST_AMOUNT
        error = rms_of(self.change - solved.astype(np.float32) @ parts) if is_one else inf
        return _Mask(error, sigma, float(solved[0]), threshold)

    @cached_property
    def roughly(self) -> _Mask:
        """The nearest mask of few sigmas."""
        return min(mask for sigma in _MASKS for mask in self.masks(sigma))

    @cached_property
    def nearest(self) -> _Mask:
        """The nearest mask."""
        return self._closer(self.roughly, self.thresholds.index(self.roughly.threshold))

    @property
    def refined(self) -> Iterator[_Mask]:
        """The nearest mask for each threshold."""
        for index, _ in enumerate(self.thresholds):
            yield self._closer(min(self.masks(sigma)[index] for sigma in _MASKS), index)

    def _closer(self, best: _Mask, index: int) -> _Mask:
        """Return the mask of a threshold that is nearest to TARGET, near one."""
        for factor in _CLOSER:
            around = (round(best.sigma * factor, 3), round(best.sigma / factor, 3))
            best = min(best, *(self.masks(sigma)[index] for sigma in around))
        return best


def _flat(pictures: Iterable[Array]) -> Array:
    return np.concatenate([each.ravel() for each in pictures])


def _exact(scene: Scene, sigma: float, masks: Iterable[_Mask], program: _Program) -> tuple[str, float] | None:
    """Return a blur, and the mask near one of several that makes TARGET to the level behind it, and what they leave."""
    blur = f"gaussian:sigma={sigma:g}"
    blurred = replace(scene, source=saved(program.blurs(blur, scene.source), _LEVEL))
    windows = Windows.within(blurred, _WIDEST)
    if windows is None:
        return None
    few, every = (partial(left, each, program.masks) for each in (windows.some(one_channel=True), windows))
    known = sorted((few(mask.text), mask.text) for mask in masks if mask.error < _FAR)
    for _, text in known[:_TRIES]:
        found = sought(text, few, every, program.least)
        if found is not None and numbers_of(found[0])["amount"] > _LEAST_AMOUNT:
            name = as_ours(found[0]) if program is _PILLOW else found[0]
            return f"{blur}{JOINT}{name}", found[1]
    return None


def _first_sigma(weights: Array) -> float | None:
    """Return the sigma of the blur that is, with a mask, nearest to weights by their spectra; None where none is.

    One of the two alone has to be clearly farther from them.
    """
    spectrum = np.abs(np.fft.rfft2(weights, (_SIDE, _SIDE)))
    squares = np.fft.fftfreq(_SIDE)[:, np.newaxis] ** 2 + np.fft.rfftfreq(_SIDE) ** 2
    bells = {0.0: np.ones_like(squares)}
    bells |= {sigma: np.exp(-2 * (np.pi * sigma) ** 2 * squares) for sigma in _SIGMAS.tolist()}
    alone = min(float(np.square(spectrum - bell).sum()) for bell in bells.values())
    nearest: list[tuple[float, float]] = []
    for (sigma, first), (wide, second) in product(bells.items(), repeat=2):
        detail = first * (1 - second)
        amount = float((detail * (spectrum - first)).sum() / np.square(detail).sum()) if wide else 0.0
        if _LEAST_AMOUNT < amount < _MOST_AMOUNT:
            nearest.append((float(np.square(spectrum - first - amount * detail).sum()), sigma))
    both = min((each for each in nearest if each[1]), default=(inf, 0.0))
    alone = min([alone, *(off for off, sigma in nearest if not sigma)])
    is_near = both[0] < min(_UNLIKE**2 * float(np.square(spectrum - 1).sum()), _OF_ONE * alone)
    return both[1] if is_near else None
