"""Strips: the rows that judge, with what lies around them, for filters that are replayed as `apply` does them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.scene import Scene
from convcli.lazy import dataclass

_WIDEST = 320  # pixels
_MOST = 4


@dataclass(frozen=True, eq=False)
class Strips:
    """Strips of the rows of a scene that judge.

    `sources` reach `margin` pixels further than the `targets`, (height, width, channels) in shares of full scale.
    """

    sources: tuple[Array, ...]
    targets: tuple[Array, ...]
    usable: tuple[Bools, ...]
    margin: int
    level: float

    @classmethod
    def of(cls, scene: Scene, margin: int) -> Strips | None:
        """Return the strips that have so much room around them; None where there are none."""
        height, width, _ = scene.target.shape
        breadth = min(width - 2 * margin, _WIDEST)
        left = (width - breadth) // 2
        bands = list(_bands(scene.judging, margin, height - margin))[:_MOST]
        if breadth <= 0 or not bands or scene.source.shape != scene.target.shape:
            return None
        columns = slice(left, left + breadth)
        around = slice(left - margin, left + breadth + margin)
        return cls(
            tuple(scene.source[start - margin : stop + margin, around] for start, stop in bands),
            tuple(scene.target[start:stop, columns] for start, stop in bands),
            tuple(
                np.ones((stop - start, breadth), bool) if scene.usable is None else scene.usable[start:stop, columns]
                for start, stop in bands
            ),
            margin,
            scene.level,
        )

    def error(self, replay: Callable[[Array], Array]) -> float:
        """Return the root mean square error of a filter, clipped where the target is."""
        inner = np.s_[self.margin : -self.margin, self.margin : -self.margin]
        squares = [
            np.square(self._shown(replay(source)[inner]) - target, dtype=np.float64)[usable]
            for source, target, usable in zip(self.sources, self.targets, self.usable, strict=True)
        ]
        return float(np.sqrt(np.concatenate(squares).mean()))

    def _shown(self, values: Array) -> Array:
        return np.clip(values, 0, 1) if self.level else values


def _bands(judging: Bools, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the starts and ends of the runs of rows that judge, from `first` to `last`."""
    is_judging = judging.copy()
    is_judging[:first] = is_judging[last:] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_judging.astype(np.int8), [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(stop)
