"""Table: what each level of INPUT becomes, where a pixel depends on itself alone."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.detective.once import once
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve
from convcli.detective.tone.names import Formula, named
from convcli.lazy import dataclass

_LEVELS = 256
_TUBE = 0.49  # of a level of TARGET, that straight lines may lie off
_BEYOND = 8.0  # levels
_HIGHEST = 500  # levels: a file holds no curve beyond 2, which is 510
_WRONG = 0.02  # the share of levels that a formula may miss by one: halves are rounded up, down or to even
_SEEN = 8  # values for each level seen, at least: of fewer a table says nothing
_STEPS = 24  # levels, up to which they are steps


@dataclass(frozen=True, eq=False)
class Table:
    """The levels of INPUT that there are, and the level that TARGET has for each: both int (count,)."""

    levels: Array
    becomes: Array

    @property
    def is_identity(self) -> bool:
        """Every level stays as it is."""
        return bool((self.levels == self.becomes).all())

    @cached_property
    def formula(self) -> Formula | None:
        """The formula that makes the table, its results rounded or cut off, where there is one."""
        values = self.becomes / 255
        inside = (values > 0) & (values < 1)
        tries = [(np.where(inside, values + cut / 255, values), partial(self._is_made, cut)) for cut in (0.0, 0.5)]
        return named(self.levels / 255, tries)

    def _is_made(self, cut: float, predicted: Array) -> bool:
        wrong = np.abs(np.clip(255 * predicted - cut, 0, 255) - self.becomes)
        return bool((wrong > 0.5 + 1e-6).mean() <= _WRONG and wrong.max() < 1)

    def is_line(self, gain: float, offset: float) -> bool:
        """Return whether a gain and an offset, a share of full scale, make the table."""
        return self._is_made(0.0, gain * self.levels / 255 + offset)

    @property
    def name(self) -> str | None:
        """A formula's name, or that of steps, or of a curve that turns back; None where there is none."""
        return self._by_halves or (self.formula.name if self.formula else None)

    @property
    def curve(self) -> Curve:
        """Straight lines that give every level, few of them: each goes on as far as it can."""
        if self.is_identity:
            return Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        if (self.becomes == self.becomes[0]).all():
            return Curve(np.array([0.0, 1.0]), np.full(2, self.becomes[0] / 255), is_linear=True)
        clipped = (self.becomes == self.becomes[0]) & np.isin(self.becomes, (0, _LEVELS - 1))
        begin = max(int(np.argmin(np.append(clipped, False))) - 1, 0)  # the last that is clipped as the first is
        lowest, highest = self._range(begin)
        heights = np.linspace(max(lowest, highest - _BEYOND), min(highest, lowest + _BEYOND), 20).tolist()
        if self.formula is not None:
            exact = 255 * float(self.formula.formula(self.levels[begin] / 255))
            heights += [exact - cut for cut in (0, 0.25, 0.5) if lowest <= exact - cut <= highest]
        height = max(heights, key=lambda each: self._line(begin, each)[0])
        at, values = [begin], [height]
        while at[-1] < len(self.levels) - 1:
            end, height = self._line(at[-1], values[-1])
            at.append(end)
            values.append(height)
        return Curve(self.levels[at] / 255, np.array(values) / 255, is_linear=True)

    def _line(self, start: int, height: float) -> tuple[int, float]:
        """Return the last level that a straight line from one at a height reaches, and its height there."""
        runs = self.levels[start + 1 :] - self.levels[start]
        lowest, highest = ((each - height) / runs for each in self._range(slice(start + 1, None)))
        lowest, highest = np.maximum.accumulate(lowest), np.minimum.accumulate(highest)
        possible = int((lowest <= highest).sum()) - 1
        slope = (lowest[possible] + highest[possible]) / 2
        return start + 1 + possible, float(height + slope * runs[possible])

    def _range(self, chosen: Any) -> tuple[Any, Any]:
        """Return the lowest and highest values that are rounded to what levels become, and clipped."""
        wanted = self.becomes[chosen]
        lowest = np.where(wanted > 0, wanted - _TUBE, -_LEVELS)
        return lowest, np.where(wanted < _LEVELS - 1, wanted + _TUBE, _HIGHEST)

    @property
    def _by_halves(self) -> str | None:
        """The name of levels that are few, or turned back from one on."""
        levels, becomes = self.levels, self.becomes
        few = np.unique(becomes)
        if len(few) == 2 and tuple(few) == (0, 255) and (np.diff(becomes) != 0).sum() == 1:
            level = levels[np.argmax(becomes == becomes[-1])]
            return f"threshold at level {level}" if becomes[-1] else f"negative of a threshold at level {level}"
        turned = np.flatnonzero((becomes == 255 - levels) & (becomes != levels))
        if turned.size > 1 and (becomes[: turned[0]] == levels[: turned[0]]).all() and turned[0] > 1:
            rest = slice(turned[0], None)
            if (becomes[rest] == 255 - levels[rest]).all():
                return f"solarize from level {levels[turned[0]]}"
        is_steps = 2 <= len(few) <= _STEPS and 3 * len(few) <= len(levels) and (np.diff(becomes) >= 0).all()
        return f"posterize to {len(few)} levels" if is_steps else None


@once
def tables(scene: Scene) -> tuple[Table, ...]:
    """Return the table of all channels, or one of each, that makes TARGET to its last level; empty where none does."""
    channels = scene.source.shape[2]
    if scene.source.shape != scene.target.shape or scene.level != 1 / 255 or channels > 4:
        return ()
    source, target = _levels_of(scene.source), _levels_of(scene.target)
    if source is None or target is None:
        return ()
    shared = table_of(source, target)
    if shared is not None:
        return (shared,)
    apart = [table_of(source[..., channel], target[..., channel]) for channel in range(channels)]
    found = tuple(each for each in apart if each is not None)
    return found if len(found) == channels > 1 else ()


def _levels_of(shares: Array) -> Array | None:
    """Return values in shares of full scale as levels of 8 bits; None where they are none."""
    levels = np.rint(255 * shares)
    if not (np.abs(255 * shares - levels).max() <= 1e-3 and levels.min() >= 0 and levels.max() < _LEVELS):
        return None
    return np.asarray(levels.astype(np.int64))


def table_of(source: Array, target: Array) -> Table | None:
    """Return the table of levels, or None where one becomes several, or too few show it."""
    if is_several(source.reshape(-1)[::97], target.reshape(-1)[::97]) or is_several(source.ravel(), target.ravel()):
        return None
    counts = np.bincount(source.ravel(), minlength=_LEVELS)
    levels = np.flatnonzero(counts)
    if source.size < _SEEN * len(levels):
        return None
    sums = np.bincount(source.ravel(), target.ravel(), minlength=_LEVELS)
    return Table(levels, np.rint(sums[levels] / counts[levels]).astype(np.int64))


def is_several(source: Array, target: Array) -> bool:
    """Return whether a level of one array, int64 (count,), has several in another."""
    pairs = np.bincount(source * _LEVELS + target, minlength=_LEVELS * _LEVELS).reshape(_LEVELS, _LEVELS)
    return bool((np.count_nonzero(pairs, axis=1) > 1).any())
