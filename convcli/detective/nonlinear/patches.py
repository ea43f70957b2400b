"""Patches: what lies around drawn pixels, and what became of these."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcli.array_types import Array, Bools
from convcli.detective.scene import Scene
from convcli.lazy import dataclass

LARGEST = 15  # rows and columns of a patch
_POSITIONS = 1000
_TAPS = 7  # a side of the kernel that patches are compared with
_RIDGE = 1e-6
_SURE = 6.0  # standard errors
_BETTER = 0.95
_FLAT = 1e-9
_EVEN = 1.5  # the ratio of errors in detail and beside it that noise and rounding stay below
_MARGIN = 2 / 255  # from black and white
_BLOCK = 8  # pixels a side


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches of a scene, in shares of full scale.

    `values` are float32 (count, side, side), those of each channel by themselves; `target` is (count). `channels` of
    them in a row are of one position.
    """

    values: Array
    target: Array
    channels: int
    level: float

    @property
    def side(self) -> int:
        """Rows and columns of a patch."""
        return int(self.values.shape[-1])

    @cached_property
    def middle(self) -> Array:
        """(count): the pixels that the patches are of."""
        return self.values[:, self.side // 2, self.side // 2]

    def first(self, positions: int) -> Patches:
        """Return the patches of the first few positions."""
        count = positions * self.channels
        return Patches(self.values[:count], self.target[:count], self.channels, self.level)

    def around(self, margins: tuple[int, int, int, int]) -> Array:
        """Return the pixels up to `margins` above, below, left and right of each, (count, height, width)."""
        above, below, left, right = margins
        middle = self.side // 2
        return self.values[:, middle - above : middle + below + 1, middle - left : middle + right + 1]

    def error(self, predicted: Array) -> float:
        """Return the root mean square error of a prediction, clipped where the target is."""
        return float(np.sqrt(np.mean(np.square(self.off(predicted), dtype=np.float64))))

    def off(self, predicted: Array) -> Array:
        """Return target less prediction."""
        shown = np.clip(predicted, 0, 1) if self.level else predicted
        return np.asarray(self.target - shown)

    def is_even(self, predicted: Array) -> bool:
        """Return whether what a prediction leaves is as small where there is detail as where there is none."""
        inside = (predicted > _MARGIN) & (predicted < 1 - _MARGIN) if self.level else np.ones(predicted.shape, bool)
        detail = self.values.std(axis=(1, 2))[inside]
        off = np.square(self.off(predicted), dtype=np.float64)[inside]
        is_detailed = detail > np.median(detail) if detail.size else np.zeros(0, bool)
        if is_detailed.all() or not is_detailed.any():
            return True
        return bool(off[is_detailed].mean() < _EVEN**2 * off[~is_detailed].mean())


def drawn(scene: Scene, side: int, positions: int, *, judging: bool) -> Patches | None:
    """Draw positions, always the same, of the rows that judge or of the others; None where a patch has no room."""
    half = side // 2
    height, width, channels = scene.target.shape
    if min(height, width) <= 2 * half or scene.source.shape != scene.target.shape:
        return None
    fitting = np.ones((height, width), bool) if scene.usable is None else scene.usable.copy()
    fitting[scene.judging != judging] = fitting[:half] = fitting[height - half :] = False
    fitting[:, :half] = fitting[:, width - half :] = False
    detailed = fitting & _in_detail(scene.source)
    places = np.flatnonzero(detailed if detailed.any() else fitting)
    if not places.size:
        return None
    row, column = np.divmod(np.random.default_rng(judging).choice(places, positions), width)
    windows = sliding_window_view(scene.source, (side, side), axis=(0, 1))
    values = windows[row - half, column - half].reshape(-1, side, side)
    return Patches(np.ascontiguousarray(values), scene.target[row, column].ravel(), channels, scene.level)


def _in_detail(source: Array) -> Bools:
    """Return the pixels, (height, width), of blocks that are not of one color: what is done to those cannot be told."""
    height, width = source.shape[:2]
    is_new = np.zeros((-(-height // _BLOCK) * _BLOCK, -(-width // _BLOCK) * _BLOCK), bool)
    is_new[: height - 1, :width] = (source[1:] != source[:-1]).any(axis=2)
    is_new[:height, : width - 1] |= (source[:, 1:] != source[:, :-1]).any(axis=2)
    blocks = is_new.reshape(is_new.shape[0] // _BLOCK, _BLOCK, -1, _BLOCK).any(axis=(1, 3))
    return np.asarray(blocks.repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)[:height, :width])


@dataclass(frozen=True, eq=False)
class Rival:
    """The best kernel for the same patches: what a filter that is none has to surpass.

    `learned` are patches of the rows that do not judge, `judging` of those that do.
    """

    learned: Patches
    judging: Patches

    @classmethod
    def of(cls, scene: Scene) -> Rival | None:
        """Draw as many patches twice; None where there is no room for them."""
        learned, judging = (drawn(scene, LARGEST, _POSITIONS, judging=each) for each in (False, True))
        return None if learned is None or judging is None else cls(learned, judging)

    @cached_property
    def predicted(self) -> Array:
        """(count): the output of the kernel for the patches that judge."""
        design, others = _design(self.learned), _design(self.judging)
        level, target = self.learned.level, self.learned.target
        free = (target > level / 2) & (target < 1 - level / 2) if level else np.ones(target.shape, bool)
        if not free.any():  # black and white alone
            free = np.ones(target.shape, bool)
        design = design[free]
        gram = (design.T @ design).astype(np.float64)
        gram[np.diag_indices_from(gram)] += _RIDGE * len(design)
        weights = np.linalg.solve(gram, (design.T @ target[free]).astype(np.float64))
        return np.asarray(others @ weights.astype(np.float32))

    @cached_property
    def error(self) -> float:
        """The error of the kernel."""
        return self.judging.error(self.predicted)

    def is_surpassed_by(self, predicted: Array, *, share: float = 0.75) -> bool:
        """Return whether a prediction for the patches that judge is the better one beyond doubt.

        Of what it adds to the kernel's, the target has at least `share`: a filter that is merely nearer to the true one
        than any kernel is adds what the target has a part of.
        """
        first, second = (self.judging.off(each).astype(np.float64) for each in (self.predicted, predicted))
        added = first - second
        extent = float((added**2).sum())
        if extent < _FLAT or second.std() > _BETTER * first.std():
            return False
        part = float((first * added).sum()) / extent
        error = float(np.sqrt((((first - part * added) * added) ** 2).sum() * self.judging.channels)) / extent
        return part > share and part > _SURE * error


def _design(patches: Patches) -> Array:
    """Return the taps of the kernel less the middle, the middle and 1, (count, taps + 1)."""
    half = min(_TAPS, patches.side) // 2
    taps = patches.around((half, half, half, half)).reshape(len(patches.target), -1)
    return np.concatenate([taps, np.ones((len(taps), 1), np.float32)], axis=1)
