"""Verdicts on a picture of which single values, or pixels, became black or white: salt-and-pepper noise.

What the others show is explained without them; they came last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.detected import Detected
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import IdentityStep, NonlinearStep
from convcli.lazy import dataclass
from convcli.learning import LearningPair, MadePairs, Pairs

NOISE = "salt-and-pepper noise"
_APART = 40  # levels from the four neighbors
_ALIKE = 1  # neighbors of a speck that may be one too
_FEWEST, _LEAST, _MOST = 100, 0.001, 0.4  # values that are specks, and the shares of all that they, and extremes, are
# Of the specks: as many INPUT may have, and as many more levels may be apart than there. Of busy pictures under specks
# these are up to 0.22 and 0.13; sharpenings and edges have 10 and more.
_IN_SOURCE, _BETWEEN = 0.35, 0.3
_CELLS, _EVERYWHERE, _EXPECTED = 8, 0.6, 5  # cells a side, the share that has specks, of so many that it would have
_MIDDLE = (64, 191)  # levels around a value, which is no extreme then
_TOGETHER = 0.5  # of the specks, whose pixels are specks in all channels


def specked_verdict(pairs: Pairs, first: LearningPair, detect: Callable[[Pairs], Detected]) -> Detected | None:
    """Return the verdict where TARGET has salt-and-pepper noise, else None; `detect` tells what was done before."""
    found = _specks(first)
    if found is None:
        return None
    verdict = detect(_Unspecked(pairs))
    if verdict.found[0].name == "unrelated":
        return None
    steps = (*(each for each in verdict.found if not isinstance(each, IdentityStep)), found)
    cause = sentence_of(steps, verdict.psnr_after, verdict.psnr_limit)
    return replace(verdict, found=steps, cause=cause)


@dataclass(frozen=True, eq=False)
class _Unspecked(MadePairs):
    """Pairs that are learned from where TARGET is neither black nor white."""

    pairs: Pairs

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair with a mask."""
        return replace(pair, mask=~_extreme(pair.target))


def _specks(first: LearningPair) -> NonlinearStep | None:
    """Return the noise of a target, None where it has none."""
    source, target = first.source, first.target
    if not source.dtype == target.dtype == np.uint8 or min(target.shape[:2]) < 2 * _CELLS:
        return None
    extreme = _extreme(target)
    if not _LEAST < extreme.mean() < _MOST:
        return None
    apart = _apart(target)
    specks = apart & extreme
    count = int(specks.sum())
    if count < max(_FEWEST, _LEAST * target.size) or not _is_everywhere(specks):
        return None
    apart_before, extreme_before = _apart(source), _extreme(source)
    between = (apart & ~extreme).mean() - (apart_before & ~extreme_before).mean()
    if between > _BETWEEN * specks.mean() or (apart_before & extreme_before).mean() > _IN_SOURCE * specks.mean():
        return None
    in_all = specks.all(axis=2).sum() * target.shape[2] > _TOGETHER * count
    around = _around(target).mean(axis=0)
    free = (around > _MIDDLE[0]) & (around < _MIDDLE[1])
    share = float(extreme[free].mean()) if free.sum() > _FEWEST else float(specks.mean())
    of = "pixels" if in_all else "values"
    return NonlinearStep(f"{NOISE} on {100 * share:.2g} % of the {of}")


def _extreme(values: Array) -> Bools:
    return np.asarray((values == 0) | (values == 255))


def _around(values: Array) -> Array:
    """Return the neighbors of each value above, below, left and right, (4, height, width, channels) in int16."""
    padded = np.pad(values.astype(np.int16), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    return np.stack([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])


def _apart(values: Array) -> Bools:
    """Return the values that are far from all neighbors but few."""
    near = np.abs(_around(values) - values.astype(np.int16)) < _APART
    return np.asarray(near.sum(axis=0) <= _ALIKE)


def _is_everywhere(specks: Bools) -> bool:
    """Return whether the most cells of a picture have specks, as many as they are."""
    rows, columns = (side // _CELLS for side in specks.shape[:2])
    shape = (_CELLS, rows, _CELLS, columns, -1)
    counts = specks[: _CELLS * rows, : _CELLS * columns].reshape(shape).sum(axis=(1, 3, 4))
    usual = min(_EXPECTED, float(counts.mean()) / 4)
    return bool((counts >= max(1.0, usual)).mean() >= _EVERYWHERE)
