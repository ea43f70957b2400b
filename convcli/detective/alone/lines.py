"""The kernel alone that explains a scene best, as large as it helps."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.explanation import Explanation, beside
from convcli.detective.once import once
from convcli.detective.scene import Scene
from convcli.detective.tone.line import fitted_line
from convcli.detective.tone.model import fitted_mix
from convcli.detective.tone.samples import Samples, sampled
from convcli.filters import Kernel
from convcli.learning import Model

SIDES = (7, 15, 25)
EXACT = 1.25  # times the floor, up to which nothing else is sought
BETTER = 0.97  # of the error without it, for what has more to it
_SIDES_OF_FULL = (1, 3, 5, 7)
_COUNT, _JUDGING = 7000, 3000


def is_at_floor(explanation: Explanation, scene: Scene) -> bool:
    """Return whether an explanation leaves nothing but rounding."""
    return explanation.rms <= EXACT * scene.floor


@once
def line_of(scene: Scene, sides: tuple[int, ...] = SIDES) -> Explanation:
    """Return the shared kernel, as large as it helps."""
    best = Explanation(np.inf)
    for side in sides:
        if min(scene.target.shape[:2]) < 4 * side:
            break
        learned, judging = _samples(scene, scene.source, side)
        line = fitted_line(learned)
        now = Explanation(line.judged(judging, levels=scene.levels), kernel=Kernel(line.kernel, bias=line.bias))
        if now.rms < BETTER * best.rms:
            best = now
        if best.side < side or is_at_floor(best, scene):
            break
    return best


def kernel_of_model(scene: Scene, model: Model) -> Explanation:
    """Return the kernel of a model, as large as it helps."""
    channels = scene.source.shape[2]
    if model == "shared" or channels == 1 or scene.target.shape[2] != channels:
        return line_of(scene)
    if model == "depthwise":
        return beside([line_of(scene.channel(index)) for index in range(channels)])
    best = Explanation(np.inf)
    for side in _SIDES_OF_FULL:
        fit = fitted_mix(scene.source, scene.target, side, levels=scene.levels, usable=scene.usable)
        if fit is None or fit.rms >= BETTER * best.rms:
            break
        best = Explanation(fit.rms, kernel=Kernel(fit.weights, bias=tuple(fit.bias.tolist())), model="full")
        if is_at_floor(best, scene):
            break
    return best if best.kernel else line_of(scene)


def _samples(scene: Scene, source: Array, side: int) -> tuple[Samples, Samples]:
    """Return the samples to learn from, and those that judge: the same where no row that judges may be used."""
    learned, judging = (
        sampled(source, scene.target, side, count, judging=judging, levels=scene.levels, usable=scene.usable)
        for count, judging in ((_COUNT, False), (_JUDGING, True))
    )
    return learned, judging if judging.target.size else learned
