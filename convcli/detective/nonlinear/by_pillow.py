"""Unsharp masks of Pillow, which rounds, cuts off and compares whole levels: a kernel makes them in part alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow, numbers_of
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.families import guesses

_SIDE = 240  # pixels that are looked at
_RIM = 3.0  # sigmas, that borders reach
_LEAST_INSIDE = 64  # pixels
_FAR, _EXACT = 12.0 / 255, 0.12 / 255  # left by the first numbers, from which they are none, and by the right ones
_STEPS = (0.1, 0.03, 0.01)  # shares of a number


def unsharp_of_pillow(scene: Scene, masked: str | None) -> tuple[str, float] | None:
    """Return Pillow's unsharp mask that makes TARGET to the level, as `apply` takes it, and its error; None for none.

    `masked` is the mask with a threshold that comes nearest, if there is one.
    """
    if scene.level != 1 / 255 or scene.source.shape != scene.target.shape:
        return None
    channels = scene.target.shape[2]
    part = scene.channel(channels // 2).middle(_SIDE)
    usable = np.ones(part.target.shape[:2], bool) if part.usable is None else part.usable

    def left(text: str) -> float:
        rim = round(_RIM * numbers_of(text)["sigma"]) + 1
        inner = np.s_[rim:-rim, rim:-rim]
        off = (by_pillow(text, part.source) - part.target)[inner][usable[inner]]
        return float(np.sqrt(np.mean(np.square(off, dtype=np.float64)))) if len(off) >= _LEAST_INSIDE**2 else np.inf

    for sigma, amount, levels in _starts(scene, masked):
        texts = [_text(sigma, amount, each) for each in range(max(levels - 1, 0), levels + 2)]
        errors = {each: left(each) for each in texts}
        nearest = sorted(errors, key=lambda each: errors[each])
        for start in nearest if errors[nearest[0]] < _FAR else ():
            numbers = numbers_of(improved(start, left, _STEPS)[0])
            text = _text(round(numbers["sigma"], 1), round(numbers["amount"], 2), round(255 * numbers["threshold"]))
            if (error := left(text)) <= _EXACT:
                return text, error
    return None


def _starts(scene: Scene, masked: str | None) -> Iterator[tuple[float, float, int]]:
    """Yield the sigma, the amount and the levels of a threshold to begin with."""
    if masked is not None:
        numbers = numbers_of(masked)
        yield numbers["sigma"], numbers["amount"], round(255 * numbers["threshold"])
    for guess in guesses(scene, is_any=True):
        if guess.family == "unsharp" and guess.values[1] > 0:
            yield guess.values[0], guess.values[1], 0


def _text(sigma: float, amount: float, levels: int) -> str:
    threshold = f",threshold={levels / 255:.4g}" if levels else ""
    return f"unsharp:sigma={sigma:.4g},amount={amount:.4g}{threshold}"
