"""A kernel through JPEG as learning names it."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.blocks import luma_of
from convcli.detective.lossy.jpeg import BRIGHTNESS
from convcli.detective.lossy.kernel import LossyKernel, Noise
from convcli.filters import Kernel
from convcli.learning import GivenWeights

_LARGEST = 768  # pixels a side, for covariances
_ROUNDED = 0.35  # levels of luma, that rounding to pixels leaves
_LEAST = 1e-12
_VALUES = 500.0  # of a pair, that count where names are compared
_AS_LITTLE, _NOTHING = 1.25, 0.03  # of the noise, and levels


def leaves_as_little(named: Noise | None, noise: Noise) -> bool:
    """Return whether a named filter leaves hardly more noise than the learned weights do."""
    return named is not None and all(
        here <= _AS_LITTLE * there + _NOTHING for here, there in zip(named.parts, noise.parts, strict=True)
    )


def given_weights(kernel: LossyKernel, source: Array) -> GivenWeights:
    """Return the weights with their errors and effects; `source`, (height, width, 1 or 3), is in shares."""
    covariances = _covariances(luma_of(source), kernel.side)
    row, column = np.divmod(np.arange(kernel.side**2), kernel.side)
    distance = tuple(np.subtract.outer(each, each) + kernel.side - 1 for each in (row, column))
    count = kernel.side**2
    planes = np.einsum("iaib->iab", kernel.covariance.reshape(-1, count, len(kernel.covariance) // count, count))
    effect = max(float((covariances[distance] * planes.mean(axis=0)).sum()), _LEAST)
    bias, errors = (tuple(value / 255 for value in each) for each in (kernel.bias, kernel.bias_errors))
    given = Kernel(kernel.weights, bias=bias)
    return GivenWeights(given, kernel.errors, errors, covariances, _VALUES * effect / count)


def noise_before(kernel: LossyKernel, channels: int) -> float | None:
    """Return the noise of each channel before the JPEG, in levels, None where rounding is all that there was."""
    noise = kernel.noise
    if noise.is_rounding or not noise.is_white:
        return None
    of_luma = float(np.sqrt(max((noise.low**2 + noise.high**2) / 2 - _ROUNDED**2, 0)))
    return of_luma / float(np.linalg.norm(BRIGHTNESS)) if channels == 3 else of_luma


def _covariances(luma: Array, side: int) -> Array:
    """Return the covariances of two values by their distance, (2 · side − 1, 2 · side − 1)."""
    shape = [length + side for length in luma.shape]
    spectrum = np.fft.rfft2(luma.astype(np.float64) - luma.mean(dtype=np.float64), shape)
    products = np.fft.irfft2(np.abs(spectrum) ** 2, shape) / luma.size
    reach = np.arange(1 - side, side)
    return np.asarray(products[reach[:, np.newaxis], reach])
