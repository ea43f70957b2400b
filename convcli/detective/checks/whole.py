"""A verdict held against all of TARGET, by what `apply` makes of INPUT.

The search compares where borders do not reach, and before values are rounded between the steps. The file that is
written has borders, and rounds where the pair shows that its program did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.chains.order import JOINT
from convcli.detective.detected import Detected, psnr_of
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import IdentityStep, RegionStep
from convcli.engine import apply_pipeline, full_scale_of
from convcli.filters import Pipeline, Round
from convcli.learning import LearningPair

_MANY = 3_000_000  # values of a picture, from which a replay of all takes long
_CLEARLY = 1.0  # dB
_SAME = 0.5  # dB
_RIMS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)  # pixels
_OF_SIDE = 8  # of which the rim is a part at most


def held_against(verdict: Detected, first: LearningPair) -> Detected:
    """Return a verdict whose match is that of its pipeline with all of the first picture.

    The pipeline rounds between its steps, or has the name of the kernel, where that matches clearly better. What a
    region hides does not count. Of a rim that alone differs, the width is told.
    """
    if not verdict.has_filter or not _is_comparable(first) or isinstance(verdict.found[0], IdentityStep):
        return verdict
    counted = _counted(verdict, first)
    best = replace(verdict, is_by_name=False, rounds=False)
    error = _error(best.pipeline, first)
    if error is None:
        return verdict
    match = _psnr(error, counted)
    for tried in list(_others(best, match)):
        other = _error(tried.pipeline, first)
        if other is not None and (psnr := _psnr(other, counted)) > match + _CLEARLY:
            best, match, error = tried, psnr, other
    if abs(match - verdict.psnr_after) <= _SAME or match == verdict.psnr_after:
        return replace(best, rim=0)
    rim = 0 if match > verdict.psnr_after else _rim(error, counted, verdict.psnr_after - _CLEARLY)
    match = _psnr(error, counted, rim)
    cause = sentence_of(best.found, match, best.psnr_limit, rim)
    return replace(best, cause=cause, psnr_after=match, rim=rim)


def _others(plain: Detected, match: float) -> Iterator[Detected]:
    """Yield the verdict with a pipeline that rounds between its steps, has the kernel by its name, or both."""
    named = [plain]
    near = plain.nearest
    if near is not None and near.scale == 1 and plain.kernel.weights.ndim == 2 and plain.stride == (1, 1):
        is_open = JOINT in near.text or match < plain.psnr_after - _SAME
        named += [replace(plain, is_by_name=True)] if is_open else []
    yield from named[1:]
    for each in named:
        rounding = replace(each, rounds=True)
        if any(isinstance(layer, Round) for layer in rounding.pipeline.layers):
            yield rounding


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


def _psnr(error: Array, counted: Bools, rim: int = 0) -> float:
    inner = np.s_[rim : error.shape[0] - rim, rim : error.shape[1] - rim]
    here = counted[inner]
    squares = np.square(error[inner], dtype=np.float64).sum(axis=2)
    count = int(np.count_nonzero(here)) * error.shape[2]
    rms = math.sqrt(float(squares[here].sum()) / count) if count else 0.0
    return psnr_of(rms)


def _rim(error: Array, counted: Bools, least: float) -> int:
    """Return the width of the narrowest rim without which the match is good enough, 0 where there is none."""
    most = min(error.shape[:2]) // _OF_SIDE
    return next((rim for rim in _RIMS if rim <= most and _psnr(error, counted, rim) >= least), 0)
