"""The pairs that the kernel is learned from: INPUT after the steps before it, TARGET before those after it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.alignment import aligned, shares
from convcli.detective.chains.clipped import CLIP
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.replayed import apply_text
from convcli.detective.tone.tone import Tone
from convcli.engine import full_scale_of
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning import Learned, LearningPair, LearnSettings, MadePairs, Pairs, Watcher, learn_pairs

WINDOWS = (15, 31)  # of the last kernel: by that of the hypothesis, of 7 or more
_OPAQUE = 0.999  # of a mean of opacities: all of them
_MARGIN = 3.0  # times the error: nearer to black and white, a target may be clipped
_LEAST = 0.2  # of the sum: edges have no scale of their own
# Times the errors with a curve that is certain: 99 % of the weights of drawn pairs are within 3 of them.
_OF_CURVE = 1.25


@dataclass(frozen=True, eq=False)
class WorkingPairs(MadePairs):
    """Pairs as the kernel sees them; `moved` is the first one aligned, and `worked` as the kernel sees it, if known."""

    pairs: Pairs
    frame: Frame
    explanation: Explanation
    moved: LearningPair | None = None
    worked: LearningPair | None = None

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair aligned, as the kernel sees it."""
        return self._worked(aligned(pair, self.frame))

    def over(self, pairs: Pairs) -> WorkingPairs:
        """Return the same of other pairs, without what is kept of these."""
        explanation = replace(self.explanation, replay=None, lossy=None)  # of which pairs are not made
        return WorkingPairs(pairs, self.frame, explanation)

    @property
    def first(self) -> tuple[LearningPair, LearningPair]:
        """The first pair: aligned, and as the kernel sees it."""
        return self._aligned, self.only

    @cached_property
    def _aligned(self) -> LearningPair:
        """The first pair, which it takes long to move."""
        return self.moved or aligned(next(iter(self.pairs)), self.frame)

    @cached_property
    def only(self) -> LearningPair:
        """The same as the kernel sees it."""
        return self.worked or self._worked(self._aligned)

    def _worked(self, pair: LearningPair) -> LearningPair:
        """Return an aligned pair as the kernel sees it."""
        found = self.explanation
        source, target = pair.source, pair.target
        source_mask = pair.source_mask
        if found.before:
            values = apply_text(found.before, shares(source))
            # What was clipped was saved, so it was rounded too.
            source = np.rint(values * 255).astype(np.uint8) if found.before.endswith(CLIP) else values
            if source_mask is not None:
                source_mask = apply_text(found.before, source_mask.astype(np.float32)) > _OPAQUE
        mask = self.counted(pair)
        if found.tone is not None:
            if found.tone.is_before:
                source = found.tone.toned(shares(source))
            if found.tone.after or found.tone.light:
                certain = self._certain(source, target)
                mask = certain if mask is None else certain & mask
                target = _untoned(found.tone, target)
        return replace(pair, source=source, target=target, mask=mask, source_mask=source_mask)

    def _certain(self, source: Array, target: Array) -> Bools:
        """Return the values of a target that are not clipped, by the prediction where there is one."""
        found, tone = self.explanation, self.explanation.tone
        if target.dtype.kind != "u" or tone is None:
            return np.ones(target.shape, bool)
        full = full_scale_of(target.dtype)
        if found.kernel is None:
            return np.asarray((target > 0) & (target < full))
        return tone.certain(found.filtered(shares(source)), _MARGIN * found.rms + 0.5 / full)

    def counted(self, pair: LearningPair) -> Bools | None:
        """Return the values of an aligned pair's target that the steps have to explain; None for all."""
        without = None if self.explanation.region is None else _without(self.explanation, pair)
        return pair.mask if without is None else without if pair.mask is None else pair.mask & without

    def after(self, values: Array) -> Array:
        """Return the output of the kernel, in shares, as TARGET has it."""
        return values if self.explanation.tone is None else self.explanation.tone.finished(values)


@dataclass(frozen=True, eq=False)
class BilevelPairs(MadePairs):
    """Pairs whose targets are black and white alone, as numbers: there clipping says nothing."""

    pairs: Pairs

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair of numbers."""
        return replace(pair, source=np.clip(shares(pair.source), 0, 1), target=shares(pair.target))


def is_bilevel(target: Array) -> bool:
    """Return whether a target has integers, black and white among them, and no others."""
    if target.dtype.kind != "u":
        return False
    white = np.iinfo(target.dtype).max
    return all(bool(((each == 0) | (each == white)).all()) for each in (target[::16, ::16], target)) and (
        bool((target == 0).any()) and bool((target == white).any())
    )


def _untoned(tone: Tone, target: Array) -> Array:
    """Return the output of the kernel that a target was made of, in shares, float32; integers are looked up."""
    if target.dtype.kind != "u":
        return np.asarray(tone.untoned(shares(target)), np.float32)
    levels = shares(np.arange(int(full_scale_of(target.dtype)) + 1, dtype=target.dtype))
    table = np.asarray(tone.untoned(np.repeat(levels[:, np.newaxis], target.shape[2], axis=1)), np.float32)
    values = np.empty(target.shape, np.float32)
    for channel in range(target.shape[2]):
        values[:, :, channel] = table[:, channel][target[:, :, channel]]
    return values


def _without(found: Explanation, pair: LearningPair) -> Bools:
    region = found.region
    assert region is not None
    mask = np.ones((*pair.target.shape[:2], 1), bool)
    mask[region.y - 1 : region.y + region.height + 1, region.x - 1 : region.x + region.width + 1] = False
    return mask


def with_unit_sum(learned: Learned, working: WorkingPairs) -> tuple[Learned, WorkingPairs]:
    """Return a learned kernel and its pairs, with the scale and the offset of the kernel in an unnamed curve.

    The two share them, and the pair cannot tell whose they are. Weights that sum to 1 and no bias leave both to the
    curve; the errors of the weights are those of their form.
    """
    found, kernel = working.explanation, learned.kernel
    tone = found.tone
    if tone is None or tone.light or len(tone.after) != 1 or tone.after_name is not None or kernel.weights.ndim != 2:
        return learned, working
    weights, bias = kernel.weights / kernel.divisor, float(np.mean(kernel.bias))
    total = float(weights.sum())
    if total < _LEAST:
        return learned, working
    near = learned.nearest
    moved, worked = working.first
    wanted = worked.target - np.asarray(bias, worked.target.dtype)
    wanted /= total
    curve = replace(tone.after[0], knots=(tone.after[0].knots - bias) / total)
    return (
        replace(
            learned,
            kernel=Kernel(weights / total, anchor=kernel.anchor),
            errors=_OF_CURVE * learned.errors / total,
            exact=None,
            nearest=near and replace(near, scale=near.scale / total),
        ),
        replace(
            working,
            explanation=replace(found, tone=replace(tone, after=(curve,))),
            moved=moved,
            worked=replace(worked, target=wanted),
        ),
    )


def learned_within(working: WorkingPairs, settings: LearnSettings, watcher: Watcher | None) -> Learned:
    """Return the kernel of working pairs; where its size is to be found, one not much larger than the hypothesis."""
    found = working.explanation
    if settings.size is None and found.lossy is not None:
        return learn_pairs(working, replace(settings, size=(found.side, found.side)), watcher)
    if settings.size is None and found.kernel is None and (found.before or found.tone is not None or found.is_kernel):
        is_whole = found.tone is not None and bool(found.tone.before) and not found.before
        is_clipped = is_whole and is_bilevel(working.only.target)
        learned = learn_pairs(BilevelPairs(working) if is_clipped else working, replace(settings, size=(1, 1)), watcher)
        return replace(learned, kernel=Kernel([[1]])) if is_whole else learned
    if settings.size is None and settings.model == "full":  # a mix of colors alone has a name
        learned = learn_pairs(working, replace(settings, size=(1, 1)), watcher)
        if not learned.doubts:
            return learned
    if settings.size is None and found.side > WINDOWS[-1]:
        return learn_pairs(working, replace(settings, size=(found.side, found.side)), watcher)
    return learn_pairs(working, replace(settings, largest=WINDOWS[found.side > WINDOWS[0]]), watcher)
