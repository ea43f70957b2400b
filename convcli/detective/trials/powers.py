"""A gamma before or after a filter that has a name, told by what is rounded between the two.

A curve that is fitted with a kernel follows the rounding, and that of sharpened edges, so that its formula is not
seen, and often not even whether it comes first. The two by their names, with levels between them, make TARGET nearly to
the level in the right order alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.chains.order import JOINT
from convcli.detective.explanation import Explanation
from convcli.detective.replayed import apply_text
from convcli.detective.tone.names import Formula, power
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.numbers import improved
from convcli.detective.trials.pillow import starts
from convcli.detective.trials.windows import Windows, rms_of, saved
from convcli.learning import Learned, LearningPair, Nearest

_EXACT = 0.3 / 255  # that two names leave, which are the right ones
_STEPS = (0.06, 0.02, 0.006, 0.002)  # shares of the numbers
_AS_GOOD, _LEAST = 1.02, 0.03 / 255  # of the error with more digits
_ONE = 0.02  # from 1: no gamma
_CHANNELS, _APART = 3, 0.02  # curves, and their exponents
_WIDEST = 32  # pixels around a window
_RANGE = 0.1, 10.0
_NO_GAIN, _NO_OFFSET = 0.004, 0.5 / 255  # of a line that is none
_CLEARLY = 0.8  # of what the line leaves


def with_power(found: Explanation, learned: Learned, pair: LearningPair) -> tuple[Explanation, Nearest] | None:
    """Return an explanation by a gamma and a filter, in their order, and the filter's name; None where they do not fit.

    `pair` has INPUT and TARGET of one size; `learned` is the kernel beside the curve that was found.
    """
    near, tone = learned.nearest, found.tone
    if tone is None and found.is_kernel and found.quality is None and found.region is None:
        return power_for_line(learned, pair)
    is_of_two = tone is not None and _is_of_one_curve(tone) and tone.mix is None and not tone.light
    if near is None or tone is None or not is_of_two or found.quality is not None or found.region is not None:
        return None
    windows = _windows(learned, pair)
    is_one_plane = learned.kernel.weights.ndim == 2
    name = _alone(near.text, learned)
    if windows is None or not is_one_plane or name in ("", "identity"):
        return None
    start = _power_of((tone.before or tone.after)[0])
    if start is None:
        return None
    for is_first in (bool(tone.before), not tone.before):
        exponent, text, error = _descended(windows, start, name, is_first=is_first)
        if error <= _EXACT and abs(exponent - 1) > _ONE:
            return _explained(found, exponent, text, error, is_first=is_first), replace(near, text=text, scale=1.0)
    return None


def _is_of_one_curve(tone: Tone) -> bool:
    """Return whether there is one curve, or one for each channel that are powers nearly alike."""
    curves = (*tone.before, *tone.after)
    if len(curves) < _CHANNELS or (tone.before and tone.after):
        return len(curves) == 1
    powers = [_power_of(each) or inf for each in curves]
    return max(powers) - min(powers) < _APART


def _alone(text: str, learned: Learned) -> str:
    """Return the name of one filter: of two, that of the bell curve as wide as their kernel; empty where none is."""
    if JOINT not in text:
        return text
    weights = learned.kernel.weights / learned.kernel.divisor
    return next(starts(weights / float(weights.sum())), "") if weights.ndim == 2 and weights.sum() > 0 else ""


def power_for_line(learned: Learned, pair: LearningPair) -> tuple[Explanation, Nearest] | None:
    """Return the explanation by a gamma in place of the gain and the offset of a learned kernel, and the kernel's name.

    A gamma near 1 is nearly a line. It is None where the line leaves no more, or where there is none.
    """
    near, kernel = learned.nearest, learned.kernel
    is_in_place = kernel.weights.ndim < 4 and learned.padding == "same" and learned.stride == (1, 1)
    name = "" if near is None or not is_in_place else _alone(near.text, learned)
    if near is None or name in ("", "identity"):
        return None
    gain, offset = near.scale, float(np.mean(kernel.bias))
    windows = _windows(learned, pair) if abs(gain - 1) > _NO_GAIN or abs(offset) > _NO_OFFSET else None
    start = _power_of(lambda values: gain * values + offset) if windows else None
    if windows is None or start is None:
        return None
    of_line = learned.rms * windows.level
    tried = {each: _descended(windows, start, name, is_first=each) for each in (True, False)}
    is_first = min(tried, key=lambda each: tried[each][2])
    exponent, text, error = tried[is_first]
    if error > min(_EXACT, _CLEARLY * of_line) or abs(exponent - 1) <= _ONE:
        return None
    explanation = _explained(Explanation(error), exponent, text, error, is_first=is_first)
    return explanation, replace(near, text=text, scale=1.0)


def _explained(found: Explanation, exponent: float, text: str, error: float, *, is_first: bool) -> Explanation:
    formula = Formula(f"gamma {exponent:.3g}", lambda values: power(values, (exponent,)))
    conv = load_filter(text).conv
    kernel = None if conv is None else conv.kernel
    curve = (formula.curve,)
    tone = Tone(before=curve, before_name=formula.name) if is_first else Tone(after=curve, after_name=formula.name)
    return replace(found, rms=error, tone=tone, kernel=kernel)


def _windows(learned: Learned, pair: LearningPair) -> Windows | None:
    """Return some windows of one channel; None for pictures that are not of 8 bits, or too small."""
    margin = max(learned.kernel.size) // 2 + 2
    is_of_bytes = pair.source.dtype == pair.target.dtype == np.uint8 and pair.source.shape == pair.target.shape
    windows = Windows.of(pair, margin) if is_of_bytes and margin <= _WIDEST else None
    return windows and windows.some(one_channel=True)


def _power_of(curve: Callable[[Array], Array]) -> float | None:
    """Return the exponent nearest to a curve."""
    at = np.linspace(0.1, 0.9, 17)
    values = curve(at).astype(np.float64)
    inside = (values > 0.02) & (values < 0.98)
    if inside.sum() < len(at) // 2:
        return None
    at, values = np.log(at[inside]), np.log(values[inside])
    exponent = float((at * values).sum() / (at * at).sum())
    return exponent if _RANGE[0] < exponent < _RANGE[1] else None


def _descended(windows: Windows, exponent: float, text: str, *, is_first: bool) -> tuple[float, str, float]:
    """Return the exponent and the name, with few digits, that leave least, and what they leave."""

    def left(exponent: float, text: str) -> float:
        def replay(values: Array) -> Array:
            if is_first:
                return apply_text(text, saved(power(values, (exponent,)), windows.level))
            return power(saved(apply_text(text, values), windows.level), (exponent,))

        return rms_of(windows.off(replay))

    for step in _STEPS:
        exponent = _nearest(partial(left, text=text), exponent, step)
        text, error = improved(text, partial(left, exponent), (step,))
    for digits in range(1, 4):
        if (short := left(round(exponent, digits), text)) <= _AS_GOOD * error + _LEAST:
            return round(exponent, digits), text, short
    return exponent, text, error


def _nearest(error: Callable[[float], float], value: float, step: float) -> float:
    """Return a value, those around it, or the vertex of the parabola through them: that of the least error."""
    around = [value * (1 - step), value, value * (1 + step)]
    before, here, after = (error(each) ** 2 for each in around)
    bend = before - 2 * here + after
    if bend > 0:
        around.append(value * (1 + step * max(-3.0, min((before - after) / (2 * bend), 3.0))))
    return min(around, key=error)
