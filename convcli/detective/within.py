"""Steps within a frame: what explains a pair of pictures that lie over each other as it says."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from convcli.detective.ahead.compressed import resized_before_jpeg
from convcli.detective.ahead.pairs import FilteredPairs, after_filter
from convcli.detective.ahead.resizing import FilteredFirst, filtered_first
from convcli.detective.ahead.saved import saved_first
from convcli.detective.alignment import aligned, is_by_padding, steps_of
from convcli.detective.alone.lines import is_at_floor, line_of
from convcli.detective.checks.doubts import may_be_part
from convcli.detective.checks.parts import Part
from convcli.detective.detected import Detected, detected, is_identity, psnr_of
from convcli.detective.direct.swapped import ROUNDED_TWICE, is_filtered, part_of_target
from convcli.detective.direct.verdicts import (
    plain_verdict,
    strided_verdict,
    swapped_verdict,
    unrelated_verdict,
)
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.programs import is_other
from convcli.detective.geometry.strides import find_stride
from convcli.detective.ladder import explained, of_few_numbers
from convcli.detective.scene import Scene
from convcli.detective.through_jpeg import through_jpeg
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.pillow import told_by_pillow
from convcli.detective.trials.powers import power_for_line, with_power
from convcli.detective.verdict import put_together
from convcli.detective.working import WINDOWS, WorkingPairs, learned_within, with_unit_sum
from convcli.errors import UsageError
from convcli.learning import Learned, LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

_CLEARLY = 1  # dB
_SAME = 0.003  # of weights
_WIDE = 15  # pixels a side, that a wider blur may be cut to


def steps_within(
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
    if not is_by_padding(frame, first):
        return _steps_at(frame, pairs, settings, watcher, first, part, ahead)
    if settings.linear:
        return only_in_light(pairs, settings, watcher, first)
    plain = plain_verdict(learn_pairs(pairs, settings, watcher), first)
    if not settings.geometry or settings.size is not None or not may_be_part(plain, first):
        return plain
    cropped = _steps_at(frame, pairs, settings, watcher, first, part, ahead)
    return cropped if cropped.psnr_after >= plain.psnr_after - _CLEARLY else plain


def _steps_at(
    frame: Frame,
    pairs: Pairs,
    settings: LearnSettings,
    watcher: Watcher | None,
    first: LearningPair,
    part: Part | None,
    ahead: FilteredFirst | None,
) -> Detected:
    """Return the steps where TARGET lies as a frame tells."""
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
    learned, working = _of_few_numbers(learned, working, scene, settings, watcher)
    explanation = working.explanation
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


def _of_few_numbers(
    learned: Learned, working: WorkingPairs, scene: Scene, settings: LearnSettings, watcher: Watcher | None
) -> tuple[Learned, WorkingPairs]:
    """Return a kernel without a name behind another size, and its pairs, as the wide blur that a window cuts."""
    found = working.explanation
    is_sought = working.frame.is_saved and settings.size is None and found.quality is None
    if learned.nearest is not None or not is_sought or not found.is_kernel or found.model != "shared":
        return learned, working
    few = of_few_numbers(scene, found, least=_WIDE)
    if few is found:
        return learned, working
    working = replace(working, explanation=told_by_pillow(few, working.first[0]), worked=None)
    return learned_within(working, settings, watcher), working


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
        return steps_within(better, pairs, settings, watcher, first)
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
    verdict = steps_within(found.frame, filtered, given.settings, given.watcher, first, ahead=found)
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


def only_in_light(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return the kernel in linear light of pairs of which nothing else is sought."""
    working = WorkingPairs(pairs, Frame(("", 0), is_fixed=True), Explanation(math.inf, tone=Tone(light=True)))
    return put_together(learn_pairs(working, settings, watcher), working, [], first)
