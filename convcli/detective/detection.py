"""Detection: from pairs of pictures to the steps between them, and a filter that does them again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.detective.ahead.compressed import doubted_frame_of, resized_before_jpeg
from convcli.detective.ahead.gray import (
    GrayPairs,
    OneOfAlike,
    after_gray,
    gray_pairs,
    in_three,
    is_certain,
    is_gray_of_colors,
)
from convcli.detective.ahead.pairs import FilteredPairs, after_filter
from convcli.detective.ahead.resizing import FilteredFirst, filtered_first
from convcli.detective.ahead.saved import saved_first
from convcli.detective.alignment import aligned, frame_of, is_by_padding, is_for_detection, steps_of
from convcli.detective.alone.lines import is_at_floor, line_of
from convcli.detective.checks.doubts import (
    has_no_name,
    is_tiny,
    is_undone,
    may_be_in_place,
    may_be_one_sided,
    may_hide,
    may_shift,
    moved_crops,
)
from convcli.detective.checks.levels import has_tables, is_exact_table, is_one_color, may_be_threshold
from convcli.detective.checks.parts import Part, has_place, part_left
from convcli.detective.checks.whole import held_against
from convcli.detective.detected import Detected, detected, gain_of, is_identity, psnr_of
from convcli.detective.direct.colors import color_verdict
from convcli.detective.direct.known import known_verdict
from convcli.detective.direct.mixed import frame_of_mix, mixed_within
from convcli.detective.direct.swapped import ROUNDED_TWICE, is_filtered, part_of_target
from convcli.detective.direct.verdicts import (
    not_the_same,
    plain_verdict,
    strided_verdict,
    swapped_verdict,
    unrelated_verdict,
)
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.programs import is_other
from convcli.detective.geometry.strides import find_stride
from convcli.detective.ladder import explained, of_few_numbers, was_jpeg_again
from convcli.detective.nonlinear.blocks import find_blocks
from convcli.detective.scene import Scene
from convcli.detective.through_jpeg import through_jpeg
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.pillow import told_by_pillow
from convcli.detective.trials.powers import power_for_line, with_power
from convcli.detective.verdict import in_values, put_together
from convcli.detective.working import WINDOWS, BilevelPairs, WorkingPairs, is_bilevel, learned_within, with_unit_sum
from convcli.errors import ShapeError, UsageError
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

_CLEARLY = 1  # dB
_SAME = 0.003  # of weights
_SURELY_PLACED = 0.8  # a correlation: a small part, enlarged, is like any smooth picture
_INTERPOLATIONS = ("bicubic", "bicubic-0.75")  # of turns: those that are like another


def detect(
    pairs: Pairs, settings: LearnSettings, watcher: Watcher | None = None, *, frame: Frame | None = None
) -> Detected:
    """Find the steps that make the targets of the sources, and the kernel among them.

    Hypotheses are judged on a part of the first pair; the kernel is then learned from all pixels of all pairs. Where
    that leaves more than rounding, another part is looked at.
    Parameters and errors are those of `learn_pairs`; `frame` is that of the first pair, where it is known.
    """
    first = next(iter(pairs), None)
    if first is not None and (named := color_verdict(pairs, settings, watcher, first)):
        return held_against(named, first)
    if first is not None and (known := known_verdict(pairs, settings, watcher, first, detect)):
        return known
    if first is not None and is_gray_of_colors(first, settings):
        return held_against(in_three(detect(OneOfAlike(pairs), settings, watcher)), first)
    if first is not None and is_bilevel(first.target) and not may_be_threshold(pairs, settings, first):
        numbers = BilevelPairs(pairs)
        verdict = _detected(numbers, settings, watcher, next(iter(numbers)), frame)
        verdict = in_values(verdict, np.dtype(np.float32), first.target.dtype)
    else:
        verdict = _detected(pairs, settings, watcher, first, frame)
    if first is None:
        return verdict
    if grays := gray_pairs(verdict, pairs, settings, first):
        return held_against(_behind_gray(grays, settings, watcher, verdict, first), first)
    return held_against(_in_all_parts(verdict, pairs, settings, watcher, first), first)


def _behind_gray(
    grays: list[GrayPairs], settings: LearnSettings, watcher: Watcher | None, plain: Detected, first: LearningPair
) -> Detected:
    """Return the verdict by the mix of channels that explains most; `plain` where none explains more."""
    frame = frame_of(first) if settings.geometry else None
    known = frame if frame and (frame.is_in_place or not frame.is_related) else None  # as any mix of channels shows it
    made = list[tuple[Detected, str]]()
    for gray in grays:
        made.append((detect(gray, settings, watcher, frame=known), gray.mix))
        if is_certain(made[-1][0]) or not made[-1][0].is_explained:  # what hides one mix hides another
            break
    return after_gray(*max(made, key=lambda each: each[0].psnr_after), plain)


def _detected(
    pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair | None, frame: Frame | None
) -> Detected:
    if first is not None and first.source.shape[2] != first.target.shape[2] and settings.finds_model:
        settings = replace(settings, model="full")
    if first is not None and is_one_color(first.source) and not is_one_color(first.target):
        raise UsageError(
            f"{first.prefix}INPUT has one color alone, and TARGET has not",
            "give the picture that TARGET was made of",
        )
    if first is None or not is_for_detection(first, settings):
        if first is not None and settings.linear:
            return _only_in_light(pairs, settings, watcher, first)
        if first is not None and settings.stride not in (None, (1, 1)):
            return strided_verdict(pairs, settings, watcher, first)
        if first is not None and (frame := frame_of_mix(first, settings)):
            return mixed_within(frame, pairs, settings, watcher, first)
        return _by_sizes(pairs, settings, watcher, first)
    if kernel := _one_kernel(first, settings):
        size = (1, 1) if settings.size is None and gain_of(kernel) else settings.size
        learned = learn_pairs(pairs, replace(settings, size=size), watcher)
        is_all = not learned.doubts and not may_hide(learned, first) and not may_shift(learned, settings)
        if is_all and not (settings.curve and power_for_line(learned, first)):
            return plain_verdict(learned, first)
    # One level of parallelism: the products of the hypotheses are too small for threads.
    with threadpool_limits(1, user_api="blas"):
        return _detected_steps(pairs, settings, watcher, first, frame)


def _by_sizes(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair | None) -> Detected:
    """Return the kernel of pairs of which nothing else is sought, whose sizes tell how it was applied."""
    try:
        return plain_verdict(learn_pairs(pairs, settings, watcher), first)
    except ShapeError as error:
        if first is None or not settings.geometry or frame_of(first).is_related:
            raise
        raise not_the_same(first) from error


def _one_kernel(first: LearningPair, settings: LearnSettings) -> Kernel | None:
    """Return the small kernel that leaves nothing but rounding of a pair of one size, if there is one."""
    if first.source.shape != first.target.shape or settings.model == "full" or settings.linear:
        return None
    scene = Scene.of(first)
    line = line_of(scene, (7,))
    is_it = is_at_floor(line, scene) and not (settings.curve and line.kernel and is_exact_table(scene, line.kernel))
    return line.kernel if is_it and not was_jpeg_again(scene) else None


def _detected_steps(
    pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair, known: Frame | None
) -> Detected:
    frame = _frame_of(first, known) if settings.geometry else Frame(("", 0))
    verdict = _steps_within(frame, pairs, settings, watcher, first)
    if frame.is_turned and not frame.is_certain and has_no_name(verdict):
        # The kernel that followed makes up for much of another interpolation, and has no name then.
        others = (replace(frame, filter=name) for name in _INTERPOLATIONS if name != frame.filter)
        tried = [verdict, *(_steps_within(each, pairs, settings, watcher, first) for each in others)]
        verdict = max(tried, key=lambda each: each.psnr_after)
    for moved in moved_crops(verdict, frame, first):
        within = _steps_within(moved, pairs, settings, watcher, first)
        if within.psnr_after >= verdict.psnr_after - _CLEARLY and not has_no_name(within):
            verdict, frame = within, moved
            break
    if not verdict.is_explained and frame.placement is not None and frame.correlation < _SURELY_PLACED:
        return unrelated_verdict(pairs, settings, watcher, first)
    is_one_sided = may_be_one_sided(verdict)
    is_small = is_tiny(frame) or is_undone(verdict) or is_one_sided
    if not is_small and not may_be_in_place(verdict, frame, first):
        return verdict
    alone = _steps_within(Frame(frame.view), pairs, settings, watcher, first)
    if is_one_sided and has_no_name(alone):
        return verdict
    # Of two pictures that are not the same, any turn has a kernel that is the nearest.
    if not alone.is_explained and (frame.view != ("", 0) or verdict.found[0].name == "unrelated"):
        return verdict
    least = verdict.psnr_after + (-_CLEARLY if is_small else _CLEARLY)
    return alone if alone.psnr_after > least or alone.psnr_after == math.inf else verdict


def _frame_of(first: LearningPair, known: Frame | None) -> Frame:
    """Return the frame of a pair; where each level became another, or blocks hide what they have in common, INPUT's."""
    if has_tables(first):
        return Frame(("", 0))
    frame = known or doubted_frame_of(first)
    return Frame(("", 0)) if not frame.is_related and find_blocks(Scene.of(first)) else frame


def _in_all_parts(
    verdict: Detected, pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected:
    """Return a verdict on a large picture, or a better one by what another part of it shows."""
    part = part_left(verdict, first) if len(pairs) == 1 else None
    if part is None:
        return verdict
    frame = doubted_frame_of(first) if settings.geometry and has_place(verdict) else Frame(("", 0))
    with threadpool_limits(1, user_api="blas"):
        other = _steps_within(frame, pairs, settings, watcher, first, part)
    return other if other.psnr_after > verdict.psnr_after + _CLEARLY else verdict


def _steps_within(
    frame: Frame,
    pairs: Pairs,
    settings: LearnSettings,
    watcher: Watcher | None,
    first: LearningPair,
    part: Part | None = None,
    *,
    ahead: FilteredFirst | None = None,
) -> Detected:
    """Return the steps within a frame, looked for in the middle, or in another part.

    With `ahead`, the pairs are behind that filter already.
    """
    if not frame.is_related:
        return unrelated_verdict(pairs, settings, watcher, first)
    if is_by_padding(frame, first):
        if settings.linear:
            return _only_in_light(pairs, settings, watcher, first)
        return plain_verdict(learn_pairs(pairs, settings, watcher), first)
    if made := part_of_target(frame, first):
        raise UsageError(f"{first.prefix}{made}: the pair is probably swapped", "give TARGET first, then INPUT")
    given = _Given(pairs, settings, watcher, first)
    moved = aligned(first, frame)
    scene = (part or Part()).scene_of(moved)
    has_geometry = any(steps_of(frame, first))
    if has_geometry:
        explanation = _behind_geometry(given, frame, scene, ahead)
    else:
        explanation = _in_place(given, scene, has_region=part is not None and part.region is not None)
    if isinstance(explanation, Detected):
        return explanation
    explanation = replace(explanation, region=part.region) if part and part.region else explanation
    working = WorkingPairs(pairs, frame, told_by_pillow(explanation, moved), moved)
    settings = replace(settings, model=explanation.model if settings.finds_model else settings.model)
    learned = learned_within(working, settings, watcher)
    if settings.curve and (better := with_power(explanation, learned, moved)):
        was_line = explanation.tone is None  # beside which a kernel is named badly
        explanation, near = better
        working = WorkingPairs(pairs, frame, explanation, moved)
        model = explanation.model if given.settings.finds_model else settings.model
        learned = learned_within(working, replace(settings, model=model), watcher)
        learned = replace(learned, nearest=(learned.nearest if was_line else None) or near)
    if explanation.lossy is not None:
        learned = through_jpeg(learned, explanation, scene, working, settings)
    if frame.is_saved and explanation.quality is not None and not is_identity(learned.kernel, _SAME):
        # One resampling was alone before the JPEG, or another one with a filter that none of the names is.
        learned, frame = replace(learned, nearest=None), replace(frame, is_certain=False)
    return put_together(*with_unit_sum(learned, working), list(steps_of(frame, first)), first)


class _Given(NamedTuple):
    """The pairs, how to learn from them, and the first of them."""

    pairs: Pairs
    settings: LearnSettings
    watcher: Watcher | None
    first: LearningPair


def _of_explanation(settings: LearnSettings, found: Explanation) -> LearnSettings:
    """Return settings for the kernel that is all there is to an explanation."""
    size = (1, 1) if settings.size is None and found.side == 1 else settings.size
    return replace(settings, model=found.model if settings.finds_model else settings.model, size=size)


def _in_place(given: _Given, scene: Scene, *, has_region: bool) -> Explanation | Detected:
    """Return what explains a target that lies over INPUT, or the verdict where that is a kernel, or swapped."""
    explanation = _explained(scene, given.settings, given.watcher)
    if not is_at_floor(explanation, scene) and is_filtered(given.first, explanation.rms):
        return swapped_verdict(*given)
    if has_region or not explanation.is_kernel or not is_at_floor(explanation, scene):
        return explanation
    settings = _of_explanation(given.settings, explanation)
    learned = learn_pairs(given.pairs, settings, given.watcher)
    if given.settings.curve and (by_power := power_for_line(learned, given.first)):
        return by_power[0]
    if learned.nearest is None and settings.size is None and settings.model == "shared":
        explanation = of_few_numbers(scene, explanation)
    return plain_verdict(learned, given.first) if explanation.is_kernel else explanation


def _behind_geometry(given: _Given, frame: Frame, scene: Scene, before: FilteredFirst | None) -> Explanation | Detected:
    """Return what explains a target within a frame, or a verdict by a filter before it, or by one with a stride."""
    pairs, settings, watcher, first = given
    unchanged = Explanation(scene.rms(scene.source))
    floor = scene.floor * (ROUNDED_TWICE if frame.resized else 1)
    is_exact = is_at_floor(unchanged, scene) or unchanged.rms <= floor
    if before is not None and (is_exact or before.is_all):
        return unchanged
    if not is_exact and before is None and (better := _better_frame(first, frame, scene)):
        return _steps_within(better, pairs, settings, watcher, first)
    is_first = before is not None or frame.is_saved or is_at_floor(unchanged, scene)
    ahead = None if is_first else filtered_first(first, frame, scene)
    if ahead is not None and is_exact and not ahead.is_clearly_less(unchanged.rms):
        ahead = None
    if ahead is not None and ahead.text and ahead.error < ahead.least * line_of(scene).rms:
        return _after_first(given, ahead)
    if stride := _stride_of(first, frame, settings, unchanged.rms, is_exact=is_exact):
        skipped = strided_verdict(pairs, replace(settings, stride=stride, largest=WINDOWS[0]), watcher, first)
        if not is_exact:
            return skipped
        if skipped.psnr_after >= psnr_of(unchanged.rms) - _CLEARLY:
            return detected(skipped, tuple(steps_of(frame, first)), first, is_explained=True)
    if is_exact:
        return unchanged
    explanation = _explained(scene, settings, watcher)
    verdict = None if ahead is None else _by_first(given, ahead, explanation, scene)
    return verdict or explanation


def _better_frame(first: LearningPair, frame: Frame, scene: Scene) -> Frame | None:
    """Return a frame with the resampling that rounding after it tells, that to levels or that of a JPEG."""
    better = resized_before_jpeg(first, frame, scene) or saved_first(first, frame, scene)
    return better if better != frame else None


def _by_first(given: _Given, ahead: FilteredFirst, explanation: Explanation, scene: Scene) -> Detected | None:
    """Return the verdict by a filter ahead of another size, where that is better than an explanation behind it."""
    if ahead.is_clearly_less(explanation.rms):  # replayed to the level
        return _after_first(given, ahead)
    if is_at_floor(explanation, scene) or ahead.error >= ahead.least * explanation.rms:
        return None
    verdict = _after_first(given, ahead)
    return verdict if verdict.psnr_after > psnr_of(explanation.rms) else None


def _after_first(given: _Given, found: FilteredFirst) -> Detected:
    """Return the steps after a filter that INPUT went through before it got another size, and that filter."""
    filtered = FilteredPairs(given.pairs, found.layers)
    first = next(iter(filtered))
    verdict = _steps_within(found.frame, filtered, given.settings, given.watcher, first, ahead=found)
    return after_filter(verdict, found)


def _explained(scene: Scene, settings: LearnSettings, watcher: Watcher | None) -> Explanation:
    return explained(
        scene,
        model=None if settings.finds_model else settings.model,
        side=None if settings.size is None else max(settings.size),
        may_curve=settings.curve,
        is_light=settings.linear,
        watcher=watcher,
    )


def _stride_of(
    pair: LearningPair, frame: Frame, settings: LearnSettings, rms: float, *, is_exact: bool
) -> tuple[int, int] | None:
    """Return the stride of a kernel that explains a smaller target better than what leaves `rms`, if there is one.

    Where resizing is exact, it is one that does what no layer does.
    """
    is_smaller = (frame.resized or frame.placement is not None) and not frame.is_turned
    may_skip = (
        is_smaller and not frame.is_saved and frame.view == ("", 0) and settings.stride is None and not settings.linear
    )
    if not may_skip or (is_exact and not is_other(frame.filter)):
        return None
    return find_stride(pair, math.inf if is_exact else rms)


def _only_in_light(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return the kernel in linear light of pairs of which nothing else is sought."""
    working = WorkingPairs(pairs, Frame(("", 0), is_fixed=True), Explanation(math.inf, tone=Tone(light=True)))
    return put_together(learn_pairs(working, settings, watcher), working, [], first)
