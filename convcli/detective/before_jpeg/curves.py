"""Names of tone curves before a JPEG: formulas that leave no more of it than the curve that was fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.detective.explanation import Explanation
from convcli.detective.lossy.left import left_before
from convcli.detective.scene import Scene
from convcli.detective.tone.names import name_of

_SIDE = 384  # pixels that are looked at
_POINTS = 64  # of a curve, as dense as the values of the picture: where it has few, a curve is hardly known
_NEAR = (1.5, 0.8, 0.4)  # levels, root mean square, of formulas with fewer and more digits

_AS_LITTLE, _NOTHING = 1.1, 0.03  # of the noise, and levels


def with_known_curve(found: Explanation, scene: Scene, quality: int) -> Explanation:
    """Return an explanation with the formula of its curve, if one leaves as little before the JPEG of a quality."""
    tone = found.tone
    if tone is None or tone.light or len(tone.after) != 1:
        return found
    part, curve = scene.middle(_SIDE), tone.after[0]
    noise = left_before(found.predicted(part), part.target, quality, part.usable)
    if noise is None:
        return found
    at = np.unique(np.quantile(np.clip(found.filtered(part.source), 0, 1), np.linspace(0.01, 0.99, _POINTS)))
    for near in _NEAR:
        if (formula := name_of(curve, at, near)) is None:
            continue
        known = replace(found, tone=replace(tone, after=(formula.curve,), after_name=formula.name))
        left = left_before(known.predicted(part), part.target, quality, part.usable)
        if left is not None and left.left <= _AS_LITTLE * noise.left + _NOTHING:
            return known
    return found
