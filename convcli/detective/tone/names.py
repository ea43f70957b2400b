"""Names of curves: the formula with the fewest numbers that gives one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.tone.curve import Curve
from convcli.engine import from_light, to_light
from convcli.lazy import dataclass

_STEPS = 12
_SIMPLE = 4  # forms that a curve may be that is not known exactly
_NEAR = 0.4  # levels, root mean square
_FEWEST = 6  # values inside the range that a formula needs
_DIGITS = 4
_MIDDLE = 40, 215  # levels that a contrast may turn about
_SAME = 0.004  # of a gain
_POINTS = 161


@dataclass(frozen=True, eq=False)
class Formula:
    """A curve with a name: its formula, with the numbers in it."""

    name: str
    formula: Callable[[Array], Array]

    @property
    def curve(self) -> Curve:
        """The formula in straight lines, closer where it may be steep."""
        share = np.linspace(0, 1, _POINTS)
        at = 0.5 * share**2 + 0.5 * share
        return Curve(at, np.asarray(self.formula(at), np.float64), is_linear=True)


@dataclass(frozen=True)
class _Form:
    """A formula of several numbers: its name with them, where to start, and whether they make such a curve.

    The last numbers, from `first_level` on, are levels.
    """

    formula: Callable[[Array, Sequence[float]], Array]
    start: tuple[float, ...]
    name: Callable[[Sequence[float]], str]
    is_one: Callable[[Sequence[float]], bool]
    first_level: int = 9


def name_of(curve: Curve, points: Array | None = None, near: float = _NEAR) -> Formula | None:
    """Return the formula of a curve that was fitted: a line, a power, or that of light.

    It is within so many levels, root mean square, at the points that are known best, or evenly.
    """
    at = np.linspace(max(curve.at[0], 0), min(curve.at[-1], 1), 64) if points is None else points
    values = curve(at)
    inside = (values > 0.01) & (values < 0.99)
    if inside.sum() < len(at) / 3:
        return None
    at, values = at[inside], values[inside]

    def is_near(predicted: Array) -> bool:
        return 255 * float(np.sqrt(np.mean((predicted - values) ** 2))) < near

    return named(at, [(values, is_near)], levels=False, forms=_FORMS[:_SIMPLE])


def named(
    at: Array,
    tries: Sequence[tuple[Array, Callable[[Array], bool]]],
    *,
    levels: bool = True,
    forms: Sequence[_Form] = (),
) -> Formula | None:
    """Return the formula of values at points, both in shares of full scale; None where none is near.

    `tries` are the values, in several ways that they may have been rounded, each with a judge of what a formula makes
    of the points. With `levels`, values are clipped.
    """
    for form in forms or _FORMS:
        for values, is_near in tries:
            inside = (values > 0.004) & (values < 0.996) if levels else np.ones(len(at), bool)
            if inside.sum() < _FEWEST:
                continue
            numbers = _solved(form, at[inside], values[inside])
            for short in (*_shorter(numbers, form.first_level), numbers) if form.is_one(numbers) else ():
                if is_near(form.formula(at, short)):
                    return Formula(form.name(short), partial(_computed, form.formula, short))
    return None


def _computed(formula: Callable[[Array, Sequence[float]], Array], numbers: Sequence[float], values: Array) -> Array:
    return formula(values, numbers)


def _shorter(numbers: Sequence[float], first_level: int) -> Iterator[list[float]]:
    """Yield numbers with fewer digits, the shortest first; levels whole, and the first one over a short number too."""
    for digits in range(1, _DIGITS + 1):
        short = [float(f"{number:.{digits}g}") for number in numbers]
        whole = [*short[:first_level], *(float(round(number)) for number in numbers[first_level:])]
        yield whole
        if numbers and numbers[0]:
            yield [1 / float(f"{1 / numbers[0]:.{digits}g}"), *whole[1:]]
        if whole != short:
            yield short


def _solved(form: _Form, at: Array, values: Array) -> list[float]:
    """Return the numbers of least squared error, by the steps of Gauss and Newton."""
    numbers = np.array(form.start)
    with np.errstate(all="ignore"):
        error = values - form.formula(at, numbers.tolist())
        for _ in range(_STEPS if len(numbers) else 0):
            nudges = 1e-5 * np.eye(len(numbers))
            slopes = np.stack(
                [(form.formula(at, (numbers + each).tolist()) - values + error) / 1e-5 for each in nudges], 1
            )
            if not np.isfinite(slopes).all():
                break
            move = np.linalg.lstsq(slopes, error, rcond=None)[0]
            for _ in range(6):
                after = values - form.formula(at, (numbers + move).tolist())
                if float(after @ after) <= float(error @ error):
                    numbers, error = numbers + move, after
                    break
                move = move / 2
            else:
                break
    return [float(each) for each in numbers]


def power(at: Array, numbers: Sequence[float]) -> Array:
    """Return values to the power of the one number."""
    return np.asarray(np.maximum(at, 0) ** numbers[0])


def _line(at: Array, numbers: Sequence[float]) -> Array:
    return np.asarray(numbers[0] * at + numbers[1] / 255)


def _line_name(numbers: Sequence[float]) -> str:
    return line_name(numbers[0], numbers[1] / 255)


def line_name(gain: float, offset: float) -> str:
    """Return the name of gain · value + offset, both in shares of full scale."""
    levels = 255 * offset
    if abs(gain - 1) < _SAME:
        return f"offset {levels:+.3g} levels"
    if abs(gain + 1) < _SAME and abs(levels - 255) < 1:
        return "negative"
    about = levels / (1 - gain)
    if gain > 0 and _MIDDLE[0] < about < _MIDDLE[1]:
        return f"contrast {gain:.3g} about level {about:.0f}"
    return f"gain {gain:.3g}" + (f" and offset {levels:+.3g} levels" if abs(levels) > 0.6 else "")


def _scaled_power(at: Array, numbers: Sequence[float]) -> Array:
    power, gain, offset = numbers
    return np.asarray(gain * np.maximum(at, 0) ** power + offset / 255)


def _scaled_power_name(numbers: Sequence[float]) -> str:
    power, gain, offset = numbers
    return f"gamma {power:.3g}, gain {gain:.3g}" + (f" and offset {offset:+.3g} levels" if abs(offset) > 0.6 else "")


def _stretched(at: Array, numbers: Sequence[float]) -> Array:
    power, black, white = numbers
    return np.asarray(np.maximum((255 * at - black) / (white - black), 0) ** power)


def _sigmoid(at: Array, numbers: Sequence[float]) -> Array:
    slope, middle = numbers

    def raw(values: Array | float) -> Array:
        return np.asarray(1 / (1 + np.exp(slope * (middle - values))))

    return np.asarray((raw(at) - raw(0.0)) / (raw(1.0) - raw(0.0)))


# The simplest first. Those without numbers have no start.
_FORMS = (
    _Form(_line, (1.0, 0.0), _line_name, lambda n: abs(n[0]) > 0.02, 1),
    _Form(power, (1.0,), lambda n: f"gamma {n[0]:.3g}", lambda n: 0.1 < n[0] < 10),
    _Form(lambda at, _: from_light(at), (), lambda _: "linear light to levels", lambda _: True),
    _Form(lambda at, _: to_light(at), (), lambda _: "levels to linear light", lambda _: True),
    _Form(
        _sigmoid,
        (3.0, 0.5),
        lambda n: f"sigmoidal contrast {n[0]:.3g} about level {255 * n[1]:.0f}",
        lambda n: 0.5 < n[0] < 30 and 0 <= n[1] <= 1,
    ),
    _Form(_scaled_power, (1.0, 1.0, 0.0), _scaled_power_name, lambda n: 0.2 < n[0] < 5 and abs(n[0] - 1) > 0.03, 2),
    _Form(
        _stretched,
        (1.0, 0.0, 255.0),
        lambda n: f"levels {n[1]:.3g} to {n[2]:.3g}, gamma {n[0]:.3g}",
        lambda n: 0.2 < n[0] < 5 and abs(n[0] - 1) > 0.03 and n[1] > -40 and n[2] < 300,
        1,
    ),
)
