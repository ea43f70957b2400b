"""Patches of pictures, which a network learns from where one value depends on few pixels.

A network pads at the border of a patch, where a picture has pixels. So only values count that no such border reaches,
and those at the border of the picture itself, whose padding is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array, Bools, Floats
from convcli.filters import Pipeline, Shape
from convcli.lazy import dataclass
from convcli.learning.networks.losses import Batch
from convcli.learning.networks.samples import shares

_TIMES = 4  # that an epoch covers the pictures
_ALIKE = 0.3  # share of the odds of patches that is the same for all of them
_CELL = 8  # places on a side that have the same odds
_TILE, _MOST_TILES = 96, 64  # pixels on a side of what is held out, and how many of them


@dataclass(frozen=True)
class Locality:
    """The part of a patch in which the output of a network is that on the whole picture.

    Parameters
    ----------
    reach
        Pixels of INPUT around a pixel that its output depends on, (down, right).
    step
        Pixels (down, right) by which a patch may begin later.
    scale
        Pixels of output for one of INPUT, (down, right).
    """

    reach: tuple[int, int]
    step: tuple[int, int]
    scale: tuple[float, float]

    def inner(self, axis: int, begin: int, count: int, whole: int, made: int) -> tuple[int, int]:
        """Return the first and the last + 1 of `made` outputs of a patch, `count` pixels of `whole`, that count."""
        rim = int(np.ceil(self.reach[axis] * self.scale[axis]))
        return (0 if begin == 0 else rim), (made if begin + count == whole else made - rim)


@dataclass(frozen=True, eq=False)
class Scene:
    """A pair of pictures.

    Parameters
    ----------
    learned, held
        The values of TARGET to learn from, and those that are held out; bool (height, width, 1 or channels).
    base
        The output of the kernel to which the network adds, in float32 shares of full scale; None where there is none.
    """

    source: Array
    target: Array
    learned: Bools
    held: Bools
    base: Array | None = None


class _Likely:
    """Places of patches by their odds, which those of a cell share.

    Parameters
    ----------
    counts, step
        Places (down, right), and the pixels between them.
    odds
        For each cell of `_CELL` by `_CELL` places, those at the end smaller; above 0, of any sum.
    """

    def __init__(self, counts: tuple[int, int], step: tuple[int, int], odds: Floats) -> None:
        self._counts, self._step = counts, step
        rows, columns = (np.minimum(count - _firsts(count), _CELL) for count in counts)
        places = np.outer(rows, columns)
        self._odds = odds / ((odds * places).sum() / places.sum())
        self._up_to = np.cumsum(self._odds * places)

    def drawn(self, generator: np.random.Generator) -> tuple[tuple[int, int], float]:
        """Return the row and column where a random patch begins, and the weight that makes up for its odds."""
        cell = int(np.searchsorted(self._up_to, generator.random() * self._up_to[-1], side="right"))
        row, column = divmod(min(cell, self._odds.size - 1), self._odds.shape[1])
        begin = [
            int(generator.integers(number * _CELL, min((number + 1) * _CELL, count))) * by
            for number, count, by in zip((row, column), self._counts, self._step, strict=True)
        ]
        return (begin[0], begin[1]), 1 / float(self._odds[row, column])


def _firsts(count: int) -> NDArray[np.intp]:
    """Return the first place of each cell along an axis of `count` places."""
    return np.arange(0, count, _CELL)


def _likely_places(scene: Scene, size: tuple[int, int], locality: Locality) -> _Likely:
    """Return where patches of a size begin: more often where the kernel beside the network leaves more.

    Their gradients vary least where the odds follow the root of the squares that are left. A share of the odds is alike
    for all places, since a network may be wrong where the kernel is right.
    """
    sides = zip(scene.source.shape[:2], size, locality.step, strict=True)
    down, right = ((whole - side) // by + 1 for whole, side, by in sides)
    cells = [_firsts(count) for count in (down, right)]
    odds = np.ones((len(cells[0]), len(cells[1])))
    if scene.base is not None:
        squares = np.square(shares(scene.target) - scene.base) * scene.learned
        sums = np.pad(squares.sum(axis=2, dtype=np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
        ranges = []
        for axis, first in enumerate(cells):
            scale, extent = locality.scale[axis], scene.target.shape[axis]
            begin = np.rint(first * locality.step[axis] * scale).astype(np.intp)
            ranges.append((begin, np.minimum(begin + round(size[axis] * scale), extent)))
        (top, bottom), (left, end) = ranges
        of_patch = sums[np.ix_(bottom, end)] - sums[np.ix_(top, end)] - sums[np.ix_(bottom, left)]
        roots = np.sqrt(np.maximum(of_patch + sums[np.ix_(top, left)], 0))
        if roots.any():
            odds = (1 - _ALIKE) * roots / roots.mean() + _ALIKE
    return _Likely((down, right), locality.step, odds)


class Patches:
    """Random patches of pictures.

    Parameters
    ----------
    scenes
        All in memory.
    pipeline
        The network, for the shapes that it makes.
    locality
        Its reach.
    side, batch
        Pixels on a side of a patch, at most; patches of a step.
    augment
        ``none``, ``mirrors`` or ``turns``.
    """

    def __init__(
        self, scenes: Sequence[Scene], pipeline: Pipeline, locality: Locality, side: int, batch: int, augment: str
    ) -> None:
        self._scenes, self._pipeline, self._locality = scenes, pipeline, locality
        self._batch, self._augment = batch, augment
        self._sides = [_fitting(scene.source.shape[:2], side, locality.step) for scene in scenes]
        areas = [scene.source.shape[0] * scene.source.shape[1] for scene in scenes]
        self._odds = np.array(areas) / sum(areas)
        count = _TIMES * sum(area / (one * other) for area, (one, other) in zip(areas, self._sides, strict=True))
        self.steps = max(1, round(count / batch))
        self._places_of = [
            _likely_places(scene, size, locality) for scene, size in zip(scenes, self._sides, strict=True)
        ]
        self.held_out = list(self._tiles())

    def epoch(self, generator: np.random.Generator) -> Iterator[Batch]:
        """Yield batches of random patches, each batch of pictures whose patches have one size."""
        for _ in range(self.steps):
            chosen = generator.choice(len(self._scenes), self._batch, p=self._odds)
            size = self._sides[chosen[0]]
            alike = [each if self._sides[each] == size else chosen[0] for each in chosen]
            yield _joined([self._random(int(each), generator) for each in alike])

    def _random(self, number: int, generator: np.random.Generator) -> Batch:
        scene, size = self._scenes[number], self._sides[number]
        begin, weight = self._places_of[number].drawn(generator)
        batch = self._cut(scene, scene.learned, begin, size)
        assert batch.weight is not None
        batch.weight[...] *= np.float32(weight)
        if self._augment == "none":
            return batch
        turns = int(generator.integers(4)) if self._augment == "turns" and size[0] == size[1] else 0
        mirrors = int(generator.integers(2)), int(generator.integers(2))
        return Batch(*(None if each is None else turned(each, turns, mirrors) for each in batch.arrays))  # type: ignore[arg-type]

    def _cut(self, scene: Scene, counts: Bools, begin: tuple[int, int], size: tuple[int, int]) -> Batch:
        source = scene.source[begin[0] : begin[0] + size[0], begin[1] : begin[1] + size[1]]
        place, inner = self._places(scene, begin, size)
        target = scene.target[place]
        weight = np.zeros((*target.shape[:2], counts.shape[2]), np.float32)
        weight[inner] = counts[place][inner]
        base = None if scene.base is None else scene.base[place][np.newaxis]
        return Batch(shares(source)[np.newaxis], shares(target)[np.newaxis], weight[np.newaxis], base)

    def _places(
        self, scene: Scene, begin: tuple[int, int], size: tuple[int, int]
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Return where the output of a patch is in TARGET, and where in that output are the values that count."""
        _, *made = self._pipeline.output_shape((scene.source.shape[2], *size))
        inner, place = [], []
        for axis in (0, 1):
            first = round(begin[axis] * self._locality.scale[axis])
            place.append(slice(first, first + made[axis]))
            whole = scene.source.shape[axis]
            inner.append(slice(*self._locality.inner(axis, begin[axis], size[axis], whole, made[axis])))
        return (place[0], place[1]), (inner[0], inner[1])

    def _values(self, array: Array, scene: Scene, begin: tuple[int, int], size: tuple[int, int]) -> Array:
        """Return the view of the values of an array of TARGET's size that count in a patch."""
        place, inner = self._places(scene, begin, size)
        view: Array = array[place][inner]
        return view

    def _tiles(self) -> Iterator[Batch]:
        """Yield what is held out in tiles, of many some."""
        places = []
        for scene in self._scenes:
            size = _fitting(scene.source.shape[:2], _TILE, self._locality.step)
            rows, columns = (
                _begins(whole, side, reach, by)
                for whole, side, reach, by in zip(
                    scene.source.shape[:2], size, self._locality.reach, self._locality.step, strict=True
                )
            )
            places += [(scene, (row, column), size) for row in rows for column in columns]
        kept = [place for place in places if self._values(place[0].held, *place).any()]
        # The last tiles of an axis may lie over others: a value counts once.
        left = {id(scene): scene.held.copy() for scene in self._scenes}
        for scene, begin, size in kept[:: max(1, len(kept) // _MOST_TILES)]:
            yield self._cut(scene, left[id(scene)], begin, size)
            self._values(left[id(scene)], scene, begin, size)[...] = False


def _begins(whole: int, side: int, reach: int, step: int) -> list[int]:
    """Return where tiles begin whose inner parts cover an axis."""
    by = max((side - 2 * reach) // step * step, step)
    return sorted({*range(0, max(whole - side, 0) + 1, by), (whole - side) // step * step})


def _fitting(whole: tuple[int, ...], side: int, step: tuple[int, int]) -> tuple[int, int]:
    """Return the sides of a patch: at most `side`, the picture at most, and multiples of the steps."""
    height, width = (min(side, length) // by * by or min(by, length) for length, by in zip(whole, step, strict=True))
    return height, width


def turned(array: Array, turns: int, mirrors: tuple[int, int]) -> Array:
    """Return pictures (pictures, height, width, channels) turned by quarters, then mirrored down or across."""
    array = np.rot90(array, turns, (1, 2))
    axes = tuple(axis for axis, is_mirrored in enumerate(mirrors, start=1) if is_mirrored)
    return np.flip(array, axes) if axes else array


def _joined(batches: list[Batch]) -> Batch:
    columns = zip(*(each.arrays for each in batches), strict=True)
    return Batch(*(None if column[0] is None else np.concatenate(column) for column in columns))  # type: ignore[arg-type]


def locality_of(pipeline: Pipeline, shape: Shape) -> Locality | None:
    """Return how a network on patches belongs to the network on the whole picture; None where it depends on all of it.

    Whether the two agree is for the caller to try.
    """
    rows = pipeline.table(shape)
    field = rows[-1].receptive_field
    if field.extent is None or field.swaps_axes:
        return None
    fields = [row.receptive_field for row in rows]
    if any(each.extent is None for each in fields):
        return None
    scale = (1 / field.stride[0], 1 / field.stride[1])
    step = tuple(int(np.lcm.reduce([max(round(each.stride[axis]), 1) for each in fields])) for axis in (0, 1))
    reach = tuple(-(-(extent // 2) // by) * by + by * (by > 1) for extent, by in zip(field.extent, step, strict=True))
    if any(abs(side * factor - round(side * factor)) > 1e-6 for side, factor in zip(step, scale, strict=True)):
        return None
    return Locality((reach[0], reach[1]), (step[0], step[1]), scale)
