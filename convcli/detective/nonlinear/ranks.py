"""Rank filters, over a window of any size and shape, and erosions and dilations one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.nonlinear.patches import LARGEST, Patches, Rival
from convcli.lazy import dataclass

_FEW = 150  # positions that all sizes are tried on
_ALIKE = 1.02  # of the error: the simpler of two filters up to it
_NEAREST = 4
_ROUNDING = 0.5  # levels
_SIDES = range(1, LARGEST + 1)
_TWICE = (3, 5, 7)
_Margins = tuple[int, int, int, int]


@dataclass(frozen=True)
class Found:
    """A filter that was found: as `apply` takes it, or the name alone of one that convcli does not have; its error."""

    text: str
    is_filter: bool
    error: float


@dataclass(frozen=True, eq=False)
class Ranked:
    """A filter that is replayed, with the text of `Found`."""

    text: str
    is_filter: bool
    replay: Callable[[Patches], Array]
    window: tuple[int, int] | None = None  # of a median, (height, width)

    @property
    def is_nothing(self) -> bool:
        """A window of one pixel."""
        return self.text.endswith(":1")


def best_rank(rival: Rival, *, is_jpeg: bool = False) -> Found | None:
    """Return the rank filter that makes the target; None where a kernel does, or neither.

    `is_jpeg` tells that the target was a JPEG, which errs more where there is detail.
    """
    few = rival.judging.first(_FEW)
    tried: dict[str, tuple[float, Ranked]] = {}

    def error(ranked: Ranked) -> float:
        made = few.error(ranked.replay(few))
        if ranked.text not in tried or made < tried[ranked.text][0]:
            tried[ranked.text] = made, ranked
        return made

    for ranked in _tried():
        error(ranked)
    for _, near in _nearest(tried.values()):
        for ranked in _of_even_windows(near):
            error(ranked)
    judged = [(rival.judging.error(each.replay(rival.judging)), each) for _, each in _nearest(tried.values())]
    least = min(each[0] for each in judged)
    found, ranked = min((each for each in judged if each[0] <= _ALIKE * least), key=lambda each: len(each[1].text))
    predicted = ranked.replay(rival.judging)
    if ranked.is_nothing or not rival.is_surpassed_by(predicted):
        return None
    if found > _ROUNDING * rival.judging.level and not (is_jpeg or rival.judging.is_even(predicted)):
        return None
    return Found(ranked.text, ranked.is_filter, found)


def _nearest(tried: Iterable[tuple[float, Ranked]]) -> list[tuple[float, Ranked]]:
    return sorted(tried, key=lambda each: each[0])[:_NEAREST]


def _tried() -> Iterator[Ranked]:
    for name in _RANKS:
        # Every rectangle: going from side to side stops beside a window of 3×7. All medians take 0.07 s.
        for height, width in product(_SIDES, _SIDES):
            yield _rectangle(name, height, width)
        yield from _shapes(name)
    yield from _one_after_other()


def _median(values: Array) -> Array:
    """Return the middle of the last axis; of an even number the mean of the two."""
    middles = [(values.shape[-1] - 1) // 2, values.shape[-1] // 2]
    return np.asarray(np.partition(values, middles, axis=-1)[..., middles].mean(axis=-1))


def _of_even_windows(ranked: Ranked) -> Iterator[Ranked]:
    """Yield a median of even windows with the lower, and with the upper of the two values in the middle."""
    if ranked.window is None or ranked.window[0] * ranked.window[1] % 2:
        return
    for lower in (1, 0):

        def middle(values: Array, lower: int = lower) -> Array:
            at = values.shape[-1] // 2 - lower
            return np.asarray(np.partition(values, at, axis=-1)[..., at])

        yield _rectangle("median", *ranked.window, middle)


_RANKS: dict[str, Callable[[Array], Array]] = {
    "median": _median,
    "min": lambda values: np.asarray(values.min(axis=-1)),
    "max": lambda values: np.asarray(values.max(axis=-1)),
}


def _rectangle(name: str, height: int, width: int, rank: Callable[[Array], Array] | None = None) -> Ranked:
    margins = height // 2, (height - 1) // 2, width // 2, (width - 1) // 2

    def replay(patches: Patches) -> Array:
        under = patches.around(margins)
        return (rank or _RANKS[name])(under.reshape(len(under), -1))

    window = (height, width) if name == "median" else None
    return Ranked(f"{name}:{height}" if height == width else f"{name}:{height}x{width}", True, replay, window)


def _shapes(name: str) -> Iterator[Ranked]:
    """Yield windows that are no rectangles: disks, diamonds and crosses."""
    half = LARGEST // 2
    down, right = np.mgrid[-half : half + 1, -half : half + 1]
    distance = down**2 + right**2
    seen = set[bytes]()
    for radius in np.arange(1, half + 0.6, 0.5):
        inside = distance <= radius**2
        if not _is_new(inside, seen):
            continue
        yield _shaped(f"{name} over a disk of radius {radius:g}", name, inside)
    for radius in range(2, half + 1):
        reach = np.rint(np.sqrt(np.maximum(radius**2 - down**2, 0)))
        inside = (np.abs(right) <= reach) & (np.abs(down) <= radius)
        if _is_new(inside, seen):
            yield _shaped(f"{name} over a disk of radius {radius}", name, inside)
        yield _shaped(f"{name} over a diamond of radius {radius}", name, np.abs(down) + np.abs(right) <= radius)
        arms = (np.minimum(np.abs(down), np.abs(right)) == 0) & (np.maximum(np.abs(down), np.abs(right)) <= radius)
        yield _shaped(f"{name} over a cross of radius {radius}", name, arms)


def _is_new(inside: Bools, seen: set[bytes]) -> bool:
    side = int(np.flatnonzero(inside.any(axis=0))[-1] - inside.shape[0] // 2)
    is_square = inside.sum() == (2 * side + 1) ** 2
    is_new = not is_square and inside.tobytes() not in seen
    seen.add(inside.tobytes())
    return is_new


def _shaped(text: str, name: str, inside: Bools) -> Ranked:
    return Ranked(text, False, lambda patches: _RANKS[name](patches.values[:, inside]))


def _one_after_other() -> Iterator[Ranked]:
    """Yield an erosion and a dilation one after the other, and the differences of those that make edges."""
    for side in _TWICE:
        for names in (("min", "max"), ("max", "min")):
            yield Ranked(" | ".join(f"{name}:{side}" for name in names), True, _twice(names, side))


def _twice(names: tuple[str, str], side: int) -> Callable[[Patches], Array]:
    def replay(patches: Patches) -> Array:
        half = side - 1
        values = patches.around((half, half, half, half))
        for name in names:
            for axis in (1, 2):
                values = _slid(np.minimum if name == "min" else np.maximum, values, side, axis)
        return np.asarray(values[:, 0, 0])

    return replay


def _slid(extreme: np.ufunc, values: Array, side: int, axis: int) -> Array:
    """Return the extreme of `side` neighbors along an axis."""
    length = values.shape[axis] - side + 1
    result = values.take(range(length), axis)
    for start in range(1, side):
        result = extreme(result, values.take(range(start, start + length), axis))
    return result
