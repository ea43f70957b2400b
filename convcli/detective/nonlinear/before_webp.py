"""A filter or a curve ahead of a lossy WebP: what it makes of INPUT, compressed again, is TARGET.

To weights, the loss of a WebP is like noise, so that they tell a filter roughly. What the compression makes of pictures
that differ little differs much, so that pixels tell its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.alone.lines import line_of
from convcli.detective.explanation import Explanation
from convcli.detective.nonlinear.webp import as_webp, has_smaller_range, nearest_quality
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import curves_of_means
from convcli.detective.tone.names import Formula, named
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.by_opencv import by_opencv
from convcli.detective.trials.by_pillow import by_pillow
from convcli.detective.trials.windows import saved
from convcli.detective.wide.families import FAMILIES, guesses
from convcli.lazy import dataclass

_LEVEL = 1 / 255
_GUESSES, _FAMILIES = 2, ("gaussian", "unsharp", "box", "disk", "motion")
_PROGRAMS = (by_pillow, by_opencv)  # others are near one of these
_KEYS = {"gaussian": ("sigma",), "unsharp": ("sigma", "amount")}
_KERNELS = ("sharpen", "sharpen8", "pillow:sharpen", "pillow:detail", "pillow:smooth", "pillow:smooth-more")
_SIDE, _UNLIKE = 5, 0.6  # of a kernel, and of what it changes: how far a known one may be from it
# Tenths that the numbers are moved by first: those of a mask, whose amount the compression makes less, and of a blur.
_AROUND, _WIDER = (range(-1, 2), range(-1, 5)), 3
_FINER = (0.05, 0.03, 0.02, 0.01, 0.01)
_FAR, _LEFT = 0.985, 0.75  # of what is left without the compression: most that the first replay leaves, and the last
_AS_GOOD = 1.001
_WIDEST = 8.0  # a sigma
_FEWEST, _NEAR = 60, 1.5  # values of a level, and levels that a curve may be off their means
_OF_CURVE = 0.82  # as _LEFT, of curves: contrast and levels at quality 80 and 85 leave 0.67 and 0.74
_SIMILAR, _NOTHING = 1.02, 3 / 255  # of what is left: a curve with a name up to it; and of full scale: no curve


@dataclass(frozen=True)
class _Way:
    """A filter by its name and its numbers, as a program makes it, or a curve; what it makes of values is saved."""

    name: str = ""
    numbers: tuple[float, ...] = ()
    program: Callable[[str, Array], Array] = apply_text
    curve: Formula | None = None

    @property
    def text(self) -> str:
        """The filter as `apply` takes it; empty for a curve."""
        keys = _KEYS.get(self.name, ())
        told = ",".join(f"{key}={value:g}" for key, value in zip(keys, self.numbers, strict=True))
        return f"{self.name}:{told}" if told else self.name

    def made(self, values: Array) -> Array:
        """Return values after it."""
        made = self.program(self.text, values) if self.curve is None else self.curve.curve(values)
        return saved(np.asarray(made, np.float32), _LEVEL)


def before_webp(scene: Scene) -> Explanation | None:
    """Return what was done before TARGET was a lossy WebP, and its quality; None where that is not known."""
    if not has_smaller_range(scene) or scene.source.shape != scene.target.shape or scene.usable is not None:
        return None
    ways = list(_ways(scene))
    if not ways:
        return None
    nearest = min(ways, key=lambda way: _rms(way.made(scene.source) - scene.target))
    quality = nearest_quality(nearest.made(scene.source), scene.target)

    def error(way: _Way) -> float:
        return _rms(as_webp(way.made(scene.source), quality) - scene.target)

    def is_far(way: _Way, share: float) -> bool:
        return error(way) > share * _rms(way.made(scene.source) - scene.target)

    first = _with_name(min(ways, key=error), ways, error)
    if is_far(first, _FAR):
        return None
    best = _sought(first, cache(error))
    quality = nearest_quality(best.made(scene.source), scene.target)
    if is_far(best, _LEFT if best.curve is None else _OF_CURVE):
        return None
    replay = partial(_replay, best, quality)
    tone = None if best.curve is None else Tone(before=(best.curve.curve,), before_name=best.curve.name or None)
    words = f"WebP of about quality {quality}"
    left = scene.rms(replay(scene.source))
    return Explanation(left, best.text, tone=tone, nonlinear=words, replay=replay, is_sure=True)


def _sought(start: _Way, error: Callable[[_Way], float]) -> _Way:
    """Return the way near a first one that leaves least: of any program, by numbers of one digit, then of two."""
    if not start.numbers:
        return start
    steps = _AROUND if len(start.numbers) > 1 else (range(-_WIDER, _WIDER + 1),)
    first = (
        replace(start, program=program, numbers=each) for program in _PROGRAMS for each in _beside(start, steps, 0.1)
    )
    best = min(first, key=error)
    for size in _FINER:
        around = (range(-1, 2),) * len(best.numbers)
        best = min((replace(best, numbers=each) for each in _beside(best, around, size)), key=error)
    short = replace(best, numbers=tuple(round(each, 1) for each in best.numbers))
    return short if error(short) <= _AS_GOOD * error(best) else best


def _beside(way: _Way, steps: Sequence[Sequence[int]], size: float) -> Iterator[tuple[float, ...]]:
    """Yield the numbers of a way, each moved by so many steps of a size."""
    every = ([round(value + by * size, 2) for by in some] for value, some in zip(way.numbers, steps, strict=True))
    return (each for each in product(*every) if min(each) > 0)


def _replay(way: _Way, quality: int, values: Array) -> Array:
    return as_webp(way.made(values), quality)


def _rms(off: Array) -> float:
    return float(np.sqrt(np.square(off, dtype=np.float64).mean()))


def _ways(scene: Scene) -> Iterator[_Way]:
    """Yield what may have been done."""
    yield from (_Way(curve=curve) for curve in _curves(scene))
    if (kernel := line_of(scene, (_SIDE,)).kernel) is not None:
        yield from map(_Way, _known_near(kernel.weights / kernel.divisor))
    likely = [each for each in guesses(scene, is_any=True) if each.family in _FAMILIES][:_GUESSES]
    for guess in likely:
        if guess.family in _KEYS and guess.values[0] < _WIDEST:
            numbers = tuple(max(round(each, 1), 0.1) for each in guess.values)
            yield from (_Way(guess.family, numbers, program) for program in _PROGRAMS)
        elif guess.family not in _KEYS and FAMILIES[guess.family].has(guess.values):
            yield _Way(FAMILIES[guess.family].written(guess.values))


def _known_near(weights: Array) -> Iterator[str]:
    """Yield the kernels by their names that weights of five rows may be, which the compression makes smaller."""
    plain = np.zeros_like(weights)
    plain[_SIDE // 2, _SIDE // 2] = 1
    for name in _KERNELS:
        known = load_filter(name).conv
        assert known is not None
        others = np.pad(known.kernel.weights / known.kernel.divisor, (_SIDE - known.kernel.size[0]) // 2)
        if np.linalg.norm(weights - others) < _UNLIKE * np.linalg.norm(others - plain):
            yield name


def _curves(scene: Scene) -> Iterator[Formula]:
    """Yield the curve with a name that the means of TARGET over the levels of INPUT lie on, and that of the means."""
    levels = np.rint(255 * scene.source).astype(np.int64).ravel()
    counts = np.bincount(levels, minlength=256)
    at = np.flatnonzero(counts >= _FEWEST)
    if len(at) < _FEWEST:
        return
    means = np.bincount(levels, scene.target.ravel(), minlength=256)[at] / counts[at]
    shares = np.sqrt(counts[at] / counts[at].sum())

    def is_near(made: Array) -> bool:
        return 255 * float(np.linalg.norm(shares * (np.clip(made, 0, 1) - means))) < _NEAR

    if (formula := named(at / 255, [(means, is_near)])) is not None:
        yield formula
    found = curves_of_means(levels.reshape(-1, 1), scene.target.reshape(-1, 1, 1))
    if found is not None and not found[0].is_within(_NOTHING):
        yield Formula("", found[0])


def _with_name(best: _Way, ways: Sequence[_Way], error: Callable[[_Way], float]) -> _Way:
    """Return the curve with a name that leaves hardly more than one without; else the best way as it is."""
    if best.curve is None or best.curve.name:
        return best
    names = (way for way in ways if way.curve is not None and way.curve.name)
    return next((way for way in names if error(way) <= _SIMILAR * error(best)), best)
