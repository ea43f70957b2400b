"""A wide blur behind another size.

A wider one before it makes nearly the same. But a picture that was saved between the two was rounded, which the blur
hides, and only one order leaves nothing but the rounding of TARGET.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from convcli.detective.ahead.named_last import windows_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.saving import LEVEL
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow
from convcli.detective.trials.numbers import improved
from convcli.detective.trials.pillow import Program, reach_of
from convcli.detective.trials.windows import Windows, rms_of, saved
from convcli.detective.wide.families import FAMILIES, guesses
from convcli.lazy import dataclass
from convcli.learning import LearningPair

_NARROWEST = 1.8  # a sigma: narrower ones are sought with other filters
_EXACTLY = 0.37 * LEVEL  # what roundings leave
_FAR, _NEAR = 4.0 * LEVEL, 0.8 * LEVEL  # what the first number leaves at most, and the one that suits best
_FINE = (0.01,)  # a share of a number
_CLEARLY, _LITTLE = 1.1, 0.02 * LEVEL  # times what a resampling leaves that others have to, and an error


def wide_last(pair: LearningPair, frame: Frame, scene: Scene, names: Sequence[str]) -> tuple[str, bool] | None:
    """Return the resampling behind which a wide Gaussian makes TARGET but for its rounding; None where none does.

    And whether no other does. `scene` is that of the pair within the frame; of `names`, the likeliest come first.
    """
    guess = guesses(scene, is_any=True)[:1]
    if not guess or guess[0].family != "gaussian" or guess[0].values[0] < _NARROWEST:
        return None
    start = FAMILIES["gaussian"].written(guess[0].values)
    rim = reach_of(start)
    if 3 * rim > min(pair.target.shape[:2]):
        return None

    for program, is_saved in ((apply_text, True), (by_pillow, True), (apply_text, False)):
        way = _Way(pair, replace(frame, is_saved=is_saved), program, rim)
        few = way.windows(names[0]).some(one_channel=True)
        if way.left(few, start) > _FAR:
            continue
        text, error = improved(start, partial(way.left, few))
        if error > _NEAR:
            continue
        errors = {name: way.nearest(name, text) for name in names}
        best = min(errors, key=lambda name: errors[name])
        if errors[best] <= _EXACTLY:
            others = (each for name, each in errors.items() if name != best)
            return best, min(others, default=1.0) > _CLEARLY * errors[best] + _LITTLE
    return None


@dataclass(frozen=True, eq=False)
class _Way:
    """A program that blurs what resampling within a frame made, and the pixels that it reaches."""

    pair: LearningPair
    frame: Frame
    program: Program
    rim: int

    def windows(self, name: str) -> Windows:
        """Return windows as a resampling makes them."""
        return windows_of(self.pair, replace(self.frame, filter=name), self.rim)

    def nearest(self, name: str, text: str) -> float:
        """Return what is left behind a resampling, with a number of its own: some smooth more than others."""
        windows = self.windows(name)
        text, _ = improved(text, partial(self.left, windows.some(one_channel=True)), _FINE, is_last=False)
        return self.left(windows, text)

    def left(self, windows: Windows, text: str) -> float:
        """Return what a blur leaves on windows; some programs cut the last digits off."""
        made, wanted = windows.made(partial(self.program, text)), windows.wanted
        cut = np.clip((made - wanted).mean(), 0, LEVEL / 2)
        return rms_of(saved(made - cut, LEVEL) - wanted)
