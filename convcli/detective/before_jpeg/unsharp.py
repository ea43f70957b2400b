"""Unsharp masks before a JPEG, with a threshold or without: ours, and Pillow's of boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial

from convcli.array_types import Array
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.kernel import Noise
from convcli.detective.lossy.left import left_before
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow, numbers_of
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.families import guesses

_SIDE, _BLOCKS = 272, 300  # pixels, and blocks of a JPEG, where numbers are tried
_ROUNDS, _FAR = 8, 3.5  # steps of numbers, and levels left before the JPEG, from which they are none
_NEAR, _LARGE_STEPS = 12.0, (0.1,)  # levels, and shares of a number: what the spectrum tells may be further off

_Numbers = tuple[float, float, int]
_Left = Callable[[_Numbers], Noise | None]


def unsharp_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the unsharp mask that leaves nothing but rounding before the JPEG.

    From what the JPEG makes of its numbers, they go to those that leave less, in steps of people's numbers.
    """
    part = scene.middle(_SIDE)

    @cache
    def left(made: Callable[[str, Array], Array], numbers: _Numbers) -> Noise | None:
        return left_before(made(_text(numbers), part.source), part.target, quality, part.usable, _BLOCKS)

    programs = [partial(left, made) for made in (apply_text, by_pillow)]
    for start in _starts(scene, programs):
        levels = {each: _level(each(start)) for each in programs}
        found = next(
            (made for each in sorted(levels, key=lambda each: levels[each]) if (made := _descended(start, each))), None
        )
        if found is not None:
            text = _text(found)
            return Explanation(scene.rms(apply_text(text, scene.source), 8), text, quality=quality, is_sure=True)
    return None


def _level(noise: Noise | None) -> float:
    return noise.left if noise else float("inf")


def _starts(scene: Scene, programs: Sequence[_Left]) -> Iterator[_Numbers]:
    """Yield numbers to begin with: those of a mask with a threshold, and those that the spectrum tells."""
    if masked := best_unsharp(scene):
        yield _numbers(masked[0])
    for guess in guesses(scene, is_any=True):
        if guess.family == "unsharp" and guess.values[1] > 0:
            yield from _told_by_spectrum(guess.values, programs)


def _told_by_spectrum(values: tuple[float, ...], programs: Sequence[_Left]) -> Iterator[_Numbers]:
    """Yield the numbers of a guess, after large steps to what leaves less."""
    start = round(values[0], 1), round(values[1], 1), 0
    nearest = min(programs, key=lambda each: _level(each(start)))
    if min(start[:2]) <= 0 or _level(nearest(start)) > _NEAR:
        return

    def error(text: str) -> float:
        return _level(nearest(_numbers(text))) / 255

    yield _numbers(improved(_text(start), error, _LARGE_STEPS)[0])


def _descended(best: _Numbers, left: _Left) -> _Numbers | None:
    """Return the numbers from which no step leaves less, if that is nothing but rounding."""
    least = left(best)
    for _ in range(_ROUNDS):
        if least is None or least.left > _FAR:
            return None
        every = {each: found for each in _beside(best) if (found := left(each)) is not None}
        nearest = min(every, key=lambda each: every[each].left, default=best)
        if nearest == best or every[nearest].left >= least.left:
            break
        best, least = nearest, every[nearest]
    if least is None or not least.is_rounding:
        return None
    without = (*best[:2], 0)
    if best[2] == 1 and (found := left(without)) is not None and found.is_rounding:
        best = without
    return best


def _text(numbers: _Numbers) -> str:
    sigma, amount, threshold = numbers
    if threshold == 0:
        return f"unsharp:sigma={sigma:.4g},amount={amount:.4g}"
    return f"unsharp:sigma={sigma:.4g},amount={amount:.4g},threshold={threshold / 255:.4g}"


def _numbers(text: str) -> _Numbers:
    given = numbers_of(text)
    return round(given["sigma"], 1), round(given["amount"], 1), round(255 * given["threshold"])


def _beside(numbers: _Numbers) -> Iterator[_Numbers]:
    """Yield the numbers one step up or down, alone or the amount with another."""
    sigma, amount, threshold = numbers
    for wider, more, higher in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (-1, 1, 0), (0, 1, 1), (-1, 1, 1)):
        for sign in (1, -1):
            step = 0.1 * sign
            tried = round(sigma + step * wider, 1), round(amount + step * more, 1), threshold + sign * higher
            if min(tried[:2]) > 0 and tried[2] >= 0:
                yield tried
