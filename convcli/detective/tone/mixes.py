"""Mixes of channels: those that have names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.filters import Kernel

_NAMES = ("sepia", "luma", "luma:bt709", "swap-rb")
_CHANNELS = ("red", "green", "blue")
_EXACT = 0.004  # of a weight, that one of a single channel or of the mean may lie off
_NEAR = 0.05  # of the norm, that a mix may lie off where values are clipped after it


@cache
def _known() -> dict[str, Array]:
    """Return the matrices, (3, 3), of the mixes that are filters; one row stands for gray."""
    known = {}
    for name in _NAMES:
        conv = load_filter(name).conv
        assert conv is not None
        matrix = conv.kernel.weights[:, :, 0, 0] / conv.kernel.divisor
        known[name] = np.repeat(matrix, 3, axis=0) if len(matrix) == 1 else matrix
    return known


def known_matrices() -> Iterator[Array]:
    """Yield the matrices, (3, 3), of the mixes that are filters and keep three channels apart."""
    yield from (matrix for matrix in _known().values() if np.ptp(matrix, axis=0).max() > 0)


def known_mix(mix: Array) -> tuple[str, Array, float] | None:
    """Return the filter that a mix, (3, 3), is, its matrix, and the scale of the mix; None where it is none."""
    norm = float(np.linalg.norm(mix))
    near = {}
    for name, matrix in _known().items():
        scale = float((mix * matrix).sum() / (matrix**2).sum())
        near[name] = float(np.linalg.norm(mix - scale * matrix)), scale
    name = min(near, key=lambda each: near[each][0])
    distance, scale = near[name]
    return (name, _known()[name], scale) if distance < _NEAR * norm and scale > 0 else None


def gray_words(kernel: Kernel) -> str | None:
    """Return the words for a kernel that takes one of three channels, or their mean; None where it does not."""
    weights = kernel.weights / kernel.divisor
    if weights.shape != (1, 3, 1, 1) or abs(kernel.bias[0]) > _EXACT:
        return None
    mix = weights.ravel()
    if np.abs(mix - 1 / 3).max() < _EXACT:
        return "the mean of red, green and blue"
    channel = int(mix.argmax())
    return f"the {_CHANNELS[channel]} channel" if np.abs(mix - np.eye(3)[channel]).max() < _EXACT else None
