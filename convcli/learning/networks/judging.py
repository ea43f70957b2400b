"""The match of what a filter makes of INPUT with TARGET, on the rows that are held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine import Settings, apply_pipeline, full_scale_of
from convcli.filters import Pipeline
from convcli.learning.judging.replay import Comparison
from convcli.learning.networks.patches import Locality, Scene
from convcli.learning.result import Replay

_ROWS = 256  # of a strip, at most


def judged(pipeline: Pipeline, scenes: Sequence[Scene], locality: Locality | None, *, held_out: bool) -> Replay:
    """Return the replay of scenes: of their rows that are held out, or of those that are learned from."""
    comparison = Comparison()
    for scene in scenes:
        counts = scene.held if held_out else scene.learned
        if locality is None:
            if counts.any():
                comparison.add(applied(pipeline, scene.source, scene.target.dtype), scene.target, counts)
            continue
        for rows, (first, end), (top, bottom) in _strips(scene, np.asarray(counts.any(axis=(1, 2))), locality):
            made = applied(pipeline, scene.source[top:bottom], scene.target.dtype)
            begin = first - round(top * locality.scale[0])
            comparison.add(made[begin : begin + end - first], scene.target[rows], counts[rows])
    return comparison.replay(held_out=held_out)


def _strips(
    scene: Scene, is_asked: Array, locality: Locality
) -> Iterator[tuple[slice, tuple[int, int], tuple[int, int]]]:
    """Yield rows of TARGET, as a slice and as numbers, and the rows of INPUT that they depend on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_asked, [False]]).astype(np.int8)))
    height, reach, step, scale = scene.source.shape[0], locality.reach[0], locality.step[0], locality.scale[0]
    for begin, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        for first in range(begin, stop, _ROWS):
            end = min(first + _ROWS, stop)
            top = max(int(first / scale) - reach - step, 0) // step * step
            bottom = min(-(-(int(np.ceil(end / scale)) + reach + step) // step) * step, height)
            yield slice(first, end), (first, end), (top, bottom)


def shares_of(pipeline: Pipeline, source: Array) -> Array:
    """Return what a filter makes of a picture, in float32 shares of full scale, neither rounded nor clipped.

    By one engine: which one is quicker depends on what the process has done before, and a training that goes on is to
    end in the same bytes.
    """
    full_scale = full_scale_of(source.dtype)
    values = apply_pipeline(
        pipeline, source, full_scale=full_scale, dtype=np.dtype(np.float32), settings=Settings("numpy")
    ).values
    return values if full_scale == 1 else values * np.float32(1 / full_scale)


def applied(pipeline: Pipeline, source: Array, dtype: np.dtype[Any]) -> Array:
    """Return what a filter makes of a picture, rounded and clipped as a picture of `dtype`."""
    full_scale = full_scale_of(source.dtype)
    into = dtype if source.dtype == dtype else np.dtype(np.float64)
    values = apply_pipeline(pipeline, source, full_scale=full_scale, dtype=into).values
    if source.dtype == dtype:
        return values
    scaled = values * (full_scale_of(dtype) / full_scale)
    if dtype.kind != "u":
        return scaled
    return np.clip(np.floor(scaled + 0.5), 0, np.iinfo(dtype).max).astype(dtype)
