"""Gray that each channel of a picture in color is a table of: duotones, and thresholds and curves of gray."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.gray import OTHER, USUAL, GrayPairs, roundings_of
from convcli.detective.replayed import apply_text
from convcli.detective.tone.table import Table, is_several, table_of
from convcli.learning import LearningPair

_RGB = "red", "green", "blue"
_COLORFUL, _FEWEST = 12, 0.1  # levels between the channels of a color, and the share of pixels that have one
_ALIKE = 2.0  # levels between the channels of TARGET: less is gray
_LEFT = 0.42  # of a level, that curves of gray leave: rounding leaves 0.3
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


def toned_gray(pair: LearningPair) -> tuple[str, tuple[Table, ...]] | None:
    """Return the mix of gray that each channel of TARGET is a curve of, not rounded before, and the curves.

    None where the channels are no such curves, or are alike, or where INPUT has no colors.
    """
    source, target = pair.source, pair.target
    if not (source.dtype == target.dtype == np.uint8 and source.shape == target.shape and source.shape[2] == len(_RGB)):
        return None
    for mix in (OTHER, USUAL):
        if _tables(mix, source[::_SPARSE, ::_SPARSE], target[::_SPARSE, ::_SPARSE]) and (
            found := _tables(mix, source, target)
        ):
            return mix, found
    return None


def _tables(mix: str, source: Array, target: Array) -> tuple[Table, ...]:
    """Return what each level of gray becomes in each channel, where it is all that TARGET depends on; else empty."""
    colors, shown = source.reshape(-1, len(_RGB)).astype(np.float32), target.reshape(-1, len(_RGB)).astype(np.float32)
    is_color = np.ptp(colors, axis=1) > _COLORFUL
    if is_color.mean() < _FEWEST or np.ptp(shown, axis=1).mean() < _ALIKE:
        return ()
    gray = 255 * np.asarray(apply_text(mix, source / np.float32(255)), np.float32).ravel()
    level = np.rint(gray).astype(np.int64)
    counts = np.bincount(level, minlength=256)
    known = np.flatnonzero(counts)
    found = []
    for channel in shown.T:
        means = np.interp(np.arange(256), known, np.bincount(level, channel, 256)[known] / counts[known])
        off = channel - np.interp(gray, np.arange(256), means)
        if float(np.sqrt(np.mean(np.square(off[is_color])))) > _LEFT:
            return ()
        found.append(Table(known, np.rint(means[known]).astype(np.int64)))
    return tuple(found)
