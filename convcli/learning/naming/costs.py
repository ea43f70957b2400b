"""Costs: the length of a name and of what it leaves unexplained, in nats (minimum description length, Rissanen 1978).

The name of the smallest cost wins. A name costs its numbers, digit by digit, and half the logarithm of the squared
error for every value that it leaves; the learned weights without a name cost a number for each that is free. So a short
name wins over a longer one that is hardly nearer, and no name wins where every one is long or far.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from convcli.array_types import Floats
from convcli.filters import as_text
from convcli.learning.naming.aligned import Aligned

_NAME_OF_PARAMETER = 1.0
_WORD = math.log(8)
_PREFIX = 0.5  # of a library, as in pillow:sharpen: among equals the plain name wins
_NEGATIVE = 4.0
_SCALE = 3.0  # beside its digits
OTHER_BIAS = 6.0
TWO = 6.0  # of a second filter, beside its numbers
_MOST_DIGITS_OF_SCALE = 4
_SMALLEST_SCALE = 1 / 64  # a name at a smaller or at a larger scale than its inverse explains nothing
# Values that count where a name is compared with none. More would tell every approximation, such as weights in fixed
# point, from the filter that was meant.
_VALUES_OF_A_NAME = 100.0


class Scaled(NamedTuple):
    """A scale, the cost of its text, and of what it leaves: that of a value, and that of all."""

    scale: float
    text: float
    of_value: float
    left: float

    @property
    def cost(self) -> float:
        """The cost among names."""
        return self.text + self.left


def shortest(value: float | str) -> str:
    """Return a parameter as a name has it."""
    return value if isinstance(value, str) else as_text(value) if float(value).is_integer() else f"{value:.10g}"


def of_parameters(values: Iterable[float | str]) -> float:
    """Return the cost of the parameters in a name."""
    return sum(_NAME_OF_PARAMETER + (_WORD if isinstance(value, str) else of_digits(value)) for value in values)


def of_prefix(text: str) -> float:
    """Return the cost of a name that begins with that of a library."""
    return _PREFIX if ":" in text.partition("=")[0] else 0.0


def best_scale(learned: Aligned, laid: Floats) -> Scaled:
    """Return the scale of the smallest cost: 1, −1, or a short number."""
    seen = learned.seen(laid)
    square, product = float(seen @ seen), float(seen @ learned.seen_whole)
    best = product / square

    tolerated = learned.effects.tolerated(learned.power)

    def scaled(scale: float, text: float) -> Scaled:
        effect = max(learned.power - 2 * scale * product + scale * scale * square, 0.0)
        of_value = math.log1p(effect / tolerated) / 2
        return Scaled(scale, text, of_value, learned.effects.values * of_value)

    tried = [scaled(1.0, 0.0), scaled(-1.0, _NEGATIVE)]
    sign = _NEGATIVE if best < 0 else 0.0
    if _SMALLEST_SCALE <= abs(best) <= 1 / _SMALLEST_SCALE:
        for digits in range(1, _MOST_DIGITS_OF_SCALE + 1):
            cost = _SCALE + sign + math.log(10) * digits
            tried += [scaled(float(f"{best:.{digits}g}"), cost), scaled(1 / float(f"{1 / best:.{digits}g}"), cost)]
    return min(tried, key=lambda each: each.cost)


def is_worth(learned: Aligned, text: float, of_value: float) -> bool:
    """Return whether a name with this text, which leaves so much of a value, costs less than the weights without one.

    These cost a number each, as exact as the picture shows it; those that a symmetry makes equal count once.
    """
    known = _VALUES_OF_A_NAME * learned.power / learned.effects.tolerated(learned.power)
    return text + _VALUES_OF_A_NAME * of_value < learned.free * math.log1p(known) / 2


def of_digits(value: float) -> float:
    """Return the cost of a number."""
    text = shortest(value).lstrip("-")
    digits = text.removeprefix("0") if "." in text else text
    return math.log(10) * len(digits.replace(".", ""))
