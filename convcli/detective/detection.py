"""Detection: from pairs of pictures to the steps between them, and a filter that does them again."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from convcli.detective.ahead.colored import InThree, after_one_channel, is_color_of_gray
from convcli.detective.ahead.compressed import doubted_frame_of
from convcli.detective.ahead.gray import (
    GrayPairs,
    OneOfAlike,
    after_gray,
    gray_pairs,
    in_three,
    is_certain,
    is_gray_of_colors,
)
from convcli.detective.alignment import frame_of, is_for_detection
from convcli.detective.alone.lines import is_at_floor, line_of
from convcli.detective.checks.doubts import (
    has_no_name,
    is_open_shift,
    is_tiny,
    is_undone,
    may_be_in_place,
    may_be_one_sided,
    may_hide,
    may_shift,
    moved_crops,
    without_doubtful_place,
)
from convcli.detective.checks.levels import has_tables, is_exact_table, is_one_color, may_be_threshold
from convcli.detective.checks.opaque import where_opaque
from convcli.detective.checks.parts import has_place, part_left
from convcli.detective.checks.whole import held_against
from convcli.detective.detected import Detected, gain_of
from convcli.detective.direct.colors import color_verdict
from convcli.detective.direct.known import known_verdict
from convcli.detective.direct.mixed import frame_of_mix, mixed_within
from convcli.detective.direct.verdicts import (
    not_the_same,
    plain_verdict,
    strided_verdict,
    unrelated_verdict,
)
from convcli.detective.geometry.frame import Frame
from convcli.detective.ladder import was_jpeg_again
from convcli.detective.nonlinear.blocks import find_blocks
from convcli.detective.scene import Scene
from convcli.detective.steps import NonlinearStep
from convcli.detective.trials.powers import power_for_line
from convcli.detective.verdict import in_values
from convcli.detective.within import only_in_light, steps_within
from convcli.detective.working import BilevelPairs, is_bilevel
from convcli.errors import ShapeError, UsageError
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

_CLEARLY = 1  # dB
_BY_CHANCE = 0.3  # of the variance: the best kernel from a gray picture to the colors of another explains up to 0.19
_SURELY_PLACED = 0.8  # a correlation: a small part, enlarged, is like any smooth picture
_SURE_PEAK = 40.0  # of edges: those of an unrelated picture, turned and shifted, had one of 31
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
    if first is not None and is_color_of_gray(first, settings):
        return held_against(_colored(pairs, settings, watcher, first), first)
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
    return where_opaque(held_against(_in_all_parts(verdict, pairs, settings, watcher, first), first), first)


def _colored(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return the verdict on three channels that are alike; that by one kernel where the first has no name or less."""
    three = after_one_channel(detect(InThree(pairs), settings, watcher))
    is_local = any(isinstance(each, NonlinearStep) and each.text for each in three.found)  # colors follow gray locally
    if three.is_explained and not is_local and not has_no_name(three):
        return three
    plain = _detected(pairs, settings, watcher, first, None)
    return plain if is_local or three.psnr_after < plain.psnr_after + _CLEARLY else three


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
            return only_in_light(pairs, settings, watcher, first)
        if first is not None and settings.stride not in (None, (1, 1)):
            return strided_verdict(pairs, settings, watcher, first)
        if first is not None and (frame := frame_of_mix(first, settings)):
            placed = mixed_within(frame, pairs, settings, watcher, first)
            return unrelated_verdict(pairs, settings, watcher, first) if _is_by_chance(placed, frame) else placed
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
        verdict = plain_verdict(learn_pairs(pairs, settings, watcher), first)
    except ShapeError as error:
        if first is None or not settings.geometry or frame_of(first).is_related:
            raise
        raise not_the_same(first) from error
    if first is None or not settings.geometry or not verdict.doubts or not _is_by_chance(verdict, frame_of(first)):
        return verdict
    return unrelated_verdict(pairs, settings, watcher, first)


def _is_by_chance(verdict: Detected, frame: Frame) -> bool:
    """Return whether a kernel explains no more than one of two pictures that have nothing to do with each other."""
    is_sure = frame.correlation >= _SURELY_PLACED and frame.peak >= _SURE_PEAK
    is_placed = frame.is_related and (frame.is_in_place or is_sure)
    return verdict.explained < _BY_CHANCE and not is_placed


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
    verdict = steps_within(frame, pairs, settings, watcher, first)
    if frame.is_turned and not frame.is_certain and has_no_name(verdict):
        # The kernel that followed makes up for much of another interpolation, and has no name then.
        others = (replace(frame, filter=name) for name in _INTERPOLATIONS if name != frame.filter)
        tried = [verdict, *(steps_within(each, pairs, settings, watcher, first) for each in others)]
        verdict = max(tried, key=lambda each: each.psnr_after)
    for moved in moved_crops(verdict, frame, first):
        within = steps_within(moved, pairs, settings, watcher, first)
        if within.psnr_after >= verdict.psnr_after - _CLEARLY and not has_no_name(within):
            verdict, frame = within, moved
            break
    is_sought = frame.placement is not None and frame.correlation < _SURELY_PLACED
    if not verdict.is_explained and (is_sought or (not frame.is_in_place and _is_by_chance(verdict, frame))):
        return unrelated_verdict(pairs, settings, watcher, first)
    is_one_sided = may_be_one_sided(verdict)
    is_small = is_tiny(frame) or is_undone(verdict) or is_one_sided or is_open_shift(verdict)
    if not is_small and not may_be_in_place(verdict, frame, first):
        return without_doubtful_place(verdict, frame, first)
    alone = steps_within(Frame(frame.view), pairs, settings, watcher, first)
    if is_one_sided and has_no_name(alone):
        return verdict
    # Of two pictures that are not the same, any turn has a kernel that is the nearest.
    if not alone.is_explained and (frame.view != ("", 0) or verdict.found[0].name == "unrelated"):
        return verdict
    least = verdict.psnr_after + (-_CLEARLY if is_small else _CLEARLY)
    is_better = alone.psnr_after > least or alone.psnr_after == math.inf
    return alone if is_better else without_doubtful_place(verdict, frame, first)


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
        other = steps_within(frame, pairs, settings, watcher, first, part)
    return other if other.psnr_after > verdict.psnr_after + _CLEARLY else verdict
