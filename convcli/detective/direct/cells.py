"""Verdicts on blocks of one color where TARGET has another size: most programs make whole blocks alone.

What became of INPUT is the colors of the blocks: a smaller picture. It is INPUT at that size, or the means of a part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import shares
from convcli.detective.detected import Detected, detected, psnr_of
from convcli.detective.lossy.flat import quality_of_flat
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.lossy.round_trip import loss_of_jpeg
from convcli.detective.nonlinear.blocks import lines_of
from convcli.detective.scene import Scene
from convcli.detective.steps import CropStep, JpegStep, NonlinearStep, PixelateStep, ResizeStep, Step
from convcli.engine import apply_pipeline, full_scale_of
from convcli.filters import RESAMPLING, Crop, Kernel, Layer, Pipeline, Resize
from convcli.learning import LearningPair, LearnSettings, Watcher, learn_pairs

_SMALLEST = 3  # pixels a side
_FEWEST = 12  # blocks along a side
_LEFT = 4.0 / 255  # of the colors of blocks: most that the nearest way to make them leaves
_ROUNDED, _AS_MUCH = 0.75 / 255, 1.3  # what roundings leave, and times the loss of a JPEG
_CLEARLY = 0.6  # of what is left without blocks


class _Way(NamedTuple):
    """The error of the colors of blocks, the steps and the layers that make them, and the layer without blocks."""

    error: float
    steps: tuple[Step, ...]
    layers: tuple[Layer, ...]
    plain: Layer


def cells_verdict(settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected | None:
    """Return the verdict where TARGET, of another size, consists of square blocks that INPUT became; else None."""
    source, target = first.source, first.target
    if source.shape[:2] == target.shape[:2] or source.shape[2] != target.shape[2]:
        return None
    if not source.dtype == target.dtype == np.uint8 or (side := _side_of(first)) is None:
        return None
    counts = -(-target.shape[0] // side), -(-target.shape[1] // side)
    if min(counts) < _FEWEST or counts[0] >= source.shape[0] or counts[1] >= source.shape[1]:
        return None
    colors = _colors(shares(target), side)
    best = min(_ways(source, target.shape, side, colors), key=lambda each: each.error)
    if best.error > _LEFT:
        return None
    large = Resize(width=counts[1] * side, height=counts[0] * side, filter="nearest")
    layers = (*best.layers, large)
    if large.width != target.shape[1] or large.height != target.shape[0]:
        layers = (*layers, Crop(0, 0, target.shape[1], target.shape[0]))
    with_blocks, without = (_off(_through(each, source), target) for each in (layers, (best.plain,)))
    if with_blocks > _CLEARLY * without:
        return None
    steps, limit = _last_steps(_through(layers, source), target)
    learned = learn_pairs([replace(first, source=target)], replace(settings, size=(1, 1), model="shared"), watcher)
    learned = replace(learned, kernel=Kernel([[1]]), nearest=None, exact=None, doubts=(), warnings=())
    steps = (*best.steps, PixelateStep(side), *steps)
    return detected(
        learned, steps, None, is_explained=True, around=(layers, ()), after=psnr_of(with_blocks), limit=limit
    )


def _last_steps(made: Array, target: Array) -> tuple[tuple[Step, ...], float | None]:
    """Return the steps behind blocks, and the signal-to-noise ratio that they allow."""
    off = _off(made, target)
    levels = target.astype(np.float64)
    quality = (quality_of_flat(levels) or quality_of(levels)) if target.shape[2] in (1, 3) else None
    if off <= _ROUNDED:
        return (), None
    if quality is None:
        return (NonlinearStep(None),), None
    loss = loss_of_jpeg(made.astype(np.float64), levels, quality) / 255
    is_all = off <= _AS_MUCH * loss
    return (*(() if is_all else (NonlinearStep(None),)), JpegStep(quality)), psnr_of(loss)


def _through(layers: tuple[Layer, ...], picture: Array) -> Array:
    made = picture
    for layer in layers:  # each is saved
        computed = apply_pipeline(Pipeline((layer,)), made, full_scale=full_scale_of(made.dtype), dtype=np.uint8)
        made = computed.values
    return np.asarray(made)


def _off(made: Array, target: Array) -> float:
    return float(np.sqrt(np.square(shares(made) - shares(target)).mean()))


def _side_of(first: LearningPair) -> int | None:
    """Return the side of the blocks that TARGET consists of from its first pixel on; None where it does not."""
    scene = Scene.of(LearningPair(first.target, first.target))
    down, right = (lines_of(scene, axis) for axis in (0, 1))
    if down is None or right is None or down.distance != right.distance or down.distance != round(down.distance):
        return None
    side = round(down.distance)
    is_first = not ((scene.top + down.first) % side or (scene.left + right.first) % side)
    return side if is_first and side >= _SMALLEST else None


def _colors(target: Array, side: int) -> Array:
    """Return the mean of each block, (height, width, channels), those at the ends as far as they go."""
    for axis in (0, 1):
        starts = np.arange(0, target.shape[axis], side)
        counts = np.diff(np.append(starts, target.shape[axis])).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        target = np.add.reduceat(target, starts, axis=axis) / counts
    return np.asarray(target, np.float32)


def _ways(source: Array, shape: tuple[int, ...], side: int, colors: Array) -> Iterator[_Way]:
    """Yield the ways in which INPUT may have become the colors of blocks in a target of `shape`."""
    height, width = colors.shape[:2]

    def error(layers: tuple[Layer, ...]) -> float:
        return float(np.sqrt(np.square(shares(_through(layers, source)) - colors).mean()))

    scale = round(float(np.sqrt(shape[0] * shape[1] / (source.shape[0] * source.shape[1]))), 4)
    whole = Resize(width=shape[1], height=shape[0], filter="bicubic")
    for name in RESAMPLING:
        layers: tuple[Layer, ...] = (Resize(width=width, height=height, filter=name),)
        yield _Way(error(layers), (ResizeStep(scale, None, shape[1], shape[0]),), layers, whole)
    room = source.shape[0] - height * side, source.shape[1] - width * side
    if min(room) < 0:
        return
    for top, left in dict.fromkeys(((0, 0), (room[0] // 2, room[1] // 2))):
        crop = Crop(left, top, width * side, height * side)
        layers = (crop, Resize(width=width, height=height, filter="box"))
        yield _Way(error(layers), (CropStep(left, top, width * side, height * side),), layers, crop)
