"""Verdicts by a kernel that was learned of all pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from convcli.detective.chains.order import with_order
from convcli.detective.detected import Detected, detected, gain_of, is_identity
from convcli.detective.direct.swapped import turned_round
from convcli.detective.steps import CurveStep, IdentityStep, NonlinearStep, ResizeStep, Step, UnrelatedStep
from convcli.detective.tone.names import line_name
from convcli.detective.trials.confirming import confirmed
from convcli.detective.trials.pillow import named_as_pillow
from convcli.detective.verdict import filter_steps
from convcli.errors import ConvcliError, ShapeError
from convcli.learning import Learned, LearningPair, LearnSettings, Pairs, Watcher, learn_pairs

WINDOW = 15  # of the kernel of a pair whose answer is another
_HALF_LEVEL = 0.5 / 255  # of a weight and of full scale: no level becomes another
_NOTHING = 5e-4  # of a weight, and of full scale
_LONGEST = 3  # numbers of a name: one with more says of a kernel that skips pixels no more than its weights
_LITTLE = 0.9  # of the variance: a kernel with a stride that leaves a doubt explains less


def plain_verdict(learned: Learned, first: LearningPair | None) -> Detected:
    """Return a learned kernel as the one step: what arrays and tiny pictures have."""
    if first is not None:
        learned = named_as_pillow(confirmed(with_order(learned, first), first), first)
    told = replace(learned, warnings=(*learned.warnings, *learned.doubts))
    return detected(told, tuple(_only_steps(learned, first)), first, is_explained=True)


def unrelated_verdict(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return the nearest kernel of two pictures that have nothing to do with each other."""
    is_of_one_size = first.source.shape[:2] == first.target.shape[:2]
    size = settings.size or ((3, 3) if is_of_one_size else None)  # else the sizes tell it
    try:
        learned = learn_pairs(pairs, replace(settings, size=size), watcher)
    except ShapeError as error:
        raise not_the_same(first) from error
    if not is_of_one_size and not learned.doubts:  # noise is related to nothing but by its kernel
        return plain_verdict(learned, first)
    return detected(learned, (UnrelatedStep(),), first, is_explained=False, around=None)


def not_the_same(first: LearningPair) -> ConvcliError:
    """Return the error for two pictures of sizes that no kernel makes, none of which is in the other."""
    return ConvcliError(
        f"{first.prefix}INPUT and TARGET are not the same picture", "give the picture that TARGET was made of"
    )


def strided_verdict(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return a kernel with a stride, as a filter and another size."""
    learned = learn_pairs(pairs, settings, watcher)
    if learned.nearest is not None and learned.nearest.text.count("=") > _LONGEST:
        learned = replace(learned, nearest=None)
    made = tuple(_only_steps(learned, first))
    high, wide, _ = first.target.shape
    resize = ResizeStep(round(1 / math.sqrt(math.prod(learned.stride)), 4), None, wide, high)
    steps = (resize,) if isinstance(made[0], IdentityStep) else (*made, resize)
    is_explained = not learned.doubts or learned.explained > _LITTLE
    return detected(learned, steps if is_explained else (*steps, NonlinearStep(None)), first, is_explained=is_explained)


def swapped_verdict(pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected:
    """Return a kernel that nearly undoes the one that made INPUT of TARGET."""
    back = learn_pairs([turned_round(first)], LearnSettings(largest=WINDOW))
    made = back.nearest.text if back.nearest is not None else f"a {back.model} kernel"
    learned = learn_pairs(pairs, replace(settings, largest=WINDOW), watcher)
    steps = (NonlinearStep(f"the inverse of {made}"),)
    verdict = detected(replace(learned, doubts=()), steps, first, is_explained=False, around=None)
    return replace(verdict, cause=f"the pair is probably swapped: INPUT is TARGET after {made}")


def _only_steps(learned: Learned, first: LearningPair | None) -> Iterator[Step]:
    near = learned.nearest
    is_same = near is not None and near.text == "identity" and is_identity(learned.kernel, _NOTHING)
    is_of_levels = first is not None and first.target.dtype.kind == "u"
    if (is_same and learned.replay.psnr == math.inf) or (is_of_levels and is_identity(learned.kernel, _HALF_LEVEL)):
        yield IdentityStep()
    elif line := gain_of(learned.kernel):
        gain, offset = line
        yield CurveStep(((0.0, offset), (1.0, gain + offset)), line_name(gain, offset))
    else:
        yield from filter_steps(learned, light=False)
