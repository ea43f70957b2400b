"""Detection: from pairs of pictures to the steps between them, and a filter that does them again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.array_types import Array
from convcli.detective.alignment import SMALLEST, aligned, frame_of, steps_of
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.ladder import explained, is_at_floor, line_of
from convcli.detective.lossy.noise import Residual, residual_of
from convcli.detective.moved import resizing_of, rotation_of
from convcli.detective.regions import fitting_pixels
from convcli.detective.replay import layers_around
from convcli.detective.scene import Scene
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import (
    CurveStep,
    FilterStep,
    IdentityStep,
    JpegStep,
    NoiseStep,
    NonlinearStep,
    PixelateStep,
    RegionStep,
    RotateStep,
    ShiftStep,
    Step,
    UnrelatedStep,
)
from convcli.detective.working import WorkingPairs, shares
from convcli.engine import apply_pipeline
from convcli.errors import ShapeError, UsageError
from convcli.filters import Conv, Kernel, Layer, Pipeline
from convcli.learning import Learned, LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

_LOST = 4 / 255  # error of the ladder's best from which a rotation is sought
_POOR = 0.5  # of the variance of TARGET that is left, from which nothing explains it
_EXACT = 0.45  # levels
_WINDOWS = (15, 31)  # of the last kernel: by that of the hypothesis, of 7 or more


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Detected(Learned):
    """A learned kernel, and the steps that it is one of.

    Parameters
    ----------
    found
        The steps, in order.
    cause
        They in one sentence.
    psnr_before, psnr_after
        Peak signal-to-noise ratio of INPUT, where it has TARGET's size, and of INPUT after the steps, in dB.
    psnr_limit
        That which noise or rounding allows; None where it is unknown.
    is_explained
        The steps make TARGET.
    around
        The layers before the kernel, and those after it, that do the other steps again; None where one of them is no
        filter.
    """

    found: tuple[Step, ...]
    cause: str
    psnr_before: float | None
    psnr_after: float
    psnr_limit: float | None
    is_explained: bool
    around: tuple[tuple[Layer, ...], tuple[Layer, ...]] | None = ((), ())

    @property
    def pipeline(self) -> Pipeline:
        """The steps as a filter; those that are none are left out."""
        learned = super().pipeline
        before, after = self.around or ((), ())
        return replace(learned, layers=(*before, *learned.layers, *after))


def detect(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None = None) -> Detected:
    """Find the steps that make the targets of the sources, and the kernel among them.

    Hypotheses are judged on a part of the first pair; the kernel is then learned from all pixels of all pairs.
    Parameters and errors are those of `learn_pairs`.
    """
    first = next(iter(pairs), None)
    if first is not None and first.source.shape[2] != first.target.shape[2] and settings.finds_model:
        settings = replace(settings, model="full")
    if first is None or not _is_for_detection(first, settings):
        return _plain(learn_pairs(pairs, settings, watcher))
    if _is_one_kernel(first, settings):
        learned = learn_pairs(pairs, settings, watcher)
        if not learned.doubts and not _may_hide(learned, first):
            return _plain(learned)
    # One level of parallelism: the products of the hypotheses are too small for threads.
    with threadpool_limits(1, user_api="blas"):
        return _detected_steps(pairs, settings, watcher, first)


def _is_one_kernel(first: LearningPair, settings: LearnSettings) -> bool:
    """Return whether a small kernel leaves nothing but rounding of a pair of one size."""
    if first.source.shape != first.target.shape or settings.model == "full":
        return False
    scene = Scene.of(first)
    return is_at_floor(line_of(scene, (7,)), scene)


def _may_hide(learned: Learned, first: LearningPair) -> bool:
    """Return whether a region may differ, too small for the error of the whole to raise a doubt."""
    is_left = first.target.dtype == np.uint8 and learned.rms > _EXACT
    return is_left and first.source.shape == first.target.shape and fitting_pixels(Scene.of(first)) is not None


def _detected_steps(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    frame = frame_of(first) if settings.geometry else Frame(("", 0))
    if not frame.is_related:
        return _unrelated(pairs, settings, watcher, first)
    if _is_by_padding(frame, first):
        return _plain(learn_pairs(pairs, settings, watcher))
    geometry = list(steps_of(frame, first))
    if frame.resized:
        resize, explanation = resizing_of(first, frame)
        geometry.append(resize)
    else:
        scene = Scene.of(aligned(first, frame))
        explanation = explained(scene, model=None if settings.finds_model else settings.model, may_curve=settings.curve)
        if explanation.rms > _LOST and explanation.quality is None and (rotation := rotation_of(scene)):
            return _rotated(pairs, settings, watcher, rotation)
        if frame == Frame(("", 0)) and explanation.is_kernel and is_at_floor(explanation, scene):
            settings = replace(settings, model=explanation.model if settings.finds_model else settings.model)
            return _plain(learn_pairs(pairs, settings, watcher))
    working = WorkingPairs(pairs, frame, explanation)
    settings = replace(settings, model=explanation.model if settings.finds_model else settings.model)
    return _put_together(_learned_within(working, settings, watcher), working, geometry, first)


def _learned_within(working: WorkingPairs, settings: LearnSettings, watcher: Watcher | None) -> Learned:
    """Return the kernel of working pairs; where its size is to be found, one not much larger than the hypothesis."""
    found = working.explanation
    if settings.size is None and found.before:
        return learn_pairs(working, replace(settings, size=(1, 1)), watcher)
    if settings.size is None and settings.model == "full":  # a mix of colors alone has a name
        learned = learn_pairs(working, replace(settings, size=(1, 1)), watcher)
        if not learned.doubts:
            return learned
    return learn_pairs(working, replace(settings, largest=_WINDOWS[found.side > _WINDOWS[0]]), watcher)


def _is_for_detection(pair: LearningPair, settings: LearnSettings) -> bool:
    """Return whether a pair is large enough, of the same channels, and of one size or one that may be found."""
    (height, width, inputs), (high, wide, outputs) = pair.source.shape, pair.target.shape
    is_fitting = settings.geometry or (height, width) == (high, wide)
    if settings.stride not in (None, (1, 1)):
        return False
    return inputs == outputs and is_fitting and min(height, width, high, wide) >= SMALLEST


def _is_by_padding(frame: Frame, pair: LearningPair) -> bool:
    """Return whether TARGET is smaller or larger as a correlation without ``same`` padding makes it."""
    if frame.resized or frame.view != ("", 0) or pair.source.shape[:2] == pair.target.shape[:2]:
        return False
    differences = [here - there for here, there in zip(pair.source.shape[:2], pair.target.shape[:2], strict=True)]
    offsets = zip((frame.top, frame.left), differences, strict=True)
    return bool(max(map(abs, differences)) < 63 and all(abs(2 * at - less) <= 1 for at, less in offsets))


def _plain(learned: Learned) -> Detected:
    """Return a learned kernel as the one step: what arrays and tiny pictures have."""
    steps = (_only_step(learned),)
    return _detected(replace(learned, warnings=(*learned.warnings, *learned.doubts)), steps, is_explained=True)


def _unrelated(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    try:
        learned = learn_pairs(pairs, replace(settings, size=settings.size or (3, 3)), watcher)
    except ShapeError as error:
        raise UsageError(
            f"{first.prefix}INPUT and TARGET are not the same picture", "give the picture that TARGET was made of"
        ) from error
    return _detected(learned, (UnrelatedStep(),), is_explained=False, around=None)


def _rotated(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, rotation: RotateStep) -> Detected:
    learned = learn_pairs(pairs, replace(settings, size=settings.size or (3, 3)), watcher)
    return _detected(learned, (rotation,), is_explained=True, around=None)


def _only_step(learned: Learned) -> Step:
    near = learned.nearest
    if near is not None and near.text == "identity" and learned.replay.psnr == math.inf:
        return IdentityStep()
    if near is not None and near.text.startswith("shift") and learned.kernel.weights.ndim == 2:
        weights = learned.kernel.weights
        row, column = (int(at) for at in np.unravel_index(int(np.abs(weights).argmax()), weights.shape))
        return ShiftStep(learned.kernel.anchor[1] - column, learned.kernel.anchor[0] - row)
    return _filter_step(learned, light=False)


def _filter_step(learned: Learned, *, light: bool) -> FilterStep:
    near = learned.nearest
    if near is None:
        return FilterStep(None, learned.model, light)
    return FilterStep(near.text, learned.model, light, near.scale, near.difference)


def _is_identity(kernel: Kernel) -> bool:
    """Return whether a kernel leaves a picture as it is."""
    if kernel.weights.ndim == 4:
        plain = np.zeros_like(kernel.weights)
        if plain.shape[0] != plain.shape[1]:
            return False
        for channel in range(len(plain)):
            plain[(channel, channel, *kernel.anchor)] = 1
    else:
        plain = np.zeros_like(kernel.weights)
        plain[(..., *kernel.anchor)] = 1
    return bool(np.abs(kernel.weights / kernel.divisor - plain).max() < 0.003 and max(map(abs, kernel.bias)) < 0.002)


def _put_together(learned: Learned, working: WorkingPairs, geometry: list[Step], first: LearningPair) -> Detected:
    found, frame = working.explanation, working.frame
    given = first if frame.resized else aligned(first, frame)
    pair, target = working.worked(given), shares(given.target)
    levels = target.dtype.kind == "f" and first.target.dtype.kind == "u"
    predicted = working.after(_applied(learned, pair))
    residual = residual_of(predicted, target, levels=levels)
    error = (np.clip(predicted, 0, 1) if levels else predicted) - target
    if found.region is not None and pair.mask is not None:
        error = error[np.broadcast_to(pair.mask, error.shape)]
    rms = _rms(error)
    steps = [*geometry, *_inner_steps(learned, found), *_last_steps(found, residual, rms)]
    is_explained = bool(found.nonlinear) or rms**2 < _POOR * float(target.var())
    same_size = first.source.shape == first.target.shape
    return _detected(
        learned,
        tuple(steps if is_explained else [*steps, NonlinearStep(None)]) or (IdentityStep(),),
        is_explained=is_explained,
        around=None if found.nonlinear else layers_around(found, frame, first),
        before=_psnr(_rms(shares(first.source) - shares(first.target))) if same_size else None,
        after=_psnr(rms),
        limit=_psnr(residual.rms) if isinstance(steps[-1] if steps else None, NoiseStep) else None,
    )


def _rms(error: Array) -> float:
    return float(np.sqrt(np.mean(np.square(error, dtype=np.float64))))


def _applied(learned: Learned, pair: LearningPair) -> Any:
    """Return the source through the learned kernel, in shares of full scale."""
    border = learned.border.border if learned.border else learned.given_border
    conv = Conv(learned.kernel, padding=learned.padding, border=border)
    source = shares(pair.source) if pair.source.dtype != np.float64 else pair.source
    return apply_pipeline(Pipeline((conv,)), source, full_scale=1.0, dtype=np.float64).values


def _inner_steps(learned: Learned, found: Explanation) -> Iterator[Step]:
    """Yield the steps between those of geometry and those at the end."""
    if found.nonlinear:
        yield NonlinearStep(found.nonlinear)
        return
    if found.before.startswith("pixelate"):
        yield PixelateStep(int(found.before.partition(":")[2]))
    elif found.before and "resize" not in found.before:
        yield FilterStep(found.before, "shared", False, 1.0, 0.0)
    if not _is_identity(learned.kernel):
        step = _filter_step(learned, light=found.light)
        # What JPEG takes from a sharpened picture makes the weights too small: a name would be false.
        has_name = found.quality is None or bool((learned.kernel.weights >= 0).all())
        yield step if has_name else FilterStep(None, learned.model, found.light)
    if found.curve is not None:
        yield CurveStep(found.curve_points, found.curve_name)
    if found.region is not None:
        region = found.region
        yield RegionStep(region.x, region.y, region.width, region.height, round(region.share, 4))


def _last_steps(found: Explanation, residual: Residual, rms: float) -> Iterator[Step]:
    if rms <= _EXACT / 255:
        return
    if found.quality is not None:
        yield JpegStep(found.quality)
    elif residual.is_white and residual.rms > 0.5 / 255:
        yield NoiseStep(round(255 * residual.rms, 2))


def _psnr(rms: float) -> float:
    return -20 * math.log10(rms) if rms > 0 else math.inf


def _detected(
    learned: Learned,
    steps: tuple[Step, ...],
    *,
    is_explained: bool,
    around: tuple[tuple[Layer, ...], tuple[Layer, ...]] | None = ((), ()),
    before: float | None = None,
    after: float | None = None,
    limit: float | None = None,
) -> Detected:
    known = {field.name: getattr(learned, field.name) for field in fields(Learned)}
    psnr = learned.replay.psnr if after is None else after
    return Detected(
        **known,
        found=steps,
        cause=sentence_of(steps, psnr, limit),
        psnr_before=before,
        psnr_after=psnr,
        psnr_limit=limit,
        is_explained=is_explained,
        around=around,
    )
