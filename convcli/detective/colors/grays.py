"""Gray that each channel of a picture in color is a table of: duotones, and thresholds and curves of gray."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.gray import USUAL, GrayPairs, roundings_of
from convcli.detective.tone.table import Table, is_several, table_of
from convcli.learning import LearningPair

_SPARSE = 7  # of so many pixels along an axis, one is looked at first


def tables_of_gray(pair: LearningPair) -> tuple[Table, ...]:
    """Return what each level of gray becomes in the three channels of TARGET; empty where it is no table of gray."""
    if (
        pair.target.shape[2] != 3
        or not pair.source.dtype == pair.target.dtype == np.uint8
        or pair.source.shape != (*pair.target.shape[:2], 3)
    ):
        return ()
    for rounding in roundings_of(USUAL):
        if (gray := _gray(pair, rounding, _SPARSE)) is None or not _has_tables(gray, pair.target[::_SPARSE, ::_SPARSE]):
            continue
        gray = _gray(pair, rounding, 1)
        if gray is not None and _has_tables(gray, pair.target):
            found = (table_of(gray, pair.target[..., channel].astype(np.int64)) for channel in range(3))
            tables = tuple(each for each in found if each is not None)
            return tables if len(tables) == 3 else ()
    return ()


def _gray(pair: LearningPair, rounding: str, step: int) -> Array | None:
    """Return the gray of every so many pixels, int64; None where it is not rounded."""
    part = LearningPair(np.ascontiguousarray(pair.source[::step, ::step]), pair.target[::step, ::step])
    mixed = GrayPairs([part], USUAL, rounding).made(part).source
    return mixed[..., 0].astype(np.int64) if mixed.dtype.kind == "u" else None


def _has_tables(gray: Array, target: Array) -> bool:
    return not any(is_several(gray.ravel(), target[..., channel].astype(np.int64).ravel()) for channel in range(3))
