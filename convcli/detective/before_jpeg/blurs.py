"""Blurs before a JPEG: ours, and Pillow's, whose boxes leave beside a Gaussian what is smooth, as no noise is."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from convcli.array_types import Array
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.kernel import Noise
from convcli.detective.lossy.left import left_before
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.families import FAMILIES, Guess, guesses

_SIDE, _BLOCKS = 272, 300  # pixels, and blocks of a JPEG, where numbers are tried
_STEPS = (0.08, 0.03, 0.01)  # shares of a number
_FAR = 4.0 / 255  # left by the first guess, from which it is none
_LEVELS = 255
_FAMILIES, _TRIES = ("disk", "box", "motion"), 2  # sought beside Gaussians, and the nearest that are tried


def blur_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the blur of a family, ours or Pillow's, that leaves nothing but rounding before the JPEG."""
    part = scene.middle(_SIDE)

    def noise(made: Callable[[str, Array], Array], text: str) -> Noise | None:
        return left_before(made(text, part.source), part.target, quality, part.usable, _BLOCKS)

    for guess in [each for each in guesses(scene, is_any=True) if _is_blur(each)][:_TRIES]:
        start = FAMILIES[guess.family].written(guess.values)
        for made in (by_pillow, apply_text) if guess.family == "gaussian" else (apply_text,):
            left = partial(_level, partial(noise, made))
            text = improved(start, left, _STEPS)[0] if left(start) < _FAR else start
            if (found := noise(made, text)) and found.is_rounding:
                return Explanation(scene.rms(apply_text(text, scene.source), 8), text, quality=quality, is_sure=True)
    return None


def _is_blur(guess: Guess) -> bool:
    is_wide = guess.family in _FAMILIES and FAMILIES[guess.family].has(guess.values)
    return is_wide or guess.family == "gaussian"


def _level(noise: Callable[[str], Noise | None], text: str) -> float:
    found = noise(text)
    return found.left / _LEVELS if found else math.inf
