"""Weights that were found otherwise, in the place of learned ones: judged and named as those are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Floats
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning.judging.judge import Judge
from convcli.learning.moments.layout import Layout
from convcli.learning.naming.effects import MOST_VALUES, Effects
from convcli.learning.naming.exact import simplest_form
from convcli.learning.pair import Pairs
from convcli.learning.result import Learned, Nearest
from convcli.learning.settings import LearnSettings
from convcli.learning.watcher import Unwatched, Watcher


@dataclass(frozen=True, eq=False)
class GivenWeights:
    """A kernel, and the errors of its weights, of their shape, and of its biases.

    `covariances`, float64 (2 · height − 1, 2 · width − 1), are those of two values of the source by their distance;
    `mean_square`, in their unit, is what a name may leave of the target.
    """

    kernel: Kernel
    errors: Floats
    bias_errors: tuple[float, ...]
    covariances: Floats
    mean_square: float


def with_weights(
    learned: Learned, given: GivenWeights, pairs: Pairs, settings: LearnSettings, watcher: Watcher | None = None
) -> Learned:
    """Return what was learned with other weights of its shape, replayed, with the border and the names of these."""
    layout = Layout(learned.padding, given.kernel.size, given.kernel.anchor)
    judge = Judge(given.kernel, layout, layout, settings, seeks_shift=False)
    judge.read(pairs, watcher or Unwatched())
    return replace(
        learned,
        kernel=given.kernel,
        errors=given.errors,
        bias_errors=given.bias_errors,
        undetermined=np.zeros(given.errors.shape, bool),
        border=judge.border,
        replay=judge.replay,
        exact=simplest_form(given.kernel, given.errors, given.bias_errors),
        nearest=name_weights(given, two=False),
        doubts=(),
    )


def name_weights(given: GivenWeights, *, two: bool = True) -> Nearest | None:
    """Return the built-in filter that is nearest to weights, or the `two` filters; None where none is near."""
    from convcli.learning.naming.nearest import nearest_builtin  # needs the catalog, which takes a while to import

    effects = Effects(given.covariances, given.mean_square, MOST_VALUES)
    return nearest_builtin(given.kernel, given.errors, effects, two=two)
