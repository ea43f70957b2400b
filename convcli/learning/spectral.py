"""A source through a kernel, by spectra where the kernel has so many weights that the engine would take longer."""

from __future__ import annotations

import math

import numpy as np

from convcli.array_types import Array, Floats
from convcli.filters import DEFAULT_BORDER, Border, Kernel, NamedPadding
from convcli.learning.fast_length import fast_length

# Of a plane: from here on the engine takes longer, by 5 for 31 × 31 and by 60 for 63 × 63.
_MOST_WEIGHTS = 256
_ROWS = 512  # at once


def has_many_weights(kernel: Kernel) -> bool:
    """Return whether spectra are quicker than the engine."""
    return math.prod(kernel.size) > _MOST_WEIGHTS


def filtered_by_spectra(
    source: Array, kernel: Kernel, *, full_scale: float, padding: NamedPadding, border: Border = DEFAULT_BORDER
) -> Floats:
    """Return the filtered source, (height, width, channels), neither rounded nor clipped.

    The kernel's bias and the border's value are in fractions of full scale.
    """
    height, width = kernel.size
    down, right = kernel.anchor
    rims = {
        "valid": ((0, 0), (0, 0)),
        "same": ((down, height - 1 - down), (right, width - 1 - right)),
        "full": ((height - 1, height - 1), (width - 1, width - 1)),
    }[padding]
    value = {"constant_values": border.value * full_scale} if border.name == "constant" else {}
    typed = source.astype(np.float64) if border.value else source
    padded = np.pad(typed, (*rims, (0, 0)), border.name, **value)  # type: ignore[call-overload]  # one of its modes
    high, wide = padded.shape[0] - height + 1, padded.shape[1] - width + 1
    planes = kernel.weights / kernel.divisor
    result = np.empty((high, wide, planes.shape[0] if planes.ndim == 4 else source.shape[2]))
    shape = fast_length(min(high, _ROWS) + height - 1), fast_length(padded.shape[1])
    spectra = np.fft.rfft2(planes, shape).conj()
    for start in range(0, high, _ROWS):
        part = padded[start : start + _ROWS + height - 1].transpose(2, 0, 1).astype(np.float64)
        values = np.fft.rfft2(part, shape)
        product = np.einsum("oirc,irc->orc", spectra, values) if planes.ndim == 4 else spectra * values
        rows = result[start : start + _ROWS]
        rows[...] = np.fft.irfft2(product, shape)[:, : len(rows), :wide].transpose(1, 2, 0)
    return np.asarray(result + np.multiply(kernel.bias, full_scale))
