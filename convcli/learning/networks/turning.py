"""Turning: the axes along which the gradients of a matrix vary independently of each other.

Neighboring pixels are alike, so the gradients of the weights of a kernel are too, and a step that weighs each of them
by itself is small where it could be large. Adam along the axes of SOAP (Vyas and others, 2024) makes of ten epochs
what by itself it does not make of a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from convcli.array_types import Array

_FADING = 0.95  # of the products of gradients
_OFTEN, _SELDOM, _EARLY = 10, 40, 200  # steps from axes to new ones, up to a step and after it
_MOST = 512  # rows or columns with axes of their own


def kept_of(key: str, array: Array) -> dict[str, Array]:
    """Return what is kept of an array from step to step: products of its gradients and their axes, by name.

    In float64: in float32, axes of small gradients are those of rounding, which costs a decibel.
    """
    made = {}
    for name, side in _sides(key, array):
        made[f"products-{name}"], made[f"axes-{name}"] = np.zeros((side, side)), np.eye(side)
    return made


def follow(key: str, gradient: Array, kept: Mapping[str, Array], steps: int) -> None:
    """Let the axes follow a gradient, that of step number `steps`."""
    matrix = gradient.reshape(len(gradient), -1).astype(np.float64)
    for name, _ in _sides(key, gradient):
        products = kept[f"products-{name}"]
        of_one = matrix @ matrix.T if name.startswith("rows:") else matrix.T @ matrix
        products += (1 - _FADING) * (of_one - products)
        # Of gradients that have overflowed there are none; the loss tells it.
        if steps % (_OFTEN if steps <= _EARLY else _SELDOM) == 1 and np.isfinite(products).all():
            kept[f"axes-{name}"][...] = np.linalg.eigh(products)[1]


def turned(key: str, array: Array, kept: Mapping[str, Array], *, back: bool = False) -> Array:
    """Return an array along its axes; or `back` from them."""
    matrix = array.reshape(len(array), -1).astype(np.float64)
    for name, _ in _sides(key, array):
        axes = kept[f"axes-{name}"] if back else kept[f"axes-{name}"].T
        matrix = axes @ matrix if name.startswith("rows:") else matrix @ axes.T
    return matrix.reshape(array.shape)


def _sides(key: str, array: Array) -> list[tuple[str, int]]:
    """Return the names of the sides that have axes, and their lengths."""
    if array.ndim < 2:
        return []
    sides = {f"rows:{key}": len(array), f"columns:{key}": array.size // len(array)}
    return [(name, side) for name, side in sides.items() if 1 < side <= _MOST]
