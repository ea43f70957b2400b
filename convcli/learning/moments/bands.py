"""Bands of rows: some to learn from, some to judge by."""

from __future__ import annotations

import math

from convcli.lazy import dataclass

# Rows of a band at most: neighboring rows are alike, so that those held out should lie apart from the others.
_TALLEST = 64
_TALLEST_JOINED = 256
# Target values below which all are needed for learning.
_FEW_VALUES = 10_000
_DEFAULT_HOLDOUT = 0.1


@dataclass(frozen=True)
class Band:
    """Rows of positions from `start` to before `stop`, held out from learning or not."""

    start: int
    stop: int
    held_out: bool


def holdout_for(values: int, asked: float | None) -> float:
    """Return the share of rows to hold out: as asked, or by the number of target values."""
    if asked is not None:
        return asked
    return _DEFAULT_HOLDOUT if values >= _FEW_VALUES else 0.0


def bands_of(height: int, holdout: float, every: int = 1) -> list[Band]:
    """Cut `height` rows into bands, of which the share `holdout` is held out, spread evenly.

    With `every` take only each `every`-th of the held-out bands and of the others.
    """
    tall = max(1, min(_TALLEST, height // 40))
    taken = []
    seen = [0, 0]
    for index, start in enumerate(range(0, height, tall)):
        held = math.floor((index + 0.5) * holdout + 0.5) > math.floor((index - 0.5) * holdout + 0.5)
        if seen[held] % every == 0:
            taken.append(Band(start, min(start + tall, height), held))
        seen[held] += 1
    return _joined(taken)


def _joined(bands: list[Band]) -> list[Band]:
    """Join neighbors of one kind, which share rows of the source, while enough bands are left for the threads."""
    joined: list[Band] = []
    for band in bands:
        last = joined[-1] if joined else None
        is_next = last is not None and last.stop == band.start and last.held_out == band.held_out
        if last and is_next and band.stop - last.start <= _TALLEST_JOINED:
            joined[-1] = Band(last.start, band.stop, band.held_out)
        else:
            joined.append(band)
    return joined
