"""A verdict held against all of TARGET, by what `apply` makes of INPUT.

The search compares where borders do not reach, and before values are rounded between the steps. The file that is
written has borders, and rounds where the pair shows that its program did.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.chains.order import JOINT
from convcli.detective.detected import Detected, psnr_of
from convcli.detective.lossy.residual_map import ResidualMap, residual_map
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import IdentityStep, RegionStep
from convcli.engine import apply_pipeline, full_scale_of
from convcli.filters import BORDER_NAMES, DEFAULT_BORDER, Border, Layer, Pipeline, Resize, Round, Shape
from convcli.learning import LearningPair

_MANY = 3_000_000  # values of a picture, from which a replay of all takes long
_CLEARLY = 1.0  # dB
_SAME, _MUCH = 0.5, 3.0  # dB
_ENOUGH = 60.0  # dB: what lies beyond is single roundings
_RIMS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)  # pixels
_OF_SIDE = 8  # of which the rim is a part at most


def held_against(verdict: Detected, first: LearningPair) -> Detected:
    """Return a verdict whose match is that of its pipeline with all of the first picture.

    The pipeline rounds between its steps, has the name of the kernel, or another border of the filters beside it, where
    that matches clearly better. What a region hides does not count. Of a rim that alone differs, the width is told.
    """
    if not verdict.has_filter or not _is_comparable(first) or isinstance(verdict.found[0], IdentityStep):
        return verdict
    counted = _counted(verdict, first)
    error = _error(verdict.pipeline, first)
    if error is None:
        return verdict
    best, error = _best(verdict, error, _ways(verdict, first), first, counted, _rims(counted)[-1])
    if _psnr(error, counted, _rims(counted)[-1]) > _psnr(error, counted) + _CLEARLY:  # a border changes the rim alone
        best, error = _best(best, error, _borders(best), first, counted, 0)
    if best is not verdict:
        best = replace(best, residual=_residual(error, first))
    match = _psnr(error, counted)
    if match == verdict.psnr_after or abs(match - verdict.psnr_after) <= _SAME:
        return replace(best, rim=0)
    rim = _rim(error, counted, match)
    match = _psnr(error, counted, rim)
    cause = sentence_of(best.found, match, best.psnr_limit, rim)
    return replace(best, cause=cause, psnr_after=match, rim=rim)


def _best(
    verdict: Detected, error: Array, others: Iterator[Detected], first: LearningPair, counted: Bools, rim: int
) -> tuple[Detected, Array]:
    """Return the verdict, or another whose pipeline is clearly better, of the picture without a rim; and its error."""
    best, match = verdict, _psnr(error, counted, rim)
    for tried in others:
        left = _error(tried.pipeline, first)
        if left is not None and (psnr := _psnr(left, counted, rim)) > match + _CLEARLY:
            best, error, match = tried, left, psnr
    return best, error


def _ways(plain: Detected, first: LearningPair) -> Iterator[Detected]:
    """Yield the verdict with a pipeline that has the kernel by its name, rounds between its steps, or both.

    Pillow rounds between the columns and the rows of a resize, too.
    """
    near = plain.nearest
    named = [plain]
    if near is not None and near.scale == 1 and plain.kernel.weights.ndim == 2 and plain.stride == (1, 1):
        named += [replace(plain, is_by_name=True)] if JOINT in near.text else []
    yield from named[1:]
    for each in named:
        rounding = replace(each, rounds=True)
        if any(isinstance(layer, Round) for layer in rounding.pipeline.layers):
            yield rounding
        before, after = rounding.around or ((), ())
        height, width, channels = first.source.shape
        in_passes = tuple(_in_passes(before, (channels, height, width)))
        if in_passes != before:
            yield replace(rounding, around=(in_passes, after))


def _in_passes(layers: Iterable[Layer], shape: Shape) -> Iterator[Layer]:
    """Yield layers with a resize to a width and a height as two, the columns first."""
    for layer in layers:
        if isinstance(layer, Resize) and layer.width and layer.height and shape[1:] != (layer.height, layer.width):
            yield replace(layer, height=shape[1])
        yield layer
        shape = layer.output_shape(shape)


def _borders(plain: Detected) -> Iterator[Detected]:
    """Yield the verdict with each border of the filters beside the kernel."""
    for name in BORDER_NAMES:
        tried = replace(plain, border_beside=Border(name))
        if name != DEFAULT_BORDER.name and tried.pipeline != plain.pipeline:
            yield tried


def _is_comparable(first: LearningPair) -> bool:
    has_levels = first.target.dtype.kind == "u" and first.source.dtype == first.target.dtype
    return has_levels and first.source_mask is None and max(first.source.size, first.target.size) <= _MANY


def _counted(verdict: Detected, first: LearningPair) -> Bools:
    """Return the pixels, (height, width), that the steps have to explain."""
    shape = first.target.shape[:2]
    counted = np.ones(shape, bool) if first.mask is None else np.logical_and.reduce(first.mask, axis=2)
    for step in verdict.found:
        if isinstance(step, RegionStep):
            counted = counted.copy()
            counted[step.y : step.y + step.height, step.x : step.x + step.width] = False
    return counted


def _error(pipeline: Pipeline, first: LearningPair) -> Array | None:
    """Return the difference of a replay from the target, in shares; None where it has another shape."""
    source, target = first.source, first.target
    height, width, channels = source.shape
    if pipeline.output_shape((channels, height, width)) != (target.shape[2], *target.shape[:2]):
        return None
    made = apply_pipeline(pipeline, source, full_scale=full_scale_of(source.dtype), dtype=target.dtype).values
    return (made.astype(np.float32) - target) / np.float32(full_scale_of(target.dtype))


def _residual(error: Array, first: LearningPair) -> ResidualMap:
    """Return where a replay differs from the target, in levels."""
    seen = error if first.mask is None else np.where(first.mask, error, np.float32(0))
    return residual_map(seen * np.float32(full_scale_of(first.target.dtype)), first.target)


def _psnr(error: Array, counted: Bools, rim: int = 0) -> float:
    inner = np.s_[rim : error.shape[0] - rim, rim : error.shape[1] - rim]
    here = counted[inner]
    squares = np.square(error[inner], dtype=np.float64).sum(axis=2)
    count = int(np.count_nonzero(here)) * error.shape[2]
    rms = math.sqrt(float(squares[here].sum()) / count) if count else 0.0
    return psnr_of(rms)


def _rims(counted: Bools) -> list[int]:
    """Return the widths of a rim that may differ, from 0 on."""
    most = min(counted.shape) // _OF_SIDE
    return [0, *(rim for rim in _RIMS if rim <= most)]


def _rim(error: Array, counted: Bools, match: float) -> int:
    """Return the width of the narrowest rim without which the match is much better, 0 where there is none."""
    inner = {rim: _psnr(error, counted, rim) for rim in _rims(counted)}
    most = max(inner.values())
    if most < match + _MUCH:
        return 0
    return next(rim for rim, psnr in inner.items() if psnr >= min(most - _CLEARLY, _ENOUGH))
