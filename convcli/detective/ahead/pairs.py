"""Pairs whose INPUT went through a filter first, and a verdict on them as one on what they were made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.resizing import FilteredFirst
from convcli.detective.alignment import shares
from convcli.detective.chains.order import JOINT
from convcli.detective.checks.slight import is_slight
from convcli.detective.detected import Detected, is_identity
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import CurveStep, FilterStep, IdentityStep, MirrorStep, TurnStep
from convcli.engine import apply_pipeline, full_scale_of
from convcli.filters import Layer, Mirror, Pipeline, Turn
from convcli.lazy import dataclass
from convcli.learning import LearningPair, MadePairs, Nearest, Pairs

_NOTHING = 5e-4  # of a weight, and of full scale


@dataclass(frozen=True, eq=False)
class FilteredPairs(MadePairs):
    """Pairs whose sources went through layers, and were saved: rounded and clipped as they are stored."""

    pairs: Pairs
    layers: tuple[Layer, ...]

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair whose source is filtered."""
        return replace(pair, source=stored(Pipeline(self.layers), pair.source))


def stored(pipeline: Pipeline, source: Array) -> Array:
    """Return a source through a filter, rounded and clipped as it is stored."""
    values = apply_pipeline(pipeline, shares(source), full_scale=1.0, dtype=np.float32).values
    if source.dtype.kind != "u":
        return np.asarray(values, source.dtype)
    full = full_scale_of(source.dtype)
    return np.asarray(np.clip(np.floor(values * np.float32(full) + np.float32(0.5)), 0, full), source.dtype)


def after_filter(verdict: Detected, found: FilteredFirst) -> Detected:
    """Return a verdict on filtered pairs as one on those before the filter.

    Where nothing but geometry follows, a filter whose weights are known is the kernel of the verdict.
    """
    texts = found.text.split(JOINT) if found.text else [None]
    within = found.difference if found.text else None
    steps = [FilterStep(text, "shared", False, 1.0 if text else None, within) for text in texts]
    places = [each for each in verdict.found if isinstance(each, MirrorStep | TurnStep)]
    rest = [each for each in verdict.found if not isinstance(each, MirrorStep | TurnStep | IdentityStep)]
    if found.is_exact and is_slight(verdict.kernel):  # ours differs from the program that made it
        rest = [each for each in rest if not isinstance(each, CurveStep)]
    told = (*places, *steps, *rest)
    cause = sentence_of(told, verdict.psnr_after, verdict.psnr_limit)
    result = replace(verdict, found=told, cause=cause)
    if verdict.around is None:
        return result
    before, after = verdict.around
    views = tuple(each for each in before if isinstance(each, Mirror | Turn))
    before = tuple(each for each in before if not isinstance(each, Mirror | Turn))
    if found.kernel is None or found.errors is None or not is_identity(verdict.kernel, _NOTHING):
        return replace(result, around=((*views, *found.layers, *before), after))
    text = found.text
    return replace(
        result,
        kernel=found.kernel,
        errors=found.errors,
        undetermined=np.zeros(found.errors.shape, bool),
        exact=None,
        nearest=Nearest(text, 1.0, found.difference) if text else None,
        around=(views, (*before, *after)),
    )
