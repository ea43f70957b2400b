"""Wide kernels by their families: Gaussian, box, motion, disk.

A kernel's spectrum is that of TARGET over that of INPUT. The families' spectra are known in closed form, so the few
parameters of each are found on the frequencies where both pictures say most, however wide the kernel is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene

_FREQUENCIES = 6000
_Spectrum = Callable[[Sequence[float], Array, Array], Array]


@dataclass(frozen=True)
class Wide:
    """A kernel of a family, as `apply` takes it, its error on the spectrum, a share of the target's, and its size."""

    text: str
    error: float
    size: float


def _gaussian(values: Sequence[float], down: Array, right: Array) -> Array:
    return np.asarray(np.exp(-2 * (np.pi * values[0]) ** 2 * (down**2 + right**2)))


def _box(values: Sequence[float], down: Array, right: Array) -> Array:
    return _line(values[0], down) * _line(values[0], right)


def _line(length: float, frequency: Array) -> Array:
    """Return the spectrum of a row of `length` equal weights."""
    sine = np.sin(np.pi * frequency)
    near = np.abs(sine) < 1e-9
    return np.asarray(np.where(near, 1.0, np.sin(np.pi * length * frequency) / (length * np.where(near, 1.0, sine))))


def _motion(values: Sequence[float], down: Array, right: Array) -> Array:
    angle = np.radians(values[1])
    return np.asarray(np.sinc(values[0] * (right * np.cos(angle) - down * np.sin(angle))))


def _disk(values: Sequence[float], down: Array, right: Array) -> Array:
    """Return 2 J₁(z) / z, J₁ by Bessel's integral over half a turn."""
    z = 2 * np.pi * values[0] * np.hypot(down, right) + 1e-9
    turn = (np.arange(48) + 0.5) * (np.pi / 48)
    bessel = np.cos(turn - z[:, np.newaxis] * np.sin(turn)).mean(axis=1)
    return np.asarray(2 * bessel / z)


_FAMILIES: dict[str, tuple[_Spectrum, tuple[str, ...], list[tuple[float, ...]]]] = {
    "gaussian": (_gaussian, ("sigma",), [(s,) for s in (3.0, 5.0, 8.0, 12.0, 18.0, 27.0, 40.0)]),
    "box": (_box, ("size",), [(s,) for s in (7.0, 11.0, 15.0, 21.0, 31.0, 41.0, 55.0, 75.0)]),
    "disk": (_disk, ("radius",), [(r,) for r in (3.0, 5.0, 8.0, 12.0, 18.0, 27.0, 40.0)]),
    "motion": (
        _motion,
        ("length", "angle"),
        [(n, a) for n in (7.0, 11.0, 16.0, 23.0, 33.0, 46.0, 65.0) for a in range(0, 180, 10)],
    ),
}


def wide_kernels(scene: Scene) -> list[Wide]:
    """Return the kernel of each family that is nearest, the best first."""
    return sorted(_nearest(scene), key=lambda wide: wide.error)


def _nearest(scene: Scene) -> Iterator[Wide]:
    source, target, down, right = _spectra(scene)
    power = np.abs(source)
    weights = (1 / (power + 0.05 * np.median(power) + 1e-3 * power.max())) ** 2
    scale = float((weights * np.abs(target) ** 2).sum())
    for name, (spectrum, keys, starts) in _FAMILIES.items():

        def error(values: Sequence[float], spectrum: _Spectrum = spectrum, every: int = 1) -> float:
            part = np.s_[::every]
            wrong = target[part] - spectrum(values, down[part], right[part]) * source[part]
            return float((weights[part] * np.abs(wrong) ** 2).sum()) * every / scale

        best = min(starts, key=lambda values: error(values, every=6))
        values = _descended(error, list(best))
        arguments = ",".join(f"{key}={_rounded(name, value):g}" for key, value in zip(keys, values, strict=True))
        yield Wide(f"{name}:{arguments}", error(values), values[0])


def _rounded(name: str, value: float) -> float:
    return 2 * round((value - 1) / 2) + 1 if name == "box" else round(value, 1)


def _descended(error: Callable[[Sequence[float]], float], values: list[float]) -> list[float]:
    """Return the values from which no step along one of them gets nearer, the steps halved again and again."""
    steps = [0.15 * values[0], *(5.0 for _ in values[1:])]
    least = error(values)
    for _ in range(60):
        for index in range(len(values)):
            for sign in (1, -1):
                tried = list(values)
                tried[index] += sign * steps[index]
                if tried[0] > 0.3 and (now := error(tried)) < least:
                    least, values = now, tried
                    break
            else:
                steps[index] /= 2
        if steps[0] < 0.01 * values[0] / 10:
            break
    return values


def _spectra(scene: Scene) -> tuple[Array, Array, Array, Array]:
    """Return the spectra of INPUT and TARGET, and the frequencies down and right, where both say most."""
    source, target = (each.mean(axis=2, dtype=np.float64) for each in (scene.source, scene.target))
    window = np.outer(*(np.hanning(side) for side in source.shape))
    first, second = (np.fft.rfft2((each - source.mean()) * window) for each in (source, target))
    down, right = np.broadcast_arrays(
        np.fft.fftfreq(source.shape[0])[:, np.newaxis], np.fft.rfftfreq(source.shape[1])[np.newaxis]
    )
    telling = np.abs(first) * (0.02 + np.hypot(down, right))
    telling[0, 0] = 0
    order = np.argsort(-telling, axis=None)[:_FREQUENCIES]
    return tuple(each.ravel()[order] for each in (first, second, down, right))  # type: ignore[return-value]  # four
