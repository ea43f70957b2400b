"""Explanations by filters that are no kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.alone.lines import EXACT, line_of
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.round_trip import loss_of_jpeg
from convcli.detective.nonlinear.bilateral import bilateral, find_bilateral
from convcli.detective.nonlinear.local import local_contrast
from convcli.detective.nonlinear.modes import mode_of
from convcli.detective.nonlinear.morphology import morphology_of
from convcli.detective.nonlinear.patches import Rival
from convcli.detective.nonlinear.ranks import best_rank
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.nonlinear.vips import sharpening_of
from convcli.detective.scene import Scene
from convcli.detective.trials.blur_and_mask import blur_and_mask_of, blur_and_sharpening_of
from convcli.detective.trials.pillow import mask_of_pillow

_CLEARLY = 0.65  # of a kernel's error
_SIDE, _AS_MUCH = 384, 1.1  # pixels that are replayed, and times what the JPEG of them leaves
_BLOCK = 16  # pixels of a JPEG's block of colors at half the size
_AMPLIFIED = 0.6, 4.0  # levels: what kernels leave behind a blur that was saved before a sharpening
_ROUNDED_TWICE = 0.9  # levels: of less, a kernel has learned the mask with its boxes and its rounding


def nonlinear(scene: Scene, best: Explanation, quality: int | None) -> Iterator[Explanation]:
    """Yield filters that are no kernel."""
    if quality is None and (morphology := morphology_of(scene)):
        words, error, replay = morphology
        yield Explanation(error, nonlinear=words, is_sure=True, replay=replay)
    if mode := mode_of(scene):
        yield Explanation(mode[1], nonlinear=mode[0], is_sure=True)
    yield from _masks(scene, best, quality)
    if rival := Rival.of(scene):
        if rank := best_rank(rival, is_jpeg=quality is not None):
            before, named = (rank.text, "") if rank.is_filter else ("", rank.text)
            yield Explanation(rank.error, before, nonlinear=named, is_sure=True)
        if smoothed := find_bilateral(rival, is_jpeg=quality is not None):
            replay = partial(bilateral, smoothed[0])
            if quality is None or smoothed[1] <= _CLEARLY * rival.error or _is_loss_of_jpeg(scene, replay, quality):
                yield Explanation(smoothed[1], nonlinear="a bilateral filter", is_sure=True, replay=replay)
    if local := local_contrast(scene, best.rms):
        yield Explanation(local.error, nonlinear=local.text, is_sure=True)


def _masks(scene: Scene, best: Explanation, quality: int | None) -> Iterator[Explanation]:
    """Yield unsharp masks that are no kernel: by a threshold, or by what a program rounds."""
    unsharp = best_unsharp(scene)
    if unsharp:
        yield Explanation(unsharp[1], unsharp[0])
    if quality is not None:
        return
    is_left = best.rms > _ROUNDED_TWICE * (scene.level or 1)
    if is_left and (exact := mask_of_pillow(scene, unsharp[0] if unsharp else None)):
        yield Explanation(exact[1], exact[0], is_sure=True)
    line = line_of(scene).kernel
    if best.rms <= EXACT * scene.floor or line is None:
        return
    may_sharpen = _AMPLIFIED[0] < 255 * line_of(scene).rms < _AMPLIFIED[1]
    chain = blur_and_mask_of(scene, line) or (blur_and_sharpening_of(scene) if may_sharpen else None)
    if chain:
        yield Explanation(chain[1], chain[0], is_sure=True)
    if sharpened := sharpening_of(scene):
        yield Explanation(sharpened[1], nonlinear=sharpened[0].words, replay=sharpened[0].made, is_sure=True)


def _is_loss_of_jpeg(scene: Scene, replay: Callable[[Array], Array], quality: int) -> bool:
    """Return whether what a replay leaves is what the JPEG of a quality makes of it."""
    rows, columns = (slice(0, min(side, _SIDE) // _BLOCK * _BLOCK) for side in scene.target.shape[:2])
    made, levels = 255 * replay(scene.source[rows, columns]), np.rint(255 * scene.target[rows, columns])
    left = float(np.sqrt(np.square(np.rint(np.clip(made, 0, 255)) - levels).mean()))
    return left <= _AS_MUCH * loss_of_jpeg(made, levels, quality)
