"""Scales: round numbers along an axis, and their texts."""

from __future__ import annotations

import math


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Return about `about` round numbers from `low` to `high`."""
    if high <= low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power) if step >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def short(value: float, digits: int = 4) -> str:
    """Return a number in so many significant digits, its exponent without zeros: 5, -0.25, 0.01832, 1.5e-7."""
    mantissa, exponential, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponential else mantissa if value else "0"
