"""Names of curves: powers, and lines."""

from __future__ import annotations

import numpy as np

from convcli.detective.tone.fit import Curve

_NEAR = 0.6 / 255  # root mean square difference up to which a curve is one of a name


def name_of(curve: Curve) -> str | None:
    """Return ``gamma 0.7``, ``contrast 1.2``, ``negative`` or None."""
    inside = (curve.at > 0.02) & (curve.at < 0.98) & (curve.values > 0.02) & (curve.values < 0.98)
    if inside.sum() < 4:
        return None
    at, values = curve.at[inside], curve.values[inside]
    power = float(np.sum(np.log(values) * np.log(at)) / np.sum(np.log(at) ** 2))
    if power > 0 and np.sqrt(np.mean((at**power - values) ** 2)) < _NEAR:
        return f"gamma {power:.2g}" if abs(power - 1) > 0.01 else None
    slope, offset = np.polyfit(at, values, 1)
    if np.sqrt(np.mean((slope * at + offset - values) ** 2)) < _NEAR:
        return f"gain {slope:.3g} and offset {255 * offset:+.3g} levels"
    return None
