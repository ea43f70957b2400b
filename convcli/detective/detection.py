"""Detection: from pairs of pictures to the steps between them, and a filter that does them again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.array_types import Array
from convcli.detective.alignment import SMALLEST, aligned, frame_of, is_by_padding, is_for_detection, steps_of
from convcli.detective.chains.order import with_order
from convcli.detective.detected import Detected, detected, gain_of, is_identity
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.programs import is_other
from convcli.detective.geometry.strides import find_stride
from convcli.detective.ladder import explained, is_at_floor, line_of, of_few_numbers
from convcli.detective.regions import fitting_pixels
from convcli.detective.scene import Scene
from convcli.detective.steps import CurveStep, IdentityStep, NonlinearStep, ResizeStep, Step, UnrelatedStep
from convcli.detective.swapped import ROUNDED_TWICE, is_filtered, part_of_target, turned_round
from convcli.detective.through_jpeg import through_jpeg
from convcli.detective.tone.names import line_name
from convcli.detective.tone.tone import Tone
from convcli.detective.verdict import filter_steps, put_together
from convcli.detective.working import BilevelPairs, WorkingPairs, is_bilevel, with_unit_sum
from convcli.errors import ShapeError, UsageError
from convcli.filters import Kernel
from convcli.learning import Learned, LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

_NOTHING = 5e-4  # of a weight, and of full scale
_OFF = 0.75  # pixels from the anchor to the middle of a kernel, from which it shifts
_LONGEST = 3  # numbers of a name: one with more says of a kernel that skips pixels no more than its weights
_LITTLE = 0.9  # of the variance: a kernel with a stride that leaves a doubt explains less
_EXACT = 0.45  # levels
_DOUBTFUL = 40  # dB, below which a place other than INPUT's own has to be better than that
_CLEARLY = 1  # dB
_TURN, _ENLARGED = 0.1, 0.004  # degrees, and a share: less may be what a blur does to the tiles that tell
_WINDOWS = (15, 31)  # of the last kernel: by that of the hypothesis, of 7 or more


def detect(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None = None) -> Detected:
    """Find the steps that make the targets of the sources, and the kernel among them.

    Hypotheses are judged on a part of the first pair; the kernel is then learned from all pixels of all pairs.
    Parameters and errors are those of `learn_pairs`.
    """
    first = next(iter(pairs), None)
    if first is not None and is_bilevel(first.target):
        pairs = BilevelPairs(pairs)
        first = next(iter(pairs))
    if first is not None and first.source.shape[2] != first.target.shape[2] and settings.finds_model:
        settings = replace(settings, model="full")
    if first is not None and _is_one_color(first.source) and not _is_one_color(first.target):
        raise UsageError(
            f"{first.prefix}INPUT has one color alone, and TARGET has not",
            "give the picture that TARGET was made of",
        )
    if first is None or not is_for_detection(first, settings):
        if first is not None and settings.linear:
            return _only_in_light(pairs, settings, watcher, first)
        if first is not None and settings.stride not in (None, (1, 1)):
            return _strided(pairs, settings, watcher, first)
        if first is not None and (frame := _frame_of_mix(first, settings)):
            return _mixed_within(frame, pairs, settings, watcher, first)
        return _plain(learn_pairs(pairs, settings, watcher), first)
    if kernel := _one_kernel(first, settings):
        size = (1, 1) if settings.size is None and gain_of(kernel) else settings.size
        learned = learn_pairs(pairs, replace(settings, size=size), watcher)
        if not learned.doubts and not _may_hide(learned, first) and not _may_shift(learned, settings):
            return _plain(learned, first)
    # One level of parallelism: the products of the hypotheses are too small for threads.
    with threadpool_limits(1, user_api="blas"):
        return _detected_steps(pairs, settings, watcher, first)


def _frame_of_mix(pair: LearningPair, settings: LearnSettings) -> Frame | None:
    """Return the frame of a target of other channels, None where it lies over INPUT, or where that is not sought."""
    (*sides, inputs), (*others, outputs) = pair.source.shape, pair.target.shape
    if inputs == outputs or not settings.geometry or min(*sides, *others) < SMALLEST:
        return None
    frame = frame_of(pair)
    return frame if frame.is_related and frame != Frame(("", 0)) and not is_by_padding(frame, pair) else None


def _mixed_within(
    frame: Frame, pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected:
    working = WorkingPairs(pairs, frame, Explanation(math.inf, model="full"))
    return put_together(_learned_within(working, settings, watcher), working, list(steps_of(frame, first)), first)


def _is_one_color(array: Array) -> bool:
    return all(bool((each == array[0, 0]).all()) for each in (array[::16, ::16], array))


def _one_kernel(first: LearningPair, settings: LearnSettings) -> Kernel | None:
    """Return the small kernel that leaves nothing but rounding of a pair of one size, if there is one."""
    if first.source.shape != first.target.shape or settings.model == "full" or settings.linear:
        return None
    scene = Scene.of(first)
    line = line_of(scene, (7,))
    return line.kernel if is_at_floor(line, scene) else None


def _may_hide(learned: Learned, first: LearningPair) -> bool:
    """Return whether a region may differ, too small for the error of the whole to raise a doubt."""
    is_left = first.target.dtype == np.uint8 and learned.rms > _EXACT
    return is_left and first.source.shape == first.target.shape and fitting_pixels(Scene.of(first)) is not None


def _may_shift(learned: Learned, settings: LearnSettings) -> bool:
    """Return whether a kernel without a name may be another with a shift."""
    weights = np.abs(learned.kernel.weights)
    is_named = settings.size is not None or learned.nearest is not None
    if not settings.geometry or is_named or weights.ndim != 2 or not weights.any():
        return False
    middles = (float((weights.sum(axis=1 - axis) @ np.arange(weights.shape[axis])) / weights.sum()) for axis in (0, 1))
    return max(abs(at - anchor) for at, anchor in zip(middles, learned.kernel.anchor, strict=True)) > _OFF


def _detected_steps(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    frame = frame_of(first) if settings.geometry else Frame(("", 0))
    verdict = _steps_within(frame, pairs, settings, watcher, first)
    is_tiny = _is_tiny(frame)
    if not is_tiny and not _may_be_in_place(verdict, frame, first):
        return verdict
    alone = _steps_within(Frame(("", 0)), pairs, settings, watcher, first)
    gain = alone.psnr_after - verdict.psnr_after
    return alone if gain > (-_CLEARLY if is_tiny else _CLEARLY) else verdict


def _steps_within(
    frame: Frame, pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected:
    if not frame.is_related:
        return _unrelated(pairs, settings, watcher, first)
    if is_by_padding(frame, first):
        if settings.linear:
            return _only_in_light(pairs, settings, watcher, first)
        return _plain(learn_pairs(pairs, settings, watcher), first)
    if made := part_of_target(frame, first):
        raise UsageError(f"{first.prefix}{made}: the pair is probably swapped", "give TARGET first, then INPUT")
    geometry = list(steps_of(frame, first))
    scene = Scene.of(aligned(first, frame))
    unchanged = Explanation(scene.rms(scene.source)) if geometry else None
    floor = scene.floor * (ROUNDED_TWICE if frame.resized else 1)
    is_exact = unchanged is not None and (is_at_floor(unchanged, scene) or unchanged.rms <= floor)
    if unchanged is not None and (stride := _stride_of(first, frame, settings, unchanged.rms, is_exact=is_exact)):
        skipped = _strided(pairs, replace(settings, stride=stride, largest=_WINDOWS[0]), watcher, first)
        return detected(skipped, tuple(geometry), first, is_explained=True) if is_exact else skipped
    explanation = unchanged if unchanged is not None and is_exact else _explained(scene, settings, watcher)
    if not geometry and not is_at_floor(explanation, scene) and is_filtered(first, explanation.rms):
        return _swapped(pairs, settings, watcher, first)
    if not geometry and explanation.is_kernel and is_at_floor(explanation, scene):
        size = (1, 1) if settings.size is None and explanation.side == 1 else settings.size
        model = explanation.model if settings.finds_model else settings.model
        learned = learn_pairs(pairs, replace(settings, model=model, size=size), watcher)
        may_have_name = learned.nearest is None and size is None and model == "shared"
        explanation = of_few_numbers(scene, explanation) if may_have_name else explanation
        if explanation.is_kernel:
            return _plain(learned, first)
    working = WorkingPairs(pairs, frame, explanation)
    settings = replace(settings, model=explanation.model if settings.finds_model else settings.model)
    learned = _learned_within(working, settings, watcher)
    if explanation.lossy is not None:
        learned = through_jpeg(learned, explanation, scene, working, settings)
    learned, explanation = with_unit_sum(learned, explanation)
    working = replace(working, explanation=explanation)
    return put_together(learned, working, geometry, first)


def _explained(scene: Scene, settings: LearnSettings, watcher: Watcher | None) -> Explanation:
    return explained(
        scene,
        model=None if settings.finds_model else settings.model,
        side=None if settings.size is None else max(settings.size),
        may_curve=settings.curve,
        is_light=settings.linear,
        watcher=watcher,
    )


def _is_tiny(frame: Frame) -> bool:
    """Return whether a frame is a turn or enlargement that a blur may only seem to make."""
    turn = frame.placement
    return turn is not None and abs(turn.degrees) < _TURN and abs(turn.scale - 1) < _ENLARGED


def _may_be_in_place(verdict: Detected, frame: Frame, pair: LearningPair) -> bool:
    """Return whether what is told of the place is doubtful: wide and one-sided filters look like small shifts."""
    if frame == Frame(("", 0)) or frame.view != ("", 0) or pair.source.shape != pair.target.shape:
        return False
    is_open = any(step.name == "nonlinear" for step in verdict.found)
    return verdict.psnr_after < _DOUBTFUL and (is_open or verdict.found[-1].name not in ("noise", "jpeg"))


def _swapped(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return a kernel that nearly undoes the one that made INPUT of TARGET."""
    back = learn_pairs([turned_round(first)], LearnSettings(largest=_WINDOWS[0]))
    made = back.nearest.text if back.nearest is not None else f"a {back.model} kernel"
    learned = learn_pairs(pairs, replace(settings, largest=_WINDOWS[0]), watcher)
    steps = (NonlinearStep(f"the inverse of {made}"),)
    verdict = detected(replace(learned, doubts=()), steps, first, is_explained=False, around=None)
    return replace(verdict, cause=f"the pair is probably swapped: INPUT is TARGET after {made}")


def _stride_of(
    pair: LearningPair, frame: Frame, settings: LearnSettings, rms: float, *, is_exact: bool
) -> tuple[int, int] | None:
    """Return the stride of a kernel that explains a smaller target better than what leaves `rms`, if there is one.

    Where resizing is exact, it is one that does what no layer does.
    """
    is_smaller = (frame.resized or frame.placement is not None) and not frame.is_turned
    may_skip = is_smaller and frame.view == ("", 0) and settings.stride is None and not settings.linear
    if not may_skip or (is_exact and not is_other(frame.filter)):
        return None
    return find_stride(pair, math.inf if is_exact else rms)


def _strided(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return a kernel with a stride, as a filter and another size."""
    learned = learn_pairs(pairs, settings, watcher)
    if learned.nearest is not None and learned.nearest.text.count("=") > _LONGEST:
        learned = replace(learned, nearest=None)
    made = tuple(_only_steps(learned))
    high, wide, _ = first.target.shape
    resize = ResizeStep(round(1 / math.sqrt(math.prod(learned.stride)), 4), None, wide, high)
    steps = (resize,) if isinstance(made[0], IdentityStep) else (*made, resize)
    is_explained = not learned.doubts or learned.explained > _LITTLE
    return detected(learned, steps if is_explained else (*steps, NonlinearStep(None)), first, is_explained=is_explained)


def _only_in_light(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return the kernel in linear light of pairs of which nothing else is sought."""
    working = WorkingPairs(pairs, Frame(("", 0), is_fixed=True), Explanation(math.inf, tone=Tone(light=True)))
    return put_together(learn_pairs(working, settings, watcher), working, [], first)


def _learned_within(working: WorkingPairs, settings: LearnSettings, watcher: Watcher | None) -> Learned:
    """Return the kernel of working pairs; where its size is to be found, one not much larger than the hypothesis."""
    found = working.explanation
    if settings.size is None and found.lossy is not None:
        return learn_pairs(working, replace(settings, size=(found.side, found.side)), watcher)
    if settings.size is None and found.kernel is None and (found.before or found.tone is not None or found.is_kernel):
        learned = learn_pairs(working, replace(settings, size=(1, 1)), watcher)
        is_whole = found.tone is not None and bool(found.tone.before) and not found.before
        return replace(learned, kernel=Kernel([[1]])) if is_whole else learned
    if settings.size is None and settings.model == "full":  # a mix of colors alone has a name
        learned = learn_pairs(working, replace(settings, size=(1, 1)), watcher)
        if not learned.doubts:
            return learned
    return learn_pairs(working, replace(settings, largest=_WINDOWS[found.side > _WINDOWS[0]]), watcher)


def _plain(learned: Learned, first: LearningPair | None) -> Detected:
    """Return a learned kernel as the one step: what arrays and tiny pictures have."""
    if first is not None:
        learned = with_order(learned, first)
    told = replace(learned, warnings=(*learned.warnings, *learned.doubts))
    return detected(told, tuple(_only_steps(learned)), first, is_explained=True)


def _unrelated(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    is_of_one_size = first.source.shape[:2] == first.target.shape[:2]
    size = settings.size or ((3, 3) if is_of_one_size else None)  # else the sizes tell it
    try:
        learned = learn_pairs(pairs, replace(settings, size=size), watcher)
        if not is_of_one_size and not learned.doubts:  # noise is related to nothing but by its kernel
            return _plain(learned, first)
    except ShapeError as error:
        raise UsageError(
            f"{first.prefix}INPUT and TARGET are not the same picture", "give the picture that TARGET was made of"
        ) from error
    return detected(learned, (UnrelatedStep(),), first, is_explained=False, around=None)


def _only_steps(learned: Learned) -> Iterator[Step]:
    near = learned.nearest
    if (
        near is not None
        and near.text == "identity"
        and is_identity(learned.kernel, _NOTHING)
        and learned.replay.psnr == math.inf
    ):
        yield IdentityStep()
    elif line := gain_of(learned.kernel):
        gain, offset = line
        yield CurveStep(((0.0, offset), (1.0, gain + offset)), line_name(gain, offset))
    else:
        yield from filter_steps(learned, light=False)
