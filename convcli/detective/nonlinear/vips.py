"""libvips's `sharpen`: an unsharp mask of the lightness in CIELAB whose change is small where the detail is.

The lightness is in steps of a 32767th, its blur in whole numbers of the middle's twentieth. The change is m1 times the
detail up to x1, m2 times what is beyond, and no more than y2 up and y3 down;
all but the slopes are as people leave them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene
from convcli.engine import from_light, to_light
from convcli.lazy import dataclass

_OF_LIGHT = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.95047, 1.0, 1.088827])
_LINEAR, _SLOPE, _OFFSET = 0.008856, 7.787, 16 / 116
_STEPS = 327.67  # of lightness, which is 0 to 100
_MIDDLE, _LEAST = 20, 0.1  # of the weights of the blur: the largest, and the share of it below which there are none
_X1, _Y2, _Y3 = 2.0, 10.0, 20.0
_SIGMAS = (*(each / 10 for each in range(4, 31)), *(each / 50 for each in range(20, 151)))  # the shortest first
_SIDE, _RIM = 160, 12  # pixels that are looked at
_EXACTLY = 0.45 / 255
_LEAST_SLOPE, _USUAL = 0.1, 3.0
_DIGITS = 0.06  # of a slope, that one digit less may be off
_TINY = 1e-9


@dataclass(frozen=True)
class Sharpening:
    """A sigma in pixels, and the slopes of small and of large detail."""

    sigma: float
    small: float
    large: float

    @property
    def words(self) -> str:
        """The function, with the numbers that are not its own."""
        told = [f"sigma {self.sigma:g}"]
        told += [f"m1 {self.small:g}"] if self.small else []
        told += [f"m2 {self.large:g}"] if self.large != _USUAL else []
        return f"sharpened in lightness (libvips's sharpen, {', '.join(told)})"

    def made(self, values: Array) -> Array:
        """Return colors, (height, width, 3) in shares of full scale, sharpened."""
        lab = _lab(values)
        lightness = np.rint(_STEPS * lab[..., 0])
        detail = (lightness - _blurred(lightness, self.sigma)) / _STEPS
        small, large = _parts(detail)
        change = np.clip(self.small * small + self.large * large, -_Y3, _Y2)
        lab[..., 0] = np.clip(lightness + np.rint(_STEPS * change), 0, 100 * _STEPS) / _STEPS
        return _colors(lab)


def sharpening_of(scene: Scene) -> tuple[Sharpening, float] | None:
    """Return libvips's sharpening that makes TARGET, and what it leaves; None where it is another filter."""
    if scene.level != 1 / 255 or scene.source.shape != scene.target.shape or scene.source.shape[2] != 3:
        return None
    if min(scene.target.shape[:2]) < 4 * _RIM:
        return None
    part = scene.middle(_SIDE)
    tried = sorted(_tried(part), key=lambda each: each[0])
    for _, found in tried[:2]:
        if part.rms(found.made(part.source), _RIM, every_row=True) > _EXACTLY:
            continue
        error = scene.rms(found.made(scene.source), _RIM)
        return (found, error) if error <= _EXACTLY else None
    return None


def _tried(part: Scene) -> Iterator[tuple[float, Sharpening]]:
    """Yield the sharpening of each sigma with the slopes that suit it, and the error of lightness."""
    before, after = _lab(part.source)[..., 0], _lab(part.target)[..., 0]
    lightness, inner = np.rint(_STEPS * before), np.s_[_RIM:-_RIM, _RIM:-_RIM]
    change = (after - before)[inner].ravel()
    inside = np.logical_and.reduce((part.target > 0) & (part.target < 1), axis=2)
    free = inside[inner].ravel() & (change < _Y2 / 2) & (change > -_Y3 / 2)
    if part.usable is not None:
        free &= part.usable[inner].ravel()
    rows = {tuple(_row(sigma).tolist()): sigma for sigma in reversed(_SIGMAS)}
    for sigma in rows.values():
        detail = (lightness - _blurred(lightness, sigma))[inner].ravel() / _STEPS
        parts = np.stack(_parts(detail[free]))
        gram = parts @ parts.T + _TINY * np.eye(2)
        small, large = (float(each) for each in np.linalg.solve(gram, parts @ change[free]))
        if large > _LEAST_SLOPE:
            off = float(np.sqrt(np.mean(np.square(change[free] - small * parts[0] - large * parts[1]))))
            yield off, Sharpening(sigma, _short(small), _short(large))


def _short(slope: float) -> float:
    return round(slope, 1) + 0.0 if abs(slope - round(slope, 1)) < _DIGITS else round(slope, 2)


def _parts(detail: Array) -> tuple[Array, Array]:
    """Return detail as far as it is small, and what is beyond."""
    small = np.clip(detail, -_X1, _X1)
    return small, detail - small


def _blurred(lightness: Array, sigma: float) -> Array:
    """Return whole steps of lightness, (height, width), after the blur: of rows and of columns, each rounded."""
    row = _row(sigma)
    reach = len(row) // 2
    for axis in (0, 1):
        length = lightness.shape[axis]
        padding = [(reach, reach) if each == axis else (0, 0) for each in (0, 1)]
        wide = np.moveaxis(np.pad(lightness, padding, mode="edge"), axis, 0)
        summed = np.sum([weight * wide[at : at + length] for at, weight in enumerate(row.tolist())], axis=0)
        lightness = np.moveaxis(np.rint(summed / row.sum()), 0, axis)
    return lightness


def _row(sigma: float) -> Array:
    """Return the weights of the blur, in whole numbers."""
    reach = int(sigma * np.sqrt(-2 * np.log(_LEAST)))
    return np.asarray(np.rint(_MIDDLE * np.exp(-np.square(np.arange(-reach, reach + 1)) / (2 * sigma**2))))


def _lab(values: Array) -> Array:
    """Return colors in CIELAB, (…, 3), of values in shares of full scale."""
    light = np.asarray(to_light(values.astype(np.float64))) @ _OF_LIGHT.T / _WHITE
    roots = np.where(light < _LINEAR, _SLOPE * light + _OFFSET, np.cbrt(light))
    red_green, yellow_blue = roots[..., 0] - roots[..., 1], roots[..., 1] - roots[..., 2]
    return np.stack([116 * roots[..., 1] - 16, 500 * red_green, 200 * yellow_blue], axis=-1)


def _colors(lab: Array) -> Array:
    middle = (lab[..., 0] + 16) / 116
    roots = np.stack([middle + lab[..., 1] / 500, middle, middle - lab[..., 2] / 200], axis=-1)
    light = np.where(roots**3 > _LINEAR, roots**3, (roots - _OFFSET) / _SLOPE) * _WHITE
    return np.asarray(from_light(np.clip(light @ np.linalg.inv(_OF_LIGHT).T, 0, 1)), np.float32)
