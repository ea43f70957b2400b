"""Pillow's Gaussian blur before a JPEG: what its boxes leave beside a Gaussian is smooth, as no noise is."""

from __future__ import annotations

import math

from convcli.detective.explanation import Explanation
from convcli.detective.lossy.kernel import Noise
from convcli.detective.lossy.left import left_before
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.families import guesses

_SIDE, _BLOCKS = 272, 300  # pixels, and blocks of a JPEG, where numbers are tried
_STEPS = (0.08, 0.03, 0.01)  # shares of a number
_FAR = 4.0 / 255  # left by the first guess, from which it is none
_LEVELS = 255


def blur_of_pillow(scene: Scene, quality: int) -> Explanation | None:
    """Return the Gaussian blur of Pillow that leaves nothing but rounding before the JPEG."""
    part = scene.middle(_SIDE)

    def noise(text: str) -> Noise | None:
        return left_before(by_pillow(text, part.source), part.target, quality, part.usable, _BLOCKS)

    def left(text: str) -> float:
        found = noise(text)
        return found.left / _LEVELS if found else math.inf

    blurs = (guess.values[0] for guess in guesses(scene, is_any=True) if guess.family == "gaussian")
    for start in (f"gaussian:sigma={sigma:.3g}" for sigma in blurs):
        text = improved(start, left, _STEPS)[0] if left(start) < _FAR else start
        if (found := noise(text)) and found.is_rounding:
            return Explanation(scene.rms(apply_text(text, scene.source), 8), text, quality=quality, is_sure=True)
    return None
