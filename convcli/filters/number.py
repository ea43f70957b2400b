"""Numbers as people write them: ``-1.5``, ``1e-3``, ``1/9``, ``50%``."""

from __future__ import annotations

import math

from convcli.errors import UsageError


def parse_number(text: str, *, percent: bool = False, infinite: bool = False) -> float:
    """Read one number: a decimal, a fraction of two, or if `percent` also ``50%``, which is 0.5.

    It is finite unless `infinite`, where ``inf`` and ``-inf`` are numbers too. Raises UsageError if the text is no such
    number, or divides by zero.
    """
    text = text.strip()
    digits, scale = (text[:-1], 100.0) if percent and text.endswith("%") else (text, 1.0)
    numerator, slash, denominator = digits.partition("/")
    try:
        value = float(numerator) / (float(denominator) if slash else 1.0) / scale
    except ZeroDivisionError:
        raise UsageError(f"{text!r} divides by zero", "write a finite number") from None
    except ValueError:
        form = "a number such as 2, -1.5, 1e-3, 1/9" + (" or 50%" if percent else "")
        raise UsageError(f"{text!r} is not a number", f"write {form}") from None
    if math.isnan(value) or (math.isinf(value) and not (infinite and text.lower().lstrip("+-") == "inf")):
        raise UsageError(f"{text!r} is not a finite number", "write a finite number")
    return value
