"""Blurs as wide as weights that tell little more, and the planes that stand for a name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.filters import Kernel
from convcli.learning import row_of_boxes, rows_of_vips

_BRIGHT, _NARROW = 0.9, 0.15  # the sum of a blur's weights, and its variance, at least
_GAUSSIAN = "gaussian:sigma="


def blurs_like(weights: Array) -> Iterator[str]:
    """Yield the blurs about as wide as weights, (height, width): a Gaussian, whole or cut by the window, and a box."""
    down, right = (each - side // 2 for each, side in zip(np.indices(weights.shape), weights.shape, strict=True))
    total = float(weights.sum())
    variance = float((weights * (down**2 + right**2)).sum()) / total / 2 if total > _BRIGHT else 0.0
    if variance <= _NARROW:
        return
    yield f"{_GAUSSIAN}{np.sqrt(variance):.2g}"
    if sigma := _cut_to(len(weights), variance):
        yield f"{_GAUSSIAN}{sigma:.2g},size={len(weights)}"
    side = 2 * round((np.sqrt(12 * variance + 1) - 1) / 2) + 1
    yield f"box:size={side}" if side != 3 else "box"


def kernels_of(text: str) -> Iterator[Kernel]:
    """Yield the kernel of a name; of a Gaussian also those that Pillow and libvips make."""
    conv = load_filter(text).conv
    if conv is None:
        return
    yield conv.kernel
    sigma = "1" if text == "gaussian" else text.removeprefix(_GAUSSIAN)
    if sigma != text and "," not in sigma:
        yield from (Kernel(np.outer(row, row)) for row in (row_of_boxes(float(sigma)), *rows_of_vips(float(sigma))))


def _cut_to(side: int, variance: float) -> float | None:
    """Return the sigma of a Gaussian that a window of a side cuts to a variance; None where none does."""
    squares = np.square(np.arange(side) - side // 2)
    sigmas = np.geomspace(0.3, side, 200)
    bells = np.exp(-squares / (2 * sigmas[:, np.newaxis] ** 2))
    variances = (bells * squares).sum(axis=1) / bells.sum(axis=1)
    return float(np.interp(variance, variances, sigmas)) if variance < variances[-1] else None
