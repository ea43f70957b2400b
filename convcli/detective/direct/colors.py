"""Verdicts by what became of colors: palettes, and tables of gray, which are looked for before all else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.catalog import load_filter
from convcli.detective.ahead.gray import USUAL
from convcli.detective.ahead.thresholds import threshold_behind
from convcli.detective.alignment import SMALLEST, shares
from convcli.detective.chains.named import named_layers
from convcli.detective.colors.grays import tables_of_gray
from convcli.detective.colors.palettes import palette_of
from convcli.detective.detected import Detected, detected, psnr_of
from convcli.detective.lossy.residual_map import rounded
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.steps import CurveStep, FilterStep, NonlinearStep, Step
from convcli.detective.tone.table import Table, tables
from convcli.detective.tone.tone import curve_layers, points_of
from convcli.detective.tone.tones import joined_names
from convcli.detective.working import BilevelPairs, is_bilevel
from convcli.engine import apply_pipeline
from convcli.filters import Conv, Invert, Kernel, Layer, Pipeline, Threshold
from convcli.learning import Learned, LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

_GRAY = FilterStep(USUAL, "full", False, 1.0, 0.0)
_COLORS = 3


def color_verdict(
    pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected | None:
    """Return the verdict by a palette, or by a table of gray for each channel; None where TARGET has neither."""
    is_sought = settings.curve and settings.finds_model and settings.size is None and not settings.linear
    is_whole = first.mask is None and first.source_mask is None and len(pairs) == 1
    source, target = first.source, first.target
    is_alike = source.shape[:2] == target.shape[:2] and source.dtype == target.dtype
    if not (is_sought and is_whole and is_alike and min(target.shape[:2]) >= SMALLEST) or source.dtype != np.uint8:
        return None
    if source.shape == target.shape and (np.array_equal(source, target) or tables(Scene.of(first))):
        return None
    if found := tables_of_gray(first):
        return None if all(each.is_identity for each in found) else _of_gray(found, pairs, settings, watcher)
    if is_bilevel(target) and (made := _behind_filter(pairs, settings, watcher, first)):
        return made
    if (palette := palette_of(first)) is None:
        return None
    is_gray, words = palette
    learned = _without_kernel(pairs, settings, watcher)
    steps: tuple[Step, ...] = (*([_GRAY] if is_gray else []), NonlinearStep(words))
    unchanged = shares(source) @ _weights() if is_gray else shares(source)
    wanted = shares(target[..., :1]) if is_gray else shares(target)
    after = psnr_of(float(np.sqrt(np.mean(np.square(unchanged - wanted, dtype=np.float64)))))
    return detected(learned, steps, first, is_explained=True, around=None, after=after)


def _weights() -> np.ndarray:
    conv = load_filter(USUAL).conv
    assert conv is not None
    return np.asarray(conv.kernel.weights[:, :, 0, 0].T / conv.kernel.divisor, np.float32)


def _of_gray(found: tuple[Table, ...], pairs: Pairs, settings: LearnSettings, watcher: Watcher | None) -> Detected:
    """Return the verdict by gray, and the curve of each channel after it."""
    alike = all(np.array_equal(found[0].becomes, each.becomes) for each in found)
    every = found[:1] if alike else found
    curves = tuple(each.curve for each in every)
    name = joined_names([None if each.is_identity else each.name or "" for each in every])
    layers: tuple[Layer, ...] = load_filter(USUAL).layers
    if not alike:
        layers = (*layers, Conv(Kernel(np.ones((_COLORS, 1, 1, 1)))))
    steps = (_GRAY, CurveStep(points_of(curves), name))
    return _by_layers((*layers, *curve_layers(curves)), steps, pairs, settings, watcher)


def _behind_filter(
    pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected | None:
    """Return the verdict by a filter and a threshold behind it, of gray where TARGET has no colors."""
    source, target = shares(first.source), first.target
    is_gray = source.shape[2] == _COLORS and bool((target == target[..., :1]).all())
    if is_gray:
        source, target = np.asarray(apply_text(USUAL, source)), target[..., :1]
    found = threshold_behind(source, target > 0)
    if found is None:
        return None
    table = Table(np.arange(256), found.becomes)
    by_name = FilterStep(found.text, "shared", False, 1.0, 0.0)
    steps: tuple[Step, ...] = (by_name, CurveStep(points_of((table.curve,)), table.name))
    threshold = Threshold(min(max(found.level - 0.5, 0) / 255, 1.0))
    layers: tuple[Layer, ...] = (*named_layers(found.text), threshold, *([Invert()] if found.is_negative else []))
    if is_gray:
        steps, layers = (_GRAY, *steps), (*load_filter(USUAL).layers, *layers)
    return _by_layers(layers, steps, pairs, settings, watcher)


def _by_layers(
    layers: tuple[Layer, ...], steps: tuple[Step, ...], pairs: Pairs, settings: LearnSettings, watcher: Watcher | None
) -> Detected:
    """Return the verdict by steps that layers do again."""
    first = next(iter(pairs))
    made = apply_pipeline(Pipeline(layers), shares(first.source), full_scale=1.0, dtype=np.float32).values
    off = rounded(made, first.target.dtype) - first.target
    after = psnr_of(float(np.sqrt(np.mean(np.square(off, dtype=np.float64)))) / 255)
    learned = _without_kernel(pairs, settings, watcher)
    return detected(learned, steps, first, is_explained=True, around=(layers, ()), after=after)


def _without_kernel(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None) -> Learned:
    first = next(iter(pairs))
    model = "full" if first.source.shape[2] != first.target.shape[2] else settings.model
    shown = BilevelPairs(pairs) if is_bilevel(first.target) else pairs
    learned = learn_pairs(shown, replace(settings, size=(1, 1), model=model), watcher)
    return replace(learned, kernel=Kernel([[1]]), nearest=None, exact=None, doubts=(), warnings=())
