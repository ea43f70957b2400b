"""A kernel of sum 1 before a curve.

A kernel and a curve after it share a scale and an offset: the pair cannot tell whose they are. Weights that sum to 1
and no bias leave both to the curve, and the errors of the weights are those of their form.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.detective.explanation import Explanation
from convcli.filters import Kernel
from convcli.learning import Learned

_LEAST = 0.2  # of the sum: edges have no scale of their own
_OF_CURVE = (
    1.25  # times the errors with a curve that is certain: over drawn pairs, 99 % of weights are within 3 of them
)


def with_unit_sum(learned: Learned, found: Explanation) -> tuple[Learned, Explanation]:
    """Return a learned kernel and its explanation, with the scale and the offset of the kernel in an unnamed curve."""
    tone, kernel = found.tone, learned.kernel
    if tone is None or tone.light or len(tone.after) != 1 or tone.after_name is not None or kernel.weights.ndim != 2:
        return learned, found
    weights, bias = kernel.weights / kernel.divisor, float(np.mean(kernel.bias))
    total = float(weights.sum())
    if total < _LEAST:
        return learned, found
    near = learned.nearest
    curve = replace(tone.after[0], knots=(tone.after[0].knots - bias) / total)
    return (
        replace(
            learned,
            kernel=Kernel(weights / total, anchor=kernel.anchor),
            errors=_OF_CURVE * learned.errors / total,
            exact=None,
            nearest=near and replace(near, scale=near.scale / total),
        ),
        replace(found, tone=replace(tone, after=(curve,))),
    )
