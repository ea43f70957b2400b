"""Families of wide kernels by their spectra, which are known in closed form.

A kernel's spectrum is that of TARGET over that of INPUT, however wide it is. On the frequencies where both pictures say
most, a grid of parameters tells the families that may be it, and about which parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.detective.once import once
from convcli.detective.scene import Scene
from convcli.lazy import dataclass

_FREQUENCIES = 1600
_TURNS = tuple(map(float, range(0, 180, 10)))
_TERMS = 32  # of Bessel's integral
Values = tuple[float, ...]
_Spectrum = Callable[[Values, Array, Array], Array]


def _gaussian(values: Values, down: Array, right: Array) -> Array:
    across, along = values[0], values[-1]
    return np.asarray(np.exp(-2 * np.pi**2 * ((along * down) ** 2 + (across * right) ** 2)))


def _box(values: Values, down: Array, right: Array) -> Array:
    return _line(values[-1], right) * _line(values[0], down)


def _line(length: float, frequency: Array) -> Array:
    """Return the spectrum of a row of `length` equal weights."""
    sine = np.sin(np.pi * frequency)
    near = np.abs(sine) < 1e-9
    return np.asarray(np.where(near, 1.0, np.sin(np.pi * length * frequency) / (length * np.where(near, 1.0, sine))))


def _motion(values: Values, down: Array, right: Array) -> Array:
    angle = np.radians(values[1])
    return np.asarray(np.sinc(values[0] * (right * np.cos(angle) - down * np.sin(angle))))


def _disk(values: Values, down: Array, right: Array) -> Array:
    """Return 2 J₁(z) / z, J₁ by Bessel's integral over half a turn."""
    z = 2 * np.pi * values[0] * np.hypot(down, right) + 1e-9
    turn = (np.arange(_TERMS) + 0.5) * (np.pi / _TERMS)
    # Beyond, the kernel passes nothing that counts, and the sum would need more terms.
    bessel = np.cos(turn - np.minimum(z, _TERMS)[:, np.newaxis] * np.sin(turn)).mean(axis=1)
    return np.asarray(np.where(z < _TERMS, 2 * bessel / z, 0))


def _unsharp(values: Values, down: Array, right: Array) -> Array:
    return 1 + max(values[1], 0.0) * (1 - _gaussian(values[:1], down, right))


def _twice(values: Values, down: Array, right: Array) -> Array:
    return _box(values, down, right) ** 2


@dataclass(frozen=True, eq=False)
class Family:
    """A family: its spectrum, the text of a kernel of it, starts, and which parameters are whole and odd."""

    spectrum: _Spectrum
    text: str
    starts: tuple[Values, ...]
    least: float  # of the first number: narrower kernels are learned
    most: float = 64.0
    is_odd: bool = False
    turns: bool = False
    alike: str = ""  # the text where both numbers are the same

    def has(self, values: Values) -> bool:
        """Return whether the numbers are in range, and the kernel too wide to be learned."""
        lengths = values[:1] if self.turns or self.spectrum is _unsharp else values
        return self.least <= min(lengths) and max(lengths) <= self.most

    def whole(self, values: Values) -> Values:
        """Return the values, odd numbers where they have to be."""
        return tuple(float(max(1, 2 * round((each - 1) / 2) + 1)) for each in values) if self.is_odd else values

    def written(self, values: Values) -> str:
        """Return a kernel as `apply` takes it."""
        numbers = [f"{each + 0.0:.4g}" for each in self.whole(values)]
        return (self.alike if self.alike and len({*numbers}) == 1 else self.text).format(*numbers)


_SIGMAS = (2.5, 3.5, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0)
_SIDES = (5.0, 7.0, 9.0, 13.0, 17.0, 23.0, 31.0, 43.0, 59.0, 81.0)
FAMILIES = {
    "gaussian": Family(_gaussian, "gaussian:sigma={}", tuple((each,) for each in _SIGMAS), 2),
    "box": Family(_box, "box:size={}", tuple((each,) for each in _SIDES), 5, 161, is_odd=True),
    "disk": Family(_disk, "disk:radius={}", tuple((each,) for each in (2.5, *_SIGMAS, 52.0)), 2),
    "motion": Family(_motion, "motion:length={},angle={}", tuple(product(_SIDES, _TURNS)), 5, 161, turns=True),
    "unsharp": Family(_unsharp, "unsharp:sigma={},amount={}", tuple(product(_SIGMAS, (0.3, 1.0))), 3),
    "gaussian on axes": Family(
        _gaussian,
        "gaussian:sigma_x={},sigma_y={}",
        tuple(product((2.0, 5.0, 12.0, 25.0), repeat=2)),
        0.4,
        alike="gaussian:sigma={}",
    ),
    "box on axes": Family(
        _box, "box:height={},width={}", tuple(product((3.0, 7.0, 13.0, 23.0, 43.0), repeat=2)), 3, 161, is_odd=True
    ),
    "boxes": Family(_twice, "box:size={0} | box:size={0}", tuple((each,) for each in _SIDES), 5, 161, is_odd=True),
}
_MORE_NUMBERS = {"gaussian on axes": "gaussian", "box on axes": "box", "unsharp": "gaussian"}
_MORE = 0.8


@dataclass(frozen=True)
class Guess:
    """A family with parameters, and its error on the spectrum, a share of the target's."""

    family: str
    values: Values
    error: float


def guesses(scene: Scene, *, is_any: bool = False) -> list[Guess]:
    """Return the families that may be it, the best first; `is_any`, also those of kernels too narrow to be wide."""
    found = _descended_all(scene)
    fitting = {guess.family: guess for guess in found if is_any or FAMILIES[guess.family].has(guess.values)}
    for general, special in _MORE_NUMBERS.items():
        # Numbers more have to make it clearly better.
        if general in fitting and special in fitting and fitting[general].error > _MORE * fitting[special].error:
            del fitting[general]
    return sorted(fitting.values(), key=lambda guess: guess.error)


@once
def _descended_all(scene: Scene) -> list[Guess]:
    """Return the best of every family."""
    source, target, down, right = _spectra(scene)
    power = np.abs(source)
    weights = (1 / (power + 0.05 * np.median(power) + 1e-3 * power.max())) ** 2
    scale = float((weights * np.abs(target) ** 2).sum())
    found: list[Guess] = []
    for name, family in FAMILIES.items():

        def error(values: Values, family: Family = family, every: int = 1) -> float:
            part = np.s_[::every]
            wrong = target[part] - family.spectrum(values, down[part], right[part]) * source[part]
            return float((weights[part] * np.abs(wrong) ** 2).sum()) * every / scale

        start = min(family.starts, key=lambda values: error(values, every=6))
        found.append(_descended(error, Guess(name, start, error(start))))
    return found


def _descended(error: Callable[[Values], float], guess: Guess) -> Guess:
    """Return the values from which no step along one of them gets nearer, the steps halved again and again."""
    turns, most = FAMILIES[guess.family].turns, FAMILIES[guess.family].most
    steps = [5.0 if turns and index else 0.2 * max(abs(value), 0.2) for index, value in enumerate(guess.values)]
    best = guess
    while steps[0] > 0.01 * abs(best.values[0]):
        moved = False
        for tried in _beside(best.values, steps):
            if 0.3 < tried[0] <= most and (now := error(tried)) < best.error:
                best, moved = Guess(best.family, tried, now), True
        if not moved:
            steps = [step / 2.5 for step in steps]
    return best


def _beside(values: Values, steps: list[float]) -> Iterator[Values]:
    for index, step in enumerate(steps):
        for sign in (1, -1):
            yield (*values[:index], values[index] + sign * step, *values[index + 1 :])


def _spectra(scene: Scene) -> tuple[Array, Array, Array, Array]:
    """Return the spectra of INPUT and TARGET, and the frequencies down and right, where both say most."""
    whole = _usable_part(scene)
    source, target = (each[whole].mean(axis=2) for each in (scene.source, scene.target))
    window = np.outer(*(np.hanning(side) for side in source.shape)).astype(np.float32)
    first, second = (np.fft.rfft2((each - source.mean()) * window) for each in (source, target))
    down, right = np.broadcast_arrays(
        np.fft.fftfreq(source.shape[0])[:, np.newaxis], np.fft.rfftfreq(source.shape[1])[np.newaxis]
    )
    telling = np.abs(first) * (0.02 + np.hypot(down, right))
    telling[0, 0] = 0
    count = min(_FREQUENCIES, telling.size - 1)
    order = np.argpartition(-telling, count, axis=None)[:count]
    order = order[np.argsort(-telling.ravel()[order])]
    return tuple(each.ravel()[order] for each in (first, second, down, right))  # type: ignore[return-value]  # four


def _usable_part(scene: Scene) -> tuple[slice, slice]:
    """Return the whole, a half or a quarter of a scene, of which all pixels say something, if there is one."""
    height, width, _ = scene.target.shape
    parts = [
        (slice(0, height), slice(0, width)),
        *((each, slice(0, width)) for each in _halves(height)),
        *((slice(0, height), each) for each in _halves(width)),
        *product(_halves(height), _halves(width)),
    ]
    return next((part for part in parts if scene.usable is None or scene.usable[part].all()), parts[0])


def _halves(length: int) -> list[slice]:
    return [slice(0, length // 2), slice(length - length // 2, length)]
