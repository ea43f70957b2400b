"""Verdicts by what became of colors: palettes, and tables of gray, which are looked for before all else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.catalog import load_filter
from convcli.detective.ahead.gray import OTHER, USUAL
from convcli.detective.ahead.thresholds import threshold_behind
from convcli.detective.alignment import SMALLEST, shares
from convcli.detective.chains.named import named_layers
from convcli.detective.colors.grays import tables_of_gray, toned_gray
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
    # A table of black and white would become a curve, which is no step.
    if is_bilevel(target) and (made := _behind_filter(pairs, settings, watcher, first)):
        return made
    if found := tables_of_gray(first):
        return None if all(each.is_identity for each in found) else _of_gray(USUAL, found, pairs, settings, watcher)
    if toned := toned_gray(first):
        return _of_gray(*toned, pairs, settings, watcher)
    if (palette := palette_of(first)) is None:
        return None
    is_gray, words = palette
    learned = _without_kernel(pairs, settings, watcher)
    steps: tuple[Step, ...] = (*([_named_step(USUAL)] if is_gray else []), NonlinearStep(words))
    unchanged = shares(source) @ _weights() if is_gray else shares(source)
    wanted = shares(target[..., :1]) if is_gray else shares(target)
    after = psnr_of(float(np.sqrt(np.mean(np.square(unchanged - wanted, dtype=np.float64)))))
    return detected(learned, steps, first, is_explained=True, around=None, after=after)


def _weights() -> np.ndarray:
    conv = load_filter(USUAL).conv
    assert conv is not None
    return np.asarray(conv.kernel.weights[:, :, 0, 0].T / conv.kernel.divisor, np.float32)


def _of_gray(
    mix: str, found: tuple[Table, ...], pairs: Pairs, settings: LearnSettings, watcher: Watcher | None
) -> Detected:
    """Return the verdict by gray, and the curve of each channel after it."""
    alike = all(np.array_equal(found[0].becomes, each.becomes) for each in found)
    every = found[:1] if alike else found
    curves = tuple(each.curve for each in every)
    name = joined_names([None if each.is_identity else each.name or "" for each in every])
    layers: tuple[Layer, ...] = load_filter(mix).layers
    if not alike:
        layers = (*layers, Conv(Kernel(np.ones((_COLORS, 1, 1, 1)))))
    steps = (_named_step(mix), CurveStep(points_of(curves), name))
    return _by_layers((*layers, *curve_layers(curves)), steps, pairs, settings, watcher)


def _behind_filter(
    pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected | None:
    """Return the verdict by a filter and a threshold behind it, of gray where TARGET has no colors."""
    source, target = shares(first.source), first.target
    is_gray = source.shape[2] == _COLORS and bool((target == target[..., :1]).all())
    if not is_gray and source.shape != target.shape:
        return None
    mixes = (USUAL, OTHER) if is_gray else ("",)
    white = (target[..., :1] if is_gray else target) > 0
    behind = ((threshold_behind(np.asarray(apply_text(mix, source)) if mix else source, white), mix) for mix in mixes)
    known = [(found, mix) for found, mix in behind if found]
    if not known:
        return None
    found, mix = min(known, key=lambda each: each[0].wrong)
    table = Table(np.arange(256), found.becomes)
    named = [each for each in (mix, found.text) if each]
    steps: tuple[Step, ...] = tuple(_named_step(each) for each in named)
    threshold = Threshold(min(max(found.level - found.below, 0) / 255, 1.0))
    layers = [layer for each in named for layer in named_layers(each)]
    layers += [threshold, *([Invert()] if found.is_negative else [])]
    steps = (*steps, CurveStep(points_of((table.curve,)), table.name))
    return _by_layers(tuple(layers), steps, pairs, settings, watcher)


def _named_step(text: str) -> FilterStep:
    return FilterStep(text, "full" if text in (USUAL, OTHER) else "shared", False, 1.0, 0.0)


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
